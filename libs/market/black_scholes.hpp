#pragma once
#include "market/option.hpp"

namespace isobar::market {

/// What a European option's price depends on. `underlying` is the spot for Black-Scholes and the forward for Black-76.
struct pricing_input {
  double underlying = 0;  ///< points, positive
  double strike = 0;      ///< points, positive
  double years = 0;       ///< to settlement, decisions 17
  double rate = 0;        ///< continuously compounded, per year
  double sigma = 0;       ///< volatility per square root of a year, decimal
};

/// Cumulative normal distribution, through erfc.
double normal_cdf(double x);

/// Black-Scholes price in points of a call or put on a spot without dividends. Expired or without volatility
/// (years <= 0 or sigma <= 0): intrinsic value. Black and Scholes 1973; options-surface 5.3.
double black_scholes_price(right r, const pricing_input& in);
/// Black-76 price in points of a call or put on a forward, discounted at `rate`. Expired or without volatility:
/// intrinsic value, undiscounted. Black 1976.
double black_76_price(right r, const pricing_input& in);
/// Black-76 gamma: change of the price's slope per point of the forward, the same for calls and puts; 0 when expired
/// or without volatility.
double black_76_gamma(const pricing_input& in);
/// Black-76 delta: change of the price per point of the forward.
double black_76_delta(right r, const pricing_input& in);

}  // namespace isobar::market
