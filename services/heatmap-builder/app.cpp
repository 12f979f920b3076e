#include "heatmap-builder/app.hpp"

#include <chrono>
#include <future>
#include <map>
#include <mutex>

#include "bus/bus.hpp"
#include "heatmap-builder/actors/surface_worker.hpp"
#include "heatmap-builder/transport/heatmap_grpc.hpp"
#include "service/intake.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::heatmap_builder {
namespace {

constexpr const char* service_name = "heatmap-builder";

class heatmap_builder_app final : public service::app, private service::symbol_workers {
 public:
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override { options_.declare(s); }
  service::symbol_workers* workers() override { return this; }

  service::result<void> validate(const service::host_options& h) override {
    if (h.symbols.empty() && h.shard.empty()) return fail(service::errc::configuration, "symbols: none given");
    if (auto why = options_.validate(); !why.empty()) return fail(service::errc::configuration, std::move(why));
    return {};
  }

  service::result<void> start(service::host& h) override {
    host_ = &h;
    const service::host_options& o = h.options();
    kv_ = std::make_unique<kv_agent>(h.bus(), o.venue, options_.assumptions(),
                                     [this](const symbol& s, const kv_agent::written& w) { count_models(s, w); });
    queries_ = std::make_unique<surface_queries>(stores_, options_);
    streams_ = std::make_unique<surface_streams>(
        stores_, options_.assumptions(),
        service::grpc_stream_limits{static_cast<std::size_t>(options_.streams_max),
                                    std::chrono::milliseconds(options_.stream_stall_ms)},
        stream_metrics(h.metrics()));
    for (const symbol& s : o.symbols)
      if (auto ok = begin(s, std::nullopt); !ok) return ok;
    grpc_ = std::make_unique<heatmap_grpc>(*queries_, *streams_, h.metrics());
    h.add_grpc(*grpc_, "isobar.heatmap.v1.HeatmapService");
    h.add_readiness("surface", [this] { return why_not_ready(); });
    return {};
  }

  void drain() override {
    for (const auto& [s, r] : all()) r.resources->intakes.close();
    if (streams_) streams_->close();
    if (!kv_) return;
    for (const auto& [s, r] : all()) keep_latest(*r.resources);
    kv_->close(std::chrono::milliseconds(1000));
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
    std::shared_ptr<worker_resources> resources;
    actors::ref worker;
  };

  // symbol_workers
  service::symbol_kind kind() const override { return service::symbol_kind::options; }
  bool resumes_replay() const override { return true; }
  service::result<void> add(const symbol& s, const service::symbol_place& place) override { return begin(s, place); }
  void remove(const symbol& s, bool graceful) override {
    running r;
    {
      const std::lock_guard lock(mutex_);
      const auto at = running_.find(s);
      if (at == running_.end()) return;
      r = at->second;
    }
    r.resources->intakes.close();
    const auto ended = std::make_shared<std::promise<void>>();
    r.worker.send(finish{.save = graceful, .ended = ended}, actors::lane::control);
    if (ended->get_future().wait_for(service::worker_ends_within) != std::future_status::ready)
      log().warn("worker does not end symbol=" + s.str());
    host_->actors().stop(r.worker);
    if (graceful) keep_latest(*r.resources);
    stores_.erase(s);
    // Streams that are open know that nothing new comes from here.
    r.resources->store->set_resyncing(true);
    const std::lock_guard lock(mutex_);
    running_.erase(s);
  }

  std::vector<std::string> outputs(std::string_view venue, const symbol& s) const override {
    std::vector<std::string> out{subjects::heatmap_tiles(venue, s)};
    if (options_.gradient) out.push_back(subjects::heatmap_gradient(venue, s));
    return out;
  }
  bool keeps_up(const symbol& s) const override {
    const std::lock_guard lock(mutex_);
    const auto at = running_.find(s);
    if (at == running_.end()) return false;
    const auto view = at->second.resources->store->latest();
    return !view || !view->resyncing;
  }

  static const telemetry::logger& log() {
    static const telemetry::logger l(service_name);
    return l;
  }

