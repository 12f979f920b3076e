#include <algorithm>

#include "gamma-fuel/domain/gamma_core.hpp"
#include "market/calendar.hpp"
#include "market/root.hpp"

// Event time: what may be applied, when windows are built, which ones are leapt over.
namespace isobar::gamma_fuel {
namespace {

/// Ticks go on for so long behind the last thing said.
constexpr duration_ns quiet_after = seconds(10);

/// Counts what passes.
class counting_sink final : public gamma_sink {
 public:
  counting_sink(gamma_sink& to, engine_counters& counters) : to_(to), counters_(counters) {}
  void on_profile(const gex_profile& p) override { to_.on_profile(p); }
  void on_levels(const level_set_input& set) override { to_.on_levels(set); }
  void on_signals(const level_signals& s) override { to_.on_signals(s); }
  void on_alert(const alert& a) override {
    ++counters_.alerts;
    to_.on_alert(a);
  }

 private:
  gamma_sink& to_;
  engine_counters& counters_;
};

constexpr std::array option_inputs{input::chain, input::flow, input::rows, input::option_feed, input::volume};

}  // namespace

// ---- how far ----

timestamp gamma_core::reach(timestamp clock) const {
  timestamp least = end_of_time;
  bool any = false;
  for (std::size_t i = 0; i < inputs; ++i) {
    if (static_cast<input>(i) == input::levels || !waits_for(static_cast<input>(i))) continue;
    least = std::min(least, watermarks_[i]);
    any = true;
  }
  if (!any) return start_of_time;
  return live ? std::max(least, clock) : least;
}

std::vector<input> gamma_core::waited_for() const {
  std::vector<input> out;
  // Nothing is open: what is known of waits for those behind it, and everything for those that were never heard of.
  const timestamp first = merge_.first();
  const timestamp end = open_ ? end_ : first != end_of_time ? first + duration_ns{1} : start_of_time + duration_ns{1};
  for (std::size_t i = 0; i < inputs; ++i)
    if (static_cast<input>(i) != input::levels && waits_for(static_cast<input>(i)) && watermarks_[i] < end)
      out.push_back(static_cast<input>(i));
  return out;
}

void gamma_core::advance(timestamp clock, gamma_sink& sink) {
  counting_sink counted(sink, counters);
  const timestamp limit = reach(clock);
  if (limit > now_) run(limit, counted);
  give_signals(clock, counted);
}

void gamma_core::run(timestamp limit, gamma_sink& sink) {
  now_ = limit;
  ended_ = limit == end_of_time;
  for (;;) {
    if (!open_) {
      const timestamp first = merge_.first();
      if (first >= limit) return;
      open_at(first);
    }
    const timestamp boundary = std::min(next_tick_, end_);
    apply_until(std::min(boundary, limit));
    if (boundary > limit || (ended_ && exhausted())) return;
    // The landscape of a window is known to the tick at its end.
    const bool window = boundary == end_, instant = boundary == next_tick_;
    if (window) close_window(sink);
    if (instant) tick();
    leap(limit);
  }
}

/// Nothing is left that could make an output. Time runs on behind the last thing said, as it would if nothing more
/// came: where finite watermarks stood at the end depends on how frames were cut, and must not show.
bool gamma_core::exhausted() const {
  return merge_.first() == end_of_time && !touched_ && stale_at() == end_of_time &&
         next_tick_ > last_item_ + quiet_after;
}

/// When the underlying or the symbol becomes stale if nothing more is heard of it; end_of_time: they are, or there is
/// none.
timestamp gamma_core::stale_at() const {
  timestamp at = end_of_time;
  if (profile.end.ns == 0) return at;
  if (underlying_ != market::no_price && !stale_) at = underlying_at_ + config.underlying_stale;
  if (mid_ != market::no_price && !(silent_ && silent_tick_))
    at = std::min(at, symbol_.ts_event + config.underlying_stale);
  return at;
}

/// The symbol's last good price is too old.
bool gamma_core::silent(timestamp t) const {
  return mid_ != market::no_price && t - symbol_.ts_event > config.underlying_stale;
}

void gamma_core::open_at(timestamp t) {
  open_ = true;
  end_ = window_end_of(t, config.window);
  next_tick_ = window_end_of(t, config.signals.period);
}

void gamma_core::apply_until(timestamp t) {
  input from{};
  while (merge_item* item = merge_.next(t, from)) {
    apply(from, *item);
    merge_.pop(from);
  }
}

/// Passes over windows and ticks at which nothing happens; where it stands behind them depends on what was said alone,
/// or on nothing that matters.
void gamma_core::leap(timestamp limit) {
  const timestamp next = std::min({merge_.first(), stale_at(), limit});
  if (next == end_of_time) return;
  if (!touched_ && !asked_ && next >= end_) {
    const timestamp end = window_end_of(next, config.window);
    counters.idle_windows += static_cast<std::uint64_t>((end - end_).value / config.window.value);
    end_ = end;
  }
  if (next_tick_ > last_item_ + quiet_after && next >= next_tick_)
    next_tick_ = window_end_of(next, config.signals.period);
}

// ---- windows ----

bool gamma_core::in_hours(timestamp end) const {
  if (!config.regular_hours_only) return true;
  const date day = market::exchange_date(end - duration_ns{1});
  return market::is_trading_day(day) && end > market::session_open(day) && end <= market::session_close(day);
}

/// Live: inputs of options that have not told of everything up to there, a bit each.
std::uint32_t gamma_core::options_behind(timestamp end) const {
  std::uint32_t out = 0;
  for (const input i : option_inputs)
    if (live && waits_for(i) && watermarks_[index(i)] < end) out |= 1u << index(i);
  return out;
}

void gamma_core::close_window(gamma_sink& sink) {
  const bool stale = underlying_ != market::no_price && end_ - underlying_at_ > config.underlying_stale;
  const bool due = changed_ || stale != stale_ || silent(end_) != silent_;
  stale_ = stale;
  silent_ = silent(end_);
  if (!in_hours(end_)) {
    ++counters.closed_hours_windows;
  } else if (due) {
    changed_ = false;
    build(sink);
  } else {
    ++counters.idle_windows;
  }
  touched_ = asked_ = false;
  end_ = end_ + config.window;
}

void gamma_core::build(gamma_sink& sink) {
  ++counters.windows;
  session.advance(end_);
  const bool options = !board.in_order().empty();
  make_profile(end_ - config.window);
  if (options) sink.on_profile(profile);
  if (mid_ == market::no_price) return;
  // In force a window later: radar-physics, which knows of a set when it closes the window before, then reads the same
  // levels at every instant however fast the set travels.
  const timestamp effective = end_ + config.window;
  if (const auto set = config.rules == compat::literal ? universe.build(effective, literal_session, flow.totals())
                                                       : universe.build(effective, profile, session)) {
    ++counters.level_sets;
    sink.on_levels(*set);
  }
}

void gamma_core::make_profile(timestamp start) {
  market_view view{
      .reference = mid_, .underlying = underlying_, .basis = price(0), .underlying_stale = stale_, .volume = &volume};
  volume.roll(end_ - duration_ns{1});
  const bool priced = mid_ != market::no_price && underlying_ != market::no_price;
  if (!priced) ++counters.windows_without_market;
  if (priced && !own_ && !stale_ && !silent_ && symbol_trusted_) basis_.observe(end_, mid_, underlying_);
  if (!own_) view.basis = basis_.value();
  const bool options = !board.in_order().empty(), placed = own_ || basis_.known();
  if (!options) ++counters.windows_without_options;
  if (options && placed) {
    shape.build(start, end_, view, board, profile);
  } else {
    // Without a basis nobody knows where the strikes are.
    profile = {};
    if (options) profile.quality = market::quality::gap;
    profile.start = start;
    profile.end = end_;
    profile.reference = view.reference;
    profile.underlying = view.underlying;
    profile.underlying_stale = stale_;
  }
  profile.basis_known = placed;
  profile.market_stale = silent_;
  lagging_ = options_behind(end_);
  profile.options_stale = lagging_ != 0;
  if (profile.options_stale) ++counters.windows_stale;
  profile.by_input = qualities(end_);
  // No strike has a place: a price of the symbol or of the underlying was never heard, or not while both were good.
  if (profile.quality == market::quality::gap)
    profile.by_input.blame(mid_ == market::no_price && !own_ ? index(input::quotes) : underlying_cause,
                           market::quality::gap);
  profile.quality = market::worst(profile.quality, profile.by_input.worst());
}

// ---- ticks ----

void gamma_core::tick() {
  const timestamp at = next_tick_;
  next_tick_ = at + config.signals.period;
  const bool old = silent(at), turned = old != silent_tick_;
  silent_tick_ = old;
  if ((at > last_item_ + quiet_after && !turned) || mid_ == market::no_price || !in_hours(at)) return;
  ++counters.ticks;
  session.advance(at);
  const tick_view view{.at = at, .bid = symbol_.bid, .ask = symbol_.ask, .mid = mid_};
  tick_context made = context.make(view, universe.in_force(at), profile, session, board, flow);
  if (profile.contracts > 0) made.base.gex_as_of = profile.end;
  made.base.options_stale = profile.options_stale;
  made.base.market_stale = old;
  made.base.by_input = qualities(at);
  if (at < flow_whole_) made.base.by_input.blame(flow_missed_, market::quality::gap);
  signals.tick(std::move(made));
}

void gamma_core::give_signals(timestamp clock, gamma_sink& sink) {
  // States of instants that are still to come wait with them.
  while (!states_.empty() && (ended_ || states_.front().as_of < (open_ ? next_tick_ : now_))) {
    signals.take(std::move(states_.front()));
    states_.pop_front();
  }
  if (live) forced_ = std::max(forced_, clock);
  const timestamp radar = waits_for(input::levels) ? watermarks_[index(input::levels)] : end_of_time;
  signals.advance(radar, forced_, sink);
  counters.ticks_without_states = signals.ticks_without_states();
  counters.level_states_dropped = signals.states_dropped();
}

timestamp gamma_core::profiles_until() const {
  if (ended_) return end_of_time;
  if (open_) return end_ - config.window;
  return now_ == start_of_time ? now_ : window_end_of(now_, config.window) - config.window;
}

timestamp gamma_core::signals_until() const { return std::min(now_, signals.given_until()); }

std::vector<contract_flow> gamma_core::flows_near(price level) const {
  return flow.near(level, next_tick_ - config.signals.period, board, profile);
}

}  // namespace isobar::gamma_fuel
