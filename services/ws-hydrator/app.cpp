#include "ws-hydrator/app.hpp"

#include <chrono>
#include <map>

#include "service/replay_gate.hpp"
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

class ws_hydrator_app final : public service::app {
 public:
  std::string_view name() const override { return "ws-hydrator"; }
  void declare(config::schema& s) override { settings_.declare(s); }
  service::result<void> validate(const service::host_options& h) override { return settings_.validate(h); }
  service::result<void> start(service::host& h) override;
  void drain() override;
  void stop() override;

 private:
  struct per_symbol {
    std::shared_ptr<symbol_link> link;
    std::shared_ptr<service::replay_gate> gate;
  };
  service::result<void> start_symbol(service::host& h, const symbol& s);
  service::result<void> make_link(service::host& h, const symbol& s, per_symbol& p);
  std::string not_ready() const;

  settings settings_;
  std::map<symbol, per_symbol> symbols_;
  std::unique_ptr<window_grpc> grpc_;
};

service::result<void> ws_hydrator_app::start(service::host& h) {
  for (const symbol& s : h.options().symbols)
    if (auto started = start_symbol(h, s); !started) return started;
  symbol_views views;
  for (const auto& [s, p] : symbols_) views.emplace(s, p.link->view);
  grpc_ = std::make_unique<window_grpc>(std::move(views), h.metrics());
  h.add_grpc(*grpc_, "isobar.window.v1.WindowService");
  h.add_readiness("ws-hydrator", [this] { return not_ready(); });
  return {};
}

service::result<void> ws_hydrator_app::make_link(service::host& h, const symbol& s, per_symbol& p) {
  source_context context;
  context.symbol = s;
  context.live = h.options().mode != "replay";
  context.clock = wall_clock;
  context.process_start = wall_clock();
  if (settings_.record) context.record_dir = h.data_dir("ws-hydrator").string();
  p.link = std::make_shared<symbol_link>();
  if (!context.live) {
    const auto nudge = [link = std::weak_ptr(p.link)] {
      if (const auto l = link.lock(); l && l->source) l->source->nudge();
    };
    auto gate = service::replay_gate::open(h.bus(), h.options().venue, s, {.lead_ms = settings_.replay_lead_ms}, nudge);
    if (!gate) return fail(service::errc::bus, "ws-hydrator: " + gate.error().evidence);
    p.gate = *gate;
    context.may_pass = [g = *gate](timestamp next) { return g->allowed(next); };
  }
  auto source = make_source(settings_, std::move(context));
  if (!source) return fail(service::errc::configuration, "ws-hydrator: " + source.error().evidence);
  symbol_link& l = *p.link;
  l.symbol = s;
  l.venue = h.options().venue;
  l.live = h.options().mode != "replay";
  l.options = settings_;
  l.bus = &h.bus();
  l.source = std::move(*source);
  l.view = std::make_shared<symbol_view>(static_cast<std::size_t>(settings_.history_bytes));
  l.metrics = std::make_shared<hydrator_metrics>(h.metrics(), s);
  l.clock = wall_clock;
  return {};
}

service::result<void> ws_hydrator_app::start_symbol(service::host& h, const symbol& s) {
  per_symbol& p = symbols_[s];
  if (auto made = make_link(h, s, p); !made) return made;
  symbol_link& l = *p.link;
  const actors::ref worker =
      h.actors().supervise("ws-hydrator/" + s.str(), [link = p.link] { return hydrator_worker(link); });
  l.metrics->common.watch(worker);
  struct input {
    std::string subject;
    const bus::subscribe_options* queue;
    hydrator_worker::input tag;
    std::string_view name;
  };
  const input inputs[] = {{subjects::chain_snapshot(l.venue, s), &chain_queue, hydrator_worker::chains, "chain"},
                          {subjects::epoch_switch(l.venue, s), &epoch_queue, hydrator_worker::epochs, "epoch"},
                          {subjects::window_resync(l.venue, s), &resync_queue, hydrator_worker::resyncs, "resync"}};
  for (const input& i : inputs) {
    auto in = service::intake::open(h.bus(), i.subject, *i.queue, worker, i.tag);
    if (!in) return fail(service::errc::bus, "ws-hydrator " + i.subject + ": " + in.error().evidence);
    l.metrics->common.watch(*in, i.name);
    l.intakes.push_back(std::move(*in));
  }
  worker.send(begin{});
  l.source->start();
  return {};
}

std::string ws_hydrator_app::not_ready() const {
  for (const auto& [s, p] : symbols_) {
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
  for (auto& [s, p] : symbols_) {
    p.link->source->stop();
    for (const auto& in : p.link->intakes) in->close();
  }
}

void ws_hydrator_app::stop() {
  grpc_.reset();
  symbols_.clear();
}

}  // namespace

std::unique_ptr<service::app> make_app() { return std::make_unique<ws_hydrator_app>(); }

}  // namespace isobar::ws_hydrator
