#pragma once
#include <deque>
#include <map>

#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

/// Everything that is known of a tick except barrier and tape: made when the gamma side has passed it.
struct tick_context {
  level_signals
      base;  ///< as_of, prices, levels with fuel, runway, touches, approach, confluence; no state, score, signal
  regime market_regime = regime::neutral;
  std::optional<price> zero_gamma;
};

/// Joins ticks with radar-physics' level states of the same instant, scores them and runs one trigger per level
/// (futures-medium 13.1; corrected: per level, releasing with hysteresis, S_H with regard to the wall's side only as
/// configured). Also alerts. A tick is given when its level states are there or the radar's watermark has passed it;
/// live, also when the radar is silent (then flagged). Pure.
class signal_engine {
 public:
  static constexpr std::size_t waiting_max =
      40'000;  ///< ticks: beyond, the oldest are given without states, and counted

  explicit signal_engine(const gamma_config& c);

  void tick(tick_context t);
  void take(level_states s);
  /// Gives what can be given; `radar`: nothing older will come of level states. `force`: live, give up waiting for
  /// ticks before it.
  void advance(timestamp radar, timestamp force, gamma_sink& sink);
  std::size_t waiting() const;
  /// The last given signal of a level; nullptr: none.
  const level_signal* find(std::string_view id) const;

  template <class A>
  void fields(A& a);
};

/// Score of one level (futures-medium 13.1): fills points, score_raw, confidence, note.
void score(const signal_config& c, level_signal& l);

}  // namespace isobar::gamma_fuel
