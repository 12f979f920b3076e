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

const std::string columns = subjects::radar_column("sim", es());

/// What the domain alone makes of the records, as the column frames it should become.
struct expected_columns final : radar_sink {
  radar_encoder encoder{es(), {}};
  std::vector<std::string> frames;
  expected_columns() { encoder.set_source(market::quality::synthetic); }
  void on_window(const window_outputs& out) override {
    const auto extent = encoder.extent(out.window, out.column);
    frames.push_back(encoder.column(out, {.producer = "radar-physics",
                                          .sequence = frames.size() + 1,
                                          .ts_first = extent.ts_first,
                                          .ts_last = extent.ts_last,
                                          .quality = extent.quality,
                                          .watermark = extent.watermark}));
  }
  void on_levels(const level_outputs&) override {}
};

TEST(RadarPhysics, PublishesWhatTheDomainMakesWhateverTheFrames) {
  const auto events = session(20);
  expected_columns expected;
  radar_engine engine({}, false);
  for (const book_event& e : events) engine.apply(e, expected);
  engine.advance(end_of_time, expected);
  ASSERT_EQ(expected.frames.size(), 20u);
  for (const std::size_t records : {1u, 64u, 5'000u}) {
    isobar::testing::temp_dir data;
    running_radar radar(data.path());
    feed source(radar.on(), frames_of(events, records));
    source.send_all();
    source.end();
    ASSERT_TRUE(radar.ended());
    const auto& got = radar.out().of(columns);
    ASSERT_EQ(got.size(), expected.frames.size()) << records;
    for (const auto& [sequence, bytes] : got) EXPECT_EQ(bytes, expected.frames[sequence - 1]) << sequence;
    EXPECT_EQ(radar.out().of(subjects::radar_surfaces("sim", es())).size(), 20u);
    EXPECT_EQ(radar.out().of(subjects::radar_features("sim", es())).size(), 20u);
    EXPECT_EQ(radar.reported().done_until, end_of_time);
    EXPECT_EQ(radar.reported().participant, "radar-physics");
    EXPECT_EQ(radar.reported().input_sequence, source.size());
  }
}

/// Twenty seconds of a session, ended.
class RadarQueries : public ::testing::Test {
 protected:
  void SetUp() override {
    source_.send_all();
    source_.end();
    ASSERT_TRUE(radar_.ended());
    ASSERT_TRUE(eventually([&] { return radar_.reported().done_until == end_of_time; }));
  }
  template <class Request>
  static Request of(const std::string& symbol_text) {
    Request q;
    q.set_symbol(symbol_text);
    return q;
  }
  pb::RadarColumn column(std::uint64_t sequence) {
    pb::RadarColumn out;
    EXPECT_TRUE(out.ParseFromString(radar_.out().of(columns).at(sequence)));
    return out;
  }

  const std::vector<book_event> events_ = session(20);
  isobar::testing::temp_dir data_;
  running_radar radar_{data_.path(), {"--radar-physics.levels=6900,6895.5", "--radar-physics.level-step=5"}};
  feed source_{radar_.on(), frames_of(events_, 64)};
};

TEST_F(RadarQueries, TheMatrixIsTheColumnsThatWerePublished) {
  auto q = of<pb::GetRadarRequest>("ESH4");
  pb::GetRadarResponse r;
  ASSERT_TRUE(radar_.call(&pb::RadarService::Stub::GetRadar, q, &r).ok());
  ASSERT_EQ(r.columns_size(), 20);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(r.columns(i).SerializeAsString(), radar_.out().of(columns).at(static_cast<std::uint64_t>(i + 1)));
  EXPECT_EQ(r.watermark_ns(), INT64_MAX);
  EXPECT_EQ(r.quality(), common::v1::QUALITY_SYNTHETIC);
  EXPECT_EQ(r.columns(19).mass_size(), 31);
  EXPECT_EQ(r.columns(19).window().symbol(), "ESH4");
  EXPECT_FALSE(r.columns(19).window().assumptions().empty());
  q.set_symbol("ES");  // the one contract of the product
  q.set_columns(5);
  ASSERT_TRUE(radar_.call(&pb::RadarService::Stub::GetRadar, q, &r).ok());
  ASSERT_EQ(r.columns_size(), 5);
  EXPECT_EQ(r.columns(4).header().sequence(), 20u);
}

TEST_F(RadarQueries, AsOfIsTheNewestWindowAtOrBefore) {
  const std::int64_t third = column(3).window().window_end_ns();
  auto q = of<pb::GetRadarRequest>("ESH4");
  pb::GetRadarResponse r;
  q.set_as_of_ns(third);
  ASSERT_TRUE(radar_.call(&pb::RadarService::Stub::GetRadar, q, &r).ok());
  EXPECT_EQ(r.columns_size(), 3);
  q.set_as_of_ns(third - 1);
  ASSERT_TRUE(radar_.call(&pb::RadarService::Stub::GetRadar, q, &r).ok());
  EXPECT_EQ(r.columns_size(), 2);
  auto s = of<pb::GetSurfacesRequest>("ESH4");
  pb::GetSurfacesResponse surface;
  s.set_as_of_ns(third + 5);
  ASSERT_TRUE(radar_.call(&pb::RadarService::Stub::GetSurfaces, s, &surface).ok());
  EXPECT_EQ(surface.surface().SerializeAsString(), radar_.out().of(subjects::radar_surfaces("sim", es())).at(3));
  auto f = of<pb::GetFeaturesRequest>("ESH4");
  pb::GetFeaturesResponse features;
  f.set_as_of_ns(third);
  f.set_windows(2);
  ASSERT_TRUE(radar_.call(&pb::RadarService::Stub::GetFeatures, f, &features).ok());
  EXPECT_EQ(features.names_size(), 196);
  ASSERT_EQ(features.vectors_size(), 2);
  EXPECT_EQ(features.vectors(1).value_size(), 196);
  EXPECT_EQ(features.vectors(1).window().window_end_ns(), third);
  q.set_as_of_ns(column(1).window().window_end_ns() - 1);
  const auto before = radar_.call(&pb::RadarService::Stub::GetRadar, q, &r);
  EXPECT_EQ(before.error_code(), ::grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(before.error_message().find(std::to_string(column(1).window().window_end_ns())), std::string::npos)
      << before.error_message();
}

TEST_F(RadarQueries, BadRequestsNameTheField) {
  const auto why = [&](auto method, auto q, auto r) {
    const auto status = radar_.call(method, q, &r);
    return std::to_string(status.error_code()) + " " +
           status.error_message().substr(0, status.error_message().find(':'));
  };
  using stub = pb::RadarService::Stub;
  auto radar = of<pb::GetRadarRequest>("ESH4");
  radar.set_columns(3601);
  EXPECT_EQ(why(&stub::GetRadar, radar, pb::GetRadarResponse()), "3 columns");
  radar.set_columns(1);
  radar.set_as_of_ns(-1);
  EXPECT_EQ(why(&stub::GetRadar, radar, pb::GetRadarResponse()), "3 as_of_ns");
  EXPECT_EQ(why(&stub::GetRadar, of<pb::GetRadarRequest>("NQH4"), pb::GetRadarResponse()), "5 symbol");
  EXPECT_EQ(why(&stub::GetRadar, of<pb::GetRadarRequest>(""), pb::GetRadarResponse()), "3 symbol");
  EXPECT_EQ(why(&stub::GetSurfaces, of<pb::GetSurfacesRequest>("a b"), pb::GetSurfacesResponse()), "3 symbol");
  auto book = of<pb::GetBookRequest>("ESH4");
  book.set_depth(1001);
  EXPECT_EQ(why(&stub::GetBook, book, pb::GetBookResponse()), "3 depth");
  auto features = of<pb::GetFeaturesRequest>("ESH4");
  features.set_windows(3601);
  EXPECT_EQ(why(&stub::GetFeatures, features, pb::GetFeaturesResponse()), "3 windows");
  auto crossings = of<pb::GetBreakthroughsRequest>("ESH4");
  crossings.set_limit(1001);
  EXPECT_EQ(why(&stub::GetBreakthroughs, crossings, pb::GetBreakthroughsResponse()), "3 limit");
  EXPECT_EQ(why(&stub::GetLevels, of<pb::GetLevelsRequest>("X"), pb::GetLevelsResponse()), "5 symbol");
}

TEST_F(RadarQueries, TheBookIsThatOfTheLastRecordOrderByOrder) {
  market::order_book book({});
  for (const book_event& e : events_) book.apply(e);
  auto q = of<pb::GetBookRequest>("ES");
  q.set_depth(20);
  q.set_orders(true);
  pb::GetBookResponse r;
  const auto status = radar_.call(&pb::RadarService::Stub::GetBook, q, &r);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(r.symbol(), "ESH4");
  EXPECT_EQ(r.trust(), pb::BOOK_TRUST_WHOLE);
  EXPECT_EQ(r.ts_event_ns(), events_.back().ts_event.ns);
  EXPECT_EQ(r.bid_lots(), book.total_size(market::book_side::bid));
  EXPECT_EQ(r.ask_orders(), book.total_orders(market::book_side::ask));
  std::vector<market::book_level> bids;
  book.depth(market::book_side::bid, 20, bids);
  ASSERT_EQ(static_cast<std::size_t>(r.bids_size()), bids.size());
  for (int i = 0; i < r.bids_size(); ++i) {
    const auto& level = bids[static_cast<std::size_t>(i)];
    EXPECT_EQ(r.bids(i).price_nanos(), level.tick * 250'000'000);
    EXPECT_EQ(r.bids(i).lots(), level.size);
    std::vector<market::book_order> queue;
    book.queue(market::book_side::bid, level.tick, queue);
    ASSERT_EQ(static_cast<std::size_t>(r.bids(i).orders_size()), queue.size());
    for (int j = 0; j < r.bids(i).orders_size(); ++j)
      EXPECT_EQ(r.bids(i).orders(j).order_id(), static_cast<std::uint64_t>(queue[static_cast<std::size_t>(j)].id));
  }
}

TEST_F(RadarQueries, LevelsAreTheConfiguredAndTheRoundOnes) {
  pb::GetLevelsResponse r;
  ASSERT_TRUE(radar_.call(&pb::RadarService::Stub::GetLevels, of<pb::GetLevelsRequest>("ESH4"), &r).ok());
  std::vector<std::string> configured;
  int round = 0;
  for (const auto& l : r.levels().levels()) {
    if (l.kind() == "CONFIG") configured.push_back(l.id());
    round += l.kind() == "ROUND";
  }
  EXPECT_EQ(configured, (std::vector<std::string>{"CONFIG_6895.5", "CONFIG_6900"}));
  EXPECT_EQ(round, 11);
  EXPECT_EQ(r.levels().as_of_ns() % 250'000'000, 0);
  pb::GetBreakthroughsResponse b;
  ASSERT_TRUE(radar_.call(&pb::RadarService::Stub::GetBreakthroughs, of<pb::GetBreakthroughsRequest>("ESH4"), &b).ok());
  EXPECT_EQ(b.total(), radar_.out().of(subjects::radar_breakthrough("sim", es())).size());
}

TEST(RadarPhysics, RoundLevelsDoNotDependOnFramesOrHeartbeats) {
  const auto events = session(12);
  std::map<std::string, std::map<std::uint64_t, std::string>> first;
  for (const std::size_t records : {1u, 200u}) {
    isobar::testing::temp_dir data;
    running_radar radar(data.path(), {"--radar-physics.level-step=0.5"});
    feed source(radar.on(), frames_of(events, records));
    if (records == 1) {
      for (std::size_t n = 1; n <= source.size(); ++n) {
        source.send(n, n);
        if (n > 500 && n % 97 == 0) source.heartbeat(wire::peek_header(source.frame(n))->watermark);
      }
    } else {
      source.send_all();
    }
    source.end();
    ASSERT_TRUE(radar.ended());
    if (first.empty())
      first = radar.out().frames();
    else
      EXPECT_TRUE(first == radar.out().frames());
  }
  EXPECT_GT(first[subjects::radar_levels("sim", es())].size(), 10u);
}

TEST(RadarPhysics, AnAmbiguousProductIsNotFound) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {}, "replay", {es(), *symbol::parse("ESM4")});
  pb::GetRadarRequest q;
  pb::GetRadarResponse r;
  q.set_symbol("ES");
  const auto status = radar.call(&pb::RadarService::Stub::GetRadar, q, &r);
  EXPECT_EQ(status.error_code(), ::grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(status.error_message().find("ESH4, ESM4"), std::string::npos) << status.error_message();
  q.set_symbol("ESM4");
  EXPECT_EQ(radar.call(&pb::RadarService::Stub::GetRadar, q, &r).error_code(), ::grpc::StatusCode::UNAVAILABLE);
  pb::GetBookRequest b;
  pb::GetBookResponse book;
  b.set_symbol("ESM4");
  EXPECT_EQ(radar.call(&pb::RadarService::Stub::GetBook, b, &book).error_code(), ::grpc::StatusCode::UNAVAILABLE);
}

// ---- streams ----

TEST(RadarStream, GivesTheMatrixThenEachColumn) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  feed source(radar.on(), frames_of(session(12), 64));
  const std::size_t half = source.size() / 2;
  source.send(1, half);
  ASSERT_TRUE(radar.applied(half));
  ::grpc::ClientContext context;
  pb::StreamRadarRequest q;
  q.set_symbol("ES");
  q.set_heartbeat_ms(100);
  auto stream = radar.stub().StreamRadar(&context, q);
  pb::StreamRadarResponse m;
  ASSERT_TRUE(stream->Read(&m));
  EXPECT_TRUE(m.base());
  ASSERT_GT(m.columns_size(), 2);
  std::uint64_t last = m.columns(m.columns_size() - 1).header().sequence();
  ASSERT_TRUE(stream->Read(&m));  // nothing new: a heartbeat
  EXPECT_EQ(m.columns_size(), 0);
  source.send(half + 1, source.size());
  source.end();
  while (last < 12) {
    ASSERT_TRUE(stream->Read(&m));
    for (const auto& c : m.columns()) EXPECT_EQ(c.header().sequence(), ++last);
    EXPECT_FALSE(m.base());
  }
  // Another one that holds the tenth already.
  pb::RadarColumn tenth;
  ASSERT_TRUE(tenth.ParseFromString(radar.out().of(columns).at(10)));
  ::grpc::ClientContext again;
  q.set_from_revision(tenth.window().revision());
  auto rest = radar.stub().StreamRadar(&again, q);
  ASSERT_TRUE(rest->Read(&m));
  EXPECT_FALSE(m.base());
  ASSERT_EQ(m.columns_size(), 2);
  EXPECT_EQ(m.columns(0).header().sequence(), 11u);
  context.TryCancel();
  again.TryCancel();
  while (stream->Read(&m)) {}
  EXPECT_TRUE(eventually([&] { return radar.plain_metric("isobar_radar_physics_stream_subscribers") == 0; }));
}

