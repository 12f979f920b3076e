#include "epoch-manager/actors/epoch_worker.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "wire/chain_codec.hpp"
#include "wire/feed_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::epoch_manager {
namespace {

using std::chrono::steady_clock;

std::string_view to_string(epoch_reason reason) {
  constexpr std::array<std::string_view, 6> names{"none",           "first",  "strike_range",
                                                  "strike_spacing", "widths", "dte_set"};
  return names.at(static_cast<std::size_t>(reason));
}

std::string joined(const std::vector<epoch_reason>& reasons) {
  std::string out;
  for (const auto reason : reasons) out.append(out.empty() ? "" : ",").append(to_string(reason));
  return out;
}

}  // namespace

epoch_worker::epoch_worker(machine_config config, std::shared_ptr<worker_links> links)
    : config_(std::move(config)),
      links_(std::move(links)),
      out_(links_->bus, "epoch-manager", subjects::epoch_switch(links_->venue, config_.symbol), &links_->metrics),
      started_at_(steady_clock::now()) {
  if (links_->kept_bytes > 0)
    out_.keep_for_refill({.of = config_.symbol,
                          .notes = subjects::feed_resync(links_->venue, config_.symbol),
                          .producer = "epoch-manager",
                          .bytes_max = links_->kept_bytes,
                          .aside = subjects::epoch_refill(links_->venue, config_.symbol)},
                         links_->metrics.refills("switch"));
}

void epoch_worker::on_start(actors::context& self) {
  links_->store.send(load_epochs{config_.symbol, self.self()});
  self.send_after(std::chrono::seconds(1), clock_tick{});
}

void epoch_worker::on(actors::context& self, const loaded_epochs& m) {
  if (machine_) return;
  restored_epochs restored;
  std::uint64_t last_sequence = 0;
  for (const auto& [header, record] : m.epochs) {
    restored.last_id = std::max(restored.last_id, record.epoch.id);
    last_sequence = std::max(last_sequence, header.sequence);
    if (record.epoch.id == m.active) restored.active = record;
    if (record.epoch.id > m.active && record.epoch.state == market::epoch::state::preparing) {
      restored.pending = record;
      restored.pending_ts_event = header.ts_first;
    }
    auto message = std::make_shared<epoch::v1::Epoch>();
    wire::to_proto(record, header, *message);
    links_->history->put(std::move(message), record.epoch.id == m.active);
  }
  out_.resume_after(last_sequence);
  machine_.emplace(config_, std::move(restored));
  log_.info("worker loads epochs symbol=" + config_.symbol.str() + " epochs=" + std::to_string(m.epochs.size()) +
            " active=" + std::to_string(m.active));
  apply(outcome{verdict::accepted, machine_->on_start()});
  links_->intakes.wake(self.self());
  finish(self);
}

void epoch_worker::on(actors::context& self, const service::intake_ready& m) {
  if (!machine_) return;  // loaded_epochs wakes every intake
  bool more = false;
  switch (m.source->tag()) {
    case chains:
      more = take_chains(*m.source);
      break;
    case acks:
      more = m.source->drain([&](const bus::message& b) { take_ack(b); });
      break;
    case resyncs:
      more = m.source->drain([&](const bus::message& b) { take_resync(b); });
      break;
    default:
      more = m.source->drain([&](const bus::message& b) { take_window(b); });
  }
  if (more) self.self().send(m);
  if (m.source->tag() == chains && machine_->room() == 0) paused_chains_ = m.source;
  finish(self);
}

/// A switch may begin with any chain, and those behind it must find room in the machine's queue.
bool epoch_worker::take_chains(service::intake& from) {
  const auto room = machine_->room();
  if (room == 0) return false;
  const bool more = from.drain([&](const bus::message& b) { take_chain(b); }, std::min<std::size_t>(room, 8));
  return more && machine_->room() != 0;
}

void epoch_worker::on(actors::context& self, const ack_limit& m) {
  const auto* pending = machine_ ? machine_->pending() : nullptr;
  if (!pending || pending->epoch.id != m.epoch_id) return;  // everybody was in time
  apply(machine_->on_ack_limit(m.epoch_id));
  finish(self);
}

