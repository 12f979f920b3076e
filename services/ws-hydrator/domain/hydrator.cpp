#include "ws-hydrator/domain/hydrator.hpp"

#include <algorithm>

namespace isobar::ws_hydrator {
namespace {

constexpr std::size_t announced_max = 8;

std::uint32_t lots(quantity q) { return static_cast<std::uint32_t>(q.value); }

}  // namespace

hydrator::hydrator(symbol of, hydrator_options options, sink emit)
    : symbol_(std::move(of)),
      options_(options),
      emit_(std::move(emit)),
      sequence_(options.sequence),
      queue_(options.queue_events_max) {
  ISOBAR_ASSERT(options_.width.value > 0 && emit_);
}

timestamp hydrator::floor_of(timestamp t) const {
  if (t == start_of_time) return t;
  return {floor_div(t.ns, options_.width.value) * options_.width.value};
}

// ---- the quote input ----

void hydrator::apply(std::span<const feed_event> events) {
  for (const feed_event& e : events) take(e);
  settle();
}

void hydrator::apply(std::span<const market::option_event> events) {
  for (const market::option_event& e : events) take(to_feed_event(e));
  settle();
}

void hydrator::apply(std::span<const indexed_event> events) {
  for (const indexed_event& e : events) {
    const bool on_board = board_ && e.contract < board_->size();
    if (on_board && std::max(e.event.ts_event, quotes_) < direct_until_) [[likely]] {
      take(e.event, e.contract);
      continue;
    }
    // Outside the open window only the key stays true: the board may have changed by then.
    feed_event named = e.event;
    named.contract = on_board ? board_->key_of_slot(e.contract) : contract_key{};
    take(named);
  }
  settle();
}

void hydrator::take(const feed_event& e) { take(e, std::nullopt); }

inline void hydrator::take(const feed_event& e, std::optional<market::contract_index> c) {
  ++counts_.events;
  if (const refusal r = check(e); r != refusal::none) [[unlikely]] {
    ++counts_.refused[static_cast<std::size_t>(r)];
    return;
  }
  if (e.ts_event > quotes_) {
    quotes_ = e.ts_event;
    // In order, with the other inputs ahead: the open window is complete, so that this event need not wait.
    if (quotes_ >= direct_until_ && board_ && std::min(chains_seen_, epochs_) >= open_end()) settle();
  }
  if (quotes_ < direct_until_) [[likely]]
    hydrate(e, c, quotes_ >= open_start_ ? open_start_ : floor_of(quotes_));
  else
    enqueue(e);
}

void hydrator::enqueue(const feed_event& e) {
  // quotes_ is at least the event's own time, so windows in the queue never decrease.
  const bool same = !queue_.empty() && quotes_ < queue_.back().window_end;
  const timestamp end = same ? queue_.back().window_end : window_end_of(quotes_, options_.width);
  if (queue_.push({e, end})) return;
  ++counts_.dropped;
  events_lost_ = true;
}

inline void hydrator::hydrate(const feed_event& e, std::optional<market::contract_index> c, timestamp floor) {
  counts_.late += e.ts_event < floor;
  if (e.what == feed_event::kind::spot) {
    write_spot(e.ts_event, true, e.first);
    ++counts_.applied;
    return;
  }
  if (!c) c = board_->find(e.contract);
  if (!c) {
    ++counts_.unknown;
    return;
  }
  const write_order order = feed_order(e.ts_event, e.sequence);
  bool newest = false;
  if (e.what == feed_event::kind::quote) {
    newest = rows_.write(*c, quote_register{order, e.first, e.second, lots(e.first_size), lots(e.second_size)});
    counts_.crossed += e.first != market::no_price && e.first > e.second;
  } else {
    newest = rows_.write(*c, trade_register{order, e.first, e.first_size});
    // A trade from before the first epoch lies in no window.
    if (floor >= open_start_) rows_.book(*c, order, e.first, e.first_size);
  }
  ++(newest ? counts_.applied : counts_.superseded);
}

void hydrator::write_spot(timestamp ts, bool feed, price level) {
  const write_order order = feed ? feed_order(ts, 0) : chain_order(ts);
  if (order <= spot_order_) return;
  spot_order_ = order;
  spot_ = level;
}

void hydrator::advance_quotes(timestamp t) {
  quotes_ = std::max(quotes_, t);
  settle();
}

// ---- the chain input ----

void hydrator::apply(std::shared_ptr<const market::chain_snapshot> chain) {
  ++counts_.chains;
  chains_seen_ = std::max(chains_seen_, chain->ts_event);
  if (chains_.size() == options_.queue_chains_max) {
    // A newer complete chain says everything that the oldest one does, later.
    ++counts_.chains_dropped;
    events_lost_ = true;
    chains_.pop_front();
  }
  chains_.push_back({std::move(chain), window_end_of(chains_seen_, options_.width)});
  settle();
}

void hydrator::hydrate(const market::chain_snapshot& chain, bool counted) {
  hydrator_counts before = counts_;
  for (const market::expiry_chain& expiry : chain.expiries)
    for (const market::chain_contract& k : expiry.contracts) {
      ++counts_.chain_contracts;
      const market::contract_state& s = k.state;
      const auto c = board_->find(market::option_id{expiry.key.root, expiry.key.expiry, k.right, k.strike});
      if (!c) {
        ++counts_.chain_contracts_unknown;
        continue;
      }
      if (check_price(s.bid) != refusal::none || check_price(s.ask) != refusal::none ||
          check_price(s.last) != refusal::none || check_size(s.bid_size) != refusal::none ||
          check_size(s.ask_size) != refusal::none || check_size(s.last_size) != refusal::none) {
        ++counts_.chain_contracts_refused;
        continue;
      }
      // A value without a time of its own is as of the snapshot.
      const auto as_of = [&](timestamp own) { return own == start_of_time ? chain.ts_event : own; };
      if (s.bid != market::no_price || s.ask != market::no_price || s.ts_quote != start_of_time)
        rows_.write(*c,
                    quote_register{chain_order(as_of(s.ts_quote)), s.bid, s.ask, lots(s.bid_size), lots(s.ask_size)});
      if (s.last != market::no_price)
        rows_.write(*c, trade_register{chain_order(as_of(s.ts_trade)), s.last, s.last_size});
      rows_.write(*c, reference_register{chain.ts_event, s.volume, s.open_interest, s.implied_volatility, s.gamma});
    }
  if (!counted) counts_ = before;
}

void hydrator::advance_chains(timestamp t) {
  chains_seen_ = std::max(chains_seen_, t);
  settle();
}

// ---- the epoch input ----

isobar::result<void, epoch_errc> hydrator::apply(const market::epoch& e) {
  if (e.state == market::epoch::state::retired || e.id == epoch_id() || announced_.contains(e.id)) {
    settle();
    return {};
  }
  if (e.id < epoch_id()) return fail(epoch_errc::stale, "epoch " + std::to_string(e.id));
  if (floor_of(e.effective_from) != e.effective_from)
    return fail(epoch_errc::misaligned, "epoch " + std::to_string(e.id) + " from " + to_iso(e.effective_from));
  if (e.board.hash() != e.hash) return fail(epoch_errc::wrong_hash, "epoch " + std::to_string(e.id));
  if (announced_.size() == announced_max) return fail(epoch_errc::too_many, "epoch " + std::to_string(e.id));
  announced_.emplace(e.id, std::make_unique<board>(e));
  settle();
  return {};
}

void hydrator::advance_epochs(timestamp t) {
  epochs_ = std::max(epochs_, t);
  settle();
}

const board* hydrator::newest() const { return announced_.empty() ? board_.get() : announced_.rbegin()->second.get(); }

bool hydrator::start_first_epoch() {
  if (announced_.empty() || epochs_ <= announced_.begin()->second->epoch().effective_from) return false;
  open_start_ = std::max(announced_.begin()->second->epoch().effective_from, floor_of(options_.resume_from));
  return decided();
}

void hydrator::switch_epochs() {
  while (!announced_.empty() && announced_.begin()->second->epoch().effective_from <= open_start_) {
    std::unique_ptr<board> next = std::move(announced_.begin()->second);
    announced_.erase(announced_.begin());
    rows fresh(next->size());
    if (board_) fresh.carry_over(rows_, *board_, *next);
    rows_ = std::move(fresh);
    board_ = std::move(next);
    if (latest_chain_) hydrate(*latest_chain_, false);
    base_pending_ = true;
    ++counts_.switches;
  }
}

// ---- windows ----

void hydrator::request_base() {
  base_pending_ = true;
  settle();
}

void hydrator::settle() {
  direct_until_ = start_of_time;
  if (!board_ && !start_first_epoch()) return;
  while (decided()) {
    switch_epochs();
    release();
    const timestamp until = limit();
    if (until < open_end() || (until == end_of_time && idle())) {
      direct_until_ = open_end();
      return;
    }
    close_window();
    skip_idle(until);
  }
}

void hydrator::release() {
  for (; !queue_.empty() && queue_.front().window_end <= open_end(); queue_.pop()) {
    const waiting_event& w = queue_.front();
    hydrate(w.event, std::nullopt, w.window_end - options_.width);
  }
}

void hydrator::release_chains() {
  for (; !chains_.empty() && chains_.front().window_end <= open_end(); chains_.pop_front()) {
    latest_chain_ = chains_.front().chain;
    hydrate(*latest_chain_, true);
    if (latest_chain_->spot != market::no_price) write_spot(latest_chain_->ts_event, false, latest_chain_->spot);
    events_lost_ = false;
  }
}

bool hydrator::idle() const {
  return queue_.empty() && chains_.empty() && announced_.empty() && !base_pending_ && !rows_.dirty();
}

void hydrator::close_window() {
  // Only now: a trade meets the quotes that its feed brought before it, however far the chains are ahead. The registers
  // end the same either way.
  release_chains();
  freeze();
  open_start_ = open_end();
}

void hydrator::skip_idle(timestamp until) {
  timestamp next = until == end_of_time ? end_of_time : floor_of(until);
  if (!queue_.empty()) next = std::min(next, queue_.front().window_end - options_.width);
  if (!chains_.empty()) next = std::min(next, chains_.front().window_end - options_.width);
  if (!announced_.empty()) next = std::min(next, announced_.begin()->second->epoch().effective_from);
  if (base_pending_ || next == end_of_time) return;
  open_start_ = std::max(open_start_, next);
}

void hydrator::freeze() {
  const bool base = base_pending_;
  out_.rows.clear();
  out_.prints.clear();
  const rows::trade_counts trades = rows_.freeze(base, out_.rows, out_.prints);
  counts_.repeated_trades += trades.repeated;
  counts_.prints += out_.prints.size();
  counts_.prints_dropped += trades.dropped;
  if (!base && out_.rows.empty() && out_.prints.empty()) return;
  out_.prints_dropped = static_cast<std::uint32_t>(trades.dropped);
  const bool crossed =
      std::any_of(out_.rows.begin(), out_.rows.end(), [](const market::contract_row& r) { return r.state.crossed(); });
  out_.symbol = symbol_;
  out_.epoch = epoch_id();
  out_.sequence = ++sequence_;
  out_.start = open_start_;
  out_.end = open_end();
  out_.base = base;
  out_.spot = spot_;
  out_.ts_chain = latest_chain_ ? latest_chain_->ts_event : start_of_time;
  out_.quality = market::worst(options_.source_quality, input_quality_);
  if (crossed) out_.quality = market::worst(out_.quality, market::quality::crossed_in_feed);
  if (events_lost_) out_.quality = market::worst(out_.quality, market::quality::gap);
  base_pending_ = false;
  ++counts_.windows;
  counts_.base_windows += base;
  counts_.rows += out_.rows.size();
  emit_(out_);
}

timestamp hydrator::closed_until() const {
  if (limit() == end_of_time && idle()) return end_of_time;
  return board_ ? open_start_ : start_of_time;
}

bool hydrator::blocked_by_switch() const {
  return board_ && !announced_.empty() && epochs_ < open_end() && std::min(quotes_, chains_seen_) >= open_end();
}

}  // namespace isobar::ws_hydrator