TEST(RadarStream, RefusesWhatItCannotServe) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  const auto code = [&](const std::string& name, std::uint32_t heartbeat) {
    ::grpc::ClientContext context;
    pb::StreamRadarRequest q;
    q.set_symbol(name);
    q.set_heartbeat_ms(heartbeat);
    auto stream = radar.stub().StreamRadar(&context, q);
    pb::StreamRadarResponse m;
    while (stream->Read(&m)) {}
    return stream->Finish().error_code();
  };
  EXPECT_EQ(code("ES", 50), ::grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code("ES", 0), ::grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(code("CL", 0), ::grpc::StatusCode::NOT_FOUND);
}

/// A client that does not read is ended; one that reads late is given the newest matrix.
TEST(RadarStream, ALaggingReaderIsConflatedThenEnded) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.columns=4", "--radar-physics.rows=401",
                                    "--radar-physics.window-ms=100", "--radar-physics.stream-stall-ms=400"});
  feed source(radar.on(), frames_of(session(60), 64));
  source.send(1, 60);
  ASSERT_TRUE(radar.applied(60));
  ::grpc::ChannelArguments arguments;
  ::grpc::ClientContext context;
  pb::StreamRadarRequest q;
  q.set_symbol("ES");
  q.set_heartbeat_ms(100);
  auto stream = radar.stub().StreamRadar(&context, q);
  pb::StreamRadarResponse m;
  ASSERT_TRUE(stream->Read(&m));
  EXPECT_EQ(m.columns_size(), 4);
  source.send(61, source.size());
  source.end();
  ASSERT_TRUE(radar.ended());
  // Heartbeats and columns fill what gRPC holds for a reader; then a write stalls.
  EXPECT_TRUE(eventually(
      [&] {
        source.heartbeat(end_of_time);
        return radar.plain_metric("isobar_radar_physics_stream_conflated_columns_total") > 0 ||
               radar.plain_metric("isobar_radar_physics_streams_ended_total{reason=\"stalled\"}") == 1;
      },
      std::chrono::seconds(20)));
  context.TryCancel();
}

