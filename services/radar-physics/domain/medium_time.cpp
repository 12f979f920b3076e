#include <algorithm>

#include "core/numeric.hpp"
#include "radar-physics/domain/medium_engine.hpp"

// Event time: which window a record belongs to, when windows close, and how idle ones are passed over.
namespace isobar::radar_physics {
namespace {

/// Times outside [1970, 2200) are no times.
constexpr timestamp latest_time{7'258'118'400'000'000'000};
bool plausible(timestamp t) { return t.ns >= 0 && t < latest_time; }
/// Live, so many idle windows are given one by one at a time.
constexpr std::uint64_t live_windows_max = 3'600;

tick_index first_centre(const market::order_book& book, const market::book_event& e) {
  if (const auto bid = book.best(book_side::bid)) return bid->tick;
  if (const auto ask = book.best(book_side::ask)) return ask->tick;
  return e.price == market::no_price ? 0 : floor_div(e.price.value, book.tick().value);
}

}  // namespace

/// With a time that can be reckoned with: history from before 1970 is as old as that.
market::book_event medium_engine::dated(const market::book_event& e) {
  market::book_event at = e;
  if (plausible(e.ts_event)) return at;
  ++counters_.bad_times;
  at.ts_event = std::clamp(e.ts_event, timestamp{0}, latest_time);
  return at;
}

market::book_event medium_engine::timed(const market::book_event& e, radar_sink& sink) {
  market::book_event at = e;
  if (!plausible(e.ts_event)) {
    if (!open_) return dated(e);  // like a snapshot's: it says nothing about when windows begin
    ++counters_.bad_times;
    at.ts_event = last_;
  }
  if (!open_) {
    open_window(at);
  } else if (at.ts_event >= stop_) {
    move_to(at.ts_event, sink);
  }
  if (at.ts_event < last_) {
    ++counters_.backwards_events;
    if (at.ts_event < start_) {
      ++counters_.late_events;
      ++tally_.late;
    }
  } else {
    last_ = at.ts_event;
  }
  return at;
}

void medium_engine::open_window(const market::book_event& first) {
  open_ = true;
  end_ = window_end_of(first.ts_event, config_.window);
  start_ = end_ - config_.window;
  last_ = first.ts_event;
  flows_.open(std::clamp<tick_index>(first_centre(book_, first), -(std::int64_t{1} << 60), std::int64_t{1} << 60), end_,
              book_);
  choose_inputs();
  watch_levels();
}

void medium_engine::begin_window(std::uint64_t windows) {
  start_ = start_ + config_.window * static_cast<std::int64_t>(windows);
  end_ = start_ + config_.window;
  flows_.next(windows);
  tally_ = {};
  changes_.clear();
  if (next_table_) {
    table_ = std::move(next_table_);
    next_table_.reset();
    resting_ = false;
  }
  choose_inputs();
}

void medium_engine::choose_inputs() {
  const auto stale = [&](const auto* in) { return in != nullptr && start_ - in->window_end > config_.side_stale; };
  const gex_input* gex = gex_inputs_.at(start_);
  const gate_input* gate = gate_inputs_.at(start_);
  if (gex != gex_ || gate != gate_ || stale(gex) != gex_stale_ || stale(gate) != gate_stale_) resting_ = false;
  gex_ = gex;
  gate_ = gate;
  gex_stale_ = stale(gex);
  gate_stale_ = stale(gate);
}

timestamp medium_engine::inputs_change() const {
  timestamp next = end_of_time;
  const auto look = [&](const auto& queue, const auto* in, bool stale) {
    if (const auto at = queue.next_after(start_)) next = std::min(next, *at);
    if (in != nullptr && !stale) next = std::min(next, in->window_end + config_.side_stale + duration_ns{1});
  };
  look(gex_inputs_, gex_, gex_stale_);
  look(gate_inputs_, gate_, gate_stale_);
  return next;
}

std::uint64_t medium_engine::windows_to_skip(timestamp t) const {
  if (!resting_ || tally_.events != 0) return 0;
  timestamp change = std::min(inputs_change(), flows_.future_comes());
  if (levels_.watching()) {
    if (!levels_.quiet() || trusted() != tick_trusted_) return 0;
    const timestamp set = levels_.next_effective();
    if (set <= end_) return 0;
    if (set != end_of_time) change = std::min(change, set - config_.window);
  }
  const std::int64_t ended = (t.ns - start_.ns) / config_.window.value;
  const std::int64_t alike = change == end_of_time ? ended : ceil_div(change.ns - start_.ns, config_.window.value);
  const std::int64_t room = std::int64_t{UINT32_MAX} - (live_ ? 0 : run_.window.span);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::min({ended, alike, room})));
}

