#include "radar-physics/app.hpp"

#include <chrono>
#include <future>
#include <map>
#include <mutex>

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

class radar_physics_app final : public service::app, private service::symbol_workers {
 public:
  explicit radar_physics_app(side_inputs expected) {
    options_.all.side_gex = expected.gex;
    options_.all.side_levels = expected.levels;
  }
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override { options_.declare(s); }
  service::symbol_workers* workers() override { return this; }

  service::result<void> validate(const service::host_options& h) override {
    if (const auto ok = options_.check_overrides(h.futures, !h.shard.empty()); !ok)
      return fail(service::errc::configuration, ok.error().evidence);
    for (const symbol& s : h.futures)
      if (auto ok = read_table(s); !ok) return ok;
    return {};
  }

  service::result<void> start(service::host& h) override {
    host_ = &h;
    if (options_.kv)
      kv_ = std::make_unique<service::latest_writer>(h.bus(), std::string(subjects::radar_bucket), service_name);
    const stream_metrics streams(h.metrics());
    streams_ = std::make_unique<radar_streams>(
        stores_,
        service::grpc_stream_limits{static_cast<std::size_t>(options_.streams_max),
                                    std::chrono::milliseconds(options_.stream_stall_ms)},
        streams, streams.conflated_columns);
    for (const symbol& s : h.options().futures)
      if (auto ok = begin(s, std::nullopt); !ok) return ok;
    const auto ask = [this](const symbol& s, std::shared_ptr<book_call> call) {
      if (const auto worker = worker_of(s)) worker.send(book_wanted{std::move(call)}, actors::lane::control);
    };
    grpc_ = std::make_unique<radar_grpc>(stores_, *streams_, ask, static_cast<int>(options_.books_max), h.metrics());
    h.add_grpc(*grpc_, "isobar.radar.v1.RadarService");
    h.add_readiness("radar", [this] { return why_not_ready(); });
    return {};
  }

  void drain() override {
    for (const auto& [s, r] : all()) r.link->intakes.close();
    if (streams_) streams_->close();
    for (const auto& [s, r] : all()) r.worker.send(finish{});
    if (!kv_) return;
    // A last value of each, while the bus is there.
    for (const auto& [s, r] : all()) keep_latest(*r.link);
    kv_->close();
  }

  void stop() override {
    running_.clear();
    grpc_.reset();
    streams_.reset();
    kv_.reset();
  }

 private:
  /// One symbol that is worked on.
  struct running {
    std::shared_ptr<radar_link> link;
    actors::ref worker;
  };

  // symbol_workers
  service::symbol_kind kind() const override { return service::symbol_kind::futures; }
  bool resumes_replay() const override { return true; }
  service::result<void> add(const symbol& s, const service::symbol_place& place) override {
    if (auto ok = read_table(s); !ok) return ok;
    return begin(s, place);
  }
  void remove(const symbol& s, bool graceful) override {
    running r;
    {
      const std::lock_guard lock(mutex_);
      const auto at = running_.find(s);
      if (at == running_.end()) return;
      r = at->second;
    }
    r.link->intakes.close();
    const auto ended = std::make_shared<std::promise<void>>();
    r.worker.send(finish{.save = graceful, .ended = ended}, actors::lane::control);
    if (ended->get_future().wait_for(service::worker_ends_within) != std::future_status::ready)
      log().warn("worker does not end symbol=" + s.str());
    host_->actors().stop(r.worker);
    if (graceful && kv_) keep_latest(*r.link);
    stores_.erase(s);
    // Streams that are open know that nothing new comes from here.
    radar_store& store = *r.link->store;
    store.publish(store.watermark(), market::quality::stale, store.breakthroughs_total());
    const std::lock_guard lock(mutex_);
    running_.erase(s);
  }

  std::vector<std::string> outputs(std::string_view venue, const symbol& s) const override {
    return {subjects::radar_surfaces(venue, s), subjects::radar_column(venue, s), subjects::radar_features(venue, s),
            subjects::radar_breakthrough(venue, s), subjects::radar_levels(venue, s)};
  }
  bool keeps_up(const symbol& s) const override {
    const std::lock_guard lock(mutex_);
    const auto at = running_.find(s);
    return at != running_.end() && at->second.link->wanted_frame == 0;
  }