// ---- the feed's troubles ----

/// Every frame of every radar subject that an undisturbed run publishes.
const std::map<std::string, std::map<std::uint64_t, std::string>>& undisturbed(const std::vector<std::string>& frames,
                                                                               const std::vector<std::string>& flags) {
  static std::map<std::string, std::map<std::string, std::map<std::uint64_t, std::string>>> kept;
  std::string key = std::to_string(frames.size());
  for (const auto& f : flags) key += " " + f;
  auto& out = kept[key];
  if (out.empty()) {
    isobar::testing::temp_dir data;
    running_radar radar(data.path(), flags);
    feed source(radar.on(), frames);
    source.send_all();
    source.end();
    EXPECT_TRUE(radar.ended());
    out = radar.out().frames();
  }
  return out;
}

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

// ---- definitions, side inputs, time ----

wire::definition_frame definition(price tick) {
  market::instrument i;
  i.id = 17'077;
  i.raw_symbol = "ESH4";
  i.asset = "ES";
  i.instrument_class = 'F';
  i.tick = tick;
  i.multiplier = 50'000'000'000;
  return {es(), {i}};
}

TEST(RadarFeed, ADefinitionThatContradictsCountsAndHoldsOnlyBeforeTheFirstRecord) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  const auto define = [&](price tick, std::uint64_t sequence) {
    radar.publish(subjects::feed_definition("sim", es()),
                  wire::encode_definitions(definition(tick), {.producer = "feed-ingest", .sequence = sequence}));
  };
  define(price(250'000'000), 1);
  define(price(500'000'000), 2);
  ASSERT_TRUE(eventually([&] { return radar.metric("definition_contradictions_total") == 1; }));
  // Frames say 0.5 as well: the engine was made again with it.
  feed source(radar.on(), frames_of(session(5), 64, price(0)));
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  pb::RadarColumn last;
  ASSERT_TRUE(last.ParseFromString(radar.out().of(columns).rbegin()->second));
  EXPECT_EQ(last.window().tick_nanos(), 500'000'000);
  define(price(250'000'000), 3);
  ASSERT_TRUE(eventually([&] { return radar.metric("definition_contradictions_total") == 2; }));
  EXPECT_TRUE(eventually([&] { return radar.metric("rejected_total", "reason=\"off_tick\",") > 0; }));
}

