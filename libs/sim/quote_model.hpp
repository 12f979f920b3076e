#pragma once
#include <array>

#include "market/root.hpp"
#include "market/skew.hpp"

namespace isobar::sim {

/// Everything of one expiry that its quotes share at an instant.
struct expiry_market {
  double spot = 0, forward = 0;      ///< points
  double years = 0, root_years = 0;  ///< to settlement, and its square root; positive
  double discount = 1;
  double base_volatility = 0;  ///< at the money, decimal
};

struct two_sided_quote {
  price bid, ask;
};
/// Call and put of one strike, at one instant: put-call parity holds between them within their spreads.
using quote_pair = std::array<two_sided_quote, 2>;

/// Shared values of an expiry: forward spot x exp(rate x years), volatility growing mildly with the days to expiry.
expiry_market expiry_market_at(double spot, double volatility, double years, double rate);

double smile_volatility(const expiry_market& m, double strike, const market::skew_regime& regime);

/// Bid and ask on the root's ticks around Black-76 values under the smile: rounded away from the value, half-spread
/// 0.025 + 0.6 % of the value (0.3 % of what exceeds 30 points), half as much again for deltas under 0.1. What is worth
/// less than its half-spread is bid zero.
quote_pair quote(const expiry_market& m, double strike, const market::root_spec& root,
                 const market::skew_regime& regime);

}  // namespace isobar::sim
