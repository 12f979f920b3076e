#include "gamma-fuel/domain/signal_engine.hpp"

#include <algorithm>
#include <cstdlib>

namespace isobar::gamma_fuel {

signal_engine::signal_engine(const gamma_config& c) : config_(c), alerts_(c) {}

void signal_engine::tick(tick_context t) {
  if (t.base.as_of <= newest_tick_) return;
  newest_tick_ = t.base.as_of;
  ticks_.push_back(std::move(t));
}

void signal_engine::take(level_states s) {
  if (s.as_of <= newest_states_) return;
  newest_states_ = s.as_of;
  states_.push_back(std::move(s));
  if (states_.size() > states_max) {
    states_.pop_front();
    ++states_dropped_;
  }
}

void signal_engine::reach(timestamp t) {
  while (!states_.empty() && states_.front().as_of <= t) {
    level_states& next = states_.front();
    if (next.lost) {
      current_.trusted = false;
      current_.quality = market::worst(current_.quality, next.quality);
    } else {
      current_ = std::move(next);
    }
    states_.pop_front();
  }
}

void signal_engine::advance(timestamp radar, timestamp force, gamma_sink& sink) {
  while (!ticks_.empty()) {
    const timestamp t = ticks_.front().base.as_of;
    // Only a tick that is decided may move the states on: an undecided one may still get older ones.
    const bool there = newest_states_ >= t || radar > t;
    const bool given_up = !there && (force > t || ticks_.size() > waiting_max);
    if (!there && !given_up) return;
    reach(t);
    if (given_up) ++without_states_;
    tick_context next = std::move(ticks_.front());
    ticks_.pop_front();
    give(std::move(next), given_up, sink);
  }
}

const level_state* signal_engine::state_of(const level_signal& l) const {
  const auto found =
      std::find_if(current_.levels.begin(), current_.levels.end(), [&](const level_state& s) { return s.id == l.id; });
  return found == current_.levels.end() || found->price != l.price ? nullptr : &*found;
}

void signal_engine::smooth(level_signal& l, level_memory& m, bool known, timestamp t) const {
  const signal_config& c = config_.signals;
  l.score = m.score.update(l.score_raw, t, c.tau_score);
  l.fuel.net_smooth = m.fuel.update(l.fuel.net_dealer_gamma, t, c.tau_fuel);
  if (known) {
    m.delta_liquidity.update(static_cast<double>(l.state.delta_liquidity), t, c.tau_liquidity);
    m.replenishment_ratio.update(l.state.replenishment_ratio, t, c.tau_liquidity);
    m.price_velocity.update(l.state.price_velocity, t, c.tau_velocity);
  }
  l.delta_liquidity_smooth = m.delta_liquidity.value();
  l.replenishment_ratio_smooth = m.replenishment_ratio.value();
  l.price_velocity_smooth = m.price_velocity.value();
}

void signal_engine::begin_anew(const level_signal& l, level_memory& m) const {
  const bool jumped =
      m.price != market::no_price && std::abs((l.price - m.price).value) > config_.levels.touch_band.value;
  if (jumped || m.direction != l.break_direction) {
    m.machine = {};
    m.score = m.delta_liquidity = m.replenishment_ratio = {};
  }
  if (jumped) m.price_velocity = m.fuel = {};
}

signal signal_engine::judge_direction(level_signal& l, level_memory& m, bool crossed, timestamp t) {
  const level_state* state = state_of(l);
  l.state = state == nullptr ? level_state{} : *state;
  const auto other = l.break_direction > 0 ? market::book_side::bid : market::book_side::ask;
  if (crossed && l.state.defending == other) {
    // The side that the break was against is not there any more; the tape is the whole market's.
    l.state.state = barrier::unknown;
    l.state.delta_liquidity = 0;
    l.state.added = l.state.cancelled = l.state.filled = l.state.depth_in_zone = 0;
    l.state.replenishment_ratio = l.state.wall_ratio = l.state.barrier_confidence = 0;
  }
  score(config_.signals, l);
  if (state != nullptr && !current_.trusted) l.confidence = confidence::low;
  const trigger_input in{l.score_raw, l.touching, l.state.state, l.state.buy + l.state.sell};
  l.signal = literal() ? shared_trigger_.update(t, in, config_.signals) : m.machine.update(t, in, config_.signals);
  return l.signal;
}

void signal_engine::judge(level_signal& l, const runway* other_way, timestamp t) {
  level_memory& m = memory_[l.id];
  if (m.seen != before_) m.machine = {};
  const int direction = l.break_direction;
  const bool turned = m.direction != 0 && m.direction != direction;
  const bool stays =
      m.price == market::no_price || std::abs((l.price - m.price).value) <= config_.levels.touch_band.value;
  bool crossed = turned && stays && !literal() && m.machine.current() == signal::break_through;
  if (crossed) {
    l.break_direction = m.direction;
    crossed = judge_direction(l, m, true, t) == signal::break_through;
  }
  if (!crossed) {
    l.break_direction = direction;
    if (!literal()) begin_anew(l, m);
    judge_direction(l, m, false, t);
  }
  smooth(l, m, !crossed && state_of(l) != nullptr, t);
  m.seen = t;
  m.direction = l.break_direction;
  m.price = l.price;
  if ((crossed || l.signal == signal::bounce) && other_way != nullptr) l.runway = *other_way;
}

void signal_engine::give(tick_context t, bool stale, gamma_sink& sink) {
  level_signals& s = t.base;
  s.radar_stale = stale;
  s.by_input.blame(input::levels, stale ? market::worst(current_.quality, market::quality::stale) : current_.quality);
  s.medium = current_.assumptions;
  for (std::size_t i = 0; i < s.levels.size(); ++i) {
    judge(s.levels[i], i < t.bounce_runways.size() ? &t.bounce_runways[i] : nullptr, s.as_of);
  }
  std::erase_if(memory_, [&](const auto& m) { return s.as_of - m.second.seen > memory_time; });
  before_ = s.as_of;

  told_.clear();
  alerts_.look(s, t.market_regime, t.zero_gamma, told_);
  for (alert& a : told_) a.by_input = s.by_input;
  const timestamp as_of = s.as_of;
  s.as_of = given_.as_of;
  s.unchanged_ticks = given_.unchanged_ticks;
  const bool changed = s != given_;
  s.as_of = as_of;
  if (changed || !told_.empty()) {
    s.unchanged_ticks = unchanged_;
    unchanged_ = 0;
    given_ = std::move(s);
    sink.on_signals(given_);
  } else {
    ++unchanged_;
  }
  for (const alert& a : told_) sink.on_alert(a);
}

const level_signal* signal_engine::find(std::string_view id) const {
  const auto found =
      std::find_if(given_.levels.begin(), given_.levels.end(), [&](const level_signal& l) { return l.id == id; });
  return found == given_.levels.end() ? nullptr : &*found;
}

}  // namespace isobar::gamma_fuel
