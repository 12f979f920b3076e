#include "sim/quote_model.hpp"

#include <algorithm>
#include <cmath>

#include "market/black_scholes.hpp"

namespace isobar::sim {

namespace {

price to_price(double points) { return price(static_cast<std::int64_t>(std::floor(points * 1e9 + 0.5))); }

double half_spread(double value, double delta) {
  const double plain = 0.025 + 0.006 * std::min(value, 30.0) + 0.003 * std::max(value - 30.0, 0.0);
  return delta < 0.1 ? 1.5 * plain : plain;
}

two_sided_quote around(double value, double delta, const market::root_spec& root) {
  const double half = half_spread(value, delta);
  return {market::round_to_tick(to_price(std::max(0.0, value - half)), root, market::rounding::down),
          market::round_to_tick(to_price(value + half), root, market::rounding::up)};
}

}  // namespace

expiry_market expiry_market_at(double spot, double volatility, double years, double rate) {
  const double days = years * 365;
  return {.spot = spot,
          .forward = spot * std::exp(rate * years),
          .years = years,
          .root_years = std::sqrt(years),
          .discount = std::exp(-rate * years),
          .base_volatility = volatility * (0.95 + 0.01 * std::min(days, 20.0))};
}

double smile_volatility(const expiry_market& m, double strike, const market::skew_regime& regime) {
  return market::skewed_volatility(m.base_volatility, strike, m.spot, regime);
}

quote_pair quote(const expiry_market& m, double strike, const market::root_spec& root,
                 const market::skew_regime& regime) {
  const double deviation = smile_volatility(m, strike, regime) * m.root_years;
  const double d1 = std::log(m.forward / strike) / deviation + 0.5 * deviation;
  const double n1 = market::normal_cdf(d1), n2 = market::normal_cdf(d1 - deviation);
  const double call = std::max(0.0, m.discount * (m.forward * n1 - strike * n2));
  const double put = std::max(0.0, call - m.discount * (m.forward - strike));
  return {around(call, n1, root), around(put, 1 - n1, root)};
}

}  // namespace isobar::sim
