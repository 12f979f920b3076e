#include "isobar/status_screen.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "config/config.hpp"
#include "core/date.hpp"
#include "core/decimal.hpp"
#include "isobar/heatmap/v1/heatmap_service.grpc.pb.h"
#include "isobar/query_client.hpp"
#include "isobar/radar/v1/radar_service.grpc.pb.h"
#include "isobar/radar_picture.hpp"
#include "isobar/watch.hpp"
#include "sim/options.hpp"

namespace isobar::cli {
namespace {

using wall = std::chrono::steady_clock;

/// Rates of one kind between two looks.
struct rate {
  double frames = 0, records = 0, bytes = 0;
};

class status_screen final : public service::app {
 public:
  std::string_view name() const override { return "status"; }

  void declare(config::schema& s) override {
    s.option("status.every-ms", every_ms_, "time between two looks, ms; 0: 1000 on a terminal, 10000 otherwise", 0,
             3'600'000);
    s.option("status.enabled", enabled_, "print the status screen");
    sim::declare_options(s, sim_);
  }

  service::result<void> validate(const service::host_options&) override { return {}; }

  service::result<void> start(service::host& h) override {
    if (!enabled_) return {};
    host_ = &h;
    terminal_ = ::isatty(STDOUT_FILENO) == 1;
    if (every_ms_ == 0) every_ms_ = terminal_ ? 1000 : 10'000;
    watch_ = std::make_unique<watch>(h.bus(), false);
    if (!watch_->ok()) return fail(service::errc::bus, "status screen cannot listen to the bus");
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void drain() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    if (watch_) watch_->stop();
  }

  /// The watch's subscription must not outlive the bus.
  void stop() override { watch_.reset(); }

 private:
  void run() {
    last_look_ = started_ = wall::now();
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::milliseconds(every_ms_), [this] { return stopping_; })) {
      lock.unlock();
      look();
      lock.lock();
    }
  }

  void look() {
    const auto now = wall::now();
    const double seconds = std::max(1e-3, std::chrono::duration<double>(now - last_look_).count());
    last_look_ = now;
    const auto totals = watch_->totals();
    std::map<std::string, rate> rates;
    for (const auto& [kind, total] : totals) {
      const kind_total& before = before_[kind];
      rates[kind] = {static_cast<double>(total.frames - before.frames) / seconds,
                     static_cast<double>(total.records - before.records) / seconds,
                     static_cast<double>(total.bytes - before.bytes) / seconds};
    }
    before_ = totals;
    if (terminal_) {
      draw(rates);
    } else {
      print_line(rates);
    }
  }

  /// Event time between what the simulated clock says now and what the pipeline has finished. The first report sets
  /// zero: what is shown is what has been added since, plus nothing that is constant.
  double lag_seconds(const std::string& symbol, timestamp done) {
    if (done == end_of_time || sim_.speed <= 0) return 0;
    const double run = std::chrono::duration<double>(wall::now() - started_).count() * sim_.speed;
    const double event = static_cast<double>(done.ns) / 1e9;
    const auto [at, first] = lag_zero_.try_emplace(symbol, run - event);
    at->second = std::min(at->second, run - event);
    return run - event - at->second;
  }

  std::optional<heatmap::v1::SurfaceInfo> surface_of(const symbol& s) {
    if (host_->grpc_port() == 0) return std::nullopt;
    if (!stub_) {
      stub_ = heatmap::v1::HeatmapService::NewStub(
          connect({"127.0.0.1:" + std::to_string(host_->grpc_port())}, cluster_port::heatmap_builder));
    }
    heatmap::v1::GetSurfaceRequest ask;
    ask.set_symbol(s.str());
    ask.set_strike_from_nanos(INT64_MAX);  // info only: no strike is that high
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
    heatmap::v1::GetSurfaceResponse answer;
    if (!stub_->GetSurface(&context, ask, &answer).ok()) return std::nullopt;
    return answer.info();
  }

  std::string symbol_line(const symbol& s, const std::map<std::string, timestamp>& done) {
    char text[256];
    const auto info = surface_of(s);
    if (!info) {
      std::snprintf(text, sizeof text, "%-8s waiting for the first surface", s.str().c_str());
      return text;
    }
    const auto at = done.find(s.str());
    std::snprintf(text, sizeof text, "%-8s epoch %-4llu window %s  spot %10s  tiles %6u / %-6u  lag %6.3f s",
                  s.str().c_str(), static_cast<unsigned long long>(info->epoch_id()),
                  to_iso(timestamp{info->as_of_ns()}).substr(11, 12).c_str(),
                  format_nanos(info->spot_nanos(), 2).c_str(), info->valid_tiles(), info->listed_tiles(),
                  at == done.end() ? 0.0 : lag_seconds(s.str(), at->second));
    return text;
  }

