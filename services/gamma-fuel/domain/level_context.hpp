#pragma once
#include <map>
#include <string>
#include <vector>

#include "gamma-fuel/domain/dealer_flow.hpp"
#include "gamma-fuel/domain/outputs.hpp"
#include "gamma-fuel/domain/session_tracker.hpp"
#include "gamma-fuel/domain/signal_engine.hpp"

namespace isobar::gamma_fuel {

/// Where the symbol's market is at a tick.
struct tick_view {
  timestamp at;
  price bid = market::no_price, ask = market::no_price;
  price mid = market::no_price;  ///< not no_price
};

/// Room beyond a level in `direction` (1 up, -1 down): the distance to the next obstacle, the nearest level farther
/// away than `band` (what lies within is met together with the level; of equals the first in order). Clear: neither
/// that obstacle nor another level within the band, on either side, is of a strong kind (walls, flip, session and
/// pre-market extremes). Literal (futures-medium 12): the nearest level strictly beyond, always clear.
runway runway_of(const market::watched_level& level, int direction, const level_set_input& set, price band,
                 compat rules);

/// What is known of each level near the market without the order book: side, touches, approach, runway, confluence,
/// fuel. Makes the contexts that signal_engine joins with radar-physics. Pure.
///
/// * Direction (futures-medium 12): a level above the market or at it is resistance and breaks up, one below support.
/// * A touch begins when the market comes within the touch band of the level (the range since the tick before counts)
///   after it has been out for the cooldown; staying inside is one touch, however long and however quiet.
///   `prior_touches` counts those of the trading date (from 18:00 New York, as session levels) before the present one,
///   at this price: a level that jumps by more than the touch band begins anew.
/// * Approach: over one-minute closes, towards the level; velocity = (last - first) / bars, as futures-medium 13.4.
/// * Runway: see runway_of; in the direction of the break, and the other one for a level that holds.
/// * Confluence (futures-medium 13.4): sum of weight x (1 - distance / band) of the other levels, over 9.3, the weight
///   of all kinds: PM 1, OR 0.9, SMA 0.8, VWAP 0.7, SESSION 0.6, walls 1.
class level_context {
 public:
  /// Levels whose touches are remembered on one date.
  static constexpr std::size_t records_max = 4'096;

  explicit level_context(const gamma_config& c);

  /// The market moved to `mid` at some time after the tick before.
  void see(price mid);
  /// Everything of a tick; ticks do not go back.
  tick_context make(const tick_view& at, const level_set_input& set, const gex_profile& p, const session_tracker& s,
                    const option_board& board, dealer_flow& flow);

  template <class A>
  void fields(A& a) {
    a(low_, high_, day_, touches_);
  }

 private:
  struct record {
    bool inside = false;             ///< at the last tick
    timestamp left = start_of_time;  ///< the first tick outside since
    std::uint32_t begun = 0;
    isobar::price price = market::no_price;
    template <class A>
    void fields(A& a) {
      a(inside, left, begun, price);
    }
  };
  void touch(timestamp t, const level_set_input& set, std::int32_t day);
  std::uint32_t prior_touches(timestamp t, const std::string& id) const;
  void approach(const std::vector<price>& closes, level_signal& l) const;
  void surroundings(const level_set_input& set, level_signal& l) const;

  level_config rules_;
  compat compat_;
  sign_model model_;
  price low_ = market::no_price, high_ = market::no_price;  ///< of mids since the last tick
  std::int32_t day_ = 0;                                    ///< trading date
  std::map<std::string, record> touches_;
};

}  // namespace isobar::gamma_fuel
