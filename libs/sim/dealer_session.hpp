#pragma once
#include <vector>

#include "sim/option_market.hpp"

namespace isobar::sim {

/// A session of an option market whose dealers are known: what a feed says of it, and the truth.
struct dealer_session {
  struct level {
    timestamp ts;
    price spot;
  };
  market::chain_snapshot opening, closing;   ///< at the start and the end; open interest is the opening's in both
  std::vector<market::option_event> events;  ///< of [start, end), in order
  std::vector<customer_trade> trades;        ///< one for each trade of `events`, in their order
  std::vector<level> levels;                 ///< the index at the start and every 100 ms
  std::vector<dealer_strike> truth;          ///< at the end
  market_counters counters;
};

/// Runs the market for `span`; equal configurations give equal sessions. The configuration must pass check().
dealer_session run_dealer_session(const config& c, duration_ns span);

/// A quantity by strike, summed over expiries; ascending by strike.
struct strike_amount {
  isobar::strike strike;
  double amount = 0;
};
/// Dealers' gamma, deltas per point: everything they hold (`change` false) or what trading has added.
std::vector<strike_amount> by_strike(const std::vector<dealer_strike>& truth, bool change);

}  // namespace isobar::sim
