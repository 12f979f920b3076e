#pragma once
// A whole radar-physics on the local bus with a real gRPC port, fed with frames as feed-ingest sends them.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <mutex>

#include "bus/bus.hpp"
#include "bus/local_bus.hpp"
#include "config/config.hpp"
#include "isobar/radar/v1/radar_service.grpc.pb.h"
#include "radar-physics/app.hpp"
#include "sim/futures_market.hpp"
#include "telemetry/metrics.hpp"
#include "testing/eventually.hpp"
#include "testing/temp_dir.hpp"
#include "wire/feed_codec.hpp"
#include "wire/progress_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::radar_physics::fixture {

using isobar::testing::eventually;
using market::book_event;

inline symbol es() { return *symbol::parse("ESH4"); }

/// A quiet simulated session: a snapshot of 400 orders, then about 300 records a second.
inline std::vector<book_event> session(std::int64_t length_s, std::uint64_t seed = 1) {
  sim::futures_market_config c;
  c.seed = seed;
  c.path.start = c.start;
  c.orders = 400;
  c.extent_ticks = 64;
  c.events_per_second = 300;
  c.burst_events_per_second = 500;
  sim::futures_market market(c);
  std::vector<book_event> out;
  market.advance(c.start + seconds(length_s), out);
  return out;
}

