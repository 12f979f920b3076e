#include "heatmap-builder/app.hpp"

#include <gtest/gtest.h>

#include "heatmap-builder/app_fixture.hpp"
#include "heatmap-builder/transport/kv_agent.hpp"
#include "isobar/surface/v1/numeric.pb.h"
#include "wire/numeric_codec.hpp"
#include "wire/progress_codec.hpp"
#include "wire/window_codec.hpp"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;
namespace pb = heatmap::v1;

std::int64_t nanos(double p) { return at(p).value; }

/// Epoch 1 announced and acknowledged, first window published.
class HeatmapBuilder : public ::testing::Test {
 protected:
  void begin() {
    builder_.announce(golden_epoch());
    const auto ack = acks_.next();
    ASSERT_TRUE(ack);
    const auto decoded = wire::decode_epoch_ack(ack->bytes());
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->body.epoch_id, 1u);
    EXPECT_EQ(decoded->body.participant, "heatmap-builder");
    builder_.feed(golden_window(1, 1, 1, true, golden_rows()));
    first_ = tiles_.next_as<pb::TileDelta>();
    ASSERT_TRUE(first_);
  }
  pb::GetTileRequest tile_request(double k, pb::Right r, pb::Strategy s, double width) {
    pb::GetTileRequest q;
    q.set_symbol("SPX");
    q.set_expiry("SPXW-20251219");
    q.set_strategy(s);
    q.set_right(r);
    q.set_strike_nanos(nanos(k));
    q.set_width_nanos(nanos(width));
    return q;
  }
  template <class Request, class Response>
  ::grpc::Status call(::grpc::Status (pb::HeatmapService::Stub::*method)(::grpc::ClientContext*, const Request&,
                                                                         Response*),
                      const Request& q, Response* into) {
    ::grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    return (builder_.stub().*method)(&context, q, into);
  }

  running_builder builder_;
  tap tiles_{builder_.on(), subjects::heatmap_tiles("sim", running_builder::spx())};
  tap gradient_{builder_.on(), subjects::heatmap_gradient("sim", running_builder::spx())};
  tap acks_{builder_.on(), subjects::epoch_ack("sim", running_builder::spx())};
  tap progress_{builder_.on(), subjects::control_progress("sim", running_builder::spx())};
  std::optional<pb::TileDelta> first_;
};

TEST_F(HeatmapBuilder, SaysAgainHowFarItHasComeWhenNothingComes) {
  begin();
  for (int i = 0; i < 3; ++i) {
    const auto report = progress_.next();
    ASSERT_TRUE(report) << i;
    EXPECT_EQ(wire::decode_progress(report->bytes())->body.done_until, timestamp{200'000'000});
  }
}

TEST_F(HeatmapBuilder, PublishesTilesGradientAndProgress) {
  begin();
  EXPECT_TRUE(first_->base());
  EXPECT_EQ(first_->header().sequence(), 1u);
  EXPECT_EQ(first_->revision(), 200u);
  EXPECT_EQ(first_->tile_delta_size(), 12);
  const auto gradient = gradient_.next();
  ASSERT_TRUE(gradient);
  const auto cells = wire::decode_numeric(gradient->bytes());
  ASSERT_TRUE(cells) << cells.error().evidence;
  EXPECT_EQ(cells->header.record_count, 12u);
  const auto report = progress_.next();
  ASSERT_TRUE(report);
  EXPECT_EQ(wire::decode_progress(report->bytes())->body.done_until, timestamp{200'000'000});

  builder_.feed(golden_window(1, 2, 2, false, {{4, at(1.5), at(1.7), timestamp{300'000'000}}}));
  const auto second = tiles_.next_as<pb::TileDelta>();
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->base());
  EXPECT_EQ(second->header().sequence(), 2u);
  EXPECT_EQ(second->tile_delta_size(), 3);
  EXPECT_EQ(second->window_end_ns(), 400'000'000);

  builder_.heartbeat(2, end_of_time);
  while (true) {
    const auto last = progress_.next();
    ASSERT_TRUE(last);
    if (wire::decode_progress(last->bytes())->body.done_until == end_of_time) break;
  }
  EXPECT_EQ(builder_.metric("isobar_heatmap_builder_windows_total{symbol=\"SPX\"}"), 2);
  EXPECT_EQ(builder_.metric("isobar_heatmap_builder_valid_tiles{symbol=\"SPX\"}"), 12);
}

