#include "market/black_scholes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace isobar::market {

namespace {

double intrinsic(right r, const pricing_input& in) {
  return std::max(0.0, r == right::call ? in.underlying - in.strike : in.strike - in.underlying);
}

bool has_time_value(const pricing_input& in) { return in.years > 0 && in.sigma > 0; }

/// d1 for a forward; d2 = d1 - sigma sqrt(years).
double d1_of(double forward, const pricing_input& in) {
  const double deviation = in.sigma * std::sqrt(in.years);
  return std::log(forward / in.strike) / deviation + 0.5 * deviation;
}

double discounted_price(right r, double forward, double discount, const pricing_input& in) {
  const double d1 = d1_of(forward, in);
  const double d2 = d1 - in.sigma * std::sqrt(in.years);
  if (r == right::call) return discount * (forward * normal_cdf(d1) - in.strike * normal_cdf(d2));
  return discount * (in.strike * normal_cdf(-d2) - forward * normal_cdf(-d1));
}

}  // namespace

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double black_scholes_price(right r, const pricing_input& in) {
  if (!has_time_value(in)) return intrinsic(r, in);
  const double growth = std::exp(in.rate * in.years);
  return discounted_price(r, in.underlying * growth, 1 / growth, in);
}

double black_76_price(right r, const pricing_input& in) {
  if (!has_time_value(in)) return intrinsic(r, in);
  return discounted_price(r, in.underlying, std::exp(-in.rate * in.years), in);
}

double black_76_gamma(const pricing_input& in) {
  if (!has_time_value(in)) return 0;
  const double d1 = d1_of(in.underlying, in);
  const double density = std::exp(-0.5 * d1 * d1) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  return std::exp(-in.rate * in.years) * density / (in.underlying * in.sigma * std::sqrt(in.years));
}

double black_76_delta(right r, const pricing_input& in) {
  if (!has_time_value(in)) return intrinsic(r, in) > 0 ? (r == right::call ? 1.0 : -1.0) : 0.0;
  const double d1 = d1_of(in.underlying, in);
  const double discount = std::exp(-in.rate * in.years);
  return r == right::call ? discount * normal_cdf(d1) : -discount * normal_cdf(-d1);
}

}  // namespace isobar::market
