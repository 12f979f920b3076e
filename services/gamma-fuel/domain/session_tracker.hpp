#pragma once
#include <optional>
#include <vector>

#include "gamma-fuel/domain/gamma_config.hpp"
#include "gamma-fuel/domain/inputs.hpp"

namespace isobar::gamma_fuel {

/// Prices that the session itself makes into levels: VWAP, session and pre-market extremes, opening range, moving
/// averages. Causal: every reading is of what happened before. Sessions are of the exchange date (New York; regular
/// hours 09:30-16:00, pre-market 04:00-09:30; half-days and holidays from market/calendar.hpp). Pure.
class session_tracker {
 public:
  explicit session_tracker(const gamma_config& c);

  void trade(const underlying_trade& t);
  /// Where nothing trades (an index): its level counts as a trade of one lot for extremes and averages, not for VWAP.
  void quote(const underlying_quote& q);
  /// Time passes: bars close.
  void advance(timestamp t);

  std::optional<price> vwap() const, session_high() const, session_low() const, premarket_high() const,
      premarket_low() const, opening_high() const, opening_low() const, sma_short() const, sma_long() const;
  bool first_15_minutes(timestamp t) const;
  /// Closes of one-minute bars, newest last, over the approach window.
  std::vector<price> minute_closes(timestamp t) const;

  template <class A>
  void fields(A& a);
};

}  // namespace isobar::gamma_fuel