TEST(RadarFeed, TheProductTableIsAboveADefinitionsMultiplierWheneverThatComes) {
  const auto frames = frames_of(session(5), 64);
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  auto other = definition(price(250'000'000));
  other.instruments[0].multiplier = 5'000'000'000;
  radar.publish(subjects::feed_definition("sim", es()),
                wire::encode_definitions(other, {.producer = "feed-ingest", .sequence = 1}));
  ASSERT_TRUE(eventually([&] { return radar.metric("definition_contradictions_total") == 1; }));
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_TRUE(radar.out().frames() == undisturbed(frames, {}));
}

/// A table knows its sessions: it is used behind the last of them only.
TEST(RadarCalibration, IsUsedBehindItsLastSessionOnly) {
  auto events = session(6);
  const date today = session_rule{}.of(events.back().ts_event);
  const auto ids = [&](const std::vector<book_event>& of, date last) {
    isobar::testing::temp_dir data;
    calibration_table table = bootstrap_calibration();
    table.id = "sessions/test";
    const auto file = data.write("c.json", format_calibration(table, {to_iso(last)}));
    running_radar radar(data.path(), {"--radar-physics.calibration=" + file.string()});
    feed source(radar.on(), frames_of(of, 64));
    source.send_all();
    source.end();
    EXPECT_TRUE(radar.ended());
    std::string out;
    for (const auto& [sequence, bytes] : radar.out().of(columns)) {
      pb::RadarColumn c;
      EXPECT_TRUE(c.ParseFromString(bytes));
      out += c.window().calibration() == table.id ? "T" : "-";
    }
    return out + " " + std::to_string(static_cast<int>(radar.metric("calibrations_refused_total")));
  };
  EXPECT_EQ(ids(events, today + -1), "TTTTTT 0");
  EXPECT_EQ(ids(events, today), "------ 1");
  EXPECT_EQ(ids(events, today + 3), "------ 1");
  // The session ends in the middle: the window after the one that is open then is the first.
  const timestamp end = session_rule{}.begin_of(today + 1);
  const duration_ns shift = end - (window_end_of(events.back().ts_event, seconds(1)) - seconds(3));
  for (book_event& e : events)
    if (!e.has(market::event_flag::snapshot)) e.ts_event = e.ts_event + shift;
  EXPECT_EQ(ids(events, today), "----TT 1");
}

