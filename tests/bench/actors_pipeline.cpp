#include "actors_pipeline.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "bus/local_bus.hpp"
#include "chain-ingest/app.hpp"
#include "colorizer/app.hpp"
#include "config/config.hpp"
#include "decomposer/app.hpp"
#include "epoch-manager/app.hpp"
#include "epoch-manager/config.hpp"
#include "heatmap-builder/app.hpp"
#include "service/host.hpp"
#include "sim/options.hpp"
#include "wire/frame.hpp"
#include "wire/subjects.hpp"
#include "ws-hydrator/app.hpp"

namespace isobar::bench {
namespace {

using clock = std::chrono::steady_clock;
const std::string venue = "bench";
const symbol spx = *symbol::parse("SPX");

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "pipeline_bench: %s\n", why.c_str());
  std::exit(1);
}

sim::options market_options(const suite_options& o) {
  sim::options s;
  s.seed = 7;
  s.speed = 0;
  s.duration_ms = o.duration_ms;
  s.quotes_per_second = static_cast<double>(o.quotes_per_second);
  s.burst_quotes_per_second = 2 * s.quotes_per_second;
  s.geometry_change_ms = 8'000;
  return s;
}

std::vector<std::string> flags_of(const suite_options& o) {
  const sim::options s = market_options(o);
  return {"--sim.seed=" + std::to_string(s.seed), "--sim.speed=0", "--sim.duration-ms=" + std::to_string(s.duration_ms),
          "--sim.quotes-per-second=" + std::to_string(o.quotes_per_second),
          "--sim.burst-quotes-per-second=" + std::to_string(2 * o.quotes_per_second),
          "--sim.geometry-change-ms=" + std::to_string(s.geometry_change_ms),
          "--chain-ingest.interval-ms=" + std::to_string(o.chain_interval_ms),
          // What a source has made before the first tiles is not timed: let it be little.
          "--ws-hydrator.replay-lead-ms=1000", "--chain-ingest.replay-lead-ms=1000",
          "--heatmap-builder.kv=false"};  // a side output that the plain loop does not have
}

/// Holds every data frame until the timing is over.
class listener {
 public:
  explicit listener(bus::bus& on) {
    auto made =
        on.subscribe("isobar.>", {.queue_limit = std::size_t{1} << 24, .byte_limit = std::size_t{8} << 30}, [] {});
    if (!made) give_up(made.error().evidence);
    subscription_ = std::move(*made);
  }
  /// True once the colorizer has passed on the end of the input.
  bool look() {
    batch_.clear();
    subscription_->drain(batch_, SIZE_MAX);
    for (bus::message& m : batch_) {
      if (m.subject == tiles_ && first_tiles == clock::time_point{}) first_tiles = clock::now();
      if (m.subject == colors_ && m.bytes().size() < 256) {
        const auto header = wire::peek_header(m.bytes());
        ended_ |= header && header->heartbeat && header->watermark == end_of_time;
      }
      kept_.push_back(std::move(m));
    }
    return ended_;
  }
  wire::stream_digest digest() const {
    wire::stream_digest out;
    for (const bus::message& m : kept_)
      for (const auto& prefix : {"isobar.window.", "isobar.model.", "isobar.heatmap.", "isobar.color."})
        if (m.subject.starts_with(prefix) && m.subject != resync_) out.add(m.subject, m.bytes());
    return out;
  }
  clock::time_point first_tiles{};

 private:
  const std::string tiles_ = subjects::heatmap_tiles(venue, spx), colors_ = subjects::color_cells(venue, spx),
                    resync_ = subjects::window_resync(venue, spx);
  std::unique_ptr<bus::subscription> subscription_;
  std::vector<bus::message> batch_, kept_;
  bool ended_ = false;
};

std::vector<std::unique_ptr<service::app>> all_apps() {
  std::vector<std::unique_ptr<service::app>> apps;
  apps.push_back(chain_ingest::make_app());
  apps.push_back(epoch_manager::make_app());
  apps.push_back(ws_hydrator::make_app());
  apps.push_back(decomposer::make_app());
  apps.push_back(heatmap_builder::make_app());
  apps.push_back(colorizer::make_app());
  return apps;
}

void configure(const suite_options& o, service::host_options& h, std::vector<std::unique_ptr<service::app>>& apps) {
  config::schema schema("pipeline_bench", "", "");
  h.declare(schema);
  for (const auto& a : apps) a->declare(schema);
  std::vector<std::string> words{"pipeline_bench"};
  for (auto& flag : flags_of(o)) words.push_back(std::move(flag));
  std::vector<const char*> argv;
  for (const auto& w : words) argv.push_back(w.c_str());
  const char* const nothing[] = {nullptr};
  const auto parsed = schema.parse(static_cast<int>(argv.size()), argv.data(), nothing);
  if (!parsed) give_up(parsed.error().evidence);
}

}  // namespace

sim::config suite_options::market() const {
  const auto made = sim::market_config(market_options(*this), spx);
  if (!made) give_up(made.error().evidence);
  return *made;
}

epoch_manager::machine_config suite_options::epochs() const {
  auto made = epoch_manager::machine_config_of({}, spx);
  if (!made) give_up(made.error().evidence);
  made->participants.clear();
  return *made;
}

actors_result run_suite(const suite_options& o, int threads) {
  const auto folder = std::filesystem::temp_directory_path() / ("isobar-pipeline-bench-" + std::to_string(getpid()));
  service::host_options h;
  h.symbols = {spx};
  h.venue = venue;
  h.mode = "replay";
  h.grpc = h.http = "off";
  h.threads = threads;
  h.data_dir = folder.string();
  h.log_level = "warn";
  auto apps = all_apps();
  configure(o, h, apps);

  const std::shared_ptr<bus::bus> on = bus::make_local_bus();
  listener heard(*on);
  actors_result out;
  {
    service::process suite(h, std::move(apps), on);
    if (const auto started = suite.start(); !started) give_up(started.error().evidence);
    const auto deadline = clock::now() + std::chrono::minutes(5);
    while (!heard.look()) {
      if (clock::now() > deadline) give_up("the suite does not end");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    out.seconds = std::chrono::duration<double>(clock::now() - heard.first_tiles).count();
    if (!suite.stop()) give_up("the suite does not stop");
  }
  out.digest = heard.digest();
  std::filesystem::remove_all(folder);
  return out;
}

}  // namespace isobar::bench
