#include "radar-physics/actors/feed_line.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace isobar::radar_physics {
namespace {

using verdict = feed_line::verdict;

std::shared_ptr<const std::string> frame(std::uint64_t n) {
  return std::make_shared<const std::string>(std::to_string(n));
}

class FeedLine : public ::testing::Test {
 protected:
  verdict live(std::uint64_t n) { return line_.offer(n, timestamp{static_cast<std::int64_t>(n)}, frame(n), false); }
  verdict refill(std::uint64_t n) { return line_.offer(n, timestamp{static_cast<std::int64_t>(n)}, frame(n), true); }
  /// "1 2 gap 5 w9": frames, gaps before them, watermarks.
  std::string taken() {
    std::string out;
    for (const line_item& i : line_.ready()) {
      if (i.after_gap) out += "gap ";
      out += (i.bytes ? *i.bytes : "w" + std::to_string(i.watermark.ns)) + " ";
    }
    line_.ready().clear();
    if (!out.empty()) out.pop_back();
    return out;
  }
  feed_line line_{true, 4};
};

TEST_F(FeedLine, GivesFramesInTurnAndDropsDuplicates) {
  EXPECT_EQ(live(1), verdict::next);
  EXPECT_EQ(live(2), verdict::next);
  EXPECT_EQ(live(1), verdict::duplicate);
  EXPECT_EQ(live(2), verdict::duplicate);
  EXPECT_TRUE(line_.offer_heartbeat(2, timestamp{9}));
  EXPECT_TRUE(line_.offer_heartbeat(2, timestamp{11}));
  EXPECT_EQ(taken(), "1 2 w11");
  EXPECT_FALSE(line_.wanted());
}

TEST_F(FeedLine, HoldsEarlyFramesUntilTheRefillComes) {
  live(1);
  EXPECT_EQ(live(4), verdict::held);
  EXPECT_EQ(live(4), verdict::duplicate);
  EXPECT_EQ(live(5), verdict::held);
  EXPECT_EQ(line_.wanted(), 2u);
  EXPECT_EQ(taken(), "1");
  line_.asked();
  EXPECT_EQ(refill(2), verdict::next);
  EXPECT_EQ(refill(3), verdict::next);
  EXPECT_FALSE(line_.wanted());
  EXPECT_EQ(refill(4), verdict::duplicate);
  EXPECT_EQ(taken(), "2 3 4 5");
}

TEST_F(FeedLine, AHeartbeatTellsOfALostTail) {
  live(1);
  EXPECT_FALSE(line_.offer_heartbeat(3, timestamp{9}));
  EXPECT_EQ(line_.wanted(), 2u);
  refill(2);
  EXPECT_EQ(line_.wanted(), 3u);
  refill(3);
  EXPECT_FALSE(line_.wanted());
  EXPECT_FALSE(line_.offer_heartbeat(1, timestamp{99}));  // of a feed that is making its frames again
  EXPECT_EQ(taken(), "1 2 3 w9");
}

TEST_F(FeedLine, GoesOnBehindFramesThatAreKeptNoMore) {
  live(1);
  live(5);
  line_.asked();
  refill(3);
  refill(4);
  EXPECT_FALSE(line_.offer_answer_end(5));  // once is no proof
  line_.asked();
  EXPECT_EQ(refill(3), verdict::duplicate);
  EXPECT_TRUE(line_.offer_answer_end(5));
  EXPECT_EQ(taken(), "1 gap 3 4 5");
  EXPECT_EQ(line_.next(), 6u);
}

TEST_F(FeedLine, WaitsForAFeedThatHasNotComeSoFar) {
  line_.expect(40, timestamp{39});
  live(1);
  EXPECT_FALSE(line_.offer_answer_end(1));
  EXPECT_FALSE(line_.offer_answer_end(1));
  EXPECT_FALSE(line_.wanted());
  EXPECT_EQ(line_.next(), 40u);
}

TEST_F(FeedLine, GivesUpWhenAskedTo) {
  EXPECT_FALSE(line_.give_up());
  live(3);
  EXPECT_TRUE(line_.give_up());
  EXPECT_EQ(taken(), "gap 3");
  EXPECT_FALSE(line_.offer_heartbeat(7, timestamp{9}));
  EXPECT_TRUE(line_.give_up());
  EXPECT_EQ(live(8), verdict::next);
  EXPECT_EQ(taken(), "w9 gap 8");
}

TEST_F(FeedLine, AnAbsurdNumberIsNotWaitedFor) {
  live(1);
  EXPECT_FALSE(line_.plausible(UINT64_MAX));
  EXPECT_FALSE(line_.offer_heartbeat(UINT64_MAX, timestamp{9}));
  EXPECT_FALSE(line_.wanted());
  EXPECT_FALSE(line_.give_up());
  EXPECT_EQ(live(UINT64_MAX - 1), verdict::refused);
  EXPECT_FALSE(line_.wanted());
  EXPECT_EQ(live(2), verdict::next);
  EXPECT_TRUE(line_.plausible(3 + feed_line::lead_max));
  EXPECT_FALSE(line_.plausible(4 + feed_line::lead_max));
  EXPECT_EQ(taken(), "1 2");
}

TEST_F(FeedLine, HoldsABoundedNumberAndTheEarlyOnes) {
  for (std::uint64_t n : {10, 11, 12, 13}) EXPECT_EQ(live(n), verdict::held);
  EXPECT_EQ(live(14), verdict::full);
  EXPECT_EQ(live(5), verdict::held);
  EXPECT_EQ(line_.held(), 4u);
  line_.give_up();
  EXPECT_EQ(taken(), "gap 5");
  EXPECT_EQ(line_.wanted(), 6u);
}

TEST_F(FeedLine, ALiveFeedThatBeginsAnewIsReadFromItsFirstFrame) {
  for (std::uint64_t n = 1; n <= 5; ++n) live(n);
  EXPECT_EQ(line_.offer(1, timestamp{1}, frame(1), false), verdict::duplicate);  // the same again
  EXPECT_EQ(line_.offer(2, timestamp{100}, frame(2), false), verdict::new_life);
  EXPECT_EQ(line_.wanted(), 1u);
  line_.offer(1, timestamp{90}, frame(1), true);
  EXPECT_EQ(taken(), "1 2 3 4 5 gap 1 2");
  feed_line replay(false, 4);
  replay.expect(6, timestamp{5});
  EXPECT_EQ(replay.offer(2, timestamp{100}, frame(2), false), verdict::duplicate);
}

TEST(FeedLineProperty, EveryFrameOnceAndInOrder) {
  EXPECT_TRUE(rc::check([] {
    feed_line line(true, 1000);
    const std::uint64_t n = *rc::gen::inRange<std::uint64_t>(1, 60);
    const auto offer = [&](std::uint64_t i, bool refill) {
      line.offer(i, timestamp{static_cast<std::int64_t>(i)}, frame(i), refill);
    };
    for (std::uint64_t i = 1; i <= n; ++i) {
      const int what = *rc::gen::inRange(0, 4);
      if (what == 0) continue;  // lost
      offer(i, false);
      if (what == 1) offer(*rc::gen::inRange<std::uint64_t>(1, i + 1), false);
    }
    line.offer_heartbeat(n, timestamp{1000});
    while (const auto w = line.wanted())
      for (std::uint64_t i = *w; i <= n; ++i) offer(i, true);
    std::uint64_t expected = 0;
    for (const line_item& i : line.ready())
      if (i.bytes) RC_ASSERT(*i.bytes == std::to_string(++expected));
    RC_ASSERT(expected == n);
  }));
}

}  // namespace
}  // namespace isobar::radar_physics
