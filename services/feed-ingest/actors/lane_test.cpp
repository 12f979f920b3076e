#include "feed-ingest/actors/lane.hpp"

#include <gmock/gmock.h>

#include "testing/eventually.hpp"

namespace isobar::feed_ingest {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

bool passes(lane& l) {
  if (!l.wait(milliseconds(0), {})) return false;
  l.given(1);
  l.taken();
  return true;
}

TEST(Lane, FramesThatAreNotPublishedAgainAreNoLead) {
  lane l({.lead_frames = 4});
  l.start_after(100);
  for (int i = 1; i <= 104; ++i) ASSERT_TRUE(passes(l)) << i;
  EXPECT_FALSE(passes(l)) << "frame 105 is the fifth ahead";
  l.applied(101);
  EXPECT_TRUE(passes(l));
  EXPECT_FALSE(passes(l));
}

TEST(Lane, KnowsWhatAnEarlierLifeHadPublishedFromItsCheckpointAndFromItsConsumers) {
  lane l({.lead_frames = 4});
  l.start_after(2);
  for (int i = 1; i <= 2; ++i) {
    EXPECT_TRUE(l.repeats()) << i;
    ASSERT_TRUE(passes(l));
  }
  EXPECT_FALSE(l.repeats()) << "nobody has said that he has more";
  l.applied(5);
  for (int i = 3; i <= 5; ++i) {
    EXPECT_TRUE(l.repeats()) << i;
    ASSERT_TRUE(passes(l));
  }
  EXPECT_FALSE(l.repeats());
}

TEST(Lane, ReportsThatSayNothingNewDoNotHideThatTheSourceIsHeld) {
  lane l({.lead_frames = 2, .patience = milliseconds(200)});
  while (passes(l)) {}
  const auto held = [&](std::uint64_t applied) {
    return isobar::testing::eventually(
        [&, applied] {
          l.applied(applied);
          return !passes(l) && !l.held().empty();
        },
        std::chrono::seconds(5));
  };
  ASSERT_TRUE(held(0));
  EXPECT_THAT(l.held(), HasSubstr("nothing behind frame 0 while 2 are published"));
  l.applied(1);
  EXPECT_EQ(l.held(), "") << "it has just gone on";
  while (passes(l)) {}
  EXPECT_TRUE(held(1));
}

}  // namespace
}  // namespace isobar::feed_ingest
