#include "gamma-fuel/domain/readings.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/board_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

constexpr sign_model calls_positive = sign_model::calls_positive;

strike_ladder ladder_of(const std::vector<std::array<double, 3>>& rows) {
  strike_ladder l;
  for (const auto& [k, calls, puts] : rows) {
    l.push_back({points(k), {}});
    l.back().side[0].gamma = calls;
    l.back().side[1].gamma = puts;
    if (k >= 6'900) l.back().side[0].own_side = calls;  // every market here is at 6900
    if (k <= 6'900) l.back().side[1].own_side = puts;
  }
  return l;
}

/// Net: -100, 50, -30, 200 about 6900.
const strike_ladder around = ladder_of({{6880, 20, 120}, {6890, 50, 0}, {6900, 0, 0}, {6910, 10, 40}, {6920, 200, 0}});

TEST(Walls, AreTheLargestOnTheirSideOfTheMarket) {
  const strike_ladder l = ladder_of({{6880, 900, 100}, {6895, 1, 300}, {6900, 5, 7}, {6905, 400, 800}, {6950, 400, 0}});
  const walls w = walls_of(l, calls_positive, points(6'900));
  EXPECT_EQ(w.call_wall, points(6'905)) << "ties: the nearest";
  EXPECT_EQ(w.put_wall, points(6'895));
  EXPECT_EQ(w.call_max, points(6'880));
  EXPECT_EQ(w.put_max, points(6'905));
  EXPECT_EQ(w.absolute_max, points(6'880)) << "800 net";
  EXPECT_EQ(w.high_volume, std::nullopt);
  EXPECT_EQ(walls_of(l, sign_model::all_short, points(6'900)).absolute_max, points(6'905)) << "1200 gross";
}

TEST(Walls, TakeStrikesAtTheMarketOnBothSides) {
  const strike_ladder l = ladder_of({{6895, 1, 1}, {6900, 9, 9}, {6905, 1, 1}});
  const walls w = walls_of(l, calls_positive, points(6'900));
  EXPECT_EQ(w.call_wall, points(6'900));
  EXPECT_EQ(w.put_wall, points(6'900));
}

TEST(Walls, OfFlowAreTheDealersOwn) {
  strike_ladder l = ladder_of({{6895, 1, 1}, {6900, 9, 9}, {6905, 1, 1}});
  l[2].side[0].flow_gamma = l[2].side[0].flow_own_side = -50;
  l[0].side[1].flow_gamma = l[0].side[1].flow_own_side = 20;
  const walls w = walls_of(l, sign_model::flow, points(6'900));
  EXPECT_EQ(w.call_wall, points(6'905));
  EXPECT_EQ(w.put_wall, points(6'895));
  EXPECT_EQ(w.strike_flip, points(6'895) + price(10'000'000'000LL * 2 / 7)) << "20 to -50 over ten points";
}

TEST(Walls, FlipsSkipStrikesWithoutExposure) {
  const walls w = walls_of(around, calls_positive, points(6'900));
  // Midpoints 6885, 6900 (at the market: on neither side), 6915.
  EXPECT_EQ(w.flip_below, points(6'885));
  EXPECT_EQ(w.flip_above, points(6'915));
  // 50 to -30 from 6890 to 6910: zero at 6902.5.
  EXPECT_EQ(w.strike_flip, points(6'902.5));
  EXPECT_EQ(walls_of(around, sign_model::all_short, points(6'900)).strike_flip, std::nullopt);
  EXPECT_EQ(walls_of({}, calls_positive, points(6'900)), walls{});
}

TEST(Readings, FollowTheFormulas) {
  // options-surface 8.2 by hand: support 170, hostile 50, centre of mass 1800 / 380 points; nearest flip 6885 (ties
  // below), within 0.5 % and just under the market, so the whole penalty. Every strike within 1 %.
  const readings r = readings_of(around, calls_positive, points(6'900), 120, 100);
  EXPECT_NEAR(r.bias, -13.48325358851675, 1e-9);
  EXPECT_NEAR(r.liquidity_flow_index, 39.89473684210526, 1e-9);
  // 8.3 by hand: 0.4 x flip + 0.25 x net + 0.25 x index + 0.1 x concentration.
  EXPECT_NEAR(r.market_mode, 52.33216911696045, 1e-9);
  EXPECT_EQ(r.regime, regime::dampen);
}

TEST(Readings, NameTheRegimeByTheThreshold) {
  EXPECT_EQ(readings_of(around, calls_positive, points(6'900), -101, 100).regime, regime::amplify);
  EXPECT_EQ(readings_of(around, calls_positive, points(6'900), 100, 100).regime, regime::neutral);
}

TEST(Readings, OfAnEmptyLandscapeAreInTheMiddle) {
  const readings r = readings_of({}, calls_positive, points(6'900), 0, 100);
  EXPECT_EQ(r.bias, 0);
  EXPECT_EQ(r.liquidity_flow_index, 50);
  EXPECT_EQ(r.market_mode, 50);
  EXPECT_EQ(market_mode_name(r.market_mode), "transition");
  EXPECT_EQ(market_mode_name(67), "expansion");
  EXPECT_EQ(market_mode_name(33.9), "compression");
}

TEST(Pins, ScoreTheThreeLikeliest) {
  // Dollars per 1 % = gamma x 6900^2 x 0.01 = gamma x 476,100: 2e8 at 420.1, 4e8 at 840.2.
  strike_ladder l =
      ladder_of({{6870, 0, 0}, {6890, 500, 0}, {6900, 900, 0}, {6910, 0, 900}, {6925, 0, 0}, {6930, 0, 0}});
  l[0].side[0].interest = 60'001;
  l[2].side[0].interest = 20'000;
  l[2].side[1].interest = 20'000;
  std::vector<pin> pins;
  pins_of(l, calls_positive, points(6'900), points(6'895), {}, pins);
  // 6870: 15. 6890: 20 + 20 + 10. 6900: 40 + 8 + 20 + 10. 6910: 20. 6925, 6930: nothing is there.
  ASSERT_EQ(pins.size(), 3u);
  EXPECT_EQ(pins[0], (pin{points(6'900), 47.85, 78}));
  EXPECT_EQ(pins[1], (pin{points(6'890), 30.67, 50}));
  EXPECT_EQ(pins[2], (pin{points(6'910), 12.27, 20}));
}

volume_structure volume_of(const std::vector<std::pair<double, std::uint64_t>>& rows) {
  const gamma_config c;
  volume_profile v(c);
  for (const auto& [at, lots] : rows) v.add(morning, points(at), lots);
  volume_structure s;
  s.build(v, volume_source::trades, strike_grid(c, points(6'900), price(0)), c.grid.step);
  return s;
}

TEST(Pins, CountTheVolumeProfile) {
  // By options-surface 8.6. The strikes of the test above, so 15, 50, 78 and 20 without volume.
  strike_ladder l =
      ladder_of({{6870, 0, 0}, {6890, 500, 0}, {6900, 900, 0}, {6910, 0, 900}, {6925, 0, 0}, {6930, 0, 0}});
  l[0].side[0].interest = 60'001;
  l[2].side[0].interest = 20'000;
  l[2].side[1].interest = 20'000;
  // Mean 50: high nodes from 75, low nodes to 25. 6890: point of control and high node, +45. 6900: low node, -20.
  // 6910: high node, +20. 6870 is outside of what traded.
  const auto v = volume_of({{6890, 90}, {6895, 35}, {6900, 20}, {6905, 30}, {6910, 75}});
  std::vector<pin> pins;
  pins_of(l, calls_positive, points(6'900), points(6'895), v, pins);
  ASSERT_EQ(pins.size(), 3u);
  EXPECT_EQ(pins[0], (pin{points(6'890), 45.67, 95})) << "of 15 + 95 + 58 + 40";
  EXPECT_EQ(pins[1], (pin{points(6'900), 27.88, 58}));
  EXPECT_EQ(pins[2], (pin{points(6'910), 19.23, 40}));
}

TEST(Pins, AreNoneWhereThereIsNothing) {
  const strike_ladder l = ladder_of({{6890, 0, 0}, {6900, 0, 0}, {6905, 0, 0}, {6910, 0, 0}});
  std::vector<pin> pins;
  pins_of(l, calls_positive, points(6'900), points(6'900), {}, pins);
  EXPECT_TRUE(pins.empty());
}

}  // namespace
}  // namespace isobar::gamma_fuel
