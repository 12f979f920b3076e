#include "gamma-fuel/domain/trigger.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/literal/trigger.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr signal_config config{};
constexpr timestamp at(double s) { return {static_cast<std::int64_t>(s * 1e9)}; }

TEST(Trigger, BreaksAfterTheHoldAndLetsGoWithHysteresis) {
  trigger t;
  EXPECT_EQ(t.update(at(0), {.score = 81}, config), signal::neutral);
  EXPECT_EQ(t.update(at(2.75), {.score = 81}, config), signal::neutral);
  EXPECT_EQ(t.update(at(3), {.score = 81}, config), signal::break_through);
  EXPECT_EQ(t.update(at(3.25), {.score = 70}, config), signal::break_through);
  EXPECT_EQ(t.update(at(3.5), {.score = 69.9}, config), signal::neutral);
  EXPECT_EQ(t.update(at(3.75), {.score = 100}, config), signal::neutral) << "begins anew";
  EXPECT_EQ(t.update(at(6.75), {.score = 100}, config), signal::break_through);
}

TEST(Trigger, ADipBeforeTheHoldBeginsAnew) {
  trigger t;
  t.update(at(0), {.score = 90}, config);
  t.update(at(1), {.score = 80}, config);
  t.update(at(1.25), {.score = 90}, config);
  EXPECT_EQ(t.update(at(4), {.score = 90}, config), signal::neutral);
  EXPECT_EQ(t.update(at(4.25), {.score = 90}, config), signal::break_through);
}

TEST(Trigger, BouncesOnlyWhereTheLevelIsTouched) {
  trigger t;
  t.update(at(0), {.score = 5, .touching = false}, config);
  EXPECT_EQ(t.update(at(9), {.score = 5, .touching = false}, config), signal::neutral);
  t.update(at(10), {.score = 5, .touching = true}, config);
  EXPECT_EQ(t.update(at(13), {.score = 5, .touching = true}, config), signal::bounce);
  EXPECT_EQ(t.update(at(14), {.score = 25, .touching = false}, config), signal::bounce) << "away is what it does";
  EXPECT_EQ(t.update(at(15), {.score = 30, .touching = false}, config), signal::bounce);
  EXPECT_EQ(t.update(at(16), {.score = 30.1, .touching = false}, config), signal::neutral);
}

TEST(Trigger, ContestedIsReachedAndLeft) {
  trigger t;
  const trigger_input contested{.score = 50, .touching = true, .state = barrier::consumed, .lots = 501};
  EXPECT_EQ(t.update(at(0), contested, config), signal::contested);
  trigger_input next = contested;
  next.score = 75;
  EXPECT_EQ(t.update(at(1), next, config), signal::contested);
  next.score = 81;
  EXPECT_EQ(t.update(at(2), next, config), signal::neutral);
  next.score = 75;
  EXPECT_EQ(t.update(at(3), next, config), signal::neutral) << "from neutral the narrow band counts";
  next = contested;
  next.lots = 500;
  EXPECT_EQ(t.update(at(4), next, config), signal::neutral);
}

TEST(Trigger, GoesFromBreakToBounce) {
  trigger t;
  t.update(at(0), {.score = 90}, config);
  t.update(at(3), {.score = 90}, config);
  EXPECT_EQ(t.update(at(4), {.score = 0, .touching = true}, config), signal::neutral);
  EXPECT_EQ(t.update(at(7), {.score = 0, .touching = true}, config), signal::bounce);
}

// futures-medium 13.1 [L].
TEST(LiteralTrigger, NeverReleasesErasesContestedAndIsShared) {
  literal::trigger t;
  EXPECT_EQ(t.update(at(0), {.score = 50, .state = barrier::consumed, .lots = 60'000}, config), signal::neutral);
  t.update(at(1), {.score = 90}, config);
  t.update(at(2), {.score = 50}, config);  // another level: the timer is gone
  t.update(at(3), {.score = 90}, config);
  EXPECT_EQ(t.update(at(4), {.score = 90}, config), signal::neutral);
  EXPECT_EQ(t.update(at(6), {.score = 90}, config), signal::break_through);
  EXPECT_EQ(t.update(at(600), {.score = 50}, config), signal::break_through);
}

}  // namespace
}  // namespace isobar::gamma_fuel