TEST_F(HeatmapBuilder, AnswersTheGoldenSurface) {
  begin();
  pb::GetSurfaceRequest q;
  q.set_symbol("SPX");
  pb::GetSurfaceResponse columns;
  ASSERT_TRUE(call(&pb::HeatmapService::Stub::GetSurface, q, &columns).ok());
  ASSERT_EQ(columns.planes_size(), 1);
  EXPECT_EQ(columns.planes(0).SerializeAsString(), first_->SerializeAsString());  // the bus's base, byte for byte
  EXPECT_EQ(columns.info().valid_tiles(), 12u);
  EXPECT_EQ(columns.info().revision(), 200u);
  EXPECT_EQ(columns.info().spot_nanos(), nanos(6901));
  EXPECT_EQ(columns.info().quality(), common::v1::QUALITY_OK);
  EXPECT_NE(columns.info().assumptions().find("stale-ms=0"), std::string::npos);

  q.set_expanded(true);
  q.set_theoretical(true);
  q.set_page_size(5);
  std::vector<pb::Tile> tiles;
  int pages = 0;
  do {
    pb::GetSurfaceResponse page;
    ASSERT_TRUE(call(&pb::HeatmapService::Stub::GetSurface, q, &page).ok());
    EXPECT_LE(page.tiles_size(), 5);
    tiles.insert(tiles.end(), page.tiles().begin(), page.tiles().end());
    q.set_page_token(page.next_page_token());
    ++pages;
  } while (!q.page_token().empty());
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(tiles.size(), 12u);
  for (const pb::Tile& t : tiles) {
    EXPECT_TRUE(t.valid());
    EXPECT_TRUE(t.has_theoretical_debit());
  }

  pb::GetSurfaceRequest filtered;
  filtered.set_symbol("SPX");
  filtered.set_expanded(true);
  filtered.add_strategies(pb::STRATEGY_BUTTERFLY);
  filtered.set_strike_from_nanos(nanos(6900));
  filtered.set_strike_to_nanos(nanos(6900));
  filtered.add_expiries("SPXW-20251219");
  pb::GetSurfaceResponse flies;
  ASSERT_TRUE(call(&pb::HeatmapService::Stub::GetSurface, filtered, &flies).ok());
  ASSERT_EQ(flies.tiles_size(), 2);
  EXPECT_EQ(flies.tiles(0).mid_debit_nanos(), nanos(12.55));
  EXPECT_EQ(flies.tiles(1).mid_debit_nanos(), nanos(12.65));
}

TEST_F(HeatmapBuilder, AnswersATileWithItsOrders) {
  begin();
  pb::GetTileResponse tile;
  ASSERT_TRUE(
      call(&pb::HeatmapService::Stub::GetTile, tile_request(6900, pb::RIGHT_CALL, pb::STRATEGY_BUTTERFLY, 30), &tile)
          .ok());
  EXPECT_EQ(tile.tile().natural_debit_nanos(), nanos(13.20));
  EXPECT_EQ(tile.tile().natural_credit_nanos(), nanos(11.90));
  EXPECT_EQ(tile.order_buy(), "BUY +1 BUTTERFLY SPX 100 (Weeklys) 19 DEC 25 6870/6900/6930 CALL @12.60 LMT");
  EXPECT_EQ(tile.order_sell(), "SELL -1 BUTTERFLY SPX 100 (Weeklys) 19 DEC 25 6870/6900/6930 CALL @12.50 LMT");
  EXPECT_FALSE(tile.tile().has_theoretical_debit());

  pb::ExplainTileRequest why;
  *why.mutable_tile() = tile_request(6930, pb::RIGHT_PUT, pb::STRATEGY_VERTICAL, 30);
  pb::ExplainTileResponse explained;
  ASSERT_TRUE(call(&pb::HeatmapService::Stub::ExplainTile, why, &explained).ok());
  EXPECT_EQ(explained.formula(), "P(6930) - P(6900)");
  ASSERT_EQ(explained.legs_size(), 2);
  EXPECT_EQ(explained.legs(0).ticker(), "O:SPXW251219P06930000");
  EXPECT_EQ(explained.legs(0).quote_age_ns(), 100'000'000);
  EXPECT_EQ(explained.tile().mid_debit_nanos(), nanos(20.45));
}

