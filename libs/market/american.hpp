#pragma once
#include "market/greeks.hpp"
#include "market/implied_volatility.hpp"

namespace isobar::market {

/// American options on futures (ES and most CME roots before 2022; where a root_spec says american). Method:
/// Barone-Adesi and Whaley 1987, quadratic approximation, with cost of carry 0. Its error is in docs/numerics.md.
/// Rate <= 0: exercising early gains nothing, the European value. Expired, without volatility, bad input: as
/// black_76_greeks.
double american_76_price(right r, const pricing_input& in);

struct american_greeks {
  double price = 0;  ///< points
  double delta = 0;  ///< per point of the future
  double gamma = 0;  ///< per point squared; 0 where exercising now is best
};
/// The approximation and its own derivatives.
american_greeks american_76_greeks(right r, const pricing_input& in);
/// Delta and gamma as american_76_greeks; vanna and charm by central differences of that delta.
exposure_greeks american_76_exposures(right r, const pricing_input& in);

/// Volatility at which american_76_price gives `price`. Bounds: immediate exercise value below, underlying (call) or
/// strike (put) above. `iterations` counts prices; at most 80. As exact as the price: |error| <= 1e-10 or a few units
/// in the last place of the price over vega.
implied_volatility implied_american_76(right r, double price, const pricing_input& in);

}  // namespace isobar::market
