#include "epoch-manager/domain/epoch_machine.hpp"

#include <algorithm>
#include <array>

namespace isobar::epoch_manager {

using epoch_state = enum market::epoch::state;

std::string_view to_string(verdict v) {
  constexpr std::array<std::string_view, 8> names{"accepted",    "queued",       "queue_full",
                                                  "stale_chain", "wrong_symbol", "unknown_participant",
                                                  "other_epoch", "duplicate"};
  return names[static_cast<std::size_t>(v)];
}

epoch_machine::epoch_machine(machine_config config, restored_epochs restored)
    : config_(std::move(config)),
      active_(std::move(restored.active)),
      restored_(std::move(restored)),
      last_id_(restored_.last_id) {
  if (active_) last_id_ = std::max(last_id_, active_->epoch.id);
  if (restored_.pending) last_id_ = std::max(last_id_, restored_.pending->epoch.id);
}

effects epoch_machine::on_start() {
  effects todo;
  if (active_) {
    const auto from = active_->epoch.effective_from;
    todo.push_back(
        publish_epoch{.record = *active_, .quality = market::quality::ok, .ts_event = from, .watermark = from});
  }
  if (restored_.pending) {
    announce({std::move(*restored_.pending), market::quality::ok, restored_.pending_ts_event, {}}, todo);
    restored_.pending.reset();
  }
  return todo;
}

outcome epoch_machine::on_chain(chain_event event) {
  if (event.chain) {
    if (event.chain->symbol != config_.symbol) return {verdict::wrong_symbol, {}};
    if (event.chain->ts_event <= last_chain_ || promised_ == end_of_time) return {verdict::stale_chain, {}};
  }
  if (pending_ && room() == 0) return {verdict::queue_full, {}};
  outcome out;
  if (event.chain) {
    last_chain_ = event.chain->ts_event;
    seen_activity(event.chain->ts_event);
  }
  out.what = take(std::move(event), out.todo);
  return out;
}

verdict epoch_machine::take(chain_event event, effects& todo) {
  if (!pending_) return decide_on(event, todo);
  queue_.push_back(std::move(event));
  return verdict::queued;
}

verdict epoch_machine::decide_on(const chain_event& event, effects& todo) {
  input_ = std::max(input_, event.watermark);
  judge_dormancy();
  if (event.chain)
    if (auto next = decide(active_ ? &*active_ : nullptr, *event.chain, config_.widths))
      prepare(std::move(*next), event, todo);
  if (!pending_) promise(input_, todo);
  return verdict::accepted;
}

/// The boundary after the chain, or, for a chain older than what was promised, the first one that keeps the promise.
timestamp epoch_machine::begin_of_next(timestamp ts_event) const {
  const auto width = config_.window_width;
  const auto due = window_end_of(ts_event, width);
  if (promised_ <= due) return due;
  return {ceil_div(promised_.ns, width.value) * width.value};
}

void epoch_machine::prepare(new_geometry next, const chain_event& event, effects& todo) {
  pending_switch p;
  auto& e = p.record.epoch;
  e.symbol = config_.symbol;
  e.id = ++last_id_;
  e.previous = active_ ? active_->epoch.id : 0;
  e.hash = next.board.hash();
  e.effective_from = begin_of_next(event.chain->ts_event);
  e.state = epoch_state::preparing;
  e.reasons = std::move(next.reasons);
  e.board = std::move(next.board);
  p.record.windows = std::move(next.windows);
  p.quality = event.quality;
  p.ts_event = event.chain->ts_event;
  announce(std::move(p), todo);
}

void epoch_machine::announce(pending_switch p, effects& todo) {
  const auto& e = p.record.epoch;
  p.missing.insert(config_.participants.begin(), config_.participants.end());
  promised_ = std::max(promised_, e.effective_from);
  todo.push_back(publish_epoch{p.record, p.quality, p.ts_event, e.effective_from});
  const auto id = e.id;
  pending_ = std::move(p);
  if (pending_->missing.empty())
    activate(todo);
  else
    todo.push_back(await_acks{id});
}

void epoch_machine::activate(effects& todo) {
  auto done = std::move(*pending_);
  pending_.reset();
  done.record.epoch.state = epoch_state::active;
  done.record.missing_acks.assign(done.missing.begin(), done.missing.end());
  if (active_) {
    active_->epoch.state = epoch_state::retired;
    todo.push_back(retire_epoch{std::move(*active_)});
  }
  active_ = done.record;
  todo.push_back(publish_epoch{std::move(done.record), done.quality, done.ts_event, active_->epoch.effective_from});
}

void epoch_machine::promise(timestamp watermark, effects& todo) {
  if (watermark <= promised_) return;
  promised_ = watermark;
  todo.push_back(publish_heartbeat{watermark});
}

outcome epoch_machine::on_ack(std::uint64_t epoch_id, const std::string& participant) {
  if (std::find(config_.participants.begin(), config_.participants.end(), participant) == config_.participants.end())
    return {verdict::unknown_participant, {}};
  if (active_ && epoch_id <= active_->epoch.id) return {};  // of the active frame, or after the limit
  if (!pending_ || pending_->record.epoch.id != epoch_id) return {verdict::other_epoch, {}};
  if (pending_->missing.erase(participant) == 0) return {verdict::duplicate, {}};
  if (!pending_->missing.empty()) return {};
  return on_ack_limit(epoch_id);
}

outcome epoch_machine::on_ack_limit(std::uint64_t epoch_id) {
  if (!pending_ || pending_->record.epoch.id != epoch_id) return {verdict::other_epoch, {}};
  outcome out;
  activate(out.todo);
  promise(input_, out.todo);
  while (!pending_ && !queue_.empty()) {
    const auto event = std::move(queue_.front());
    queue_.pop_front();
    decide_on(event, out.todo);
  }
  return out;
}

void epoch_machine::on_quotes(timestamp window_end) { seen_activity(window_end); }

void epoch_machine::seen_activity(timestamp ts_event) {
  last_activity_ = std::max(last_activity_, ts_event);
  clock_of_activity_ = clock_;
  judge_dormancy();
}

void epoch_machine::on_clock(duration_ns since_start) {
  clock_ = since_start;
  judge_dormancy();
}

void epoch_machine::judge_dormancy() {
  const bool by_clock = clock_.value - clock_of_activity_.value > config_.dormancy_limit.value;
  const bool known = last_activity_ != start_of_time && input_ != start_of_time && input_ != end_of_time;
  const bool by_event_time = known && input_.ns - last_activity_.ns > config_.dormancy_limit.value;
  dormant_ = by_clock || by_event_time;
}

}  // namespace isobar::epoch_manager