TEST_F(HeatmapBuilder, NamesTheFieldThatIsWrong) {
  pb::GetSurfaceResponse none;
  pb::GetSurfaceRequest early;
  early.set_symbol("SPX");
  EXPECT_EQ(call(&pb::HeatmapService::Stub::GetSurface, early, &none).error_code(), ::grpc::StatusCode::UNAVAILABLE);
  begin();
  using ::grpc::StatusCode;
  struct bad {
    std::function<void(pb::GetSurfaceRequest&)> make;
    StatusCode code;
    std::string field;
  };
  for (const bad& b : std::vector<bad>{
           {[](auto& q) { q.set_symbol(""); }, StatusCode::INVALID_ARGUMENT, "symbol"},
           {[](auto& q) { q.set_symbol(std::string(1 << 20, 'x')); }, StatusCode::INVALID_ARGUMENT, "symbol"},
           {[](auto& q) { q.set_symbol("NDX"); }, StatusCode::NOT_FOUND, "symbol"},
           {[](auto& q) { q.set_as_of_ns(-1); }, StatusCode::INVALID_ARGUMENT, "as_of_ns"},
           {[](auto& q) { q.set_as_of_ns(1); }, StatusCode::NOT_FOUND, "as_of_ns"},
           {[](auto& q) { q.add_expiries("soon"); }, StatusCode::INVALID_ARGUMENT, "expiries"},
           {[](auto& q) { q.add_expiries("SPX-20251219"); }, StatusCode::NOT_FOUND, "expiries"},
           {[](auto& q) { q.add_strategies(static_cast<pb::Strategy>(9)); }, StatusCode::INVALID_ARGUMENT,
            "strategies"},
           {[](auto& q) { q.set_strike_from_nanos(-5); }, StatusCode::INVALID_ARGUMENT, "strike_from_nanos"},
           {[](auto& q) {
              q.set_strike_from_nanos(INT64_MAX);
              q.set_strike_to_nanos(1);
            },
            StatusCode::INVALID_ARGUMENT, "strike_from_nanos"},
           {[](auto& q) {
              q.set_page_size(20001);
              q.set_expanded(true);
            },
            StatusCode::INVALID_ARGUMENT, "page_size"},
           {[](auto& q) { q.set_page_size(1); }, StatusCode::INVALID_ARGUMENT, "page_size"},
           {[](auto& q) {
              q.set_page_token("x.y");
              q.set_expanded(true);
            },
            StatusCode::INVALID_ARGUMENT, "page_token"},
           {[](auto& q) {
              q.set_page_token("7.0.0");
              q.set_expanded(true);
            },
            StatusCode::FAILED_PRECONDITION, "page_token"},
           {[](auto& q) { q.set_theoretical(true); }, StatusCode::INVALID_ARGUMENT, "theoretical"},
           {[](auto& q) { q.set_epoch_id(4); }, StatusCode::FAILED_PRECONDITION, "epoch_id"},
       }) {
    pb::GetSurfaceRequest q;
    q.set_symbol("SPX");
    b.make(q);
    const ::grpc::Status s = call(&pb::HeatmapService::Stub::GetSurface, q, &none);
    EXPECT_EQ(s.error_code(), b.code) << s.error_message();
    EXPECT_EQ(s.error_message().substr(0, b.field.size() + 1), b.field + ":");
  }
  pb::GetTileResponse tile;
  const auto tile_error = [&](pb::GetTileRequest q, StatusCode code, const std::string& field) {
    const ::grpc::Status s = call(&pb::HeatmapService::Stub::GetTile, q, &tile);
    EXPECT_EQ(s.error_code(), code) << s.error_message();
    EXPECT_EQ(s.error_message().substr(0, field.size() + 1), field + ":");
  };
  tile_error(tile_request(6900, pb::RIGHT_UNSPECIFIED, pb::STRATEGY_SINGLE, 0), StatusCode::INVALID_ARGUMENT, "right");
  tile_error(tile_request(6900, pb::RIGHT_CALL, pb::STRATEGY_UNSPECIFIED, 0), StatusCode::INVALID_ARGUMENT, "strategy");
  tile_error(tile_request(6900, pb::RIGHT_CALL, pb::STRATEGY_SINGLE, 30), StatusCode::INVALID_ARGUMENT, "width_nanos");
  tile_error(tile_request(6900, pb::RIGHT_CALL, pb::STRATEGY_VERTICAL, 0), StatusCode::INVALID_ARGUMENT, "width_nanos");
  tile_error(tile_request(6900, pb::RIGHT_CALL, pb::STRATEGY_VERTICAL, 20), StatusCode::NOT_FOUND, "width_nanos");
  tile_error(tile_request(6905, pb::RIGHT_CALL, pb::STRATEGY_SINGLE, 0), StatusCode::NOT_FOUND, "strike_nanos");
  tile_error(tile_request(6930, pb::RIGHT_CALL, pb::STRATEGY_VERTICAL, 30), StatusCode::NOT_FOUND, "strike_nanos");
}

