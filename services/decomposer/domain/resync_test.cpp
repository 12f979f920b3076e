#include "decomposer/domain/resync.hpp"

#include <gtest/gtest.h>

namespace isobar::decomposer {
namespace {

TEST(ResyncPlan, AsksOnlyWhileFramesAreMissing) {
  resync_plan plan;
  EXPECT_FALSE(plan.ask(seconds(1)));
  plan.gap();
  EXPECT_TRUE(plan.ask(seconds(1)));
  EXPECT_TRUE(plan.healed());
  EXPECT_FALSE(plan.missing());
  EXPECT_FALSE(plan.ask(seconds(100)));
  EXPECT_FALSE(plan.healed());
}

TEST(ResyncPlan, BacksOffToItsLongestPause) {
  resync_plan plan({.first = milliseconds(250), .most = seconds(10)});
  plan.gap();
  std::uint64_t asked = 0;
  for (std::int64_t ms = 0; ms < 60'000; ++ms) asked += plan.ask(milliseconds(ms)) ? 1 : 0;
  // 0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 25.75, 35.75, 45.75 and 55.75 s.
  EXPECT_EQ(asked, 11u);
  EXPECT_EQ(plan.requests(), asked);
}

TEST(ResyncPlan, GapsInQuickSuccessionDoNotAskFasterThanTheFirstPause) {
  resync_plan plan({.first = milliseconds(250), .most = seconds(10)});
  std::uint64_t asked = 0;
  for (std::int64_t ms = 0; ms < 1'000; ++ms) {
    plan.gap();
    asked += plan.ask(milliseconds(ms)) ? 1 : 0;
    plan.healed();
  }
  EXPECT_EQ(asked, 4u);
}

}  // namespace
}  // namespace isobar::decomposer