TEST(RadarSideInputs, InReplayWindowsWaitForTheGate) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.side-gate=true"});
  feed source(radar.on(), frames_of(session(6), 64));
  source.send_all();
  source.end();
  std::uint64_t answered = 0;
  const auto windows = [&] { return radar.out().of(columns).size(); };
  ASSERT_TRUE(eventually([&] { return windows() == 1; }));  // the first needs no answer
  EXPECT_LT(radar.reported().input_sequence, source.size());
  while (answered < 6) {
    ASSERT_TRUE(eventually([&] { return windows() == answered + 1; })) << answered;
    pb::RadarColumn c;
    ASSERT_TRUE(c.ParseFromString(radar.out().of(columns).at(answered + 1)));
    EXPECT_EQ(c.gate_source(), answered < 1 ? pb::GATE_SOURCE_PLACEHOLDER : pb::GATE_SOURCE_MODEL);
    if (answered >= 1) {
      EXPECT_DOUBLE_EQ(c.gate_up(), 0.5 + 0.01 * static_cast<double>(answered));
    }
    ++answered;
    const timestamp end{c.window().window_end_ns()};
    const double up = 0.5 + 0.01 * static_cast<double>(answered);
    radar.publish(
        subjects::gate_next("sim", es()),
        wire::encode_gate({es(), {end, up, "test"}}, {.producer = "ml-gate", .sequence = answered, .watermark = end}));
  }
  EXPECT_TRUE(radar.ended());
  EXPECT_EQ(windows(), 6u);
}

