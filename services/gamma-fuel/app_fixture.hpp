#pragma once
// A whole gamma-fuel on the local bus with a real gRPC port, fed with frames as its inputs' services send them.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <mutex>

#include "bus/bus.hpp"
#include "bus/local_bus.hpp"
#include "config/config.hpp"
#include "gamma-fuel/app.hpp"
#include "isobar/gex/v1/gex.pb.h"
#include "isobar/level/v1/level.pb.h"
#include "isobar/level/v1/level_service.grpc.pb.h"
#include "isobar/radar/v1/radar.pb.h"
#include "market/root.hpp"
#include "telemetry/metrics.hpp"
#include "testing/eventually.hpp"
#include "testing/temp_dir.hpp"
#include "wire/chain_codec.hpp"
#include "wire/epoch_codec.hpp"
#include "wire/feed_codec.hpp"
#include "wire/model_codec.hpp"
#include "wire/option_feed_codec.hpp"
#include "wire/progress_codec.hpp"
#include "wire/subjects.hpp"
#include "wire/window_codec.hpp"

namespace isobar::gamma_fuel::fixture {

using isobar::testing::eventually;

inline symbol spx() { return *symbol::parse("SPX"); }
inline symbol esh6() { return *symbol::parse("ESH6"); }
constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + 0.5)); }
/// 2026-01-06 14:30 UTC.
inline const timestamp morning{1'767'709'800'000'000'000};
inline const date today = *make_date(2026, 1, 6);

