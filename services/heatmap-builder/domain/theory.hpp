#pragma once
#include <optional>

#include "heatmap-builder/domain/snapshot.hpp"

namespace isobar::heatmap_builder {

struct theory_options {
  double rate = 0.05;  ///< continuously compounded, per year
  double vix = 0;      ///< level that picks the skew's regime; 0: unknown, the plane's own base volatility x 100
  double fallback_volatility = 0.20;  ///< where no quote near the money gives one
  double base_half_range = 30;        ///< points around the spot whose volatilities make the base
};

/// What prices a plane's theoretical debits.
struct theory_input {
  double spot = 0;   ///< points
  double years = 0;  ///< to the real settlement, no floor (decisions 17); zero or less: intrinsic values
  double base = 0;   ///< at-the-money volatility, decimal
  double vix = 0;
  double rate = 0;
};

/// Volatility at which Black-Scholes gives `target`; nothing outside 0.01 to 5 or the no-arbitrage bounds. By
/// bisection, to 1e-9.
std::optional<double> implied_volatility(market::right r, double spot, double strike, double years, double rate,
                                         double target);

/// Base volatility: mean over all contracts within base_half_range of the spot with an uncrossed two-sided quote of the
/// volatility of their mid (options-surface 5.3, which takes the vendor's). Nothing without a spot.
std::optional<theory_input> theory_of(const plane_board& layout, const quote_columns& quotes, price spot,
                                      timestamp as_of, const theory_options& options);

/// Debit of a tile in points from Black-Scholes prices with the skew of options-surface 5.3.
double theoretical_debit(const plane_board& layout, std::uint32_t tile, const theory_input& in);

}  // namespace isobar::heatmap_builder
