#include "radar-physics/app.hpp"

#include <chrono>
#include <map>

#include "radar-physics/actors/radar_worker.hpp"
#include "radar-physics/transport/calibration_file.hpp"
#include "radar-physics/transport/radar_grpc.hpp"
#include "service/data_dir.hpp"
#include "service/wall_clock.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::radar_physics {
namespace {

constexpr const char* service_name = "radar-physics";

using service::wall_clock;

class radar_physics_app final : public service::app {
 public:
  explicit radar_physics_app(side_inputs expected) {
    options_.all.side_gex = expected.gex;
    options_.all.side_levels = expected.levels;
  }
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override { options_.declare(s); }

  service::result<void> validate(const service::host_options& h) override {
    if (const auto ok = options_.check_overrides(h.futures); !ok)
      return fail(service::errc::configuration, ok.error().evidence);
    for (const symbol& s : h.futures) {
      const auto plan = options_.plan(s);
      if (!plan) return fail(service::errc::configuration, plan.error().evidence);
      if (plan->calibration_file.empty()) continue;
      auto table = read_calibration_file(plan->calibration_file);
      if (!table) return fail(service::errc::configuration, "radar-physics.calibration: " + table.error().evidence);
      tables_.insert_or_assign(s, std::move(*table));
    }
    return {};
  }

  service::result<void> start(service::host& h) override {
    const service::host_options& o = h.options();
    if (options_.kv)
      kv_ = std::make_unique<service::latest_writer>(h.bus(), std::string(subjects::radar_bucket), service_name);
    for (const symbol& s : o.futures)
      if (auto ok = make_link(h, s); !ok) return ok;
    const stream_metrics streams(h.metrics());
    streams_ = std::make_unique<radar_streams>(
        stores_,
        service::grpc_stream_limits{static_cast<std::size_t>(options_.streams_max),
                                    std::chrono::milliseconds(options_.stream_stall_ms)},
        streams, streams.conflated_columns);
    // Everything that other threads look up is complete before the first worker runs.
    for (const auto& [s, link] : links_) link->store->on_change([this] { streams_->wake(); });
    for (const auto& [s, link] : links_)
      if (auto ok = start_worker(h, link); !ok) return ok;
    const auto ask = [this](const symbol& s, std::shared_ptr<book_call> call) {
      workers_.at(s).send(book_wanted{std::move(call)}, actors::lane::control);
    };
    grpc_ = std::make_unique<radar_grpc>(stores_, *streams_, ask, static_cast<int>(options_.books_max), h.metrics());
    h.add_grpc(*grpc_, "isobar.radar.v1.RadarService");
    return {};
  }

  void drain() override {
    for (const auto& [s, link] : links_) link->intakes.close();
    if (streams_) streams_->close();
    for (const auto& [s, worker] : workers_) worker.send(finish{});
    if (!kv_) return;
    // A last value of each, while the bus is there.
    for (const auto& [s, link] : links_) {
      if (auto value = latest_radar(*link->store, link->bus.max_payload()))
        kv_->put(subjects::latest_radar_key(link->venue, s), std::move(value));
    }
    kv_->close();
  }

  void stop() override {
    workers_.clear();
    links_.clear();
    grpc_.reset();
    streams_.reset();
    kv_.reset();
  }

 private:
  service::result<void> make_link(service::host& h, const symbol& s) {
    const service::host_options& o = h.options();
    const auto plan = options_.plan(s);
    if (!plan) return fail(service::errc::configuration, plan.error().evidence);
    const bool live = o.mode == "live";
    const resume_mode resume = options_.resume_at_start();
    const auto folder = symbol_folder(h.data_dir(service_name), s);
    if (auto ok = service::prepare_data_dir(folder); !ok) return ok;
    const store_limits limits{.windows = static_cast<std::size_t>(options_.history_windows),
                              .history_bytes = static_cast<std::size_t>(options_.history_bytes_max),
                              .surface_bytes = static_cast<std::size_t>(options_.history_surface_bytes_max),
                              .breakthroughs = static_cast<std::size_t>(options_.history_breakthroughs),
                              .columns = static_cast<std::size_t>(plan->rules.buckets.columns)};
    const auto store = std::make_shared<radar_store>(limits);
    const auto table = tables_.find(s);
    std::shared_ptr<radar_link> link(new radar_link{
        .bus = h.bus(),
        .name = s,
        .venue = o.venue,
        .live = live,
        .configured = options_,
        .plan = *plan,
        .calibration = table == tables_.end() ? std::nullopt : std::optional(table->second.table),
        .calibrated_session = table == tables_.end() ? std::nullopt : table->second.last_session,
        .folder = folder,
        .resume = resume == resume_mode::yes || (resume == resume_mode::automatic && live && o.bus != "local"),
        .store = store,
        .measured = radar_metrics(h.metrics(), s),
        .kv = kv_.get(),
        .clock = wall_clock});
    stores_.emplace(s, store);
    links_.emplace(s, std::move(link));
    return {};
  }

  service::result<void> start_worker(service::host& h, const std::shared_ptr<radar_link>& link) {
    const symbol& s = link->name;
    const std::string& venue = link->venue;
    const actors::ref worker = h.actors().supervise("radar-physics/" + s.str(), [link] { return radar_worker(link); });
    workers_.emplace(s, worker);
    link->measured.watch(worker);
    const bus::subscribe_options queue{.queue_limit = static_cast<std::size_t>(options_.queue_frames_max)};
    struct input {
      std::string subject;
      radar_worker::input tag;
      std::string_view label;
    };
    // What is said of windows comes before the records that close them.
    const input inputs[] = {{subjects::feed_definition(venue, s), radar_worker::definition, "definition"},
                            {subjects::gex_surface(venue, s), radar_worker::gex, "gex"},
                            {subjects::gate_next(venue, s), radar_worker::gate, "gate"},
                            {subjects::level_set(venue, s), radar_worker::levels, "levels"},
                            {subjects::feed_resync(venue, s), radar_worker::resync, "resync"},
                            {subjects::feed_refill(venue, s), radar_worker::refill, "refill"},
                            {subjects::feed_book(venue, s), radar_worker::book, "book"}};
    for (const input& i : inputs) {
      auto opened = service::intake::open(h.bus(), i.subject, queue, worker, i.tag);
      if (!opened) return fail(service::errc::bus, i.subject + ": " + opened.error().evidence);
      link->measured.watch(*opened, i.label);
      link->intakes.add(std::move(*opened));
    }
    h.add_readiness("radar " + s.str(), [this, link] { return why_not_ready(*link); });
    return {};
  }

  std::string why_not_ready(const radar_link& l) const {
    if (const std::uint64_t frame = l.wanted_frame) return "waits for frame " + std::to_string(frame);
    if (l.waits_for_side) return "waits for an input from the side";
    if (l.store->columns.size() == 0) return "nothing built yet";
    if (!l.live || l.input_ended) return {};
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::int64_t silent = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - l.heard_ns.load();
    return silent > milliseconds(options_.ready_within_ms).value ? "feed silent" : "";
  }

  options options_;
  std::map<symbol, stored_calibration> tables_;
  radar_stores stores_;
  std::map<symbol, std::shared_ptr<radar_link>> links_;
  std::map<symbol, actors::ref> workers_;
  std::unique_ptr<service::latest_writer> kv_;
  std::unique_ptr<radar_streams> streams_;
  std::unique_ptr<radar_grpc> grpc_;
};

}  // namespace

std::unique_ptr<service::app> make_app(side_inputs expected) { return std::make_unique<radar_physics_app>(expected); }

}  // namespace isobar::radar_physics
