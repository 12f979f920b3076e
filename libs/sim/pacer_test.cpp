#include "sim/pacer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace isobar::sim {
namespace {

TEST(Pacer, MovesEventTimeAtTheGivenSpeed) {
  const pacer p({1'000}, {5'000'000'000}, 2.5);
  EXPECT_EQ(p.event_time({5'000'000'000}), (timestamp{1'000}));
  EXPECT_EQ(p.event_time({5'000'000'100}), (timestamp{1'250}));
  EXPECT_EQ(p.event_time({0}), (timestamp{1'000}));  // before the anchor
  EXPECT_EQ(p.wall_time({1'250}), (timestamp{5'000'000'100}));
  EXPECT_FALSE(p.unpaced());
}

TEST(Pacer, IsUnboundedAtSpeedZero) {
  const pacer p({1'000}, {5'000}, 0);
  EXPECT_TRUE(p.unpaced());
  EXPECT_EQ(p.event_time({0}), end_of_time);
  EXPECT_EQ(p.wall_time({1'000'000}), (timestamp{5'000}));
}

RC_GTEST_PROP(Pacer, WallTimeIsTheEarliestThatReachesTheEvent, ()) {
  const timestamp start{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000)};
  const pacer p(start, {*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000)}, *rc::gen::inRange(1, 5'000) / 100.0);
  const timestamp event = start + duration_ns{*rc::gen::inRange<std::int64_t>(1, 86'400'000'000'000)};
  const timestamp wall = p.wall_time(event);
  RC_ASSERT(p.event_time(wall) >= event);
  RC_ASSERT(p.event_time({wall.ns - 1}) < event);
}

TEST(Pacer, SaturatesInsteadOfOverflowing) {
  const pacer p({1'766'000'000'000'000'000}, {0}, 1e6);
  EXPECT_GT(p.event_time({9'000'000'000'000'000'000}).ns, 9'000'000'000'000'000'000);
}

}  // namespace
}  // namespace isobar::sim