void medium_engine::skip(std::uint64_t windows, radar_sink& sink) {
  count_window(run_.window, true, windows);
  const timestamp until = start_ + config_.window * static_cast<std::int64_t>(windows);
  if (live_) {
    run_.window.start = start_;
    run_.window.span = 0;
  }
  run_.window.span += static_cast<std::uint32_t>(windows);
  run_.window.end = until;
  if (live_) {
    give(run_, sink);
    run_.window.span = 1;
  }
  begin_window(windows);
}

void medium_engine::move_to(timestamp t, radar_sink& sink) {
  for (;;) {
    tick_levels(std::min(t, end_), sink);
    if (t < end_) break;
    const std::uint64_t alike = windows_to_skip(t);
    if (alike > (live_ ? live_windows_max : 0)) {
      skip(alike, sink);
    } else {
      close_window(sink);
      begin_window(1);
    }
  }
  stop_ = std::min(end_, next_tick_);
}

/// Levels are read at every multiple of the period up to `until`, each before the window that ends there closes.
void medium_engine::tick_levels(timestamp until, radar_sink& sink) {
  while (next_tick_ <= until) {
    if (!levels_.watching()) {
      next_tick_ = end_of_time;
      return;
    }
    const bool trust = trusted();
    if (levels_.quiet() && trust == tick_trusted_) {
      const timestamp alike = std::min(until, timestamp{std::max(levels_.next_effective(), next_tick_).ns - 1});
      const std::int64_t ticks = floor_div((alike - next_tick_).value, config_.levels.tick_period.value) + 1;
      levels_.skip(static_cast<std::uint64_t>(ticks));
      counters_.level_ticks += static_cast<std::uint64_t>(ticks);
      next_tick_ = next_tick_ + config_.levels.tick_period * ticks;
      if (next_tick_ > until) return;
    }
    ++counters_.level_ticks;
    tick_trusted_ = trust;
    if (levels_.tick(next_tick_, book_, trust, level_out_)) {
      end_run(sink);
      sink.on_levels(level_out_);
    }
    count_levels();
    next_tick_ = next_tick_ + config_.levels.tick_period;
  }
}

void medium_engine::count_levels() {
  counters_.levels_refused = levels_.levels_refused();
  counters_.level_sets_dropped = levels_.sets_dropped();
  counters_.level_trades_dropped = levels_.trades_dropped();
}

void medium_engine::watch_levels() {
  if (open_ && next_tick_ == end_of_time && levels_.watching())
    next_tick_ = window_end_of(std::max({last_, now_, start_}), config_.levels.tick_period);
  stop_ = open_ ? std::min(end_, next_tick_) : start_of_time;
}

void medium_engine::advance(timestamp watermark, radar_sink& sink) {
  if (!open_) return;
  if (watermark == end_of_time) {
    finish(sink);
  } else {
    now_ = std::max(now_, std::min(watermark, latest_time));
    move_to(now_, sink);
  }
}

void medium_engine::finish(radar_sink& sink) {
  if (tally_.events != 0) {
    close_window(sink);
    begin_window(1);
    watch_levels();
  }
  end_run(sink);
}

}  // namespace isobar::radar_physics
