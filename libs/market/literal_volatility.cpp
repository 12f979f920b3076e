#include "market/literal_volatility.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace isobar::market {

literal_newton literal_newton_volatility(right r, double price, const pricing_input& in) {
  constexpr double start = 0.5, vega_min = 1e-6, sigma_low = 0.001, sigma_high = 5;
  literal_newton found;
  pricing_input at = in;
  at.sigma = start;
  const double discount = std::exp(-in.rate * in.years), root = std::sqrt(in.years);
  for (double& iterate : found.iterates) {
    const double d1 = (std::log(in.underlying / in.strike) + 0.5 * at.sigma * at.sigma * in.years) / (at.sigma * root);
    const double density = std::exp(-0.5 * d1 * d1) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    const double vega = std::max(in.underlying * density * root * discount, vega_min);
    at.sigma = std::clamp(at.sigma - (black_76_price(r, at) - price) / vega, sigma_low, sigma_high);
    iterate = at.sigma;
  }
  return found;
}

}  // namespace isobar::market