/// The gate that a service would say of the windows up to `end`.
std::string gate_of(timestamp end, std::uint64_t sequence) {
  const double up = 0.25 + 0.01 * static_cast<double>(end.ns / 1'000'000'000 % 50);
  return wire::encode_gate({es(), {end, up, "test"}}, {.producer = "ml-gate", .sequence = sequence, .watermark = end});
}

TEST(RadarSideInputs, OverAnIdleGapLateAnswersGiveWhatPromptOnesGive) {
  auto events = session(6);
  const timestamp begin = window_end_of(events.back().ts_event, seconds(1)) - seconds(6);
  for (book_event& e : events)
    if (e.ts_event >= begin + seconds(3)) e.ts_event = e.ts_event + seconds(20);
  const auto frames = frames_of(events, 64);
  std::map<std::string, std::map<std::uint64_t, std::string>> first;
  for (const bool prompt : {true, false}) {
    isobar::testing::temp_dir data;
    running_radar radar(data.path(), {"--radar-physics.side-gate=true"});
    feed source(radar.on(), frames);
    std::uint64_t answers = 0;
    const auto answer = [&](timestamp end) {
      radar.publish(subjects::gate_next("sim", es()), gate_of(end, ++answers));
    };
    while (prompt && answers < 26) answer(begin + seconds(static_cast<std::int64_t>(answers) + 1));
    source.send_all();
    source.end();
    // A service that is heard of a window only when that is known to be over, and one window at a time.
    while (!prompt && answers < 26) {
      const timestamp next = begin + seconds(static_cast<std::int64_t>(answers) + 1);
      ASSERT_TRUE(eventually([&] { return radar.out().watermark(columns) >= next; })) << answers;
      answer(next);
    }
    ASSERT_TRUE(radar.ended());
    if (prompt)
      first = radar.out().frames();
    else
      EXPECT_TRUE(first == radar.out().frames());
  }
  // Windows of the gap have their own answer each.
  std::size_t with_own = 0;
  for (const auto& [sequence, bytes] : first[columns]) {
    pb::RadarColumn c;
    ASSERT_TRUE(c.ParseFromString(bytes));
    const std::int64_t start = c.window().window_start_ns() / 1'000'000'000;
    with_own +=
        c.gate_source() == pb::GATE_SOURCE_MODEL && c.gate_up() == 0.25 + 0.01 * static_cast<double>(start % 50);
  }
  EXPECT_EQ(with_own, 25u);
}

TEST(RadarLive, IdleWindowsCloseByTheClockWhileTheFeedLives) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.window-ms=100", "--radar-physics.lateness-ms=50"}, "live");
  auto events = session(2);
  // As if it happened now.
  const auto now =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const std::int64_t shift = now - events.back().ts_event.ns;
  for (book_event& e : events) e.ts_event.ns += shift;
  feed source(radar.on(), frames_of(events, 64));
  source.send_all();
  ASSERT_TRUE(radar.applied(source.size()));
  const std::size_t with_records = radar.out().of(columns).size();
  EXPECT_TRUE(eventually([&] {
    source.heartbeat(timestamp{events.back().ts_event.ns});
    return radar.out().of(columns).size() > with_records + 5;
  }));
  pb::RadarColumn last;
  ASSERT_TRUE(last.ParseFromString(radar.out().of(columns).rbegin()->second));
  EXPECT_EQ(last.window().span_windows(), 1u);
  EXPECT_EQ(last.window().events(), 0u);
}

// ---- checkpoints ----

/// Files below a folder, by name, as bytes.
std::map<std::string, std::string> recordings(const std::filesystem::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& e : std::filesystem::recursive_directory_iterator(folder))
    if (e.path().extension() == ".rec") {
      std::ifstream in(e.path(), std::ios::binary);
      out[e.path().filename().string()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
  return out;
}

const std::vector<std::string> keeping{"--radar-physics.record=true", "--radar-physics.checkpoint-windows=3",
                                       "--radar-physics.checkpoint-ms-min=0", "--radar-physics.level-step=5",
                                       "--radar-physics.refill-ms=20"};
std::vector<std::string> resuming() {
  auto out = keeping;
  out.push_back("--radar-physics.resume=true");
  return out;
}

/// Runs until `until` frames are applied, then what is on the disk at that very moment is what a kill would leave.
void run_and_kill(const std::vector<std::string>& frames, std::size_t until, const std::filesystem::path& left,
                  std::map<std::string, std::map<std::uint64_t, std::string>>* published = nullptr) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), keeping);
  feed source(radar.on(), frames);
  source.send(1, until);
  ASSERT_TRUE(radar.applied(until));
  ASSERT_GE(radar.metric("checkpoints_total"), 2);
  std::filesystem::copy(data.path(), left, std::filesystem::copy_options::recursive);
  if (published) *published = radar.out().frames();
}