/// 9 strikes around 5,000, calls and puts, expiring today; open interest grows with the strike.
inline market::chain_snapshot chain(timestamp at = morning, double spot = 5'000) {
  market::chain_snapshot out{.symbol = spx(), .source = "test", .ts_event = at, .spot = points(spot), .expiries = {}};
  market::expiry_chain e;
  e.key = {today, "SPXW"};
  e.settles_at = market::settlement_time(today, market::settlement::pm);
  for (int k = 4'980; k <= 5'020; k += 5) {
    for (const market::right r : {market::right::call, market::right::put}) {
      const double mid = 9 + std::max(0.0, r == market::right::call ? spot - k : k - spot);
      market::chain_contract c{.strike = strike(points(k).value), .right = r, .state = {}};
      c.state.bid = points(mid - 0.1);
      c.state.ask = points(mid + 0.1);
      c.state.ts_quote = at;
      c.state.open_interest = quantity(k - 4'900);
      e.contracts.push_back(c);
    }
  }
  out.expiries.push_back(std::move(e));
  return out;
}

inline market::geometry board() {
  const auto all = chain();
  market::geometry g{.symbol = spx(), .planes = {}, .widths = {strike_width(points(5).value)}};
  market::expiry_plane p;
  p.key = all.expiries.front().key;
  p.settles_at = all.expiries.front().settles_at;
  for (std::size_t i = 0; i < all.expiries.front().contracts.size(); i += 2) {
    p.strikes.push_back(all.expiries.front().contracts[i].strike);
    p.listed.push_back(3);
  }
  g.planes.push_back(p);
  g.finish();
  return g;
}

/// Everything published on a pattern: data frames by subject and number, watermarks apart.
class listener {
 public:
  listener(bus::bus& on, const std::string& pattern) {
    auto s = on.subscribe(pattern, {.queue_limit = 1'000'000}, [] {});
    EXPECT_TRUE(s.has_value());
    subscription_ = std::move(*s);
  }
  const std::map<std::uint64_t, std::string>& of(const std::string& subject) {
    drain();
    return frames_[subject];
  }
  const std::map<std::string, std::map<std::uint64_t, std::string>>& frames() {
    drain();
    return frames_;
  }
  timestamp watermark(const std::string& subject) {
    drain();
    const auto found = watermarks_.find(subject);
    return found == watermarks_.end() ? start_of_time : found->second;
  }
  std::size_t messages() {
    drain();
    return messages_;
  }

 private:
  void drain() {
    std::vector<bus::message> batch;
    while (subscription_->drain(batch, 1024) > 0) {}
    for (const bus::message& m : batch) {
      ++messages_;
      const auto header = wire::peek_header(m.bytes());
      if (!header) continue;
      auto& at = watermarks_.try_emplace(m.subject, start_of_time).first->second;
      at = std::max(at, header->watermark);
      if (!header->heartbeat) frames_[m.subject][header->sequence] = std::string(m.bytes());
    }
  }
  std::unique_ptr<bus::subscription> subscription_;
  std::map<std::string, std::map<std::uint64_t, std::string>> frames_;
  std::map<std::string, timestamp> watermarks_;
  std::size_t messages_ = 0;
};

/// What the services before gamma-fuel publish, numbered per subject.
class sources {
 public:
  explicit sources(bus::bus& on) : bus_(on) {}

  void send_chain(const market::chain_snapshot& c) {
    const std::string to = subjects::chain_snapshot("sim", spx());
    publish(to, wire::encode_chain(c, info(to, c.ts_event, c.ts_event)));
  }
  void send_epoch(std::uint64_t id = 1) {
    const std::string to = subjects::epoch_switch("sim", spx());
    market::epoch e{.symbol = spx(),
                    .id = id,
                    .previous = id - 1,
                    .hash = 0,
                    .effective_from = morning,
                    .state = market::epoch::state::active,
                    .reasons = {market::epoch::reason::first},
                    .board = board()};
    e.hash = e.board.hash();
    publish(to, wire::encode_epoch({.epoch = e, .missing_acks = {}, .windows = {}}, info(to, morning, morning)));
  }
  /// A window of 200 ms: rows of the contracts given, quoted around `mid`.
  void send_rows(timestamp end, bool base, std::vector<market::contract_index> contracts, double mid, double spot,
                 std::uint64_t epoch = 1) {
    const std::string to = subjects::model_gex("sim", spx());
    market::gex_rows rows;
    rows.header = header(to, end, base, spot, epoch);
    for (const auto c : contracts)
      rows.rows.push_back({.contract = c,
                           .bid = points(mid - 0.1),
                           .ask = points(mid + 0.1),
                           .ts_quote = end - milliseconds(50),
                           .open_interest = quantity(100 + c)});
    publish(to, wire::encode_model(rows, info(to, end, end)));
  }
  void send_flow(timestamp end, std::vector<market::option_print> prints, double spot, std::uint64_t epoch = 1) {
    const std::string to = subjects::model_flow("sim", spx());
    market::flow_rows rows;
    rows.header = header(to, end, false, spot, epoch);
    rows.rows = std::move(prints);
    publish(to, wire::encode_model(rows, info(to, end, end)));
  }
  void send_volume(timestamp end, std::uint64_t lots, double spot, std::uint64_t epoch = 1) {
    const std::string to = subjects::model_volume_profile("sim", spx());
    market::volume_profile_rows rows;
    rows.header = header(to, end, false, spot, epoch);
    rows.rows = {{.contract = 1, .traded = quantity(static_cast<std::int64_t>(lots)), .last = points(5)}};
    publish(to, wire::encode_model(rows, info(to, end, end)));
  }
  void send_quote(timestamp at, double mid) {
    const std::string to = subjects::feed_quotes("sim", esh6());
    const wire::quote_frame f{.symbol = esh6(),
                              .instrument_id = 1,
                              .quotes = {{.ts_event = at,
                                          .bid = points(mid - 0.125),
                                          .ask = points(mid + 0.125),
                                          .bid_size = 5,
                                          .ask_size = 5,
                                          .trusted = true}}};
    publish(to, wire::encode_quotes(f, info(to, at, at)));
  }
  void send_trade(timestamp at, double p) {
    const std::string to = subjects::feed_trades("sim", esh6());
    const wire::trade_frame f{
        .symbol = esh6(),
        .instrument_id = 1,
        .trades = {{.ts_event = at, .price = points(p), .size = 3, .aggressor = market::book_side::bid}}};
    publish(to, wire::encode_trades(f, info(to, at, at)));
  }
  /// feed.options of `of`, the watermark apart from the events' time.
  void send_options(const symbol& of, const wire::option_frame& f, timestamp at, timestamp watermark) {
    const std::string to = subjects::feed_options("sim", of);
    publish(to, wire::encode_options(f, info(to, at, watermark)));
  }
  /// radar.levels: one reading at `price`.
  void send_states(timestamp at, const std::string& id, double price, const std::string& assumptions) {
    const std::string to = subjects::radar_levels("sim", esh6());
    auto header = info(to, at, at);
    header.record_count = 1;
    radar::v1::LevelStates m;
    wire::write_header(header, *m.mutable_header());
    m.set_symbol("ESH6");
    m.set_as_of_ns(at.ns);
    m.set_revision(static_cast<std::uint64_t>(at.ns / 1'000'000));
    m.set_quality(common::v1::QUALITY_OK);
    m.set_assumptions(assumptions);
    auto& level = *m.add_levels();
    level.set_id(id);
    level.set_price_nanos(points(price).value);
    level.set_state(radar::v1::BARRIER_STATE_WALL);
    publish(to, wire::serialize(m));
  }
  void heartbeat(const std::string& to, timestamp watermark) {
    publish(to, wire::encode_heartbeat({.producer = "test", .sequence = sequences_[to], .watermark = watermark}));
  }
  void options_until(timestamp t) {
    // A chain of the very instant would still belong to the window before it.
    heartbeat(subjects::chain_snapshot("sim", spx()), t == end_of_time ? t : t + duration_ns{1});
    heartbeat(subjects::model_gex("sim", spx()), t);
    heartbeat(subjects::model_flow("sim", spx()), t);
    heartbeat(subjects::model_volume_profile("sim", spx()), t);
  }
  void market_until(timestamp t) {
    for (const auto& to : {subjects::feed_quotes("sim", esh6()), subjects::feed_trades("sim", esh6()),
                           subjects::radar_levels("sim", esh6())})
      heartbeat(to, t);
  }
  /// The next frame of a subject is lost.
  void lose(const std::string& to) { ++sequences_[to]; }
  void publish(const std::string& to, std::string bytes) {
    EXPECT_TRUE(bus_.publish(to, std::move(bytes)).has_value());
    (void)bus_.flush();
  }

 private:
  wire::frame_info info(const std::string& to, timestamp at, timestamp watermark) {
    return {.producer = "test", .sequence = ++sequences_[to], .ts_first = at, .ts_last = at, .watermark = watermark};
  }
  market::model_header header(const std::string& to, timestamp end, bool base, double spot, std::uint64_t epoch) {
    return {.symbol = spx(),
            .epoch = epoch,
            .window_sequence = sequences_[to] + 1,
            .window_start = end - milliseconds(200),
            .window_end = end,
            .base = base,
            .spot = points(spot),
            .quality = market::quality::ok};
  }
  bus::bus& bus_;
  std::map<std::string, std::uint64_t> sequences_;
};

/// gamma-fuel for SPX and ESH6.
class running_gamma {
 public:
  explicit running_gamma(const std::filesystem::path& data, std::vector<std::string> flags = {},
                         std::string mode = "replay")
      : bus_(bus::make_local_bus()), from(*bus_) {
    auto app = make_app();
    config::schema schema("test", "test", "0");
    app->declare(schema);
    std::vector<const char*> argv{"test"};
    for (const std::string& f : flags) argv.push_back(f.c_str());
    const char* const none[] = {nullptr};
    const auto parsed = schema.parse(static_cast<int>(argv.size()), argv.data(), none);
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().evidence);
    std::vector<std::unique_ptr<service::app>> apps;
    apps.push_back(std::move(app));
    gex_ = std::make_unique<listener>(*bus_, "isobar.gex.sim.*.*");
    level_ = std::make_unique<listener>(*bus_, "isobar.level.sim.*.*");
    resyncs_ = std::make_unique<listener>(*bus_, subjects::window_resync("sim", spx()));
    reports_ = std::make_unique<listener>(*bus_, subjects::control_progress("sim", spx()));
    service::host_options o;
    o.grpc = "127.0.0.1:0";
    o.http = "off";
    o.symbols = {spx()};
    o.futures = {esh6()};
    o.mode = std::move(mode);
    o.data_dir = data.string();
    process_ = std::make_unique<service::process>(o, std::move(apps), bus_);
    const auto started = process_->start();
    EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().evidence);
    levels_stub_ = level::v1::LevelService::NewStub(::grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(process_->get_host().grpc_port()), ::grpc::InsecureChannelCredentials()));
  }
  ~running_gamma() { stop(); }
  void stop() { process_->stop(); }

  level::v1::LevelService::Stub& levels() { return *levels_stub_; }
  listener& gex() { return *gex_; }
  listener& level() { return *level_; }
  listener& resyncs() { return *resyncs_; }
  listener& reports() { return *reports_; }
  double metric(const std::string& name, const symbol& s, const std::string& more = {}) {
    const std::string line = "isobar_gamma_fuel_" + name + "{" + more + "symbol=\"" + s.str() + "\"}";
    const std::string text = process_->get_host().metrics().scrape();
    const auto at = text.find("\n" + line + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size() + 2));
  }
  /// The newest signals of a symbol.
  level::v1::LevelSignals signals(const symbol& s) {
    level::v1::LevelSignals out;
    const auto& all = level_->of(subjects::level_signals("sim", s));
    if (!all.empty()) {
      EXPECT_TRUE(out.ParseFromString(all.rbegin()->second));
    }
    return out;
  }
  /// The landscapes of a symbol.
  std::vector<gex::v1::GexProfile> profiles(const symbol& s) {
    std::vector<gex::v1::GexProfile> out;
    for (const auto& [n, bytes] : gex_->of(subjects::gex_profile("sim", s)))
      EXPECT_TRUE(out.emplace_back().ParseFromString(bytes));
    return out;
  }

 private:
  std::shared_ptr<bus::bus> bus_;

 public:
  sources from;

 private:
  std::unique_ptr<listener> gex_, level_, resyncs_, reports_;
  std::unique_ptr<service::process> process_;
  std::unique_ptr<level::v1::LevelService::Stub> levels_stub_;
};

}  // namespace isobar::gamma_fuel::fixture