TEST_F(HeatmapBuilder, AnswersAPastWindowWithTheSameBytes) {
  begin();
  pb::GetSurfaceRequest q;
  q.set_symbol("SPX");
  pb::GetSurfaceResponse then, later;
  ASSERT_TRUE(call(&pb::HeatmapService::Stub::GetSurface, q, &then).ok());
  for (int w = 2; w < 70; ++w) {
    const double bid = 20 + 0.05 * w;
    builder_.feed(
        golden_window(1, w, static_cast<std::uint64_t>(w), false,
                      {{static_cast<std::uint32_t>(w % 6), at(bid), at(bid + 1), timestamp{w * 200'000'000LL}}}));
    ASSERT_TRUE(tiles_.next());
  }
  q.set_as_of_ns(399'999'999);
  ASSERT_TRUE(call(&pb::HeatmapService::Stub::GetSurface, q, &later).ok());
  EXPECT_EQ(later.SerializeAsString(), then.SerializeAsString());
}

TEST_F(HeatmapBuilder, StreamsABaseThenDeltasThatReplayToTheSurface) {
  begin();
  ::grpc::ClientContext context;
  pb::StreamSurfaceRequest q;
  q.set_symbol("SPX");
  q.set_heartbeat_ms(100);
  auto stream = builder_.stub().StreamSurface(&context, q);
  pb::StreamSurfaceResponse m;
  ASSERT_TRUE(stream->Read(&m));
  ASSERT_EQ(m.planes_size(), 1);
  EXPECT_EQ(m.planes(0).SerializeAsString(), first_->SerializeAsString());
  ASSERT_TRUE(stream->Read(&m));  // nothing changes: a heartbeat with info only
  EXPECT_EQ(m.planes_size(), 0);
  EXPECT_EQ(m.info().revision(), 200u);

  builder_.feed(golden_window(1, 2, 2, false, {{4, at(1.5), at(1.7), timestamp{300'000'000}}}));
  const auto on_bus = tiles_.next_as<pb::TileDelta>();
  ASSERT_TRUE(on_bus);
  do {
    ASSERT_TRUE(stream->Read(&m));
  } while (m.planes_size() == 0);
  EXPECT_EQ(m.planes(0).SerializeAsString(), on_bus->SerializeAsString());

  // A client that holds revision 200 gets what leads from there to now, and no base.
  ::grpc::ClientContext again;
  q.set_from_revision(200);
  auto resumed = builder_.stub().StreamSurface(&again, q);
  ASSERT_TRUE(resumed->Read(&m));
  ASSERT_EQ(m.planes_size(), 1);
  EXPECT_EQ(m.planes(0).SerializeAsString(), on_bus->SerializeAsString());
  // One that holds a window nobody remembers gets a base.
  ::grpc::ClientContext unknown;
  q.set_from_revision(12345);
  auto based = builder_.stub().StreamSurface(&unknown, q);
  ASSERT_TRUE(based->Read(&m));
  ASSERT_EQ(m.planes_size(), 1);
  EXPECT_TRUE(m.planes(0).base());

  // A new epoch is a base of its planes.
  builder_.announce(make_epoch(2, {{.yyyymmdd = 20251222, .strikes = {6900}}}, {30}));
  ASSERT_TRUE(acks_.next());
  builder_.feed(golden_window(2, 3, 3, true, {{0, at(5), at(6), timestamp{500'000'000}}}));
  do {
    ASSERT_TRUE(stream->Read(&m));
  } while (m.planes_size() == 0);
  EXPECT_TRUE(m.planes(0).base());
  EXPECT_EQ(m.info().epoch_id(), 2u);
  EXPECT_EQ(m.planes(0).expiry().expiry_yyyymmdd(), 20251222);
  EXPECT_TRUE(eventually([&] { return builder_.metric("isobar_heatmap_builder_stream_subscribers") == 3; }));
  context.TryCancel();
  again.TryCancel();
  unknown.TryCancel();
  EXPECT_TRUE(eventually([&] { return builder_.metric("isobar_heatmap_builder_stream_subscribers") == 0; }));
}