TEST(RadarCheckpoint, AKilledRunGoesOnWithTheSameFramesAndRecording) {
  const auto frames = frames_of(session(30), 64);
  isobar::testing::temp_dir whole;
  std::map<std::string, std::map<std::uint64_t, std::string>> expected;
  {
    running_radar radar(whole.path(), keeping);
    feed source(radar.on(), frames);
    source.send_all();
    source.end();
    ASSERT_TRUE(radar.ended());
    expected = radar.out().frames();
  }
  for (const std::size_t until : {frames.size() / 3, frames.size() - 1}) {
    isobar::testing::temp_dir left;
    std::map<std::string, std::map<std::uint64_t, std::string>> before;
    run_and_kill(frames, until, left / "data", &before);
    running_radar radar(left / "data", resuming());
    feed source(radar.on(), frames);
    source.send_all();  // a feed that was killed too makes the same frames again
    source.end();
    ASSERT_TRUE(radar.ended());
    // What the two lives said together is what one would have said.
    std::size_t again = 0;
    auto joined = before;
    for (const auto& [subject, by_sequence] : radar.out().frames())
      for (const auto& [sequence, bytes] : by_sequence) {
        const auto [at, fresh] = joined[subject].try_emplace(sequence, bytes);
        again += !fresh;
        EXPECT_EQ(at->second, bytes) << subject << " " << sequence;
      }
    EXPECT_TRUE(joined == expected);
    EXPECT_GT(again, 0u);
    EXPECT_LT(radar.out().of(columns).size(), expected[columns].size());
    EXPECT_EQ(radar.metric("lost_gaps_total"), 0);
    // The history is there from the recording.
    pb::GetRadarRequest q;
    pb::GetRadarResponse r;
    q.set_symbol("ES");
    ASSERT_TRUE(radar.call(&pb::RadarService::Stub::GetRadar, q, &r).ok());
    EXPECT_EQ(r.columns_size(), 30);
    radar.stop();
    EXPECT_TRUE(recordings(left.path()) == recordings(whole.path())) << until;
  }
}

TEST(RadarCheckpoint, ARefillBringsTheFramesBehindIt) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  std::map<std::string, std::map<std::uint64_t, std::string>> before;
  run_and_kill(frames, frames.size() / 2, left / "data", &before);
  running_radar radar(left / "data", resuming());
  feed source(radar.on(), frames);
  source.forget_before(frames.size() / 4);  // those are durable
  source.send(frames.size(), frames.size());
  source.end();
  ASSERT_TRUE(radar.ended());
  auto joined = before;
  for (const auto& [subject, by_sequence] : radar.out().frames())
    for (const auto& [sequence, bytes] : by_sequence) joined[subject].try_emplace(sequence, bytes);
  EXPECT_TRUE(joined == undisturbed(frames, keeping));
  EXPECT_EQ(radar.metric("lost_gaps_total"), 0);
}

TEST(RadarCheckpoint, ADrainedRunGoesOnWithoutARepeat) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir data;
  std::map<std::string, std::map<std::uint64_t, std::string>> joined;
  const std::size_t half = frames.size() / 2;
  {
    running_radar radar(data.path(), keeping);
    feed source(radar.on(), frames);
    source.send(1, half);
    ASSERT_TRUE(radar.applied(half));
    radar.stop();
    joined = radar.out().frames();
  }
  running_radar radar(data.path(), resuming());
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  for (const auto& [subject, by_sequence] : radar.out().frames())
    for (const auto& [sequence, bytes] : by_sequence)
      EXPECT_TRUE(joined[subject].try_emplace(sequence, bytes).second) << subject << " " << sequence;
  EXPECT_TRUE(joined == undisturbed(frames, keeping));
}

TEST(RadarCheckpoint, ADamagedOneGivesWayToTheOneBefore) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  const auto newest = left / "data" / "radar-physics" / "esh4" / "radar.ckpt";
  ASSERT_TRUE(std::filesystem::exists(newest));
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) / 2);
  running_radar radar(left / "data", resuming());
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_EQ(radar.metric("checkpoints_refused_total"), 1);
  const auto& expected = undisturbed(frames, keeping);
  EXPECT_LT(radar.out().of(columns).size(), expected.at(columns).size());
  for (const auto& [sequence, bytes] : radar.out().of(columns)) EXPECT_EQ(bytes, expected.at(columns).at(sequence));
}

TEST(RadarCheckpoint, OneOfOtherRulesIsRefused) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  auto flags = resuming();
  flags.push_back("--radar-physics.bucket-ticks=4");
  running_radar radar(left / "data", flags);
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_EQ(radar.metric("checkpoints_refused_total"), 2);
  EXPECT_EQ(radar.out().of(columns).size(), 20u);  // from the start
}

TEST(RadarCheckpoint, AnotherFeedUnderTheSameNumbersBeginsAnew) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  const auto other = frames_of(session(20, 2), 64);
  running_radar radar(left / "data", resuming());
  feed source(radar.on(), other);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_TRUE(radar.out().frames() == undisturbed(other, keeping));
}

