#include "radar-physics/actors/watch_set.hpp"

#include <gtest/gtest.h>

namespace isobar::radar_physics {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9)); }

std::string ids(const watch_set& w) {
  std::string out;
  for (const auto& l : w.all(timestamp{7}).levels) out += l.id + " ";
  return out;
}

TEST(WatchSet, RoundLevelsMoveWithTheAnchorByWholeSteps) {
  watch_set w({}, points(5), 256);
  EXPECT_TRUE(w.empty());
  EXPECT_TRUE(w.follow(points(4831.25)));
  EXPECT_EQ(w.base(), 966);  // 4830
  EXPECT_EQ(w.all(timestamp{7}).levels.size(), 11u);
  EXPECT_EQ(w.all(timestamp{7}).levels.front().price, points(4805));
  EXPECT_FALSE(w.follow(points(4834.75)));  // nearer to 4835, but not a step away from 4830
  EXPECT_TRUE(w.follow(points(4835)));
  EXPECT_FALSE(w.follow(points(4830.25)));
  EXPECT_TRUE(w.follow(points(-2.5)));
  EXPECT_EQ(w.base(), -1);  // halves away from zero
}

TEST(WatchSet, JoinsWhatIsConfiguredAndWhatIsSaid) {
  watch_set w({{"CONFIG_4830", "CONFIG", points(4830)}}, price(0), 256);
  EXPECT_FALSE(w.follow(points(4831)));
  EXPECT_EQ(ids(w), "CONFIG_4830 ");
  w.take({timestamp{1}, {{"CONFIG_4830", "X", points(1)}, {"VWAP", "VWAP", points(4833)}}});
  EXPECT_EQ(ids(w), "CONFIG_4830 VWAP ");
  EXPECT_EQ(w.all(timestamp{7}).levels[0].price, points(1));
  EXPECT_EQ(w.all(timestamp{7}).effective, timestamp{7});
  w.take({timestamp{2}, {}});
  EXPECT_EQ(ids(w), "CONFIG_4830 ");
}

TEST(WatchSet, IsBounded) {
  watch_set w({{"CONFIG_1", "CONFIG", points(1)}}, points(1), 3);
  w.follow(points(100));
  EXPECT_EQ(w.all(timestamp{7}).levels.size(), 3u);
}

}  // namespace
}  // namespace isobar::radar_physics
