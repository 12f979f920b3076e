#include "epoch-manager/app.hpp"

#include <list>

#include "epoch-manager/actors/epoch_worker.hpp"
#include "epoch-manager/config.hpp"
#include "epoch-manager/transport/epoch_grpc.hpp"
#include "wire/subjects.hpp"

namespace isobar::epoch_manager {
namespace {

// Queues: a chain every few seconds, an ack per switch, five windows a second of which only the last matters.
const bus::subscribe_options chain_queue{.queue_limit = 4096};
const bus::subscribe_options ack_queue{.queue_limit = 1024};
const bus::subscribe_options resync_queue{.queue_limit = 256, .policy = bus::overflow::drop_oldest};
constexpr std::size_t kept_bytes = 16 << 20;  // replay: some hundred large boards, until gamma-fuel needs them no more
const bus::subscribe_options window_queue{.queue_limit = 16, .policy = bus::overflow::drop_oldest};

class epoch_manager_app final : public service::app {
 public:
  std::string_view name() const override { return "epoch-manager"; }
  void declare(config::schema& s) override { settings_.declare(s); }
  service::result<void> validate(const service::host_options& h) override;
  service::result<void> start(service::host& h) override;
  void drain() override {
    for (const auto& intakes : intakes_) intakes->close();
  }
  void stop() override {
    grpc_.reset();
    intakes_.clear();
    metrics_.clear();
  }

 private:
  bus::result<void> start_symbol(service::host& h, const actors::ref& store, machine_config config);
  std::string not_ready() const;

  settings settings_;
  std::vector<symbol> symbols_;
  std::unique_ptr<epoch_history> history_;
  std::unique_ptr<epoch_grpc> grpc_;
  std::list<worker_metrics> metrics_;
  std::vector<std::shared_ptr<service::intake_set>> intakes_;
};

service::result<void> epoch_manager_app::validate(const service::host_options& h) {
  for (const auto& s : h.symbols)
    if (auto config = machine_config_of(settings_, s); !config)
      return fail(service::errc::configuration, config.error().evidence);
  return {};
}

service::result<void> epoch_manager_app::start(service::host& h) {
  symbols_ = h.options().symbols;
  history_ = std::make_unique<epoch_history>(symbols_);
  grpc_ = std::make_unique<epoch_grpc>(*history_, h.metrics());
  h.add_grpc(*grpc_, "isobar.epoch.v1.EpochService");
  h.add_readiness("epoch-manager", [this] { return not_ready(); });
  const auto store =
      h.actors().spawn("epoch-manager/store", epoch_store(h.bus(), h.options().venue), {.detached = true});
  for (const auto& s : symbols_) {
    auto config = machine_config_of(settings_, s);
    if (!config) return fail(service::errc::configuration, config.error().evidence);
    if (auto started = start_symbol(h, store, std::move(*config)); !started)
      return fail(service::errc::bus, "epoch-manager " + s.str() + ": " + started.error().evidence);
  }
  return {};
}

bus::result<void> epoch_manager_app::start_symbol(service::host& h, const actors::ref& store, machine_config config) {
  const auto s = config.symbol;
  const auto& venue = h.options().venue;
  auto& metrics = metrics_.emplace_back(h.metrics(), s);
  const auto limit = h.options().mode == "replay" ? settings_.replay_ack_limit_ms : settings_.ack_limit_ms;
  const worker_links links{.bus = &h.bus(),
                           .venue = venue,
                           .store = store,
                           .history = history_.get(),
                           .metrics = &metrics,
                           .intakes = intakes_.emplace_back(std::make_shared<service::intake_set>()),
                           .ack_limit = std::chrono::milliseconds(limit),
                           .live = h.options().mode != "replay",
                           .kept_bytes = h.options().mode == "replay" ? kept_bytes : 0};
  const auto worker =
      h.actors().supervise("epoch-manager/" + s.str(), [config, links] { return epoch_worker(config, links); });
  metrics.watch(worker);
  const auto open = [&](const std::string& subject, const bus::subscribe_options& queue, epoch_worker::input tag,
                        std::string_view queue_name) -> bus::result<void> {
    auto in = service::intake::open(h.bus(), subject, queue, worker, tag);
    if (!in) return std::unexpected(in.error());
    metrics.watch(*in, queue_name);
    links.intakes->add(std::move(*in));
    return {};
  };
  if (links.kept_bytes > 0)
    if (auto ok = open(subjects::feed_resync(venue, s), resync_queue, epoch_worker::resyncs, "resync"); !ok) return ok;
  if (auto ok = open(subjects::epoch_ack(venue, s), ack_queue, epoch_worker::acks, "ack"); !ok) return ok;
  if (auto ok = open(subjects::window_frame(venue, s), window_queue, epoch_worker::windows, "window"); !ok) return ok;
  return open(subjects::chain_snapshot(venue, s), chain_queue, epoch_worker::chains, "chain");
}

std::string epoch_manager_app::not_ready() const {
  for (const auto& s : symbols_) {
    if (!history_->find(s, 0)) return s.str() + " has no epoch yet";
    if (history_->status_of(s).dormant) return s.str() + " is dormant";
  }
  return {};
}

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<epoch_manager_app>(); }

}  // namespace isobar::epoch_manager
