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