TEST(RadarCheckpoint, AFreshReplayTakesNoNoticeOfAnEarlierOne) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  running_radar radar(left / "data", keeping);
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_TRUE(radar.out().frames() == undisturbed(frames, keeping));
}

/// A feed that keeps a bounded amount stands still until frames are durable, whatever the windows.
TEST(RadarCheckpoint, FramesBecomeDurableByTheirBytesAlsoInsideAWindow) {
  const auto frames = frames_of(session(3), 64);
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.checkpoint-windows=1000000", "--radar-physics.checkpoint-bytes=1",
                                    "--radar-physics.window-ms=60000"});
  feed source(radar.on(), frames);
  source.send_all();
  ASSERT_TRUE(radar.applied(frames.size()));
  EXPECT_GE(radar.metric("checkpoints_total"), static_cast<double>(frames.size()));
  EXPECT_GE(radar.reported().durable_sequence, frames.size() - 2);
  EXPECT_EQ(radar.out().of(columns).size(), 0u);  // the one window is open
}

TEST(RadarCheckpoint, FramesBecomeDurableWhenTheFeedIsSilent) {
  const auto frames = frames_of(session(3), 64);
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.checkpoint-windows=1000000"});
  feed source(radar.on(), frames);
  source.send_all();
  EXPECT_TRUE(
      eventually([&] { return radar.reported().durable_sequence + 1 == frames.size(); }, std::chrono::seconds(10)));
  EXPECT_EQ(radar.metric("checkpoints_total"), 2);
}

TEST(RadarCheckpoint, NoneIsWrittenWhileTheRecordingCannotBe) {
  const auto events = session(20);
  const auto frames = frames_of(events, 64);
  isobar::testing::temp_dir data;
  const auto folder = data.path() / "radar-physics" / "esh4";
  const auto file =
      folder / ("radar-" + std::to_string(to_yyyymmdd(session_rule{}.of(events.back().ts_event))) + ".rec");
  // Neither can be opened nor put aside.
  std::filesystem::create_directories(file / "x");
  std::filesystem::create_directories(file.string() + ".1/x");
  running_radar radar(data.path(), keeping);
  feed source(radar.on(), frames);
  source.send_all();
  ASSERT_TRUE(radar.applied(frames.size()));
  EXPECT_EQ(radar.metric("checkpoints_total"), 0);
  EXPECT_GT(radar.metric("checkpoint_failures_total"), 0);
  EXPECT_GT(radar.metric("recording_failures_total"), 0);
  EXPECT_EQ(radar.reported().durable_sequence, 0u);
  std::filesystem::remove_all(file);
  EXPECT_TRUE(
      eventually([&] { return radar.reported().durable_sequence + 1 == frames.size(); }, std::chrono::seconds(10)));
}

TEST(RadarStream, AWorkerThatBeginsAnewSendsABase) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  const auto other = frames_of(session(20, 2), 64);
  running_radar radar(left / "data", resuming());
  ASSERT_TRUE(eventually([&] { return radar.metric("history_columns") > 2; }));
  ::grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(15));
  pb::StreamRadarRequest q;
  q.set_symbol("ES");
  q.set_heartbeat_ms(100);
  auto stream = radar.stub().StreamRadar(&context, q);
  pb::StreamRadarResponse m;
  ASSERT_TRUE(stream->Read(&m));
  EXPECT_TRUE(m.base());
  feed source(radar.on(), other);
  source.send(1, other.size() / 2 + 1);  // about as many columns as the subscriber holds
  do {
    ASSERT_TRUE(stream->Read(&m));  // until the deadline
  } while (m.columns_size() == 0);
  EXPECT_TRUE(m.base());
  ASSERT_GT(m.columns_size(), 0);
  EXPECT_EQ(m.columns(0).header().sequence(), 1u);
  context.TryCancel();
}

// ---- the rest ----

TEST(RadarPhysics, KeepsTheLatestRadarInTheStore) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  feed source(radar.on(), frames_of(session(5), 64));
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  auto bucket = radar.on().bucket(subjects::radar_bucket);
  ASSERT_TRUE(bucket);
  pb::GetRadarResponse latest;
  EXPECT_TRUE(eventually([&] {
    const auto entry = (*bucket)->get(subjects::latest_radar_key("sim", es()));
    return entry && latest.ParseFromString(entry->value) && latest.columns_size() == 5;
  }));
  EXPECT_EQ(latest.columns(4).SerializeAsString(), radar.out().of(columns).at(5));
}

TEST(RadarPhysics, TheAuditFindsNoDifference) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.audit=true"});
  const auto frames = frames_of(session(5), 64);
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_EQ(radar.metric("audit_differences_total"), 0);
  EXPECT_TRUE(radar.out().frames() == undisturbed(frames, {}));
}

}  // namespace
}  // namespace isobar::radar_physics