TEST_F(HeatmapBuilder, StreamRequestsAreChecked) {
  begin();
  const auto status = [&](const std::string& symbol_text, std::uint32_t heartbeat, const std::string& expiry) {
    ::grpc::ClientContext context;
    pb::StreamSurfaceRequest q;
    q.set_symbol(symbol_text);
    q.set_heartbeat_ms(heartbeat);
    if (!expiry.empty()) q.add_expiries(expiry);
    auto stream = builder_.stub().StreamSurface(&context, q);
    pb::StreamSurfaceResponse m;
    while (stream->Read(&m)) {}
    return stream->Finish().error_code();
  };
  EXPECT_EQ(status("NDX", 0, ""), ::grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status("SPX", 99, ""), ::grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status("SPX", 60'001, ""), ::grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status("SPX", 0, "?"), ::grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status("SPX", 0, "SPX-20300101"), ::grpc::StatusCode::NOT_FOUND);
}

TEST_F(HeatmapBuilder, AGapIsMarkedAskedAboutAndHealed) {
  begin();
  std::mutex mutex;
  int requests = 0;
  std::unique_ptr<bus::subscription> hydrator;
  auto opened = builder_.on().subscribe(subjects::window_resync("sim", running_builder::spx()), {}, [&] {
    std::vector<bus::message> got;
    const std::lock_guard lock(mutex);
    if (!hydrator) return;
    hydrator->drain(got, 64);
    for (const bus::message& m : got) {
      EXPECT_EQ(wire::decode_resync(m.bytes())->requester, "heatmap-builder");
      ++requests;
      (void)builder_.on().reply(m, "");
    }
  });
  ASSERT_TRUE(opened.has_value());
  {
    const std::lock_guard lock(mutex);
    hydrator = std::move(*opened);
  }
  builder_.feed(golden_window(1, 4, 4, false, {{4, at(1.5), at(1.7), timestamp{300'000'000}}}));
  pb::GetSurfaceRequest q;
  q.set_symbol("SPX");
  const auto quality = [&] {
    pb::GetSurfaceResponse r;
    EXPECT_TRUE(call(&pb::HeatmapService::Stub::GetSurface, q, &r).ok());
    return r.info().quality();
  };
  EXPECT_TRUE(eventually([&] { return quality() == common::v1::QUALITY_RESYNCING; }));
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return requests >= 2;
  }));  // again, with back-off
  builder_.feed(golden_window(1, 5, 5, false, {{4, at(1.6), at(1.7), timestamp{300'000'000}}}));  // no use
  builder_.feed(golden_window(1, 6, 6, true, golden_rows()));
  const auto base = tiles_.next_as<pb::TileDelta>();
  ASSERT_TRUE(base);
  EXPECT_TRUE(base->base());
  EXPECT_EQ(base->header().sequence(), 2u);
  EXPECT_EQ(base->revision(), 1200u);
  EXPECT_TRUE(eventually([&] { return quality() == common::v1::QUALITY_OK; }));
  EXPECT_EQ(builder_.metric("isobar_heatmap_builder_gaps_total{symbol=\"SPX\"}"), 1);
  EXPECT_EQ(builder_.metric("isobar_heatmap_builder_heals_total{symbol=\"SPX\"}"), 1);
  hydrator.reset();
}