  /// The newest column of a futures symbol in words.
  std::string future_line(const symbol& s) {
    char text[256];
    std::snprintf(text, sizeof text, "%-8s waiting for the first window", s.str().c_str());
    if (host_->grpc_port() == 0) return text;
    if (!radar_) {
      radar_ = radar::v1::RadarService::NewStub(
          connect({"127.0.0.1:" + std::to_string(host_->grpc_port())}, cluster_port::radar_physics));
    }
    radar::v1::GetRadarRequest ask;
    ask.set_symbol(s.str());
    ask.set_columns(1);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
    radar::v1::GetRadarResponse answer;
    if (!radar_->GetRadar(&context, ask, &answer).ok() || answer.columns().empty()) return text;
    const auto& column = *answer.columns().rbegin();
    const auto& w = column.window();
    std::snprintf(text, sizeof text, "%-8s window %s  mid %10s  gate up %.2f  %u events  %s", s.str().c_str(),
                  to_iso(timestamp{w.window_end_ns()}).substr(11, 12).c_str(),
                  w.has_anchor_nanos() ? format_nanos(w.anchor_nanos(), 3).c_str() : "-", column.gate_up(), w.events(),
                  validity_of(w).c_str());
    return text;
  }

  void draw(const std::map<std::string, rate>& rates) {
    std::string screen = "\x1b[H\x1b[2J";
    screen += "Isobar: the medium that price moves through        (Ctrl-C stops)\n\n";
    const auto done = watch_->done_until();
    for (const symbol& s : host_->options().symbols) screen += symbol_line(s, done) + "\n";
    for (const symbol& s : host_->options().futures) screen += future_line(s) + "\n";
    screen += "\nstream                 frames/s   records/s      KiB/s\n";
    for (const auto& [kind, r] : rates) {
      char text[128];
      std::snprintf(text, sizeof text, "%-20s %10.1f %11.0f %10.1f\n", kind.c_str(), r.frames, r.records,
                    r.bytes / 1024);
      screen += text;
    }
    for (const seen_epoch& e : watch_->epochs()) last_epoch_ = e;
    if (last_epoch_.id != 0) {
      screen += "\nlast epoch: " + last_epoch_.symbol + " " + std::to_string(last_epoch_.id) + " from " +
                to_iso(last_epoch_.effective_from) + " because: " + last_epoch_.reasons + "\n";
    }
    const std::string grpc = "127.0.0.1:" + std::to_string(host_->grpc_port());
    screen += "\ngRPC    " + grpc + "    try: isobar query surface " + first_symbol() +
              " --strategy butterfly --right call\n";
    if (!host_->options().futures.empty())
      screen += "                           try: isobar query radar " + host_->options().futures.front().str() + "\n";
    screen += "HTTP    http://127.0.0.1:" + std::to_string(host_->http_port()) + "/metrics /healthz /readyz\n";
    if (watch_->dropped() > 0) screen += "this screen missed " + std::to_string(watch_->dropped()) + " messages\n";
    std::fputs(screen.c_str(), stdout);
    std::fflush(stdout);
  }

  std::string first_symbol() const {
    return host_->options().symbols.empty() ? "SPX" : host_->options().symbols.front().str();
  }

  void print_line(const std::map<std::string, rate>& rates) {
    const auto at = [&](const char* kind) {
      const auto found = rates.find(kind);
      return found == rates.end() ? rate{} : found->second;
    };
    const auto done = watch_->done_until();
    for (const symbol& s : host_->options().symbols) {
      std::printf("%s  rows/s %.0f  tiles/s %.0f  cells/s %.0f\n", symbol_line(s, done).c_str(),
                  at("window.frame").records, at("heatmap.tiles").records, at("color.cells").records);
    }
    for (const symbol& s : host_->options().futures)
      std::printf("%s  records/s %.0f\n", future_line(s).c_str(), at("feed.book").records);
    std::fflush(stdout);
  }

  service::host* host_ = nullptr;
  std::int64_t every_ms_ = 0;
  bool enabled_ = true, terminal_ = false;
  sim::options sim_;
  std::unique_ptr<watch> watch_;
  std::unique_ptr<heatmap::v1::HeatmapService::Stub> stub_;
  std::unique_ptr<radar::v1::RadarService::Stub> radar_;
  std::map<std::string, kind_total> before_;
  std::map<std::string, double> lag_zero_;
  seen_epoch last_epoch_;
  wall::time_point last_look_, started_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<service::app> make_status_screen() { return std::make_unique<status_screen>(); }

}  // namespace isobar::cli
