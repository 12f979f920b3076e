#include "service/frame_order.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

namespace isobar::service {
namespace {

bus::message frame(std::uint64_t n, bool heartbeat = false) {
  return {.subject = "s",
          .payload = std::make_shared<const std::string>((heartbeat ? "h" : "") + std::to_string(n)),
          .reply_to = {}};
}

/// A frame order, and what came out of it.
struct line {
  explicit line(frame_order_limits limits = {}) : order(limits) {}
  line& data(std::uint64_t n) { return take(n, false); }
  line& heartbeat(std::uint64_t n) { return take(n, true); }
  line& take(std::uint64_t n, bool beat) {
    order.take(frame(n, beat), n, beat, out);
    return *this;
  }
  std::string text() const {
    std::string all;
    for (const auto& m : out) all += (all.empty() ? "" : " ") + std::string(m.bytes());
    return all;
  }
  frame_order order;
  std::vector<bus::message> out;
};

TEST(FrameOrder, PassesAnUnbrokenSequenceFromWhereverItBegins) {
  line l;
  l.data(7).heartbeat(7).data(8).data(9).heartbeat(9);
  EXPECT_EQ(l.text(), "7 h7 8 9 h9");
  EXPECT_FALSE(l.order.missing());
}

TEST(FrameOrder, GoesOnBehindWhatALifeBeforeHad) {
  line l;
  l.order.start_behind(5);
  l.data(5).data(8);
  EXPECT_EQ(l.text(), "5");  // a repeat passes, its reader knows it
  EXPECT_EQ(l.order.missing(), (frame_range{6, 7}));
  l.order.start_behind(7);  // too late
  l.data(6).data(7);
  EXPECT_EQ(l.text(), "5 6 7 8");
}

TEST(FrameOrder, HoldsWhatCameBehindAHoleUntilItIsFilled) {
  line l;
  l.data(1).data(4).data(5).heartbeat(5);
  EXPECT_EQ(l.text(), "1");
  EXPECT_EQ(l.order.missing(), (frame_range{2, 3}));
  l.data(2);
  EXPECT_EQ(l.order.missing(), (frame_range{3, 3}));
  l.data(3);
  EXPECT_EQ(l.text(), "1 2 3 4 5 h5");
  EXPECT_FALSE(l.order.missing());
  EXPECT_EQ(l.order.held(), 0u);
}

TEST(FrameOrder, KnowsALostTailByTheHeartbeatBehindIt) {
  line l;
  l.data(1).heartbeat(3);
  EXPECT_EQ(l.text(), "1");
  EXPECT_EQ(l.order.missing(), (frame_range{2, 3}));
  l.data(3).data(2);
  EXPECT_EQ(l.text(), "1 2 3 h3");
}

TEST(FrameOrder, FillsOneHoleAfterTheOther) {
  line l;
  l.data(1).data(3).data(6);
  EXPECT_EQ(l.order.missing(), (frame_range{2, 2}));
  l.data(2);
  EXPECT_EQ(l.text(), "1 2 3");
  EXPECT_EQ(l.order.missing(), (frame_range{4, 5}));
}

TEST(FrameOrder, LetsEverythingGoWithTheGapInIt) {
  line l;
  l.data(1).data(3).data(6).heartbeat(6);
  l.order.give_up(l.out);
  EXPECT_EQ(l.text(), "1 3 6 h6");
  EXPECT_FALSE(l.order.missing());
  l.data(7);
  EXPECT_EQ(l.text(), "1 3 6 h6 7");
}

TEST(FrameOrder, DropsWhatIsFoundAfterItGaveUp) {
  line l;
  l.data(1).data(4);
  l.order.give_up(l.out);
  for (const std::uint64_t n : {2, 3}) l.order.fill(frame(n), n, l.out);
  l.data(5);
  EXPECT_EQ(l.text(), "1 4 5") << "two in a row from below would be a restart";
  l.data(7);
  l.order.fill(frame(6), 6, l.out);
  EXPECT_EQ(l.text(), "1 4 5 6 7");
}

TEST(FrameOrder, GivesUpAtItsBounds) {
  line few({.frames = 2, .bytes = 1'000});
  few.data(1).data(3).data(4).data(5);
  EXPECT_EQ(few.text(), "1 3 4 5") << "frames held";
  line far({.frames = 10, .bytes = 1'000});
  far.data(1).data(13);
  EXPECT_EQ(far.text(), "1 13") << "frames missing";
  line heavy({.frames = 10, .bytes = 2});
  heavy.data(1).data(3).data(4);
  EXPECT_EQ(heavy.order.held(), 2u);
  heavy.data(5);
  EXPECT_EQ(heavy.text(), "1 3 4 5") << "bytes held";
}

TEST(FrameOrder, PassesARestartAndWhatItHeldBefore) {
  line l;
  l.data(8).data(10).data(1).data(2);
  EXPECT_EQ(l.text(), "8 10 1 2");
  line beat;
  beat.data(8).heartbeat(0).data(1);
  EXPECT_EQ(beat.text(), "8 h0 1");
}

TEST(FrameOrder, PassesDuplicatesForTheReaderToDrop) {
  line l;
  l.data(4).data(5).data(4).data(6).heartbeat(5).data(7);
  EXPECT_EQ(l.text(), "4 5 4 6 h5 7");
}

// Whatever is delayed, as long as everything comes in the end, everything passes once and in order.
RC_GTEST_PROP(FrameOrder, IsTheIdentityOnAnyShuffleWithinItsBounds, ()) {
  const auto n = *rc::gen::inRange<std::uint64_t>(1, 200);
  const auto reach = *rc::gen::inRange<std::size_t>(1, 40);
  std::minstd_rand random(static_cast<unsigned>(*rc::gen::inRange(0, 1'000'000)));
  std::vector<std::uint64_t> sequence(n);
  for (std::uint64_t i = 0; i < n; ++i) sequence[i] = i + 2;
  for (std::size_t i = 0; i + 1 < n; ++i)
    std::swap(sequence[i], sequence[i + random() % std::min<std::size_t>(reach, n - i)]);
  line l;
  l.data(1);
  for (const auto s : sequence) {
    l.data(s);
    if (const auto gap = l.order.missing()) RC_ASSERT(gap->first <= gap->last);
  }
  RC_ASSERT(l.out.size() == n + 1);
  for (std::uint64_t i = 0; i <= n; ++i) RC_ASSERT(l.out[i].bytes() == std::to_string(i + 1));
  RC_ASSERT(l.order.held() == 0u);
}

}  // namespace
}  // namespace isobar::service
