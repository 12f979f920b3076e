#include "gamma-fuel/actors/leap_guard.hpp"

#include <gtest/gtest.h>

namespace isobar::gamma_fuel {
namespace {

using verdict = leap_guard::verdict;

constexpr auto day = seconds(86'400), bound = seconds(7 * 86'400);
const timestamp noon{1'767'700'800'000'000'000};

TEST(LeapGuard, GoesOnWithinItsBound) {
  leap_guard g;
  EXPECT_EQ(g.judge(noon, bound, true), verdict::good) << "a heartbeat first";
  EXPECT_EQ(g.judge(noon + day * 7, bound, false), verdict::good);
  EXPECT_EQ(g.judge(noon, bound, false), verdict::good) << "back is not its matter";
  EXPECT_EQ(g.judge(end_of_time, bound, true), verdict::good);
  EXPECT_EQ(g.newest(), noon + day * 7);
}

TEST(LeapGuard, ALeapIsKeptUntilTheNextOne) {
  for (const bool real : {true, false}) {
    leap_guard g;
    g.saw(noon);
    const timestamp far = noon + day * 400;
    ASSERT_EQ(g.judge(far, bound, false), verdict::leaps);
    g.keep(far, {});
    EXPECT_TRUE(g.waits());
    const timestamp next = real ? far - day * 6 : noon + seconds(1);
    EXPECT_EQ(g.judge(next, bound, false), real ? verdict::confirms : verdict::contradicts);
    EXPECT_EQ(g.take().at, far);
    if (real) g.saw(far);
    EXPECT_EQ(g.judge(next, bound, false), verdict::good);
    EXPECT_EQ(g.newest(), real ? far : next);
  }
}

TEST(LeapGuard, TheFirstFrameAndTheEnd) {
  leap_guard g;
  ASSERT_EQ(g.judge(noon, bound, false), verdict::leaps) << "nothing is before it";
  g.keep(noon, {});
  EXPECT_EQ(g.judge(timestamp{0}, bound, true), verdict::good) << "no time is no contradiction";
  EXPECT_EQ(g.judge(end_of_time, bound, true), verdict::confirms);
}

}  // namespace
}  // namespace isobar::gamma_fuel