void epoch_worker::on(actors::context& self, const clock_tick&) {
  self.send_after(std::chrono::seconds(1), clock_tick{});
  if (!machine_) return;
  machine_->on_clock({std::chrono::nanoseconds(steady_clock::now() - started_at_).count()});
  if (last_input_ != start_of_time) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    links_->metrics.input_lag_seconds.set(
        std::chrono::duration<double>(now - std::chrono::nanoseconds(last_input_.ns)).count());
  }
  if (links_->live) {
    repeat_watermark();
    (void)out_.flush();
  }
  report_status();
}

/// A watermark is said when it advances, which may be a chain's cadence away: who begins in between, or lost it, would
/// wait.
void epoch_worker::repeat_watermark() {
  if (machine_->watermark() != start_of_time) (void)out_.heartbeat(machine_->watermark());
}

/// After every handler that may have changed something.
void epoch_worker::finish(actors::context& self) {
  if (const auto id = std::exchange(wait_for_, std::nullopt)) self.send_after(links_->ack_limit, ack_limit{*id});
  if (paused_chains_ && machine_->room() != 0)
    self.self().send(service::intake_ready{std::exchange(paused_chains_, nullptr)});
  report_status();
  (void)out_.flush();
}

void epoch_worker::take_chain(const bus::message& m) {
  links_->metrics.frames_in.add();
  auto decoded = wire::decode_chain(m.bytes());
  if (!decoded) return refuse(wire::to_string(decoded.error().code), decoded.error().evidence);
  const auto& header = decoded->header;
  const auto arrived = chain_sequence_.observe(header.sequence, header.heartbeat);
  if (arrived == bus::arrival::duplicate) return refuse("duplicate", "chain " + std::to_string(header.sequence));
  if (arrived == bus::arrival::gap) {
    links_->metrics.gaps.add();
    gap_ = true;
  }
  if (gap_ && !header.heartbeat) {  // a chain is complete: it heals
    links_->metrics.heals.add();
    gap_ = false;
  }
  chain_event event{nullptr, header.quality, header.watermark};
  if (!header.heartbeat) {
    last_input_ = decoded->body.ts_event;
    event.chain = std::make_shared<market::chain_snapshot>(std::move(decoded->body));
  }
  apply(machine_->on_chain(std::move(event)));
}

void epoch_worker::take_ack(const bus::message& m) {
  links_->metrics.frames_in.add();
  const auto decoded = wire::decode_epoch_ack(m.bytes());
  if (!decoded) return refuse(wire::to_string(decoded.error().code), decoded.error().evidence);
  const auto& [header, ack] = *decoded;
  if (header.heartbeat) return;
  if (ack.symbol != config_.symbol) return apply(outcome{verdict::wrong_symbol, {}});
  auto out = machine_->on_ack(ack.epoch_id, ack.participant);
  // The pause is known only after the switch: it comes with the ack of the next one.
  if (out.what == verdict::accepted && ack.pause.value > 0)
    links_->metrics.switch_pause_seconds(ack.participant).observe(static_cast<double>(ack.pause.value) / 1e9);
  // Whoever acknowledges the epoch in force has begun since, from the store.
  const bool begins =
      out.what == verdict::accepted && machine_->active() && ack.epoch_id == machine_->active()->epoch.id;
  apply(std::move(out));
  if (begins && links_->live) repeat_watermark();
}

void epoch_worker::take_window(const bus::message& m) {
  const auto header = wire::peek_header(m.bytes());
  if (!header) return refuse(wire::to_string(header.error().code), header.error().evidence);
  if (header->record_count != 0) machine_->on_quotes(header->ts_last);
}

void epoch_worker::take_resync(const bus::message& m) {
  const auto asked = wire::decode_refill_request(m.bytes());
  if (!asked) return refuse(wire::to_string(asked.error().code), asked.error().evidence);
  (void)out_.answer(*asked);
}

void epoch_worker::refuse(std::string_view reason, const std::string& evidence) {
  links_->metrics.rejected(reason).add();
  log_.warn_limited(reason, "worker refuses input symbol=" + config_.symbol.str() + " reason=" + std::string(reason) +
                                " evidence=" + evidence);
}

