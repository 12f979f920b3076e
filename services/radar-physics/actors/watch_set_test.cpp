#include "radar-physics/actors/watch_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/archive.hpp"

namespace isobar::radar_physics {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9)); }

std::string ids(const market::level_set_input& set) {
  std::string out;
  for (const auto& l : set.levels) out += l.id + " ";
  return out;
}

TEST(WatchSet, RoundLevelsMoveWithTheAnchorByWholeSteps) {
  watch_set w({}, points(5), 256);
  EXPECT_TRUE(w.everything().empty());
  const auto first = w.follow(points(4831.25), timestamp{1});
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].effective, timestamp{1});
  EXPECT_EQ(first[0].levels.size(), 11u);
  EXPECT_EQ(first[0].levels.front().price, points(4805));        // the middle is 4830
  EXPECT_TRUE(w.follow(points(4834.75), timestamp{2}).empty());  // nearer to 4835, but not a step away from 4830
  EXPECT_EQ(w.follow(points(4835), timestamp{3}).size(), 1u);
  EXPECT_TRUE(w.follow(points(4830.25), timestamp{4}).empty());
  const auto below = w.follow(points(-2.5), timestamp{5});
  ASSERT_EQ(below.size(), 1u);
  EXPECT_EQ(below[0].levels.front().id, "ROUND_-10");  // halves away from zero: the middle is -5
  EXPECT_EQ(w.all(timestamp{2}).levels.front().price, points(4805)) << "what was watched then stands";
}

TEST(WatchSet, JoinsWhatIsConfiguredAndWhatIsSaid) {
  watch_set w({{"CONFIG_4830", "CONFIG", points(4830)}}, price(0), 256);
  EXPECT_TRUE(w.follow(points(4831), timestamp{1}).empty());
  ASSERT_EQ(w.everything().size(), 1u);
  EXPECT_EQ(ids(w.everything()[0]), "CONFIG_4830 ");
  const auto said = w.take({timestamp{3}, {{"CONFIG_4830", "X", points(1)}, {"VWAP", "VWAP", points(4833)}}});
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].effective, timestamp{3});
  EXPECT_EQ(ids(said[0]), "CONFIG_4830 VWAP ");
  EXPECT_EQ(said[0].levels[0].price, points(1));
  EXPECT_EQ(w.all(timestamp{2}).levels[0].price, points(4830)) << "not before its time";
  EXPECT_EQ(ids(w.take({timestamp{4}, {}})[0]), "CONFIG_4830 ");
}

// What is watched is a function of event time: whenever the sets are heard of, before the windows that move the round
// levels or behind them, each instant has the same levels. All orders of two moves and three sets (moves in theirs).
TEST(WatchSet, DoesNotDependOnWhatIsHeardFirst) {
  struct event {
    bool move;
    int at;
    double price;
  };
  const std::vector<event> events{
      {true, 2, 4830}, {true, 5, 4840}, {false, 1, 4801}, {false, 4, 4802}, {false, 5, 4803}};
  std::vector<int> order(events.size());
  std::iota(order.begin(), order.end(), 0);
  std::map<timestamp, std::string> expected;
  int orders = 0;
  do {
    if (std::find(order.begin(), order.end(), 0) > std::find(order.begin(), order.end(), 1)) continue;
    ++orders;
    watch_set w({{"CONFIG", "CONFIG", points(1)}}, points(5), 256);
    std::map<timestamp, std::string> told;  // what the engine was last told of an instant
    for (const auto& set : w.everything()) told[set.effective] = ids(set);
    for (const int i : order) {
      const event& e = events[static_cast<std::size_t>(i)];
      const timestamp at{e.at};
      for (const auto& set : e.move ? w.follow(points(e.price), at)
                                    : w.take({at, {{"SAID_" + std::to_string(e.at), "SAID", points(e.price)}}}))
        told[set.effective] = ids(set);
    }
    if (expected.empty()) expected = told;
    EXPECT_EQ(told, expected);
    EXPECT_NE(told.at(timestamp{5}).find("ROUND_4865 SAID_5"), std::string::npos);
    EXPECT_NE(told.at(timestamp{4}).find("ROUND_4855 SAID_4"), std::string::npos);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(orders, 60);
}

TEST(WatchSet, GoesOnFromACheckpoint) {
  watch_set w({}, points(5), 256), again({}, points(5), 256);
  (void)w.follow(points(4830), timestamp{1});
  (void)w.take({timestamp{7}, {{"VWAP", "VWAP", points(4833)}}});
  std::string bytes;
  archive_writer out(bytes);
  w.fields(out);
  archive_reader in(bytes);
  again.fields(in);
  ASSERT_TRUE(in.finished());
  const auto moved = w.follow(points(4840), timestamp{3});
  ASSERT_EQ(moved.size(), 2u) << "the set that waits is joined anew";
  EXPECT_EQ(again.follow(points(4840), timestamp{3}), moved);
}

TEST(WatchSet, IsBounded) {
  watch_set w({{"CONFIG_1", "CONFIG", points(1)}}, points(1), 3);
  EXPECT_EQ(w.follow(points(100), timestamp{1})[0].levels.size(), 3u);
  for (int i = 0; i < 1'000; ++i) (void)w.take({timestamp{10 + i}, {}});
  EXPECT_LE(w.everything().size(), 2 * watch_set::remembered_max + 1);
}

}  // namespace
}  // namespace isobar::radar_physics
