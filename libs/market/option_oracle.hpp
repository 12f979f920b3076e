#pragma once
#include <functional>
#include <vector>

#include "market/greeks.hpp"

/// For tests and benches only: the formulas in 113-bit arithmetic (libquadmath), and the grid on which errors are
/// measured. Nothing here shares code with what it checks.
namespace isobar::market::oracle {

/// Values rounded to double; `scale` holds the sum of the absolute terms of each sum, which is what a relative error
/// of a value that changes sign refers to.
struct exact_greeks {
  option_greeks value, scale;
};
/// `dividend_yield` < 0 is allowed; for Black-76 pass spot = forward and dividend_yield = rate.
exact_greeks exact(right r, const pricing_input& in, double dividend_yield);

/// Deviations from the money (37 is where a density leaves the doubles), 1 s to 3 years, 1 % to 500 %, both rates.
void over_grid(const std::function<void(const pricing_input& in, double deviations)>& visit);

}  // namespace isobar::market::oracle
