#pragma once
// A whole heatmap-builder on the local bus with a real gRPC port, fed with frames as decomposer and epoch-manager send
// them.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "bus/bus.hpp"
#include "bus/local_bus.hpp"
#include "config/config.hpp"
#include "heatmap-builder/app.hpp"
#include "heatmap-builder/domain/board_fixture.hpp"
#include "isobar/heatmap/v1/heatmap_service.grpc.pb.h"
#include "telemetry/metrics.hpp"
#include "wire/epoch_codec.hpp"
#include "wire/model_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::heatmap_builder::fixture {

/// Polls with a deadline; for conditions that no callback announces.
template <class Condition>
bool eventually(Condition&& holds, std::chrono::seconds limit = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// Everything that arrives on a subject.
class tap {
 public:
  tap(bus::bus& on, const std::string& subject) {
    auto s = on.subscribe(subject, {}, [this] {
      const std::lock_guard lock(mutex_);
      ready_ = true;
      changed_.notify_all();
    });
    EXPECT_TRUE(s.has_value());
    subscription_ = std::move(*s);
  }
  /// The next message that is not a heartbeat; nothing when none comes in time.
  std::optional<bus::message> next(std::chrono::seconds limit = std::chrono::seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
      if (at_ == seen_.size()) {
        seen_.clear();
        at_ = 0;
        std::unique_lock lock(mutex_);
        ready_ = false;
        lock.unlock();
        if (subscription_->drain(seen_, 64) == 0) {
          lock.lock();
          if (!changed_.wait_until(lock, deadline, [this] { return ready_; })) return std::nullopt;
        }
        continue;
      }
      const bus::message& m = seen_[at_++];
      const auto header = wire::peek_header(m.bytes());
      if (!header || !header->heartbeat) return m;
    }
  }
  template <class Message>
  std::optional<Message> next_as() {
    const auto m = next();
    Message out;
    if (!m || !out.ParseFromString(std::string(m->bytes()))) return std::nullopt;
    return out;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;
  std::unique_ptr<bus::subscription> subscription_;
  std::vector<bus::message> seen_;
  std::size_t at_ = 0;
};

class running_builder {
 public:
  /// `shard`: as --shard, with the symbol from the registry; empty: the symbol is named.
  explicit running_builder(std::vector<std::string> flags = {}, std::shared_ptr<bus::bus> on = bus::make_local_bus(),
                           const std::string& shard = "")
      : bus_(std::move(on)) {
    auto app = make_app();
    config::schema schema("test", "test", "0");
    app->declare(schema);
    std::vector<const char*> argv{"test"};
    for (const std::string& f : flags) argv.push_back(f.c_str());
    const char* const none[] = {nullptr};
    const auto parsed = schema.parse(static_cast<int>(argv.size()), argv.data(), none);
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().evidence);
    service::host_options o;
    o.grpc = "127.0.0.1:0";
    o.http = "127.0.0.1:0";
    if (shard.empty()) o.symbols = {spx()};
    o.shard = shard;
    o.mode = "replay";
    o.data_dir =
        (std::filesystem::temp_directory_path() / ("heatmap-builder-test-" + std::to_string(getpid()))).string();
    std::vector<std::unique_ptr<service::app>> apps;
    apps.push_back(std::move(app));
    process_ = std::make_unique<service::process>(o, std::move(apps), bus_);
    const auto started = process_->start();
    EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().evidence);
    ::grpc::ChannelArguments args;
    args.SetMaxReceiveMessageSize(-1);
    channel_ = ::grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(process_->get_host().grpc_port()),
                                           ::grpc::InsecureChannelCredentials(), args);
    stub_ = heatmap::v1::HeatmapService::NewStub(channel_);
  }
  ~running_builder() { process_->stop(); }

  static symbol spx() { return *symbol::parse("SPX"); }
  bus::bus& on() { return *bus_; }
  std::shared_ptr<bus::bus> shared_bus() { return bus_; }
  heatmap::v1::HeatmapService::Stub& stub() { return *stub_; }
  service::process& process() { return *process_; }
  double metric(const std::string& line) {
    const std::string text = process_->get_host().metrics().scrape();
    const auto at_line = text.find("\n" + line + " ");
    return at_line == std::string::npos ? -1 : std::stod(text.substr(at_line + line.size() + 2));
  }

  void announce(const market::epoch& e) {
    send(subjects::epoch_switch("sim", spx()),
         wire::encode_epoch({e, {}, {}}, {.producer = "epoch-manager", .sequence = e.id}));
  }
  /// `rows.header.window_sequence` numbers the frame.
  void feed(const market::heatmap_rows& rows) {
    send(subjects::model_heatmap("sim", spx()),
         wire::encode_model(rows, {.producer = "decomposer", .watermark = rows.header.window_end}));
  }
  void heartbeat(std::uint64_t sequence, timestamp watermark) {
    send(subjects::model_heatmap("sim", spx()),
         wire::encode_heartbeat({.producer = "decomposer", .sequence = sequence, .watermark = watermark}));
  }
  void send(const std::string& subject, std::string bytes) {
    EXPECT_TRUE(bus_->publish(subject, std::move(bytes)).has_value());
    (void)bus_->flush();
  }

 private:
  std::shared_ptr<bus::bus> bus_;
  std::unique_ptr<service::process> process_;
  std::shared_ptr<::grpc::Channel> channel_;
  std::unique_ptr<heatmap::v1::HeatmapService::Stub> stub_;
};

/// The board and quotes of options-surface 10.2, settled late.
inline market::epoch golden_epoch(std::uint64_t id = 1) {
  return make_epoch(id, {{.strikes = {6870, 6900, 6930}}}, {30});
}

inline market::heatmap_rows golden_window(std::uint64_t epoch, std::int64_t number, std::uint64_t sequence, bool base,
                                          std::vector<market::heatmap_row> rows) {
  market::heatmap_rows w = window(epoch, number, base, std::move(rows));
  w.header.window_sequence = sequence;
  w.header.spot = at(6901);
  return w;
}
inline std::vector<market::heatmap_row> golden_rows() {
  const double bid[] = {33.0, 0.9, 10.9, 8.6, 1.5, 29.0}, ask[] = {33.4, 1.0, 11.3, 8.9, 1.6, 29.4};
  std::vector<market::heatmap_row> rows;
  for (std::uint32_t i = 0; i < 6; ++i) rows.push_back({i, at(bid[i]), at(ask[i]), timestamp{100'000'000}});
  return rows;
}

}  // namespace isobar::heatmap_builder::fixture
