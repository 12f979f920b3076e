#pragma once

namespace isobar::market {

/// How steep the smile is, by the level of the VIX (options-surface 5.3). Boundaries belong to the lower regime.
struct skew_regime {
  double put_skew;   ///< relative volatility added per 10 % below the spot
  double call_skew;  ///< relative volatility added per 10 % above the spot
  double atm_boost;  ///< relative volatility added at the money, fading as exp(-50 m^2)
};
skew_regime skew_regime_of(double vix);

/// Volatility of a strike from the at-the-money one: base (1 + 10 skew |m| + boost exp(-50 m^2)), m = (strike - spot)
/// / spot. All in points and decimals. Source: options-surface 5.3.
double skewed_volatility(double base, double strike, double spot, const skew_regime& regime);
inline double skewed_volatility(double base, double strike, double spot, double vix) {
  return skewed_volatility(base, strike, spot, skew_regime_of(vix));
}

}  // namespace isobar::market