  std::map<symbol, running> all() const {
    const std::lock_guard lock(mutex_);
    return running_;
  }

  void keep_latest(const worker_resources& r) {
    if (r.stands_by()) return;
    if (const auto view = r.store->latest(); view && options_.kv) kv_->store_model(view->snapshot);
  }

  service::result<void> begin(const symbol& s, std::optional<service::symbol_place> place) {
    const service::host_options& o = host_->options();
    bus::bus& on = place ? *place->bus : host_->bus();
    const auto store = std::make_shared<surface_store>(options_.history(), options_.stale_after());
    store->on_change([this] { streams_->wake(); });
    std::shared_ptr<worker_resources> resources(new worker_resources{.bus = on,
                                                                     .name = s,
                                                                     .venue = o.venue,
                                                                     .configured = options_,
                                                                     .live = o.mode == "live",
                                                                     .store = store,
                                                                     .kv = *kv_,
                                                                     .measured = metrics(host_->metrics(), s),
                                                                     .place = std::move(place)});
    const actors::ref worker =
        host_->actors().supervise("heatmap-builder " + s.str(), [resources] { return surface_worker(resources); });
    {
      const std::lock_guard lock(mutex_);
      running_.insert_or_assign(s, running{resources, worker});
    }
    stores_.emplace(s, store);
    resources->measured.watch(worker);
    return open_intakes(*resources, worker);
  }

  service::result<void> open_intakes(worker_resources& r, const actors::ref& worker) {
    const bus::subscribe_options queue{.queue_limit = static_cast<std::size_t>(options_.queue_frames_max)};
    struct input {
      std::string subject;
      int tag;
      const char* label;
    };
    // Epochs first, so that a window never arrives before the service could have heard of its epoch.
    std::vector<input> inputs{{subjects::epoch_switch(r.venue, r.name), epochs_intake, "epochs"},
                              {subjects::model_heatmap(r.venue, r.name), rows_intake, "rows"}};
    if (r.place) inputs.insert(inputs.begin(), {subjects::feed_resync(r.venue, r.name), resync_intake, "resync"});
    for (const input& i : inputs) {
      auto opened = service::intake::open(r.bus, i.subject, queue, worker, i.tag);
      if (!opened) return fail(service::errc::bus, i.subject + ": " + opened.error().evidence);
      r.measured.watch(*opened, i.label);
      r.intakes.add(std::move(*opened));
    }
    return {};
  }

  /// The first symbol that is not. Of symbols that are shared out each has its own quality, and one without input must
  /// not keep the others from being asked: the process is ready when one of them is, or none was ever heard of.
  std::string why_not_ready() const {
    std::string first;
    bool some = false;
    for (const auto& [s, r] : all()) {
      const std::string why = why_not_ready(*r.resources);
      if (why.empty()) some = true;
      if (why.empty() || (r.resources->place && r.resources->heard_ns == 0)) continue;
      if (!r.resources->place) return s.str() + ": " + why;
      if (first.empty()) first = s.str() + ": " + why;
    }
    return some ? "" : first;
  }

  std::string why_not_ready(const worker_resources& r) const {
    if (!r.store->latest()) return "nothing built yet";
    if (r.store->latest()->resyncing) return "waits for a base window";
    if (!r.live || r.input_ended) return {};
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const std::int64_t silent = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - r.heard_ns.load();
    return silent > milliseconds(options_.ready_within_ms).value ? "input silent" : "";
  }

  void count_models(const symbol& s, const kv_agent::written& w) {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(s);
    if (found == running_.end()) return;
    found->second.resources->measured.models_written.add(w.models);
    found->second.resources->measured.models_skipped.add(w.skipped);
  }

  options options_;
  service::host* host_ = nullptr;
  surface_stores stores_;
  mutable std::mutex mutex_;
  std::map<symbol, running> running_;
  std::unique_ptr<kv_agent> kv_;
  std::unique_ptr<surface_queries> queries_;
  std::unique_ptr<surface_streams> streams_;
  std::unique_ptr<heatmap_grpc> grpc_;
};

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<heatmap_builder_app>(); }

}  // namespace isobar::heatmap_builder