TEST_F(HeatmapBuilder, HoldsWindowsUntilTheirEpochIsKnown) {
  begin();
  builder_.feed(golden_window(2, 2, 2, true, {{0, at(5), at(6), timestamp{300'000'000}}}));
  builder_.feed(golden_window(2, 3, 3, false, {{0, at(5), at(7), timestamp{500'000'000}}}));
  EXPECT_TRUE(eventually([&] { return builder_.metric("isobar_heatmap_builder_held_windows{symbol=\"SPX\"}") == 2; }));
  builder_.announce(make_epoch(2, {{.strikes = {6900}}}, {30}));
  for (const std::uint64_t revision : {400u, 600u}) {
    const auto d = tiles_.next_as<pb::TileDelta>();
    ASSERT_TRUE(d);
    EXPECT_EQ(d->epoch_id(), 2u);
    EXPECT_EQ(d->revision(), revision);
  }
  builder_.feed(golden_window(1, 4, 4, false, {}));
  EXPECT_TRUE(eventually([&] {
    return builder_.metric("isobar_heatmap_builder_rejected_total{reason=\"retired_epoch\",symbol=\"SPX\"}") == 1;
  }));
}

TEST_F(HeatmapBuilder, RefusesFramesItCannotRead) {
  begin();
  builder_.send(subjects::model_heatmap("sim", running_builder::spx()), "not a frame");
  builder_.send(subjects::epoch_switch("sim", running_builder::spx()), std::string(100, '\xff'));
  EXPECT_TRUE(eventually([&] {
    return builder_.metric("isobar_heatmap_builder_rejected_total{reason=\"malformed\",symbol=\"SPX\"}") == 2;
  }));
}

TEST_F(HeatmapBuilder, KeepsTheLatestModelsUnderStableKeys) {
  begin();
  auto bucket = builder_.on().bucket(subjects::heatmap_bucket);
  ASSERT_TRUE(bucket.has_value());
  const symbol s = running_builder::spx();
  for (const std::string& key : {subjects::model_key("sim", s), subjects::model_key("sim", s, 1),
                                 subjects::model_key("sim", s, 1, {*from_yyyymmdd(20251219), "SPXW"})}) {
    ASSERT_TRUE(eventually([&] { return (*bucket)->get(key).has_value(); })) << key;
    pb::GetSurfaceResponse model;
    ASSERT_TRUE(model.ParseFromString((*bucket)->get(key)->value));
    ASSERT_EQ(model.planes_size(), 1);
    EXPECT_EQ(model.planes(0).SerializeAsString(), first_->SerializeAsString());
  }
}

TEST(HeatmapBuilderRestart, TakesTheEpochFromTheStoreAndAsksForABase) {
  const std::shared_ptr<bus::bus> on = bus::make_local_bus();
  const symbol s = running_builder::spx();
  auto bucket = on->bucket(subjects::epochs_bucket);
  ASSERT_TRUE(bucket.has_value());
  const std::string record =
      wire::encode_epoch({golden_epoch(7), {}, {}}, {.producer = "epoch-manager", .sequence = 7});
  ASSERT_TRUE((*bucket)->put(subjects::active_epoch_key("sim", s), record).has_value());
  tap resync(*on, subjects::window_resync("sim", s));
  tap tiles(*on, subjects::heatmap_tiles("sim", s));
  tap acks(*on, subjects::epoch_ack("sim", s));
  running_builder builder({}, on);
  ASSERT_TRUE(acks.next());
  builder.feed(golden_window(7, 50, 50, false, {}));  // the middle of a stream
  ASSERT_TRUE(resync.next());
  builder.feed(golden_window(7, 51, 51, true, golden_rows()));
  const auto base = tiles.next_as<pb::TileDelta>();
  ASSERT_TRUE(base);
  EXPECT_TRUE(base->base());
  EXPECT_EQ(base->tile_delta_size(), 12);
}