void epoch_worker::apply(outcome out) {
  if (out.what != verdict::accepted && out.what != verdict::queued) links_->metrics.rejected(to_string(out.what)).add();
  for (const auto& e : out.todo) std::visit([this](const auto& one) { apply(one); }, e);
}

void epoch_worker::apply(const publish_epoch& e) {
  wire::frame_info used;
  (void)out_.publish({.ts_first = e.ts_event,
                      .ts_last = e.ts_event,
                      .record_count = 1,
                      .quality = e.quality,
                      .watermark = e.watermark},
                     [&](const wire::frame_info& info) {
                       used = info;
                       return wire::encode_epoch(e.record, info);
                     });
  keep(e.record, used);
  report_switch(e.record);
}

void epoch_worker::apply(const retire_epoch& e) {
  wire::frame_info info{.producer = "epoch-manager", .sequence = out_.sequence()};
  info.ts_first = info.ts_last = info.watermark = e.record.epoch.effective_from;
  keep(e.record, info);
  if (const auto id = e.record.epoch.id; id > epochs_stored)
    links_->store.send(store_value{subjects::epoch_key(links_->venue, config_.symbol, id - epochs_stored), nullptr});
}

void epoch_worker::apply(const publish_heartbeat& e) { (void)out_.heartbeat(e.watermark); }

void epoch_worker::apply(const await_acks& e) { wait_for_ = e.epoch_id; }

/// To KV and to the queries.
void epoch_worker::keep(const market::epoch_record& record, const wire::frame_info& info) {
  auto message = std::make_shared<epoch::v1::Epoch>();
  wire::to_proto(record, info, *message);
  const auto bytes = std::make_shared<const std::string>(wire::serialize(*message));
  const bool active = record.epoch.state == market::epoch::state::active;
  links_->store.send(store_value{subjects::epoch_key(links_->venue, config_.symbol, record.epoch.id), bytes});
  if (active) links_->store.send(store_value{subjects::active_epoch_key(links_->venue, config_.symbol), bytes});
  links_->history->put(std::move(message), active);
}

void epoch_worker::report_switch(const market::epoch_record& record) {
  const auto& e = record.epoch;
  auto& metrics = links_->metrics;
  const bool prepares = e.state == market::epoch::state::preparing;
  if (prepares) {
    switch_began_at_ = steady_clock::now();
    for (const auto reason : e.reasons) metrics.epochs(to_string(reason)).add();
  } else {
    metrics.epoch.set(static_cast<double>(e.id));
    metrics.contracts.set(static_cast<double>(e.board.listed_count()));
    if (switch_began_at_ != steady_clock::time_point{})
      metrics.switch_seconds.observe(std::chrono::duration<double>(steady_clock::now() - switch_began_at_).count());
    for (const auto& participant : record.missing_acks) {
      metrics.missing_acks(participant).add();
      log_.warn("worker switches without participant=" + participant + " symbol=" + e.symbol.str() +
                " epoch=" + std::to_string(e.id));
    }
  }
  log_.info(std::string("worker ") + (prepares ? "prepares" : "activates") + " epoch=" + std::to_string(e.id) +
            " symbol=" + e.symbol.str() + " reasons=" + joined(e.reasons) +
            " planes=" + std::to_string(e.board.planes.size()) +
            " contracts=" + std::to_string(e.board.listed_count()) + " effective_from=" + to_iso(e.effective_from));
}

void epoch_worker::report_status() {
  const bool dormant = machine_->dormant();
  links_->history->set_status({.dormant = dormant, .watermark = machine_->watermark()});
  links_->metrics.dormant.set(dormant ? 1 : 0);
  links_->metrics.switch_pending.set(machine_->pending() ? 1 : 0);
  links_->metrics.queued.set(static_cast<double>(machine_->queued()));
  if (dormant != was_dormant_)
    log_.info(std::string("worker finds symbol ") + (dormant ? "dormant" : "awake") +
              " symbol=" + config_.symbol.str());
  was_dormant_ = dormant;
}

}  // namespace isobar::epoch_manager
