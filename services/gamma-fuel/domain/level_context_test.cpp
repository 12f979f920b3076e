#include "gamma-fuel/domain/level_context.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/archive.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + 0.5)); }
const timestamp ten = market::new_york_time(*make_date(2024, 3, 5), seconds(36'000));

market::watched_level level(std::string id, std::string kind, double p) {
  return {std::move(id), std::move(kind), points(p)};
}
level_set_input set_of(std::vector<market::watched_level> levels) { return {ten, std::move(levels)}; }

class LevelContext : public ::testing::Test {
 protected:
  tick_context tick(double seconds_after_ten, double mid) {
    const timestamp t{ten.ns + static_cast<std::int64_t>(seconds_after_ten * 1e9)};
    session_.advance(t);
    return context_.make({.at = t, .bid = points(mid), .ask = points(mid), .mid = points(mid)}, set_, profile_,
                         session_, board_, flow_);
  }
  std::uint32_t touches(double seconds_after_ten, double mid) {
    for (const level_signal& l : tick(seconds_after_ten, mid).base.levels) {
      if (l.id == "A") return l.prior_touches;
    }
    return 99;
  }
  gamma_config config_;
  level_context context_{config_};
  level_set_input set_ = set_of({level("A", "STRIKE", 5'000)});
  gex_profile profile_;
  session_tracker session_{config_};
  option_board board_{config_};
  dealer_flow flow_{config_};
};

// Section 12: spot > level is support; otherwise, equality included, resistance.
TEST_F(LevelContext, SideDistanceAndTouch) {
  const auto side = [&](double mid) { return tick(0, mid).base.levels.at(0).break_direction; };
  EXPECT_EQ(side(5'000.25), -1);
  EXPECT_EQ(side(5'000), 1);
  EXPECT_EQ(side(4'999.75), 1);
  const level_signal l = tick(1, 5'000.75).base.levels.at(0);
  EXPECT_EQ(l.distance, points(0.75));
  EXPECT_EQ(l.distance_signed, -points(0.75));
  EXPECT_FALSE(l.touching);
  EXPECT_TRUE(tick(2, 5'000.5).base.levels.at(0).touching);
  EXPECT_TRUE(tick(3, 5'005.25).base.levels.empty()) << "beyond the monitor band";
}

TEST_F(LevelContext, ATouchIsNewAfterTheCooldownOutside) {
  EXPECT_EQ(touches(0, 5'002), 0U);
  EXPECT_EQ(touches(1, 5'000), 0U) << "the present one is not prior";
  EXPECT_EQ(touches(600, 5'000), 0U) << "still the same, however long";
  EXPECT_EQ(touches(601, 5'002), 0U) << "it may come back";
  EXPECT_EQ(touches(630, 5'000), 0U);
  EXPECT_EQ(touches(700, 5'000), 0U) << "inside again since 630";
  EXPECT_EQ(touches(710, 5'002), 0U);
  EXPECT_EQ(touches(770, 5'002), 1U);
  EXPECT_EQ(touches(771, 5'000), 1U);
  EXPECT_EQ(touches(24 * 3'600, 5'002), 0U) << "another date";
  EXPECT_EQ(touches(24 * 3'600 + 1, 5'000), 0U);
  EXPECT_EQ(touches(25 * 3'600, 5'002), 0U);
  EXPECT_EQ(touches(32 * 3'600 - 60, 5'002), 1U);
  EXPECT_EQ(touches(32 * 3'600, 5'002), 0U) << "18:00, with the session's levels";
}

TEST_F(LevelContext, TouchesAreOfAPrice) {
  touches(0, 5'000);
  EXPECT_EQ(touches(61, 5'002), 0U);
  EXPECT_EQ(touches(122, 5'002), 1U);
  set_.levels[0].price = points(5'000.5);
  EXPECT_EQ(touches(123, 5'002), 1U) << "a level that drifts stays itself";
  set_.levels[0].price = points(5'003);
  EXPECT_EQ(touches(124, 5'001), 0U);
}

TEST_F(LevelContext, WhatHappensBetweenTicksCounts) {
  touches(0, 5'003);
  context_.see(points(5'000.5));
  context_.see(points(5'003));
  touches(0.25, 5'003);
  EXPECT_EQ(touches(0.5, 5'003), 0U);
  EXPECT_EQ(touches(61, 5'003), 1U);
}

TEST(Runway, ReachesToTheNextLevelBeyondTheBand) {
  const auto a = level("A", "STRIKE", 5'000);
  const auto set = set_of({a, level("B", "ROUND", 5'000.25), level("C", "STRIKE", 5'005), level("D", "PM_LOW", 4'990)});
  const auto look = [&](int direction, compat rules = compat::corrected) {
    return runway_of(a, direction, set, points(0.5), rules);
  };
  EXPECT_EQ(look(1), (runway{1, points(5), "C", true}));
  EXPECT_EQ(look(-1), (runway{-1, points(10), "D", false}));
  EXPECT_EQ(look(1, compat::literal), (runway{1, points(0.25), "B", true}));
  EXPECT_EQ(look(-1, compat::literal), (runway{-1, points(10), "D", true}));
}

TEST(Runway, AStrongLevelAtTheSamePlaceIsInTheWay) {
  const auto a = level("A", "STRIKE", 5'000);
  const auto c = level("C", "STRIKE", 5'005);
  EXPECT_FALSE(runway_of(a, 1, set_of({a, c, level("W", "CALL_WALL", 5'000)}), points(0.5), compat::corrected).clear);
  EXPECT_TRUE(runway_of(a, 1, set_of({a, c, level("W", "CALL_WALL", 5'006)}), points(0.5), compat::corrected).clear);
  EXPECT_EQ(runway_of(a, 1, set_of({a}), points(0.5), compat::corrected), (runway{1, std::nullopt, "", true}));
}

TEST_F(LevelContext, ConfluenceWeighsByKindAndDistance) {
  set_ = set_of({level("A", "STRIKE", 5'000), level("B", "PM_HIGH", 5'001), level("C", "VWAP", 5'000),
                 level("D", "ROUND", 4'998), level("E", "CALL_WALL", 5'002.25)});
  const level_signal l = tick(0, 5'000).base.levels.at(0);
  ASSERT_EQ(l.id, "A");
  EXPECT_EQ(l.confluence_levels, 3U);
  EXPECT_DOUBLE_EQ(l.confluence, (1.0 * 0.5 + 0.7) / 9.3);  // futures-medium 13.4
}

TEST_F(LevelContext, ApproachOverMinuteCloses) {
  for (int m = 0; m < 5; ++m) {
    session_.trade({.ts_event = ten + seconds(60 * m), .price = points(m == 0 ? 4'999 : 4'994 + m), .size = 1});
  }
  session_.advance(ten + seconds(300));
  // Closes 4999, 4995, 4996, 4997, 4998; the level above.
  const level_signal l = tick(301, 4'998).base.levels.at(0);
  EXPECT_EQ(l.break_direction, 1);
  EXPECT_DOUBLE_EQ(l.approach_velocity, -1.0 / 5);
  EXPECT_DOUBLE_EQ(l.approach_distance, 1);
  EXPECT_EQ(l.approach_bars, 3U);
}

TEST_F(LevelContext, TheOrderOfLevelsDoesNotMatter) {
  std::vector<market::watched_level> all;
  for (int i = 0; i < 30; ++i) {
    all.push_back(level("L" + std::to_string(i), i % 3 == 0 ? "CALL_WALL" : "STRIKE", 4'990 + i * 0.75));
  }
  set_ = set_of(all);
  const tick_context a = tick(0, 5'000);
  std::reverse(all.begin(), all.end());
  set_ = set_of(all);
  const tick_context b = tick(0.25, 5'000);
  EXPECT_GT(a.base.levels.size(), 10U);
  EXPECT_EQ(a.base.levels.size(), b.base.levels.size());
  for (std::size_t i = 0; i < a.base.levels.size(); ++i) EXPECT_EQ(a.base.levels[i].id, b.base.levels[i].id);
  EXPECT_EQ(a.bounce_runways, b.bounce_runways);
}

TEST_F(LevelContext, GoesOnFromACheckpoint) {
  touches(0, 5'000);
  touches(1, 5'003);
  std::string bytes;
  archive_writer out(bytes);
  out(context_);
  context_ = level_context{config_};
  archive_reader in(bytes);
  in(context_);
  ASSERT_TRUE(in.finished());
  EXPECT_EQ(touches(2, 5'003), 0U);
  EXPECT_EQ(touches(62, 5'000), 1U);
}

}  // namespace
}  // namespace isobar::gamma_fuel