/// Frames of about `records` records that end where an event ends, numbered from 1.
inline std::vector<std::string> frames_of(const std::vector<book_event>& events, std::size_t records,
                                          price tick = price(250'000'000)) {
  std::vector<std::string> out;
  wire::book_frame f{.symbol = es(), .instrument_id = 17'077, .tick = tick, .event_open = false, .events = {}};
  timestamp newest = start_of_time;
  const auto close = [&] {
    if (f.events.empty()) return;
    wire::frame_info info{.producer = "feed-ingest",
                          .sequence = out.size() + 1,
                          .ts_first = f.events.front().ts_event,
                          .ts_last = f.events.back().ts_event,
                          .quality = market::quality::synthetic,
                          .watermark = newest};
    out.push_back(wire::encode_book(f, info));
    f.events.clear();
  };
  for (const book_event& e : events) {
    f.events.push_back(e);
    if (!e.has(market::event_flag::snapshot)) newest = std::max(newest, e.ts_event);
    if (f.events.size() >= records && e.has(market::event_flag::last)) close();
  }
  close();
  return out;
}

/// Everything published on a pattern of subjects: data frames by subject and number, heartbeats apart.
class listener {
 public:
  listener(bus::bus& on, const std::string& pattern) {
    auto s = on.subscribe(pattern, {.queue_limit = 1'000'000}, [] {});
    EXPECT_TRUE(s.has_value());
    subscription_ = std::move(*s);
  }
  /// Subject -> sequence -> bytes. A frame that comes again must be the same.
  const std::map<std::string, std::map<std::uint64_t, std::string>>& frames() {
    drain();
    return frames_;
  }
  const std::map<std::uint64_t, std::string>& of(const std::string& subject) {
    drain();
    return frames_[subject];
  }
  timestamp watermark(const std::string& subject) {
    drain();
    const auto found = watermarks_.find(subject);
    return found == watermarks_.end() ? start_of_time : found->second;
  }
  std::size_t repeated() {
    drain();
    return repeated_;
  }
  std::size_t different() {
    drain();
    return different_;
  }

 private:
  void drain() {
    std::vector<bus::message> batch;
    while (subscription_->drain(batch, 1024) > 0) {}
    for (const bus::message& m : batch) {
      const auto header = wire::peek_header(m.bytes());
      if (!header) continue;
      watermarks_[m.subject] =
          std::max(watermarks_.try_emplace(m.subject, start_of_time).first->second, header->watermark);
      if (header->heartbeat) continue;
      const auto [at, fresh] = frames_[m.subject].try_emplace(header->sequence, m.bytes());
      if (fresh) continue;
      ++repeated_;
      different_ += at->second != m.bytes();
    }
  }
  std::unique_ptr<bus::subscription> subscription_;
  std::map<std::string, std::map<std::uint64_t, std::string>> frames_;
  std::map<std::string, timestamp> watermarks_;
  std::size_t repeated_ = 0, different_ = 0;
};

/// feed-ingest in miniature: publishes frames and gives them again on request.
class feed {
 public:
  feed(bus::bus& on, std::vector<std::string> frames) : bus_(on), frames_(std::move(frames)) {
    auto s = on.subscribe(subjects::feed_resync("sim", es()), {}, [this] { answer(); });
    EXPECT_TRUE(s.has_value());
    requests_ = std::move(*s);
  }
  std::size_t size() const { return frames_.size(); }
  const std::string& frame(std::size_t n) const { return frames_[n - 1]; }
  /// Frames from `first` to `last`, counted from 1.
  void send(std::size_t first, std::size_t last) {
    for (std::size_t n = first; n <= last; ++n) {
      {
        const std::lock_guard lock(mutex_);
        sent_ = std::max(sent_, n);
      }
      publish(subjects::feed_book("sim", es()), frames_[n - 1]);
    }
    (void)bus_.flush();
  }
  void send_all() { send(1, frames_.size()); }
  void heartbeat(timestamp watermark) {
    watermark_ = watermark;
    std::size_t last;
    {
      const std::lock_guard lock(mutex_);
      last = sent_;
    }
    publish(subjects::feed_book("sim", es()), beat(last, watermark));
    (void)bus_.flush();
  }
  void end() { heartbeat(end_of_time); }
  /// Frames below it are kept no more.
  void forget_before(std::size_t n) { oldest_ = n; }
  void stop_answering() { answering_ = false; }
  void start_answering() { answering_ = true; }
  std::size_t requests() const { return asked_; }

 private:
  static std::string beat(std::uint64_t sequence, timestamp watermark) {
    return wire::encode_heartbeat({.producer = "feed-ingest", .sequence = sequence, .watermark = watermark});
  }
  void publish(const std::string& subject, std::string bytes) {
    EXPECT_TRUE(bus_.publish(subject, std::move(bytes)).has_value());
  }
  void answer() {
    std::vector<bus::message> batch;
    while (requests_ && requests_->drain(batch, 16) > 0) {}
    for (const bus::message& m : batch) {
      const auto request = wire::decode_refill_request(m.bytes());
      if (!request) continue;
      ++asked_;
      if (!answering_) continue;
      std::size_t last;
      {
        const std::lock_guard lock(mutex_);
        last = sent_;
      }
      const std::string subject = subjects::feed_refill("sim", es());
      for (std::size_t n = std::max<std::size_t>(request->from_sequence, oldest_); n <= last; ++n)
        publish(subject, frames_[n - 1]);
      publish(subject, beat(last, watermark_));
    }
    (void)bus_.flush();
  }

  bus::bus& bus_;
  const std::vector<std::string> frames_;
  std::mutex mutex_;
  std::size_t sent_ = 0;
  std::atomic<std::size_t> oldest_{1}, asked_{0};
  std::atomic<bool> answering_{true};
  std::atomic<timestamp> watermark_{start_of_time};
  std::unique_ptr<bus::subscription> requests_;
};

inline service::host_options host_of(const std::filesystem::path& data, std::string mode) {
  service::host_options o;
  o.grpc = "127.0.0.1:0";
  o.http = "off";
  o.futures = {es()};
  o.mode = std::move(mode);
  o.data_dir = data.string();
  return o;
}

class running_radar {
 public:
  explicit running_radar(std::filesystem::path data, std::vector<std::string> flags = {}, std::string mode = "replay",
                         std::vector<symbol> futures = {es()})
      : bus_(bus::make_local_bus()) {
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
    out_ = std::make_unique<listener>(*bus_, "isobar.radar.sim.*.*");
    reports_ = std::make_unique<listener>(*bus_, subjects::control_progress("sim", es()));
    auto options = host_of(data, std::move(mode));
    options.futures = std::move(futures);
    process_ = std::make_unique<service::process>(options, std::move(apps), bus_);
    const auto started = process_->start();
    EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().evidence);
    channel_ = ::grpc::CreateChannel("127.0.0.1:" + std::to_string(process_->get_host().grpc_port()),
                                     ::grpc::InsecureChannelCredentials());
    stub_ = radar::v1::RadarService::NewStub(channel_);
  }
  ~running_radar() { stop(); }
  void stop() { process_->stop(); }

  bus::bus& on() { return *bus_; }
  radar::v1::RadarService::Stub& stub() { return *stub_; }
  listener& out() { return *out_; }
  double metric(const std::string& name, const std::string& more = {}) {
    const std::string line = "isobar_radar_physics_" + name + "{" + more + "symbol=\"ESH4\"}";
    const std::string text = process_->get_host().metrics().scrape();
    const auto at = text.find("\n" + line + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size() + 2));
  }
  double plain_metric(const std::string& line) {
    const std::string text = process_->get_host().metrics().scrape();
    const auto at = text.find("\n" + line + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size() + 2));
  }
  /// Last frame of feed.book that was applied whole, as reported.
  wire::progress reported() {
    for (const auto& [sequence, bytes] : reports_->of(subjects::control_progress("sim", es()))) {
      const auto report = wire::decode_progress(bytes);
      EXPECT_TRUE(report);
      if (report) last_report_ = report->body;
    }
    return last_report_;
  }
  bool applied(std::uint64_t frame) {
    return eventually([&] { return reported().input_sequence >= frame; }, std::chrono::seconds(30));
  }
  bool ended() {
    return eventually([&] { return out_->watermark(subjects::radar_column("sim", es())) == end_of_time; },
                      std::chrono::seconds(30));
  }
  void publish(const std::string& subject, std::string bytes) {
    EXPECT_TRUE(bus_->publish(subject, std::move(bytes)).has_value());
    (void)bus_->flush();
  }
  template <class Request, class Response>
  ::grpc::Status call(::grpc::Status (radar::v1::RadarService::Stub::*method)(::grpc::ClientContext*, const Request&,
                                                                              Response*),
                      const Request& q, Response* into) {
    ::grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    into->Clear();
    return (stub().*method)(&context, q, into);
  }

 private:
  std::shared_ptr<bus::bus> bus_;
  std::unique_ptr<listener> out_, reports_;
  std::unique_ptr<service::process> process_;
  std::shared_ptr<::grpc::Channel> channel_;
  std::unique_ptr<radar::v1::RadarService::Stub> stub_;
  wire::progress last_report_;
};

inline const std::string columns = subjects::radar_column("sim", es());

/// Every frame of every radar subject that an undisturbed run publishes.
inline const std::map<std::string, std::map<std::uint64_t, std::string>>& undisturbed(
    const std::vector<std::string>& frames, const std::vector<std::string>& flags) {
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

}  // namespace isobar::radar_physics::fixture
