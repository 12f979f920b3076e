#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "gamma-fuel/domain/gamma_config.hpp"
#include "gamma-fuel/domain/inputs.hpp"
#include "gamma-fuel/domain/session_day.hpp"
#include "gamma-fuel/domain/time_bars.hpp"

namespace isobar::gamma_fuel {

/// Prices that the session itself makes into levels: VWAP, session and pre-market extremes, opening range, moving
/// averages. Causal: every reading is of what happened before. Sessions are of the exchange date (New York; regular
/// hours 09:30-16:00, pre-market 04:00-09:30; half-days and holidays from market/calendar.hpp). Pure.
///
/// * A trading date begins at 18:00 New York of the day before. Until 09:30 its "session" (VWAP, extremes) is the
///   overnight since 18:00; from 09:30 on it is regular hours alone, and what trades after the close changes nothing.
///   On dates without regular hours the overnight goes on.
/// * The opening range is told once it is complete, the pre-market as it grows.
/// * Averages are of closed bars with trades, over sessions; bars without trades do not exist.
///
/// Trades without price or size are ignored; late ones count for what is still open, never for a closed bar.
class session_tracker {
 public:
  explicit session_tracker(const gamma_config& c);

  void trade(const underlying_trade& t);
  /// Where nothing trades (an index): its level counts as a trade of one lot for extremes and averages, not for VWAP.
  void quote(const underlying_quote& q);
  /// Time passes: bars close.
  void advance(timestamp t);

  /// Nearest tick, half away from zero.
  std::optional<price> vwap() const;
  std::optional<price> session_high() const { return session().high(); }
  std::optional<price> session_low() const { return session().low(); }
  std::optional<price> premarket_high() const { return premarket_.high(); }
  std::optional<price> premarket_low() const { return premarket_.low(); }
  std::optional<price> opening_high() const { return opening_told() ? opening_.high() : std::nullopt; }
  std::optional<price> opening_low() const { return opening_told() ? opening_.low() : std::nullopt; }
  /// Mean of the last so many closes, to 1e-9; nothing while there are fewer.
  std::optional<price> sma_short() const { return sma_short_; }
  std::optional<price> sma_long() const { return sma_long_; }
  bool first_15_minutes(timestamp t) const;
  /// Closes of one-minute bars, newest last, over the approach window: those that closed in (t - window, t].
  std::vector<price> minute_closes(timestamp t) const;
  /// Number of the trading date that holds the newest time, as days since 1970; 0: none yet.
  std::int32_t trading_date() const { return day_.day; }

  template <class A>
  void fields(A& a) {
    a(now_, day_, overnight_, regular_, premarket_, opening_, overnight_volume_, regular_volume_, sma_bar_, minute_bar_,
      sma_closes_, minutes_, sma_short_, sma_long_);
  }

 private:
  static constexpr std::size_t minutes_max = 1'440;
  struct minute {
    timestamp end;
    price close;
    template <class A>
    void fields(A& a) {
      a(end, close);
    }
  };

  bool regular_begun() const { return now_ >= day_.open; }
  bool opening_told() const { return regular_begun() && now_ >= day_.open + levels_.opening_range; }
  const price_range& session() const { return regular_begun() ? regular_ : overnight_; }
  void enter(timestamp t);
  void see(timestamp t, price p);  ///< extremes and bars
  void close_bars(timestamp t);
  void average();

  level_config levels_;
  price tick_;
  timestamp now_ = start_of_time;
  session_day day_;
  price_range overnight_, regular_, premarket_, opening_;
  weighted_price overnight_volume_, regular_volume_;
  time_bar sma_bar_, minute_bar_;
  std::deque<price> sma_closes_;  ///< newest last, at most sma_long
  std::deque<minute> minutes_;    ///< newest last, over the approach window
  std::optional<price> sma_short_, sma_long_;
};

}  // namespace isobar::gamma_fuel
