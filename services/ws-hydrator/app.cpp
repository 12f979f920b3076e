#include "ws-hydrator/app.hpp"

#include <chrono>

#include "service/replay_gate.hpp"
#include "telemetry/log.hpp"
#include "wire/subjects.hpp"
#include "ws-hydrator/actors/hydrator_worker.hpp"
#include "ws-hydrator/sources/make_source.hpp"
#include "ws-hydrator/transport/window_grpc.hpp"

namespace isobar::ws_hydrator {
namespace {

// Chains every few seconds, epochs a few a day: the limits are for bursts in replay.
const bus::subscribe_options chain_queue{.queue_limit = 4096};
const bus::subscribe_options epoch_queue{.queue_limit = 1024};
const bus::subscribe_options resync_queue{.queue_limit = 64};

timestamp wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

constexpr const char* service_name = "ws-hydrator";

class ws_hydrator_app final : public service::app, private service::symbol_workers {
 public:
  std::string_view name() const override { return service_name; }
  void declare(config::schema& s) override { settings_.declare(s); }
  service::symbol_workers* workers() override { return this; }
  service::result<void> validate(const service::host_options& h) override { return settings_.validate(h); }
  service::result<void> start(service::host& h) override;
  void drain() override;
  void stop() override;

 private:
  /// One symbol that is worked on.
  struct running {
    std::shared_ptr<symbol_link> link;
    std::shared_ptr<service::replay_gate> gate;
    actors::ref worker;
  };

  // symbol_workers
  service::symbol_kind kind() const override { return service::symbol_kind::options; }
  service::result<void> add(const symbol& s, const service::symbol_place& place) override { return begin(s, place); }
  void remove(const symbol& s, bool graceful) override;

  service::result<void> begin(const symbol& s, const std::optional<service::symbol_place>& place);
  service::result<void> make_link(const symbol& s, const std::optional<service::symbol_place>& place, running& r);
  service::result<void> open_intakes(const running& r);
  std::string not_ready() const;

  settings settings_;
  service::host* host_ = nullptr;
  symbol_views views_;
  service::stores_by_symbol<running> running_;
  std::unique_ptr<window_grpc> grpc_;
};

service::result<void> ws_hydrator_app::start(service::host& h) {
  host_ = &h;
  for (const symbol& s : h.options().symbols)
    if (auto started = begin(s, std::nullopt); !started) return started;
  grpc_ = std::make_unique<window_grpc>(views_, h.metrics());
  h.add_grpc(*grpc_, "isobar.window.v1.WindowService");
  h.add_readiness(service_name, [this] { return not_ready(); });
  return {};
}

service::result<void> ws_hydrator_app::make_link(const symbol& s, const std::optional<service::symbol_place>& place,
                                                 running& r) {
  service::host& h = *host_;
  source_context context;
  context.symbol = s;
  context.live = h.options().mode != "replay";
  context.clock = wall_clock;
  context.process_start = wall_clock();
  if (settings_.record) context.record_dir = h.data_dir(service_name).string();
  r.link = std::make_shared<symbol_link>();
  if (!context.live) {
    const auto nudge = [link = std::weak_ptr(r.link)] {
      if (const auto l = link.lock(); l && l->source) l->source->nudge();
    };
    auto gate = service::replay_gate::open(h.bus(), h.options().venue, s, {.lead_ms = settings_.replay_lead_ms}, nudge);
    if (!gate) return fail(service::errc::bus, gate.error().evidence);
    r.gate = *gate;
    context.may_pass = [g = *gate](timestamp next) { return g->allowed(next); };
  }
  auto source = make_source(settings_, std::move(context));
  if (!source) return fail(service::errc::configuration, source.error().evidence);
  symbol_link& l = *r.link;
  l.symbol = s;
  l.venue = h.options().venue;
  l.live = h.options().mode != "replay";
  l.options = settings_;
  l.place = place;
  l.bus = place ? place->bus.get() : &h.bus();
  l.source = std::move(*source);
  l.view = std::make_shared<symbol_view>(static_cast<std::size_t>(settings_.history_bytes));
  l.metrics = std::make_shared<hydrator_metrics>(h.metrics(), s);
  l.clock = wall_clock;
  return {};
}

service::result<void> ws_hydrator_app::begin(const symbol& s, const std::optional<service::symbol_place>& place) {
  auto r = std::make_shared<running>();
  if (auto made = make_link(s, place, *r); !made) return made;
  symbol_link& l = *r->link;
  r->worker = host_->actors().supervise("ws-hydrator/" + s.str(), [link = r->link] { return hydrator_worker(link); });
  running_.emplace(s, r);
  views_.emplace(s, l.view);
  l.metrics->common.watch(r->worker);
  if (auto ok = open_intakes(*r); !ok) return ok;
  r->worker.send(ws_hydrator::begin{});
  l.source->start();
  return {};
}

/// The worker's successor begins with a base window, as after a restart.
void ws_hydrator_app::remove(const symbol& s, bool) {
  const auto entry = running_.find(s);
  if (!entry) return;
  const running& r = *entry->second;
  r.link->source->stop();
  for (const auto& in : r.link->intakes) in->close();
  if (!host_->actors().stop(r.worker, service::worker_ends_within))
    telemetry::logger(service_name).warn("worker does not end symbol=" + s.str());
  views_.erase(s);
  running_.erase(s);
}

service::result<void> ws_hydrator_app::open_intakes(const running& r) {
  symbol_link& l = *r.link;
  struct input {
    std::string subject;
    const bus::subscribe_options* queue;
    hydrator_worker::input tag;
    std::string_view name;
  };
  const input inputs[] = {
      {subjects::chain_snapshot(l.venue, l.symbol), &chain_queue, hydrator_worker::chains, "chain"},
      {subjects::epoch_switch(l.venue, l.symbol), &epoch_queue, hydrator_worker::epochs, "epoch"},
      {subjects::window_resync(l.venue, l.symbol), &resync_queue, hydrator_worker::resyncs, "resync"}};
  for (const input& i : inputs) {
    auto in = service::intake::open(*l.bus, i.subject, *i.queue, r.worker, i.tag);
    if (!in) return fail(service::errc::bus, i.subject + ": " + in.error().evidence);
    l.metrics->common.watch(*in, i.name);
    l.intakes.push_back(std::move(*in));
  }
  return {};
}

std::string ws_hydrator_app::not_ready() const {
  for (const auto& entry : running_.all()) {
    const symbol& s = entry->first;
    const running& p = *entry->second;
    const symbol_view::status status = p.link->view->get_status();
    if (!status.problem.empty()) return s.str() + ": " + status.problem;
    if (!status.has_epoch) return s.str() + " has no epoch yet";
    if (p.gate)
      if (auto held = p.gate->waiting_too_long(); !held.empty()) return s.str() + ": " + held;
    if (p.link->source->clocked() && status.feed.state != "connected")
      return s.str() + ": feed is " + status.feed.state;
  }
  return {};
}

void ws_hydrator_app::drain() {
  for (const auto& r : running_.all()) {
    r->second->link->source->stop();
    for (const auto& in : r->second->link->intakes) in->close();
  }
}

void ws_hydrator_app::stop() {
  grpc_.reset();
  running_.clear();
  views_.clear();
}

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<ws_hydrator_app>(); }

}  // namespace isobar::ws_hydrator