  static const telemetry::logger& log() {
    static const telemetry::logger l(service_name);
    return l;
  }

  std::map<symbol, running> all() const {
    const std::lock_guard lock(mutex_);
    return running_;
  }

  actors::ref worker_of(const symbol& s) const {
    const std::lock_guard lock(mutex_);
    const auto at = running_.find(s);
    return at == running_.end() ? actors::ref() : at->second.worker;
  }

  void keep_latest(const radar_link& link) {
    if (link.place && link.place->stands_by()) return;
    if (auto value = latest_radar(*link.store, link.bus.max_payload()))
      kv_->put(subjects::latest_radar_key(link.venue, link.name), std::move(value));
  }

  /// The calibration table that the options name for the symbol.
  service::result<void> read_table(const symbol& s) {
    const auto plan = options_.plan(s);
    if (!plan) return fail(service::errc::configuration, plan.error().evidence);
    if (plan->calibration_file.empty()) return {};
    auto table = read_calibration_file(plan->calibration_file);
    if (!table) return fail(service::errc::configuration, "radar-physics.calibration: " + table.error().evidence);
    tables_.insert_or_assign(s, std::move(*table));
    return {};
  }

  service::result<void> begin(const symbol& s, std::optional<service::symbol_place> place) {
    service::host& h = *host_;
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
    store->on_change([this] { streams_->wake(); });
    const auto table = tables_.find(s);
    std::shared_ptr<radar_link> link(new radar_link{
        .bus = place ? *place->bus : h.bus(),
        .name = s,
        .venue = o.venue,
        .live = live,
        .configured = options_,
        .plan = *plan,
        .calibration = table == tables_.end() ? std::nullopt : std::optional(table->second.table),
        .calibrated_session = table == tables_.end() ? std::nullopt : table->second.last_session,
        .folder = folder,
        .resume = place || resume == resume_mode::yes || (resume == resume_mode::automatic && live && o.bus != "local"),
        .store = store,
        .measured = radar_metrics(h.metrics(), s),
        .kv = kv_.get(),
        .clock = wall_clock,
        .place = std::move(place)});
    return start_worker(link);
  }

  service::result<void> start_worker(const std::shared_ptr<radar_link>& link) {
    const symbol& s = link->name;
    const std::string& venue = link->venue;
    const actors::ref worker =
        host_->actors().supervise("radar-physics/" + s.str(), [link] { return radar_worker(link); });
    {
      const std::lock_guard lock(mutex_);
      running_.insert_or_assign(s, running{link, worker});
    }
    stores_.emplace(s, link->store);
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
      auto opened = service::intake::open(link->bus, i.subject, queue, worker, i.tag);
      if (!opened) return fail(service::errc::bus, i.subject + ": " + opened.error().evidence);
      link->measured.watch(*opened, i.label);
      link->intakes.add(std::move(*opened));
    }
    return {};
  }

  /// The first symbol that is not. Of symbols that are shared out each has its own quality, and one without input must
  /// not keep the others from being asked: the process is ready when one of them is, or none was ever heard of.
  std::string why_not_ready() const {
    std::string first;
    bool some = false;
    for (const auto& [s, r] : all()) {
      const std::string why = why_not_ready(*r.link);
      if (why.empty()) some = true;
      if (why.empty() || (r.link->place && r.link->heard_ns == 0)) continue;
      if (!r.link->place) return s.str() + ": " + why;
      if (first.empty()) first = s.str() + ": " + why;
    }
    return some ? "" : first;
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
  service::host* host_ = nullptr;
  radar_stores stores_;
  mutable std::mutex mutex_;
  std::map<symbol, running> running_;
  std::unique_ptr<service::latest_writer> kv_;
  std::unique_ptr<radar_streams> streams_;
  std::unique_ptr<radar_grpc> grpc_;
};

}  // namespace

std::unique_ptr<service::app> make_app(side_inputs expected) { return std::make_unique<radar_physics_app>(expected); }

}  // namespace isobar::radar_physics
