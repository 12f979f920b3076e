#include "gamma-fuel/domain/volume_structure.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/board_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

/// ES trades; strikes of 5 points.
struct a_profile {
  gamma_config config;
  volume_profile volume;
  volume_structure structure;

  explicit a_profile(gamma_config c = {}) : config(std::move(c)), volume(config) {}
  a_profile& trade(double at, std::uint64_t lots, timestamp t = morning) {
    volume.add(t, points(at), lots);
    return *this;
  }
  const volume_structure& built(double market = 6'900, double basis = 0) {
    structure.build(volume, config.volume, strike_grid(config, points(market), points(basis)), config.grid.step);
    return structure;
  }
};

/// 10, 40, 100, 60, (nothing), 20, 30 from 6890 on. Positive, sorted: 10 20 30 40 60 100; sum 260, mean 43.33.
a_profile seven_strikes() {
  a_profile p;
  p.trade(6'890, 10).trade(6'895, 40).trade(6'900, 100).trade(6'905, 60).trade(6'915, 20).trade(6'920, 30);
  return p;
}

TEST(VolumeStructure, BinsTradesToTheNearestStrike) {
  a_profile p;
  p.trade(6'897.5, 1).trade(6'902.25, 2).trade(6'902.5, 4).trade(6'897.25, 8);
  const auto& s = p.built();
  EXPECT_EQ(s.at(points(6'895)), 8u);
  EXPECT_EQ(s.at(points(6'900)), 3u) << "half up, as strikes";
  EXPECT_EQ(s.at(points(6'905)), 4u);
  EXPECT_EQ(s.at(points(6'910)), std::nullopt) << "outside of what traded";
  EXPECT_EQ(s.total(), 15u);
}

TEST(VolumeStructure, NamesWhatStandsOut) {
  a_profile p = seven_strikes();
  const auto& s = p.built();
  // 1.5 x mean is 65, 0.5 x mean 21.7.
  EXPECT_TRUE(s.is_high_node(points(6'900)));
  EXPECT_FALSE(s.is_high_node(points(6'905)));
  EXPECT_TRUE(s.is_low_node(points(6'890)));
  EXPECT_TRUE(s.is_low_node(points(6'910))) << "inside, without a trade";
  EXPECT_TRUE(s.is_low_node(points(6'915)));
  EXPECT_FALSE(s.is_low_node(points(6'920)));
  EXPECT_FALSE(s.is_low_node(points(6'925))) << "nothing is known there";
  EXPECT_EQ(s.point_of_control(points(6'905)), points(6'900));
  EXPECT_DOUBLE_EQ(*s.share_of_most(points(6'905)), 0.6);
}

TEST(VolumeStructure, PercentilesInterpolate) {
  a_profile p = seven_strikes();
  const auto& s = p.built();
  // Six values: the 70th percentile is at place 3.5, 50; the 20th at place 1, 20.
  EXPECT_TRUE(s.is_node(points(6'905)));
  EXPECT_FALSE(s.is_node(points(6'895)));
  EXPECT_TRUE(s.is_well(points(6'915)));
  EXPECT_TRUE(s.is_well(points(6'910)));
  EXPECT_FALSE(s.is_well(points(6'920)));
  EXPECT_EQ(s.nearest_node(points(6'903)), points(6'905));
  EXPECT_EQ(s.nearest_node(points(6'902.5)), points(6'900)) << "ties: the lower";
  EXPECT_EQ(s.nearest_well(points(6'903)), points(6'910));
  EXPECT_EQ(s.nearest_well(points(6'895)), points(6'890));
}

TEST(VolumeStructure, ACrevasseIsThreeWellsInARow) {
  a_profile p;
  p.trade(6'890, 100).trade(6'900, 1).trade(6'910, 80).trade(6'925, 90).trade(6'930, 95).trade(6'935, 99);
  const auto& s = p.built();
  // 6895, 6900 (the 20th percentile is at place 1: 80, no: 1 of six), 6905 in a row; 6915, 6920 only two.
  EXPECT_TRUE(s.in_crevasse(points(6'895)));
  EXPECT_TRUE(s.in_crevasse(points(6'905)));
  EXPECT_FALSE(s.in_crevasse(points(6'890)));
}

TEST(VolumeStructure, OneStrikeIsANodeAndNoWell) {
  a_profile p;
  p.trade(6'900, 7);
  const auto& s = p.built();
  EXPECT_TRUE(s.is_node(points(6'900)));
  EXPECT_FALSE(s.is_well(points(6'900)));
  EXPECT_EQ(s.nearest_well(points(6'900)), std::nullopt);
  p.volume.roll(morning + seconds(86'400));
  EXPECT_FALSE(p.built().known()) << "another trading date";
  EXPECT_EQ(s.point_of_control(points(6'900)), std::nullopt);
  EXPECT_EQ(s.at(points(6'900)), std::nullopt);
}

TEST(VolumeStructure, TheOptionsUnderlyingIsBroughtToTheSymbol) {
  gamma_config c;
  c.volume = volume_source::options;
  c.scale = 10;  // SPY
  a_profile p(c);
  p.trade(690.1, 5).trade(690.2, 7);
  EXPECT_EQ(p.volume.width(), points(0.05));
  // 6901.25 and 6902.25 with the middle of the bins; + 12.5 basis.
  const auto& s = p.built(6'913, 12.5);
  EXPECT_EQ(s.at(points(6'915)), 12u);
}

TEST(VolumeProfile, LeavesOutWhatCannotBe) {
  a_profile p;
  p.trade(6'900, 0);
  p.volume.add(morning, price(INT64_MAX), 5);
  p.volume.add(morning, price(INT64_MIN), 5);
  p.trade(6'900, 3).trade(6'900, 4, morning + seconds(-86'400));
  EXPECT_EQ(p.built().total(), 3u) << "the day before is over";
  for (int i = 0; i < 20'001; ++i) p.trade(0.5 * i, 2);
  EXPECT_EQ(p.volume.bins().size(), volume_profile::bins_max);
  EXPECT_EQ(p.volume.dropped(), 2u) << "20,001 bins, 6900's own among them";
}

TEST(VolumeProfile, ComesBackFromItsBytes) {
  a_profile p = seven_strikes(), q;
  const std::string bytes = saved(p.volume);
  archive_reader a(bytes);
  a(q.volume);
  EXPECT_TRUE(a.finished());
  EXPECT_EQ(q.volume.bins(), p.volume.bins());
  q.trade(6'900, 1);
  EXPECT_EQ(q.built().at(points(6'900)), 101u) << "of the same day";
}

}  // namespace
}  // namespace isobar::gamma_fuel
