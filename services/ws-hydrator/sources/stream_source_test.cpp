#include "ws-hydrator/sources/stream_source.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "testing/eventually.hpp"
#include "ws-hydrator/domain/testing_market.hpp"

namespace isobar::ws_hydrator {
namespace {

using isobar::testing::eventually;
using namespace ws_hydrator::testing;

std::vector<feed_event> spots(int n, std::int64_t every_ms) {
  std::vector<feed_event> out;
  for (int i = 0; i < n; ++i) out.push_back(spot_event(at_ms(i * every_ms), points(i)));
  return out;
}
std::unique_ptr<event_stream> stored(std::vector<feed_event> events) {
  return std::make_unique<stored_stream>("test", std::move(events));
}

TEST(stream_source, plays_everything_in_order_and_ends) {
  const auto events = spots(5000, 7);
  stream_source source(stored(events), {}, 64);
  source.start();
  std::vector<feed_event> got;
  timestamp watermark = start_of_time;
  EXPECT_TRUE(eventually([&] {
    source.channel().drain(got, 100, watermark);
    return watermark == end_of_time;
  }));
  EXPECT_EQ(got, events);
  EXPECT_EQ(source.status().state, "ended");
  EXPECT_EQ(source.channel().dropped(), 0u);
}

TEST(stream_source, waits_for_a_full_channel_and_can_be_stopped_there) {
  stream_source source(stored(spots(5000, 100)), {}, 10);
  source.start();
  EXPECT_TRUE(eventually([&] { return source.channel().depth() == 10; }));
  source.stop();
  EXPECT_EQ(source.channel().depth(), 10u);
}

TEST(stream_source, says_where_it_stands_while_it_is_held_and_goes_on_when_nudged) {
  std::atomic<std::int64_t> allowed_ms{0};
  stream_pace pace;
  pace.allowed = [&](timestamp next) { return next <= at_ms(allowed_ms); };
  stream_source source(stored(spots(3, 86'400'000)), pace, 1000);
  source.start();
  std::vector<feed_event> got;
  timestamp watermark = start_of_time;
  // The next event is a day later: the watermark says so although the event is held.
  EXPECT_TRUE(eventually([&] {
    source.channel().drain(got, 100, watermark);
    return watermark == at_ms(86'400'000);
  }));
  EXPECT_EQ(got.size(), 1u);
  EXPECT_EQ(source.status().state, "waiting");
  allowed_ms = 1'000'000'000;
  source.nudge();
  EXPECT_TRUE(eventually([&] {
    source.channel().drain(got, 100, watermark);
    return watermark == end_of_time && got.size() == 3;
  }));
}

TEST(stream_source, keeps_the_pace_of_a_clock) {
  const auto wall = [] {
    return timestamp{std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()};
  };
  const timestamp began = wall();
  stream_pace pace;
  pace.due = [&](timestamp next) { return began + (next - t0); };
  stream_source source(stored(spots(5, 50)), pace, 1000);
  source.start();
  std::vector<feed_event> got;
  timestamp watermark = start_of_time;
  EXPECT_TRUE(eventually([&] {
    source.channel().drain(got, 100, watermark);
    return watermark == end_of_time;
  }));
  EXPECT_GE((wall() - began).value, milliseconds(200).value);
}

TEST(feed_channel, drops_and_counts_what_a_live_feed_sends_too_much) {
  feed_channel channel(10, true);
  EXPECT_TRUE(channel.push(spots(25, 1), start_of_time));
  EXPECT_EQ(channel.depth(), 10u);
  EXPECT_EQ(channel.dropped(), 15u);
  EXPECT_EQ(channel.losses(), 1u);
  channel.close();
  EXPECT_FALSE(channel.push(spots(1, 1), start_of_time));
}

TEST(feed_channel, announces_once_until_it_is_drained) {
  feed_channel channel(100, false);
  int announced = 0;
  channel.on_ready([&] { ++announced; });
  channel.push(spots(2, 1), start_of_time);
  channel.push(spots(2, 1), at_ms(5));
  EXPECT_EQ(announced, 1);
  std::vector<feed_event> out;
  timestamp watermark = start_of_time;
  EXPECT_TRUE(channel.drain(out, 3, watermark));
  EXPECT_EQ(watermark, start_of_time);
  EXPECT_FALSE(channel.drain(out, 3, watermark));
  EXPECT_EQ(watermark, at_ms(5));
  channel.push({}, at_ms(9));
  EXPECT_EQ(announced, 2);
}

}  // namespace
}  // namespace isobar::ws_hydrator
