#include "gamma-fuel/domain/alerts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/archive.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + (p < 0 ? -0.5 : 0.5))); }

class Alerts : public ::testing::Test {
 protected:
  level_signals tick(double spot, std::vector<double> levels = {}) {
    level_signals s;
    s.as_of = now_ = now_ + seconds(1);
    s.spot = points(spot);
    for (const double p : levels) {
      level_signal l;
      l.id = "L" + std::to_string(static_cast<int>(p));
      l.price = points(p);
      l.break_direction = spot > p ? -1 : 1;
      l.distance_signed = l.price - s.spot;
      l.distance = price(std::abs(l.distance_signed.value));
      s.levels.push_back(l);
    }
    return s;
  }
  std::vector<alert> look(const level_signals& s, regime r = regime::neutral, std::optional<price> flip = {}) {
    std::vector<alert> out;
    maker_.look(s, r, flip, out);
    return out;
  }
  timestamp now_{};
  alert_maker maker_{gamma_config{}};
};

TEST_F(Alerts, AnApproachWhenItBegins) {
  EXPECT_TRUE(look(tick(5'000, {5'001})).empty()) << "the first tick is no approach";
  EXPECT_TRUE(look(tick(5'004, {5'001})).empty());
  const auto told = look(tick(5'002.75, {5'001}));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].kind, alert_kind::level_approach);
  EXPECT_EQ(told[0].level, "L5001");
  EXPECT_EQ(told[0].price, points(5'001));
  EXPECT_EQ(told[0].text, "ES is 1.75 points above support L5001 at 5001.");
  EXPECT_TRUE(look(tick(5'002, {5'001})).empty()) << "goes on";
  EXPECT_TRUE(look(tick(5'004, {5'001})).empty());
  EXPECT_TRUE(look(tick(5'002, {5'001})).empty()) << "quiet";
  now_ = now_ + seconds(60);
  look(tick(5'004, {5'001}));
  EXPECT_EQ(look(tick(5'001, {5'001})).at(0).text, "ES is at resistance L5001 at 5001.");
}

TEST_F(Alerts, TheFlipAndTheRegime) {
  look(tick(5'000), regime::neutral, points(4'990));
  EXPECT_TRUE(look(tick(4'990), regime::neutral, points(4'990)).empty()) << "at the flip is not across";
  const auto told = look(tick(4'989), regime::amplify, points(4'990));
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].text, "ES crossed below the gamma flip at 4990.");
  EXPECT_EQ(told[1].text, "Dealers turned from neutral to amplifying.");
  EXPECT_EQ(told[1].level, "");
}

TEST_F(Alerts, VacuumAndAmplifyNearSupport) {
  level_signals s = tick(5'001, {5'000});
  s.levels[0].state.state = barrier::vacuum;
  s.levels[0].fuel.effect = regime::amplify;
  const auto told = look(s);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].kind, alert_kind::dangerous_setup);
  EXPECT_EQ(told[0].text, "Liquidity leaves support L5000 at 5000 while dealers chase moves.");
  s = tick(4'999, {5'000});  // resistance
  s.levels[0].state.state = barrier::vacuum;
  s.levels[0].fuel.effect = regime::amplify;
  EXPECT_TRUE(look(s).empty());
}

TEST_F(Alerts, ASignalThatBegins) {
  look(tick(5'001, {5'000}));
  level_signals s = tick(5'001, {5'000});
  s.levels[0].signal = signal::break_through;
  s.levels[0].score_raw = 86.6;
  EXPECT_EQ(look(s).at(0).text, "The support L5000 at 5000 breaks, break score 87.");
  s.as_of = s.as_of + seconds(1);
  EXPECT_TRUE(look(s).empty());
}

TEST_F(Alerts, TheOppositeNewsIsToldAtOnce) {
  const auto with = [&](signal now, int direction) {
    level_signals s = tick(5'001, {5'000});
    s.levels[0].signal = now;
    s.levels[0].break_direction = direction;
    return look(s).size();
  };
  look(tick(5'001, {5'000}));
  EXPECT_EQ(with(signal::break_through, -1), 1U);
  EXPECT_EQ(with(signal::neutral, -1), 0U);
  EXPECT_EQ(with(signal::bounce, -1), 1U);
  EXPECT_EQ(with(signal::break_through, 1), 1U);
  EXPECT_EQ(with(signal::break_through, -1), 0U) << "told 4 s ago";
  look(tick(5'000), regime::neutral, points(4'990));
  EXPECT_EQ(look(tick(4'989), regime::amplify, points(4'990)).size(), 2U);
  EXPECT_EQ(look(tick(4'991), regime::dampen, points(4'990)).size(), 2U);
  EXPECT_EQ(look(tick(4'989), regime::amplify, points(4'990)).size(), 0U) << "quiet";
}

TEST_F(Alerts, GoOnFromACheckpoint) {
  look(tick(5'004, {5'001}), regime::amplify, points(5'000));
  look(tick(5'002, {5'001}), regime::amplify, points(5'000));
  std::string bytes;
  archive_writer out(bytes);
  out(maker_);
  maker_ = alert_maker{gamma_config{}};
  archive_reader in(bytes);
  in(maker_);
  ASSERT_TRUE(in.finished());
  EXPECT_TRUE(look(tick(5'004, {5'001}), regime::amplify, points(5'000)).empty());
  EXPECT_TRUE(look(tick(5'002, {5'001}), regime::amplify, points(5'000)).empty()) << "still quiet";
  EXPECT_EQ(look(tick(4'999, {5'001}), regime::amplify, points(5'000)).size(), 1U) << "the side of the flip is known";
}

}  // namespace
}  // namespace isobar::gamma_fuel
