#pragma once
#include "gamma-fuel/domain/dealer_flow.hpp"
#include "gamma-fuel/domain/outputs.hpp"
#include "gamma-fuel/domain/session_tracker.hpp"
#include "gamma-fuel/domain/touches.hpp"

namespace isobar::gamma_fuel {

/// Everything that is known of a tick except barrier and tape: made when the gamma side has passed it.
struct tick_context {
  level_signals
      base;  ///< as_of, prices, levels with fuel, runway, touches, approach, confluence; no state, score, signal
  regime market_regime = regime::neutral;
  std::optional<price> zero_gamma;
  /// By position of base.levels: room on the market's side, should the level hold.
  std::vector<runway> bounce_runways;
  template <class A>
  void fields(A& a) {
    a(base, market_regime, zero_gamma, bounce_runways);
  }
};

/// What a context is made of, as of one tick: everything before it has been applied.
struct tick_view {
  timestamp as_of;
  price spot = market::no_price;  ///< mid, or the last good one; no_price: no levels
  price bid = market::no_price, ask = market::no_price;
  bool options_stale = false;             ///< live only
  const market::level_set_input& levels;  ///< in force
  const gex_profile& profile;             ///< newest; end 0: none yet
  const session_tracker& session;
  const option_board& board;
};

/// Makes ticks' contexts: which levels are near the market, and how they lie to it, to each other and to dealers. Keeps
/// touches. Ticks come in time order.
class signal_context {
 public:
  explicit signal_context(const gamma_config& c);

  tick_context make(const tick_view& v, dealer_flow& flow);

  template <class A>
  void fields(A& a) {
    a(touches_);
  }

 private:
  level_signal level(const market::watched_level& l, const tick_view& v) const;

  gamma_config config_;
  touch_counter touches_;
};

}  // namespace isobar::gamma_fuel
