#pragma once
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gamma-fuel/domain/alerts.hpp"
#include "gamma-fuel/domain/ewma.hpp"
#include "gamma-fuel/domain/literal/trigger.hpp"
#include "gamma-fuel/domain/outputs.hpp"
#include "gamma-fuel/domain/score.hpp"
#include "gamma-fuel/domain/trigger.hpp"

namespace isobar::gamma_fuel {

/// Everything that is known of a tick except barrier and tape: made when the gamma side has passed it.
struct tick_context {
  level_signals
      base;  ///< as_of, prices, levels with fuel, runway, touches, approach, confluence; no state, score, signal
  regime market_regime = regime::neutral;
  std::optional<price> zero_gamma;
  /// By position of base.levels, or empty: room on the market's side, told instead of base's runway where the level
  /// holds (futures-medium 12).
  std::vector<runway> bounce_runways;
  template <class A>
  void fields(A& a) {
    a(base, market_regime, zero_gamma, bounce_runways);
  }
};

/// Joins ticks with radar-physics' level states of the same instant, scores them and runs one trigger per level
/// (futures-medium 13.1; corrected: per level, releasing with hysteresis, S_H the same for both directions). Also
/// alerts. A tick is given when its level states are there or the radar's watermark has passed it; live, also when the
/// radar is silent (then flagged). Pure.
///
/// * The radar speaks when something changed: a tick takes the newest states that are not younger than it.
/// * A tick whose signals equal those given last is counted (unchanged_ticks) and not given.
/// * A level that is not among a tick's levels begins its trigger anew when it returns; its smoothing goes on unless it
///   was away for memory_time.
/// * States of a book that is not whole count, with confidence LOW. A state of another price than the level's is none:
///   it is of where the level was.
/// * Trigger, score and liquidity begin anew when the level's break direction turns, everything when its price jumps by
///   more than the touch band. A BREAK through which the market goes keeps its direction until it is released (barrier
///   states of the other side are then none, the runway is the break's).
class signal_engine {
 public:
  static constexpr std::size_t waiting_max =
      40'000;  ///< ticks: beyond, the oldest are given without states, and counted
  static constexpr std::size_t states_max = 40'000;  ///< level states that wait: beyond, the oldest are lost, counted
  static constexpr duration_ns memory_time = seconds(60);

  explicit signal_engine(const gamma_config& c);

  /// In time order; one at or before the last is ignored.
  void tick(tick_context t);
  /// In time order; one at or before the last is ignored.
  void take(level_states s);
  /// Gives what can be given; `radar`: nothing older will come of level states (end_of_time where there is no radar).
  /// `force`: live, give up waiting for ticks before it.
  void advance(timestamp radar, timestamp force, gamma_sink& sink);
  std::size_t waiting() const { return ticks_.size(); }
  /// Every tick before has been given; end_of_time: none waits.
  timestamp given_until() const { return ticks_.empty() ? end_of_time : ticks_.front().base.as_of; }
  /// A level of the signals given last; nullptr: none.
  const level_signal* find(std::string_view id) const;
  const level_signals& last() const { return given_; }

  /// Ticks that were given up waiting for; level states lost to states_max.
  std::uint64_t ticks_without_states() const { return without_states_; }
  std::uint64_t states_dropped() const { return states_dropped_; }

  template <class A>
  void fields(A& a) {
    a(ticks_, states_, current_, newest_tick_, newest_states_, memory_, shared_trigger_, alerts_, given_, before_,
      unchanged_, without_states_, states_dropped_);
  }

 private:
  struct level_memory {
    trigger machine;
    ewma score, delta_liquidity, replenishment_ratio, price_velocity, fuel;
    timestamp seen = start_of_time;
    int direction = 0;  ///< 0: never seen
    isobar::price price = market::no_price;
    template <class A>
    void fields(A& a) {
      a(machine, score, delta_liquidity, replenishment_ratio, price_velocity, fuel, seen, direction, price);
    }
  };

  bool literal() const { return config_.rules == compat::literal; }
  /// The newest states not younger than `t` become current.
  void reach(timestamp t);
  const level_state* state_of(const level_signal& l) const;
  void judge(level_signal& l, const runway* other_way, timestamp t);
  /// One level in one direction. `crossed`: that of a BREAK which the market has gone through.
  signal judge_direction(level_signal& l, level_memory& m, bool crossed, timestamp t);
  void begin_anew(const level_signal& l, level_memory& m) const;
  void smooth(level_signal& l, level_memory& m, bool known, timestamp t) const;
  void give(tick_context t, bool stale, gamma_sink& sink);

  gamma_config config_;
  std::deque<tick_context> ticks_;
  std::deque<level_states> states_;  ///< younger than current_
  level_states current_;
  timestamp newest_tick_ = start_of_time, newest_states_ = start_of_time;
  std::map<std::string, level_memory, std::less<>> memory_;
  literal::trigger shared_trigger_;
  alert_maker alerts_;
  level_signals given_;
  timestamp before_ = start_of_time;  ///< the tick before
  std::uint32_t unchanged_ = 0;
  std::uint64_t without_states_ = 0, states_dropped_ = 0;
  std::vector<alert> told_;  ///< scratch
};

}  // namespace isobar::gamma_fuel
