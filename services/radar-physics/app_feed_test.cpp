#include "radar-physics/app.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "radar-physics/app_fixture.hpp"
#include "radar-physics/domain/engine.hpp"
#include "radar-physics/transport/calibration_file.hpp"
#include "radar-physics/transport/radar_encoder.hpp"
#include "radar-physics/transport/radar_recording.hpp"
#include "wire/side_input_codec.hpp"

namespace isobar::radar_physics {
namespace {

using namespace fixture;
namespace pb = radar::v1;

TEST(RadarFeed, DuplicatesAreDroppedAndGapsRefilled) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.refill-ms=20"});
  const auto frames = frames_of(session(10), 64);
  feed source(radar.on(), frames);
  source.send(1, 10);
  source.send(4, 8);    // again
  source.send(14, 20);  // 11 to 13 are lost on the way
  ASSERT_TRUE(radar.applied(20));
  EXPECT_GE(source.requests(), 1u);
  source.send(22, source.size());
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_TRUE(radar.out().frames() == undisturbed(frames, {}));
  EXPECT_EQ(radar.metric("gaps_total"), 2);
  EXPECT_EQ(radar.metric("heals_total"), 2);
  EXPECT_EQ(radar.metric("lost_gaps_total"), 0);
  EXPECT_GE(radar.metric("rejected_total", "reason=\"duplicate\","), 5);  // and live ones that the refill overtook
}

TEST(RadarFeed, ALostTailShowsInTheHeartbeat) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.refill-ms=20"});
  const auto frames = frames_of(session(10), 64);
  feed source(radar.on(), frames);
  source.stop_answering();
  source.send(1, source.size());
  ASSERT_TRUE(radar.applied(source.size()));
  isobar::testing::temp_dir other;
  running_radar late(other.path(), {"--radar-physics.refill-ms=20"});
  feed again(late.on(), frames);
  again.send(1, again.size() - 3);
  ASSERT_TRUE(late.applied(again.size() - 3));
  // The last three never arrive; the feed knows of them.
  late.publish(subjects::feed_book("sim", es()),
               wire::encode_heartbeat({.producer = "feed-ingest", .sequence = again.size(), .watermark = end_of_time}));
  EXPECT_TRUE(eventually([&] { return again.requests() >= 1; }));
  again.send(again.size() - 2, again.size());
  again.end();
  ASSERT_TRUE(late.ended());
  EXPECT_TRUE(late.out().frames() == undisturbed(frames, {}));
}

TEST(RadarFeed, AGapThatNoRefillFillsIsFlaggedUntilASnapshot) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.refill-ms=10", "--radar-physics.refill-ms-max=20"});
  feed source(radar.on(), frames_of(session(10), 64));
  source.forget_before(14);
  source.send(1, 10);
  source.send(13, source.size());
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_EQ(radar.metric("lost_gaps_total"), 1);
  pb::RadarColumn first, last;
  ASSERT_TRUE(first.ParseFromString(radar.out().of(columns).begin()->second));
  ASSERT_TRUE(last.ParseFromString(radar.out().of(columns).rbegin()->second));
  EXPECT_FALSE(first.window().gap());
  EXPECT_TRUE(last.window().gap());
  EXPECT_FALSE(last.window().valid());
  EXPECT_EQ(last.window().trust(), pb::BOOK_TRUST_PARTIAL);
  EXPECT_EQ(last.header().quality(), common::v1::QUALITY_GAP);
}

TEST(RadarFeed, LiveAcceptsAGapAfterAStatedNumberOfQuestions) {
  isobar::testing::temp_dir data;
  running_radar radar(
      data.path(),
      {"--radar-physics.refill-ms=10", "--radar-physics.refill-ms-max=20", "--radar-physics.refill-attempts-max=3"},
      "live");
  feed source(radar.on(), frames_of(session(10), 64));
  source.stop_answering();
  source.send(1, 10);
  source.send(13, source.size());
  ASSERT_TRUE(radar.applied(source.size()));
  EXPECT_EQ(source.requests(), 3u);
  EXPECT_EQ(radar.metric("lost_gaps_total"), 1);
}

TEST(RadarFeed, GarbageIsCountedAndCountsAsAGap) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  auto frames = frames_of(session(10), 64);
  feed source(radar.on(), frames);
  source.send(1, 10);
  radar.publish(subjects::feed_book("sim", es()), "not a frame");
  wire::book_frame other{
      .symbol = *symbol::parse("NQH4"), .instrument_id = 1, .tick = {}, .event_open = false, .events = {}};
  radar.publish(subjects::feed_book("sim", es()),
                wire::encode_book(other, {.producer = "feed-ingest", .sequence = 11, .watermark = timestamp{1}}));
  source.send(12, source.size());
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_EQ(
      radar.metric("rejected_total", "reason=\"no_header\",") + radar.metric("rejected_total", "reason=\"malformed\","),
      0);  // one of them 1, the other absent (-1)
  EXPECT_EQ(radar.metric("rejected_total", "reason=\"wrong_symbol\","), 1);
  pb::RadarColumn last;
  ASSERT_TRUE(last.ParseFromString(radar.out().of(columns).rbegin()->second));
  EXPECT_TRUE(last.window().gap());
}

}  // namespace
}  // namespace isobar::radar_physics
