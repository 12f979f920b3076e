#include "heatmap-builder/app.hpp"

#include "bus/bus.hpp"
#include "heatmap-builder/actors/surface_worker.hpp"
#include "heatmap-builder/transport/heatmap_grpc.hpp"
#include "service/intake.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::heatmap_builder {
namespace {

constexpr const char* service_name = "heatmap-builder";

class heatmap_builder_app final : public service::app {
 public:
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override { options_.declare(s); }

  service::result<void> validate(const service::host_options& h) override {
    if (h.symbols.empty()) return fail(service::errc::configuration, "symbols: none given");
    if (auto why = options_.validate(); !why.empty()) return fail(service::errc::configuration, std::move(why));
    return {};
  }

  service::result<void> start(service::host& h) override {
    const service::host_options& o = h.options();
    kv_ = std::make_unique<kv_agent>(h.bus(), o.venue, options_.assumptions(),
                                     [this](const symbol& s, const kv_agent::written& w) { count_models(s, w); });
    for (const symbol& s : o.symbols)
      stores_.try_emplace(s, std::make_shared<surface_store>(options_.history(), options_.stale_after()));
    queries_ = std::make_unique<surface_queries>(stores_, options_);
    streams_ = std::make_unique<surface_streams>(
        stores_, options_.assumptions(),
        service::grpc_stream_limits{static_cast<std::size_t>(options_.streams_max),
                                    std::chrono::milliseconds(options_.stream_stall_ms)},
        stream_metrics(h.metrics()));
    // Everything that other threads look up is complete before the first worker runs.
    for (const auto& [s, store] : stores_) {
      store->on_change([this] { streams_->wake(); });
      resources_.emplace(
          s, std::shared_ptr<worker_resources>(new worker_resources{h.bus(), s, o.venue, options_, o.mode == "live",
                                                                    store, *kv_, metrics(h.metrics(), s)}));
    }
    for (const auto& [s, resources] : resources_)
      if (auto ok = start_worker(h, s, resources); !ok) return ok;
    grpc_ = std::make_unique<heatmap_grpc>(*queries_, *streams_, h.metrics());
    h.add_grpc(*grpc_, "isobar.heatmap.v1.HeatmapService");
    return {};
  }

  void drain() override {
    for (const auto& i : intakes_) i->close();
    if (streams_) streams_->close();
    if (!kv_) return;
    for (const auto& [s, store] : stores_)
      if (const auto view = store->latest(); view && options_.kv) kv_->store_model(view->snapshot);
    kv_->close(std::chrono::milliseconds(1000));
  }

  void stop() override {
    intakes_.clear();
    grpc_.reset();
    streams_.reset();
    kv_.reset();
  }

 private:
  service::result<void> start_worker(service::host& h, const symbol& s,
                                     const std::shared_ptr<worker_resources>& resources) {
    const std::string& venue = h.options().venue;
    const actors::ref worker =
        h.actors().supervise("heatmap-builder " + s.str(), [resources] { return surface_worker(resources); });
    resources->measured.watch(worker);
    const bus::subscribe_options queue{.queue_limit = static_cast<std::size_t>(options_.queue_frames_max)};
    // Epochs first, so that a window never arrives before the service could have heard of its epoch.
    for (const auto& [subject, tag, label] : {std::tuple(subjects::epoch_switch(venue, s), epochs_intake, "epochs"),
                                              std::tuple(subjects::model_heatmap(venue, s), rows_intake, "rows")}) {
      auto opened = service::intake::open(h.bus(), subject, queue, worker, tag);
      if (!opened) return fail(service::errc::bus, subject + ": " + opened.error().evidence);
      resources->measured.watch(*opened, label);
      intakes_.push_back(std::move(*opened));
    }
    h.add_readiness("surface " + s.str(), [this, resources] { return why_not_ready(*resources); });
    return {};
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
    const auto found = resources_.find(s);
    if (found == resources_.end()) return;
    found->second->measured.models_written.add(w.models);
    found->second->measured.models_skipped.add(w.skipped);
  }

  options options_;
  surface_stores stores_;
  std::map<symbol, std::shared_ptr<worker_resources>> resources_;
  std::vector<std::shared_ptr<service::intake>> intakes_;
  std::unique_ptr<kv_agent> kv_;
  std::unique_ptr<surface_queries> queries_;
  std::unique_ptr<surface_streams> streams_;
  std::unique_ptr<heatmap_grpc> grpc_;
};

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<heatmap_builder_app>(); }

}  // namespace isobar::heatmap_builder