/// A client that never reads: its stream ends with RESOURCE_EXHAUSTED, nothing is queued for it meanwhile.
TEST(HeatmapBuilderStreams, AClientThatStopsReadingIsEnded) {
  running_builder builder({"--heatmap-builder.stream-stall-ms=300", "--heatmap-builder.kv=false"});
  tap tiles(builder.on(), subjects::heatmap_tiles("sim", running_builder::spx()));
  std::vector<double> strikes;
  for (int i = 0; i < 600; ++i) strikes.push_back(4000 + 5 * i);
  builder.announce(make_epoch(1, {{.strikes = strikes}}, {20, 25, 30, 35, 40, 45, 50}));
  const auto wave = [&](int number) {
    std::vector<market::heatmap_row> rows;
    for (std::uint32_t c = 0; c < 1200; ++c) {
      const double bid = (c % 2 == 0 ? (1200 - c) : c) * 0.4 + (number * 7 + static_cast<int>(c)) % 11 * 0.05;
      rows.push_back({c, at(bid), at(bid + 0.1), timestamp{1}});
    }
    return golden_window(1, number, static_cast<std::uint64_t>(number), number == 1, rows);
  };
  builder.feed(wave(1));
  ASSERT_TRUE(tiles.next());
  ::grpc::ClientContext context;
  pb::StreamSurfaceRequest q;
  q.set_symbol("SPX");
  auto stream = builder.stub().StreamSurface(&context, q);
  pb::StreamSurfaceResponse m;
  ASSERT_TRUE(stream->Read(&m));
  // Without reads the transport's buffers fill, then writes stop completing.
  int number = 2;
  EXPECT_TRUE(eventually([&] {
    builder.feed(wave(number++));
    return tiles.next() && builder.metric("isobar_heatmap_builder_streams_ended_total{reason=\"stalled\"}") == 1;
  }));
  while (stream->Read(&m)) {}
  EXPECT_EQ(stream->Finish().error_code(), ::grpc::StatusCode::RESOURCE_EXHAUSTED);
}

/// One that does not read even then cannot be told: it is cut off, and its place is free again.
TEST(HeatmapBuilderStreams, AClientThatNeverReadsAgainIsCutOff) {
  running_builder builder({"--heatmap-builder.stream-stall-ms=300", "--heatmap-builder.kv=false"});
  tap tiles(builder.on(), subjects::heatmap_tiles("sim", running_builder::spx()));
  std::vector<double> strikes;
  for (int i = 0; i < 600; ++i) strikes.push_back(4000 + 5 * i);
  builder.announce(make_epoch(1, {{.strikes = strikes}}, {20, 25, 30, 35, 40, 45, 50}));
  const auto wave = [&](int number) {
    std::vector<market::heatmap_row> rows;
    for (std::uint32_t c = 0; c < 1200; ++c) {
      const double bid = (c % 2 == 0 ? (1200 - c) : c) * 0.4 + (number * 7 + static_cast<int>(c)) % 11 * 0.05;
      rows.push_back({c, at(bid), at(bid + 0.1), timestamp{1}});
    }
    return golden_window(1, number, static_cast<std::uint64_t>(number), number == 1, rows);
  };
  builder.feed(wave(1));
  ASSERT_TRUE(tiles.next());
  ::grpc::ClientContext context;
  pb::StreamSurfaceRequest q;
  q.set_symbol("SPX");
  auto stream = builder.stub().StreamSurface(&context, q);
  pb::StreamSurfaceResponse m;
  ASSERT_TRUE(stream->Read(&m));
  int number = 2;
  EXPECT_TRUE(eventually([&] {
    builder.feed(wave(number++));
    return tiles.next() && builder.metric("isobar_heatmap_builder_streams_ended_total{reason=\"stalled\"}") == 1;
  }));
  EXPECT_TRUE(eventually([&] { return builder.metric("isobar_heatmap_builder_stream_subscribers") == 0; }));
  while (stream->Read(&m)) {}
  EXPECT_EQ(stream->Finish().error_code(), ::grpc::StatusCode::CANCELLED);
}

