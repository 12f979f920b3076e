#pragma once
#include <array>

#include "market/black_scholes.hpp"
#include "market/option.hpp"

namespace isobar::market {

/// The volatility that the research system fed its surfaces with (futures-medium 5.2): exactly three Newton steps on
/// Black-76 from 0.5, vega at least 1e-6, clipped to 0.001 to 5. Does not converge in the wings: for comparison with
/// its figures only. Never fails: a price outside the bounds runs into the clip.
struct literal_newton {
  std::array<double, 3> iterates{};
  double sigma() const { return iterates.back(); }
};
/// `price` in points, discounted; `in.sigma` is not used.
literal_newton literal_newton_volatility(right r, double price, const pricing_input& in);

}  // namespace isobar::market
