#pragma once
#include "market/black_scholes.hpp"
#include "market/option.hpp"

namespace isobar::market {

/// Price and its derivatives of one European option, per unit of its own argument: no "per day", no "per 1 %".
/// `underlying` below is the forward of Black-76 or the spot of Black-Scholes.
struct option_greeks {
  double price = 0;   ///< points
  double delta = 0;   ///< d price / d underlying
  double gamma = 0;   ///< d2 price / d underlying2, per point
  double vega = 0;    ///< d price / d sigma, points per 1.00 of volatility
  double theta = 0;   ///< d price / d calendar time, points per year (negative: it decays)
  double vanna = 0;   ///< d delta / d sigma
  double charm = 0;   ///< d delta / d calendar time, per year
  double speed = 0;   ///< d gamma / d underlying
  double colour = 0;  ///< d gamma / d calendar time, per year
};

/// Black-76 on a forward held fixed, discounted at `rate`: scalar reference path. Expired (years <= 0) or sigma <= 0:
/// intrinsic value, undiscounted, with the delta of moneyness, everything else 0. An input that is not finite, or an
/// underlying or strike that is not positive: NaN everywhere. Black 1976; derivatives by differentiation. Deep in the
/// wings the values stay relatively exact until they are below the smallest double (docs/numerics.md).
option_greeks black_76_greeks(right r, const pricing_input& in);
/// Black-Scholes-Merton on a spot with a continuous dividend yield; theta and charm hold the spot fixed. As above.
option_greeks black_scholes_greeks(right r, const pricing_input& in, double dividend_yield);

/// What exposures need of one option, and the least that costs.
struct exposure_greeks {
  double delta = 0, gamma = 0, vanna = 0, charm = 0;
};
/// Black-76; as black_76_greeks.
exposure_greeks black_76_exposures(right r, const pricing_input& in);

/// What a caller who knows it need not pay for twice.
struct known_terms {
  double log_moneyness;  ///< ln(underlying / strike)
  double deviation;      ///< sigma x sqrt(years), positive
  double sigma;
  double discount;  ///< exp(-rate x years)
};
/// As black_76_exposures; underlying, strike and years are taken from `in` and must be positive.
exposure_greeks exposures_at(right r, const pricing_input& in, const known_terms& known);

}  // namespace isobar::market
