#include "epoch-manager/app.hpp"

#include "epoch-manager/actors/epoch_worker.hpp"
#include "epoch-manager/config.hpp"
#include "epoch-manager/transport/epoch_grpc.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"

namespace isobar::epoch_manager {
namespace {

constexpr const char* service_name = "epoch-manager";

// Queues: a chain every few seconds, an ack per switch, five windows a second of which only the last matters.
const bus::subscribe_options chain_queue{.queue_limit = 4096};
const bus::subscribe_options ack_queue{.queue_limit = 1024};
const bus::subscribe_options resync_queue{.queue_limit = 256, .policy = bus::overflow::drop_oldest};
constexpr std::size_t kept_bytes = 16 << 20;  // replay: some hundred large boards, until gamma-fuel needs them no more
const bus::subscribe_options window_queue{.queue_limit = 16, .policy = bus::overflow::drop_oldest};

class epoch_manager_app final : public service::app, private service::symbol_workers {
 public:
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override { settings_.declare(s); }
  service::symbol_workers* workers() override { return this; }
  service::result<void> validate(const service::host_options& h) override;
  service::result<void> start(service::host& h) override;
  void drain() override {
    for (const auto& r : running_.all()) r->second->links->intakes.close();
  }
  void stop() override {
    grpc_.reset();
    running_.clear();
    histories_.clear();
  }

 private:
  /// One symbol that is worked on.
  struct running {
    std::shared_ptr<worker_links> links;
    actors::ref worker;
  };

  // symbol_workers
  service::symbol_kind kind() const override { return service::symbol_kind::options; }
  service::result<void> add(const symbol& s, const service::symbol_place& place) override;
  void remove(const symbol& s, bool graceful) override;

  actors::ref spawn_store(std::shared_ptr<bus::bus> on, const std::string& name);
  service::result<void> begin(const symbol& s, const actors::ref& store,
                              const std::optional<service::symbol_place>& place);
  std::string not_ready() const;

  settings settings_;
  service::host* host_ = nullptr;
  epoch_histories histories_;
  service::stores_by_symbol<running> running_;
  std::unique_ptr<epoch_grpc> grpc_;
};

service::result<void> epoch_manager_app::validate(const service::host_options& h) {
  for (const auto& s : h.symbols)
    if (auto config = machine_config_of(settings_, s); !config)
      return fail(service::errc::configuration, config.error().evidence);
  return {};
}

service::result<void> epoch_manager_app::start(service::host& h) {
  host_ = &h;
  grpc_ = std::make_unique<epoch_grpc>(histories_, h.metrics());
  h.add_grpc(*grpc_, "isobar.epoch.v1.EpochService");
  h.add_readiness(std::string(service_name), [this] { return not_ready(); });
  if (h.options().symbols.empty()) return {};
  const auto store = spawn_store({std::shared_ptr<void>(), &h.bus()}, "epoch-manager/store");
  for (const symbol& s : h.options().symbols)
    if (auto ok = begin(s, store, std::nullopt); !ok) return ok;
  return {};
}

actors::ref epoch_manager_app::spawn_store(std::shared_ptr<bus::bus> on, const std::string& name) {
  return host_->actors().spawn(name, epoch_store(std::move(on), host_->options().venue), {.detached = true});
}

/// A store of its own: it ends with the symbol, when all is written, and writes nothing once that is another's.
service::result<void> epoch_manager_app::add(const symbol& s, const service::symbol_place& place) {
  return begin(s, spawn_store(place.bus, "epoch-manager/store/" + s.str()), place);
}

void epoch_manager_app::remove(const symbol& s, bool) {
  const auto r = running_.find(s);
  if (!r) return;
  const auto& [links, worker] = *r->second;
  links->intakes.close();
  for (const actors::ref& a : {worker, links->store})
    if (!host_->actors().stop(a, service::worker_ends_within))
      telemetry::logger(service_name).warn("worker does not end symbol=" + s.str());
  histories_.erase(s);
  running_.erase(s);
}

service::result<void> epoch_manager_app::begin(const symbol& s, const actors::ref& store,
                                               const std::optional<service::symbol_place>& place) {
  service::host& h = *host_;
  const auto config = machine_config_of(settings_, s);
  if (!config) return fail(service::errc::configuration, config.error().evidence);
  const auto& venue = h.options().venue;
  const bool live = h.options().mode != "replay";
  std::shared_ptr<worker_links> links(new worker_links{
      .bus = place ? *place->bus : h.bus(),
      .venue = venue,
      .store = store,
      .metrics = worker_metrics(h.metrics(), s),
      .ack_limit = std::chrono::milliseconds(live ? settings_.ack_limit_ms : settings_.replay_ack_limit_ms),
      .live = live,
      .kept_bytes = live ? 0 : kept_bytes,
      .place = place});
  const auto worker = h.actors().supervise("epoch-manager/" + s.str(),
                                           [config = *config, links] { return epoch_worker(config, links); });
  running_.emplace(s, std::make_shared<running>(running{links, worker}));
  histories_.emplace(s, links->history);
  links->metrics.watch(worker);
  const auto open = [&](const std::string& subject, const bus::subscribe_options& queue, epoch_worker::input tag,
                        std::string_view queue_name) -> service::result<void> {
    auto in = service::intake::open(links->bus, subject, queue, worker, tag);
    if (!in) return fail(service::errc::bus, subject + ": " + in.error().evidence);
    links->metrics.watch(*in, queue_name);
    links->intakes.add(std::move(*in));
    return {};
  };
  if (links->kept_bytes > 0)
    if (auto ok = open(subjects::feed_resync(venue, s), resync_queue, epoch_worker::resyncs, "resync"); !ok) return ok;
  if (auto ok = open(subjects::epoch_ack(venue, s), ack_queue, epoch_worker::acks, "ack"); !ok) return ok;
  if (auto ok = open(subjects::window_frame(venue, s), window_queue, epoch_worker::windows, "window"); !ok) return ok;
  return open(subjects::chain_snapshot(venue, s), chain_queue, epoch_worker::chains, "chain");
}

std::string epoch_manager_app::not_ready() const {
  for (const auto& entry : histories_.all()) {
    const auto& [s, history] = *entry;
    if (!history->find(0)) return s.str() + " has no epoch yet";
    if (history->get_status().dormant) return s.str() + " is dormant";
  }
  return {};
}

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<epoch_manager_app>(); }

}  // namespace isobar::epoch_manager
