#include "gamma-fuel/domain/dealer_gravity.hpp"

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
  }
  return l;
}

/// The chain of options-surface 10.2: net -7000, -5500, +1500, +8000, +5000.
const strike_ladder golden =
    ladder_of({{6800, 0, 7000}, {6850, 1000, 6500}, {6900, 4500, 3000}, {6950, 9000, 1000}, {7000, 5000, 0}});
/// Basins 6880 (300), 6900 (200), 6930 (800); 6915 is negative.
const strike_ladder three =
    ladder_of({{6870, 100, 0}, {6880, 300, 0}, {6890, 50, 0}, {6900, 200, 0}, {6915, 0, 400}, {6930, 800, 0}});

volume_structure volume_of(const std::vector<std::pair<double, std::uint64_t>>& rows) {
  const gamma_config c;
  volume_profile v(c);
  for (const auto& [at, lots] : rows) v.add(morning, points(at), lots);
  volume_structure s;
  s.build(v, volume_source::trades, strike_grid(c, points(6'900), price(0)), c.grid.step);
  return s;
}

TEST(DealerGravity, OfTheGoldenChainIsItsMagnet) {
  for (const double spot : {6'905.0, 6'880.0, 6'960.0}) {
    const gravity_reading r = gravity_of(golden, calls_positive, points(spot), {});
    EXPECT_EQ(r.best, points(6'950)) << spot;
    EXPECT_EQ(r.basins, 1u);
    EXPECT_EQ(r.low, std::nullopt);
    EXPECT_EQ(r.high, std::nullopt);
    EXPECT_EQ(r.confidence, std::nullopt) << "no volume is known";
    EXPECT_FALSE(r.by_volume);
  }
  EXPECT_EQ(gravity_of(golden, sign_model::puts_positive, points(6'905), {}).best, points(6'800)) << "the mirror";
  EXPECT_EQ(gravity_of(golden, sign_model::all_short, points(6'905), {}), gravity_reading{}) << "nothing draws";
}

TEST(DealerGravity, DistanceCountsOverStiffness) {
  // At 6895: 6880 is 15 / 0.375 = 40 away, 6900 5 / 0.25 = 20, 6930 35.
  gravity_reading r = gravity_of(three, calls_positive, points(6'895), {});
  EXPECT_EQ(r.best, points(6'900));
  EXPECT_EQ(r.low, points(6'880));
  EXPECT_EQ(r.high, points(6'930));
  EXPECT_EQ(r.basins, 3u);
  // At 6906: 6900 24, 6930 24: equal, the stiffer.
  r = gravity_of(three, calls_positive, points(6'906), {});
  EXPECT_EQ(r.best, points(6'930));
  EXPECT_EQ(r.low, points(6'900));
  EXPECT_EQ(r.high, std::nullopt);
  // At the strike itself nothing is nearer.
  EXPECT_EQ(gravity_of(three, calls_positive, points(6'880), {}).best, points(6'880));
}

TEST(DealerGravity, OfEqualBasinsIsTheLower) {
  const strike_ladder l = ladder_of({{6890, 5, 0}, {6895, 1, 0}, {6910, 5, 0}});
  EXPECT_EQ(gravity_of(l, calls_positive, points(6'900), {}).best, points(6'890));
  const strike_ladder flat = ladder_of({{6890, 5, 0}, {6895, 5, 0}, {6900, 5, 0}});
  EXPECT_EQ(gravity_of(flat, calls_positive, points(6'900), {}).basins, 1u);
}

TEST(DealerGravity, WantsVolumeAccepted) {
  // Sorted 10 20 50 80 100: the 20th percentile at place 0.8 is 18, so 6900 is a well.
  const auto v = volume_of({{6880, 50}, {6890, 100}, {6900, 10}, {6930, 80}, {6915, 20}});
  const gravity_reading r = gravity_of(three, calls_positive, points(6'895), v);
  EXPECT_TRUE(r.by_volume);
  EXPECT_EQ(r.basins, 2u);
  EXPECT_EQ(r.best, points(6'930)) << "35 / 1 against 15 / 0.375";
  EXPECT_EQ(r.low, points(6'880));
  // 800 / (300 + 800) x 80 / 100.
  EXPECT_DOUBLE_EQ(*r.confidence, 800.0 / 1'100 * 0.8);
}

TEST(DealerGravity, WhereNothingTradedNothingIsAccepted) {
  const auto v = volume_of({{6700, 50}, {6705, 10}});
  const gravity_reading r = gravity_of(three, calls_positive, points(6'895), v);
  EXPECT_EQ(r.basins, 0u);
  EXPECT_EQ(r.best, std::nullopt);
  EXPECT_EQ(r.confidence, std::nullopt);
  EXPECT_TRUE(r.by_volume);
}

TEST(VolumeContext, SaysDistancesWithTheirSign) {
  const auto v = volume_of({{6880, 50}, {6890, 100}, {6900, 10}, {6930, 80}, {6915, 20}});
  const auto c = context_of(v, points(6'905), points(6'905));
  ASSERT_TRUE(c.has_value());
  EXPECT_EQ(c->lots, 260u);
  EXPECT_EQ(c->point_of_control, points(6'890));
  // The 70th percentile, place 2.8, is 74.
  EXPECT_EQ(c->node, points(6'890));
  EXPECT_DOUBLE_EQ(*c->node_distance, -15.0 / 6'905);
  EXPECT_EQ(c->well, points(6'905)) << "nothing traded there";
  EXPECT_EQ(*c->well_distance, 0);
  EXPECT_TRUE(c->in_crevasse) << "6900, 6905, 6910";
  EXPECT_EQ(context_of({}, points(6'905), points(6'905)), std::nullopt);
}

TEST(MinuteGravity, IsOfTheLastWindowOfTheLastWholeMinute) {
  minute_gravity minute;
  const auto at = [&](std::int64_t second) {
    gravity_reading r;
    r.as_of = morning + seconds(second);  // morning is a whole minute
    return minute.follow(r.as_of, r).as_of;
  };
  EXPECT_EQ(at(58), timestamp{0}) << "none yet";
  EXPECT_EQ(at(60), morning + seconds(60)) << "the minute ends with this window";
  EXPECT_EQ(at(61), morning + seconds(60));
  EXPECT_EQ(at(100), morning + seconds(60));
  EXPECT_EQ(at(121), morning + seconds(100)) << "nothing was built in its last seconds";
  EXPECT_EQ(at(400), morning + seconds(121)) << "minutes without a window change nothing";
  minute_gravity other;
  const std::string bytes = saved(minute);
  archive_reader a(bytes);
  a(other);
  EXPECT_TRUE(a.finished());
  EXPECT_EQ(other.follow(morning + seconds(421), {}).as_of, morning + seconds(400));
}

}  // namespace
}  // namespace isobar::gamma_fuel
