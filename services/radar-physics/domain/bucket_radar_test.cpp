#include "radar-physics/domain/bucket_radar.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

#include "radar-physics/domain/medium_fixture.hpp"

namespace isobar::radar_physics {
namespace {

using testing::put_in_order;
using testing::row_at;
using testing::window_at;
constexpr book_side bid = book_side::bid, ask = book_side::ask;

/// Column of one window; `half_ticks`: its mid.
radar_column column_of(bucket_radar& radar, std::int64_t half_ticks, std::vector<medium_row> rows,
                       const gex_input* gex = nullptr, const gate_state& gate = {}) {
  put_in_order(rows);
  radar_column out;
  radar.build(window_at(1, half_ticks), rows, bootstrap_calibration(), gex, false, gate, out);
  EXPECT_EQ(radar.centre_errors(), 0u);
  return out;
}
const radar_row& row_of(const radar_column& c, std::int64_t bucket) {
  return c.rows.at(static_cast<std::size_t>(bucket - c.spot_bucket - c.first_bucket_rel));
}
gex_input gex_of(std::vector<gex_input::strike_row> rows) { return {{1'000'000'000}, std::move(rows)}; }
price points(double p) { return price(static_cast<std::int64_t>(p * 1e9)); }

TEST(BucketRadar, CentresOnTheBucketOfTheMidByFloorDivision) {
  bucket_radar radar{radar_config{}};
  // Mids in ticks: 0, 1.5, 1.75 is no mid, 2, -0.5, -2, -2.5.
  const std::vector<std::pair<std::int64_t, std::int64_t>> expected{{0, 0},   {3, 0},   {4, 1},
                                                                    {-1, -1}, {-4, -1}, {-5, -2}};
  for (const auto& [half_ticks, bucket] : expected) {
    const radar_column c = column_of(radar, half_ticks, {});
    EXPECT_EQ(c.spot_bucket, bucket) << half_ticks;
    EXPECT_EQ(c.first_bucket_rel, -15);
    EXPECT_EQ(c.rows.size(), 31u);
  }
}

TEST(BucketRadar, MassIsTheLogarithmOfBothSidesDepthAndVacuumTheMeanOfTheLevelsPresent) {
  bucket_radar radar{radar_config{}};
  // Bucket 5 holds ticks 10 and 11; 11 has both a bid that was emptied and an ask.
  const radar_column c =
      column_of(radar, 20, {row_at(bid, 10, 100, 0.1), row_at(bid, 11, 0, 0.9), row_at(ask, 11, 47, 0.2)});
  const radar_row& r = row_of(c, 5);
  const double mass = std::log(148.0), vacuum = (0.1 + 0.9 + 0.2) / 3;
  EXPECT_DOUBLE_EQ(r.mass, mass);
  EXPECT_DOUBLE_EQ(r.mass_norm, mass / 10);
  EXPECT_DOUBLE_EQ(r.vacuum, vacuum);
  EXPECT_DOUBLE_EQ(r.resistance, mass / 10);
  EXPECT_DOUBLE_EQ(r.resistance_eroded, mass / 10 * (1 - vacuum));
  EXPECT_DOUBLE_EQ(r.mobility, 1 - mass / 10 * (1 - vacuum));
  EXPECT_DOUBLE_EQ(r.cavitation, std::pow(vacuum, 1.5));
  EXPECT_EQ(r.blocked_level, 1);
  radar_row empty;
  EXPECT_EQ(row_of(c, 6), empty);
  EXPECT_FALSE(c.gex_as_of);
}

TEST(BucketRadar, VacuumMayBeWeightedByDepth) {
  radar_config config;
  config.buckets.vacuum = vacuum_mean::depth_weighted;
  bucket_radar radar{config};
  const radar_column c =
      column_of(radar, 20, {row_at(bid, 10, 99, 0.1), row_at(bid, 11, 9, 0.9), row_at(bid, 12, 0, 1)});
  EXPECT_NEAR(row_of(c, 5).vacuum, (std::log(100.) * 0.1 + std::log(10.) * 0.9) / std::log(1'000.), 1e-15);
  EXPECT_EQ(row_of(c, 6).vacuum, 0);  // nothing rests there
}

TEST(BucketRadar, LevelsRoundHalvesUp) {
  const std::vector<std::pair<double, int>> expected{{0, 0},   {0.0999, 0}, {0.1, 1}, {0.3, 2},
                                                     {0.5, 3}, {0.7, 4},    {0.9, 5}, {1, 5}};
  for (const auto& [solidity, level] : expected) EXPECT_EQ(blocked_level_of(solidity), level) << solidity;
}

TEST(BucketRadar, ParametersAreTheSeeds) {
  radar_config config;
  config.buckets.mass_weight = 0.5;
  config.buckets.stiffness_weight = 0.25;
  config.buckets.fragility = 2;
  config.buckets.cavitation_power = 3;
  bucket_radar radar{config};
  const auto gex = gex_of({{points(2.5), 5e5, 3e5}});
  const radar_column c = column_of(radar, 20, {row_at(bid, 10, 99, 0.25)}, &gex);
  const radar_row& r = row_of(c, 5);
  const double r0 = 0.5 * std::log(100.) / 10 + 0.25 * 0.8;
  EXPECT_DOUBLE_EQ(r.stiffness, 0.8);
  EXPECT_DOUBLE_EQ(r.resistance, r0);
  EXPECT_DOUBLE_EQ(r.resistance_eroded, r0 * 0.75 * 0.75);
  EXPECT_DOUBLE_EQ(r.cavitation, 0.25 * 0.25 * 0.25);
}

TEST(BucketRadar, StiffnessInterpolatesBetweenStrikesAndIsClipped) {
  bucket_radar radar{radar_config{}};
  // ES strikes every 5 points = 10 buckets of 0.5; norms 0.4 and 1.0 (3e6 clipped).
  const auto gex = gex_of({{points(6'895), 2e5, 2e5}, {points(6'900), 1e6, 2e6}});
  const radar_column c = column_of(radar, 2 * 4 * 6'897, {}, &gex);
  const std::int64_t low = 6'895 * 2, high = 6'900 * 2;
  for (std::int64_t i = 0; i <= 10; ++i) {
    EXPECT_NEAR(row_of(c, low + i).stiffness, 0.4 + 0.06 * static_cast<double>(i), 1e-12) << i;
  }
  EXPECT_NEAR(row_of(c, low - 3).stiffness, 0.4 * 0.7, 1e-12);
  EXPECT_EQ(row_of(c, low - 10).stiffness, 0);
  EXPECT_NEAR(row_of(c, high + 9).stiffness, 0.1, 1e-12);
  EXPECT_EQ(c.gex_as_of, gex.window_end);
  EXPECT_EQ(radar.gex_alignment_errors(), 0u);

  const auto dense = gex_of({{points(6'896), 1e6, 0}, {points(6'897), 1e6, 0}, {points(6'898), 1e6, 0}});
  EXPECT_EQ(row_of(column_of(radar, 2 * 4 * 6'897, {}, &dense), 6'897 * 2).stiffness, 1);
}

TEST(BucketRadar, ASeenStrikeReachesIntoThePictureFromOutside) {
  bucket_radar radar{radar_config{}};
  const auto gex = gex_of({{points(110), 1e6, 0}});  // bucket 220; the picture ends at 215
  EXPECT_NEAR(row_of(column_of(radar, 2 * 4 * 100, {}, &gex), 215).stiffness, 0.5, 1e-12);
}

TEST(BucketRadar, CountsStrikesOffTheirBucketsOncePerSurface) {
  bucket_radar radar{radar_config{}};
  auto gex = gex_of({{points(-5), 1, 1}, {points(6'901), 1, 1}, {points(6'905.25), 1, 1}, {points(6'910), 1, 1}});
  column_of(radar, 8, {}, &gex);
  column_of(radar, 8, {}, &gex);
  EXPECT_EQ(radar.gex_alignment_errors(), 2u);
  gex.window_end = gex.window_end + seconds(1);
  column_of(radar, 8, {}, &gex);
  EXPECT_EQ(radar.gex_alignment_errors(), 4u);
}

TEST(BucketRadar, CountsACentreThatDoesNotHoldTheReference) {
  bucket_radar radar{radar_config{}};
  window_info w = window_at(1, 20);
  w.ref_tick = 12;
  radar_column out;
  radar.build(w, {}, bootstrap_calibration(), nullptr, false, {}, out);
  EXPECT_EQ(radar.centre_errors(), 1u);
}

TEST(BucketRadar, SmoothingIsExactAtTheEdgeOfThePicture) {
  for (const smoothing s : {smoothing::triangular, smoothing::binomial}) {
    radar_config narrow, wide;
    narrow.buckets.smooth = wide.buckets.smooth = s;
    wide.buckets.rows = 61;
    bucket_radar small{narrow}, large{wide};
    std::vector<medium_row> rows;
    for (tick_index t = -60; t < 60; ++t)
      rows.push_back(row_at(t < 0 ? bid : ask, t, 10 + 7 * static_cast<std::uint64_t>(t * t % 13),
                            0.01 * static_cast<double>(t & 31)));
    const radar_column a = column_of(small, 0, rows), b = column_of(large, 0, rows);
    for (std::int64_t bucket = -15; bucket <= 15; ++bucket) EXPECT_EQ(row_of(a, bucket), row_of(b, bucket)) << bucket;
  }
}

TEST(BucketRadar, SmoothingWeighsNeighboursByTheWholeKernel) {
  radar_config config;
  config.buckets.smooth = smoothing::triangular;
  bucket_radar radar{config};
  const radar_column c = column_of(radar, 0, {row_at(bid, 0, 99, 0.9)});
  const double mass = std::log(100.);
  for (const auto& [bucket, weight] :
       std::vector<std::pair<int, double>>{{-3, 0}, {-2, 1}, {-1, 2}, {0, 3}, {1, 2}, {2, 1}, {3, 0}}) {
    EXPECT_NEAR(row_of(c, bucket).mass, mass * weight / 9, 1e-12) << bucket;
    EXPECT_NEAR(row_of(c, bucket).vacuum, 0.9 * weight / 9, 1e-12) << bucket;
  }
  config.buckets.smooth = smoothing::binomial;
  bucket_radar other{config};
  EXPECT_NEAR(row_of(column_of(other, 0, {row_at(bid, 0, 99)}), 1).mass, mass * 4 / 16, 1e-12);
}

TEST(BucketRadar, EmphasisFollowsTheGateAboveTheVisibilityFloor) {
  bucket_radar radar{radar_config{}};
  const radar_column c = column_of(radar, 0, {}, nullptr, {0.75, 0.25, gate_source::model});
  EXPECT_DOUBLE_EQ(c.emphasis_above, 0.3 + 0.7 * 0.75);
  EXPECT_DOUBLE_EQ(c.emphasis_below, 0.3 + 0.7 * 0.25);
  EXPECT_EQ(c.gate.source, gate_source::model);
}

TEST(BucketRadar, WithoutAnAnchorThereAreNoRows) {
  bucket_radar radar{radar_config{}};
  window_info w = window_at(1, 0);
  w.anchor = market::no_price;
  radar_column out = column_of(radar, 0, {});
  radar.build(w, {}, bootstrap_calibration(), nullptr, false, {}, out);
  EXPECT_TRUE(out.rows.empty());
  EXPECT_TRUE(radar.settled());
  EXPECT_EQ(radar.centre_errors(), 0u);
}

TEST(StatefulMedium, BuildsErodesAndKeepsItsBucketWhileTheMarketMoves) {
  bucket_radar radar{radar_config{}};
  const auto wall = row_at(ask, 20, 99);  // bucket 10
  const double r0 = std::log(100.) / 10;
  double z = 0;
  for (int i = 0; i < 3; ++i) {
    z = 0.8 * z + 0.2 * r0;
    EXPECT_DOUBLE_EQ(row_of(column_of(radar, 0, {wall}), 10).solidity, z);
  }
  z = (0.8 * z + 0.2 * r0) * (1 - 0.5);
  EXPECT_DOUBLE_EQ(row_of(column_of(radar, 0, {row_at(ask, 20, 99, 0.5)}), 10).solidity, z);
  z = 0.8 * z + 0.2 * r0;
  EXPECT_DOUBLE_EQ(row_of(column_of(radar, 2 * 14, {wall}), 10).solidity, z);  // the market is 7 buckets higher
  z = 0.8 * z + 0.2 * r0;
  column_of(radar, 2 * 80, {wall});  // 40 buckets higher: out of the picture, not out of memory
  z = 0.8 * z + 0.2 * r0;
  EXPECT_DOUBLE_EQ(row_of(column_of(radar, 0, {wall}), 10).solidity, z);
}

TEST(StatefulMedium, ForgetsBucketsBeyondItsReach) {
  bucket_radar radar{radar_config{}};
  EXPECT_EQ(radar.remembered_each_side(), 124);
  const auto wall = row_at(bid, 0, 99);
  for (const std::int64_t away : {std::int64_t{125}, std::int64_t{-125}, std::int64_t{1} << 30}) {
    for (int i = 0; i < 5; ++i) column_of(radar, 0, {wall});
    column_of(radar, 4 * away, {});
    const radar_column back = column_of(radar, 0, {wall});
    EXPECT_DOUBLE_EQ(row_of(back, 0).solidity, 0.2 * std::log(100.) / 10);
  }
}

TEST(StatefulMedium, RemembersNoFartherThanTheMediumHasRows) {
  radar_config config;
  config.buckets.bucket_ticks = 10;
  EXPECT_EQ(bucket_radar{config}.remembered_each_side(), 60);
  config.buckets.bucket_ticks = 100;
  EXPECT_EQ(bucket_radar{config}.remembered_each_side(), 15);
}

TEST(StatefulMedium, ComesToAnExactRestWhereItsInputsTakeIt) {
  bucket_radar radar{radar_config{}};
  const std::vector<medium_row> rows{row_at(bid, -2, 500, 0.1), row_at(ask, 2, 90, 0.25), row_at(ask, 5, 7, 1)};
  column_of(radar, 40, rows);
  int windows = 0;
  radar_column last = column_of(radar, 0, rows);
  for (; !radar.settled() && windows < 1'000; ++windows) last = column_of(radar, 0, rows);
  EXPECT_LT(windows, 80);
  const std::string state = testing::saved(radar);
  EXPECT_EQ(column_of(radar, 0, rows), last);
  EXPECT_EQ(testing::saved(radar), state);
  // z = 0.8 z e + 0.2 r e with e = 1 - v.
  const double r0 = std::log(91.) / 10;
  EXPECT_NEAR(row_of(last, 1).solidity, 0.2 * r0 * 0.75 / (1 - 0.8 * 0.75), 1e-12);
  EXPECT_EQ(row_of(last, 2).solidity, 0);
}

TEST(StatefulMedium, SurvivesACheckpointAndRefusesOneOfAnotherShape) {
  bucket_radar radar{radar_config{}}, copy{radar_config{}};
  const std::vector<medium_row> rows{row_at(bid, -2, 500, 0.1), row_at(ask, 2, 90, 0.25)};
  for (int i = 0; i < 4; ++i) column_of(radar, 3 * i, rows);
  ASSERT_TRUE(testing::load(copy, testing::saved(radar)));
  EXPECT_EQ(column_of(radar, 9, rows), column_of(copy, 9, rows));
  radar_config other;
  other.buckets.rows = 5;
  bucket_radar small{other};
  EXPECT_FALSE(testing::load(small, testing::saved(radar)));
}

radar_config any_config() {
  radar_config c;
  c.buckets.bucket_ticks = *rc::gen::inRange(1, 6);
  c.buckets.rows = 1 + 2 * *rc::gen::inRange(1, 20);
  c.buckets.vacuum = *rc::gen::element(vacuum_mean::plain, vacuum_mean::depth_weighted);
  c.buckets.smooth = *rc::gen::element(smoothing::none, smoothing::triangular, smoothing::binomial);
  c.buckets.fragility = *rc::gen::element(1.0, 0.5, 3.0);
  c.buckets.build = 0.1 * *rc::gen::inRange(0, 11);
  c.buckets.erode = 0.5 * *rc::gen::inRange(0, 5);
  return c;
}
std::vector<medium_row> any_rows() {
  std::map<std::pair<bool, int>, std::pair<std::uint32_t, std::uint8_t>> cells;
  for (int n = *rc::gen::inRange(0, 40); n > 0; --n) {
    cells[{*rc::gen::arbitrary<bool>(), *rc::gen::inRange(-90, 90)}] = {*rc::gen::arbitrary<std::uint32_t>(),
                                                                        *rc::gen::arbitrary<std::uint8_t>()};
  }
  std::vector<medium_row> rows;
  for (const auto& [key, value] : cells) {
    rows.push_back(row_at(key.first ? ask : bid, key.second, value.first, value.second / 255.0));
  }
  return rows;
}

RC_GTEST_PROP(BucketRadar, FieldsKeepTheirRanges, ()) {
  const radar_config config = any_config();
  bucket_radar radar{config};
  const auto gex = gex_of({{points(-5), 5e5, 1e5}, {points(0), 1e12, 0}, {points(5), 0, 0}});
  for (int i = 0; i < 4; ++i) {
    const double up = *rc::gen::inRange(0, 101) / 100.0;
    const std::int64_t half_ticks = *rc::gen::inRange(-100, 100);
    const radar_column c = column_of(radar, half_ticks, any_rows(), &gex, {up, 1 - up});
    RC_ASSERT(c.rows.size() == static_cast<std::size_t>(config.buckets.rows));
    RC_ASSERT(c.emphasis_above >= 0.3 && c.emphasis_below >= 0.3 && c.emphasis_above <= 1 && c.emphasis_below <= 1);
    const std::int64_t bucket_halves = 2 * config.buckets.bucket_ticks;
    RC_ASSERT(c.spot_bucket * bucket_halves <= half_ticks && half_ticks < (c.spot_bucket + 1) * bucket_halves);
    for (const radar_row& r : c.rows) {
      for (const double x : {r.mass_norm, r.vacuum, r.stiffness, r.resistance, r.resistance_eroded, r.cavitation,
                             r.mobility, r.solidity}) {
        RC_ASSERT(x >= 0 && x <= 1);
      }
      RC_ASSERT(r.blocked_level <= 5 && r.solidity_level <= 5);
      RC_ASSERT(r.resistance_eroded <= r.resistance);
    }
  }
}

RC_GTEST_PROP(BucketRadar, ShiftingAllPricesByBucketsShiftsTheColumnExactly, ()) {
  const radar_config config = any_config();
  const std::int64_t buckets = *rc::gen::inRange(-5'000, 5'000);
  const std::int64_t ticks = buckets * config.buckets.bucket_ticks;
  bucket_radar here{config}, there{config};
  for (int i = 0; i < 3; ++i) {
    const std::int64_t half_ticks = *rc::gen::inRange(-60, 60);
    auto rows = any_rows();
    const radar_column a = column_of(here, half_ticks, rows);
    for (medium_row& r : rows) r.tick += ticks;
    radar_column b = column_of(there, half_ticks + 2 * ticks, rows);
    b.spot_bucket -= buckets;
    RC_ASSERT(a == b);
  }
}

}  // namespace
}  // namespace isobar::radar_physics
