#include "market/skew.hpp"

#include <cmath>

namespace isobar::market {

skew_regime skew_regime_of(double vix) {
  if (vix <= 14) return {0.10, 0.02, 0};
  if (vix <= 18) return {0.15, 0.03, 0};
  if (vix <= 30) return {0.30, 0.05, 0};
  return {0.50, 0.08, 0.05};
}

double skewed_volatility(double base, double strike, double spot, const skew_regime& regime) {
  const double m = (strike - spot) / spot;
  const double slope = m < 0 ? -10 * regime.put_skew * m : 10 * regime.call_skew * m;
  return base * (1 + slope + regime.atm_boost * std::exp(-50 * m * m));
}

}  // namespace isobar::market
