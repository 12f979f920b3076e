#include "radar-physics/domain/breakthrough.hpp"

#include <gtest/gtest.h>

#include "radar-physics/domain/medium_fixture.hpp"

namespace isobar::radar_physics {
namespace {

using ::testing::Test;

/// A watch fed with columns of 31 rows that are empty but for the buckets of a map.
struct Breakthrough : Test {
  radar_config config;
  breakthrough_watch watch{config};
  std::vector<breakthrough> found;
  std::int64_t second = 0;

  struct cell {
    std::int64_t bucket;
    std::uint8_t level;
    double vacuum = 0;
  };
  void column(std::int64_t spot, std::vector<cell> cells, window_info w = testing::window_at(1, 2)) {
    radar_column c;
    c.spot_bucket = spot;
    c.first_bucket_rel = -15;
    c.rows.resize(31);
    for (const cell& x : cells) {
      radar_row& row = c.rows.at(static_cast<std::size_t>(x.bucket - spot + 15));
      row.blocked_level = x.level;
      row.solidity_level = static_cast<std::uint8_t>(x.level / 2);
      row.vacuum = x.vacuum;
    }
    w.end = timestamp{} + seconds(++second);
    watch.observe(w, c, found);
  }
};

TEST_F(Breakthrough, IsABlockedBucketThatTheSpotPassedWithoutErosion) {
  for (const double v : {0.1, 0.2, 0.3}) column(100, {{103, 5, v}});
  EXPECT_TRUE(found.empty());
  column(104, {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0], (breakthrough{.bucket = 103,
                                    .direction = 1,
                                    .from_bucket = 100,
                                    .to_bucket = 104,
                                    .blocked_level = {5, 5, 5},
                                    .vacuum = {0.3, 0.2, 0.1}}));
  column(104, {});
  EXPECT_TRUE(found.empty());
}

TEST_F(Breakthrough, GoesDownwardsAndBelowZeroNearestFirst) {
  for (int i = 0; i < 3; ++i) column(1, {{-1, 5}, {-2, 5}, {0, 4}});
  column(-3, {});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].bucket, -1);
  EXPECT_EQ(found[1].bucket, -2);
  EXPECT_EQ(found[0].direction, -1);
}

TEST_F(Breakthrough, CountsABucketWhenItIsEnteredAndNotAgainWhenItIsLeft) {
  for (int i = 0; i < 3; ++i) column(10, {{11, 5}});
  column(11, {{11, 5}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].bucket, 11);
  column(12, {});
  EXPECT_TRUE(found.empty());
}

TEST_F(Breakthrough, IsExcusedByErosionInAnyOfTheColumnsBefore) {
  column(10, {{12, 5, 0.5}});
  column(10, {{12, 5, 0.0}});
  column(10, {{12, 5, 0.0}});
  column(13, {});
  EXPECT_TRUE(found.empty());
}

TEST_F(Breakthrough, ForgetsErosionBeforeTheThirdColumn) {
  column(10, {{12, 5, 0.9}});
  for (int i = 0; i < 3; ++i) column(10, {{12, 5, 0.49}});
  column(13, {});
  EXPECT_EQ(found.size(), 1u);
}

TEST_F(Breakthrough, NeedsLevelFiveInTheLastColumnOnly) {
  column(10, {{12, 0}, {13, 5}});
  column(10, {{12, 1}, {13, 5}});
  column(10, {{12, 5}, {13, 4}});
  column(14, {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].bucket, 12);
  EXPECT_EQ(found[0].blocked_level, (std::vector<std::uint8_t>{5, 1, 0}));
}

TEST_F(Breakthrough, IsNotClaimedWithoutThreeColumnsThatShowedTheBucket) {
  column(10, {{12, 5}});
  column(10, {{12, 5}});
  column(13, {});
  EXPECT_TRUE(found.empty());
  column(13, {{28, 5}});
  column(14, {{28, 5}});
  column(14, {{28, 5}});
  column(14, {{28, 5}});
  column(28, {});
  EXPECT_EQ(found.size(), 1u);
}

TEST_F(Breakthrough, OfAJumpFarOutOfThePictureIsJudgedUpToItsEdge) {
  for (int i = 0; i < 3; ++i) column(10, {{25, 5}});
  column(1'000'000'000'000, {});
  EXPECT_EQ(found.size(), 1u);
}

TEST_F(Breakthrough, IsNotSeenAcrossARebuiltBookAGapOrAnAuction) {
  for (const auto spoil : {+[](window_info& w) { w.rebuilt = true; }, +[](window_info& w) { w.gap = true; },
                           +[](window_info& w) { w.anchor_held = true; }}) {
    for (int i = 0; i < 3; ++i) column(10, {{12, 5}});
    window_info w = testing::window_at(1, 2);
    spoil(w);
    column(10, {{12, 5}}, w);
    column(13, {});
    EXPECT_TRUE(found.empty());
    watch = breakthrough_watch(config);
  }
}

TEST_F(Breakthrough, IsJudgedByTheStatefulMediumWhenAsked) {
  config.buckets.judged = evolution::stateful;
  watch = breakthrough_watch(config);
  for (int i = 0; i < 3; ++i) column(10, {{12, 5}, {13, 10}});
  column(14, {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].bucket, 13);
}

TEST_F(Breakthrough, SurvivesACheckpointAndSettles) {
  for (int i = 0; i < 2; ++i) column(10, {{12, 5}});
  EXPECT_FALSE(watch.settled());
  breakthrough_watch copy{config};
  ASSERT_TRUE(testing::load(copy, testing::saved(watch)));
  watch = copy;
  column(10, {{12, 5}});
  EXPECT_TRUE(watch.settled());
  column(13, {});
  EXPECT_EQ(found.size(), 1u);
  EXPECT_FALSE(watch.settled());
}

}  // namespace
}  // namespace isobar::radar_physics