/// A client that reads slowly gets fewer messages, each the sum of what it missed.
TEST(HeatmapBuilderStreams, ASlowClientGetsConflatedWindowsThatReplayToTheSurface) {
  running_builder builder({"--heatmap-builder.kv=false"});
  tap tiles(builder.on(), subjects::heatmap_tiles("sim", running_builder::spx()));
  std::vector<double> strikes;
  for (int i = 0; i < 600; ++i) strikes.push_back(4000 + 5 * i);
  builder.announce(make_epoch(1, {{.strikes = strikes}}, {20, 25, 30, 35, 40, 45, 50}));
  const auto feed = [&](int number) {
    std::vector<market::heatmap_row> rows;
    for (std::uint32_t c = 0; c < 1200; ++c) {
      const double bid = (c % 2 == 0 ? (1200 - c) : c) * 0.4 + (number * 7 + static_cast<int>(c)) % 11 * 0.05;
      rows.push_back(
          {c, at(bid), number % 5 == static_cast<int>(c % 5) ? market::no_price : at(bid + 0.1), timestamp{1}});
    }
    builder.feed(golden_window(1, number, static_cast<std::uint64_t>(number), number == 1, rows));
  };
  feed(1);
  ASSERT_TRUE(tiles.next());
  ::grpc::ClientContext context;
  pb::StreamSurfaceRequest q;
  q.set_symbol("SPX");
  auto stream = builder.stub().StreamSurface(&context, q);
  // Nobody reads: the transport's buffers fill, then windows fold.
  int windows = 1;
  ASSERT_TRUE(eventually([&] {
    feed(++windows);
    return tiles.next() && builder.metric("isobar_heatmap_builder_stream_messages_total") < windows - 5;
  }));
  std::map<std::uint32_t, std::array<std::int64_t, 3>> state;
  std::uint32_t conflated = 0;
  int messages = 0;
  pb::StreamSurfaceResponse m;
  do {
    ASSERT_TRUE(stream->Read(&m));
    ++messages;
    conflated += m.conflated_windows();
    for (const pb::TileDelta& d : m.planes()) {
      if (d.base()) state.clear();
      std::uint32_t tile = 0;
      for (int i = 0; i < d.removed_delta_size(); ++i) ASSERT_EQ(state.erase(tile += d.removed_delta(i)), 1u);
      tile = 0;
      for (int i = 0; i < d.tile_delta_size(); ++i)
        state[tile += d.tile_delta(i)] = {d.mid(i) * d.value_unit_nanos(),
                                          d.natural_debit_over_mid(i) * d.value_unit_nanos(),
                                          d.natural_credit_under_mid(i) * d.value_unit_nanos()};
    }
  } while (m.info().revision() < static_cast<std::uint64_t>(windows) * 200);
  EXPECT_LT(messages, windows);
  EXPECT_GT(conflated, 0u);
  pb::GetSurfaceRequest all;
  all.set_symbol("SPX");
  pb::GetSurfaceResponse surface_now;
  ::grpc::ClientContext query;
  ASSERT_TRUE(builder.stub().GetSurface(&query, all, &surface_now).ok());
  const pb::TileDelta& d = surface_now.planes(0);
  ASSERT_EQ(static_cast<std::size_t>(d.tile_delta_size()), state.size());
  std::uint32_t tile = 0;
  for (int i = 0; i < d.tile_delta_size(); ++i) {
    const auto& held = state.at(tile += d.tile_delta(i));
    ASSERT_EQ(held[0], d.mid(i) * d.value_unit_nanos());
    ASSERT_EQ(held[1], d.natural_debit_over_mid(i) * d.value_unit_nanos());
  }
  context.TryCancel();
}

}  // namespace
}  // namespace isobar::heatmap_builder
