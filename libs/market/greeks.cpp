#include "market/greeks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "market/mills.hpp"
#include "market/normalised_black.hpp"

namespace isobar::market {

namespace {

bool is_usable(const pricing_input& in) {
  return std::isfinite(in.underlying) && std::isfinite(in.strike) && std::isfinite(in.years) &&
         std::isfinite(in.rate) && std::isfinite(in.sigma) && in.underlying > 0 && in.strike > 0;
}

/// Price minus discounted intrinsic value beyond this many deviations is under the smallest double.
constexpr double beyond = 39;

/// What all derivatives share. `forward` is the underlying grown at the cost of carry.
struct terms {
  double d1, d2, density, tail;  ///< tail: N(-|d1|)

  terms(double log_forward_over_strike, double deviation) {
    const double y = log_forward_over_strike / deviation;
    d1 = clamped(y + 0.5 * deviation);
    d2 = clamped(y - 0.5 * deviation);
    density = normal::density(d1);
    tail = density * normal::mills(std::abs(d1));
  }
  static double clamped(double d) { return std::max(-beyond, std::min(d, beyond)); }
  /// N(d1) of a call, -N(-d1) of a put.
  double signed_cdf(right r) const {
    // Without branches, as neither side nor sign can be foreseen along a chain: +-tail and 1, 0 or -1.
    const int whole = static_cast<int>(r == right::call) - static_cast<int>(d1 < 0);
    return whole + std::copysign(tail, -d1);
  }
};

bool has_time_value(const pricing_input& in) {
  return in.years > 0 && in.sigma > 0 && in.sigma * std::sqrt(in.years) > 0;  // the product may underflow
}

double intrinsic(right r, double underlying, double strike) {
  return std::max(0.0, r == right::call ? underlying - strike : strike - underlying);
}

option_greeks expired(right r, const pricing_input& in) {
  option_greeks g;
  g.price = intrinsic(r, in.underlying, in.strike);
  g.delta = g.price > 0 ? (r == right::call ? 1.0 : -1.0) : 0.0;
  return g;
}

option_greeks undefined() {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  return {nan, nan, nan, nan, nan, nan, nan, nan, nan};
}

/// Both models: `carry` is rate less dividend yield (0 for Black-76) and `growth` exp(-dividend yield x years), which
/// for Black-76 is the discount.
struct carried {
  double log_moneyness, carry, yield, growth, intrinsic;
};

option_greeks greeks_of(right r, const pricing_input& in, const carried& c) {
  const double root_years = std::sqrt(in.years), deviation = in.sigma * root_years;
  const terms t(c.log_moneyness, deviation);
  const double discounted_strike = in.strike * std::exp(-in.rate * in.years);
  const double scale = std::sqrt(in.underlying * c.growth) * std::sqrt(discounted_strike);
  const double density = c.growth * t.density;
  const double half_decay = 0.5 * in.underlying * density * in.sigma / root_years;
  const double drift = c.carry / deviation - t.d2 / (2 * in.years);  // d d1 / d years
  option_greeks g;
  g.price = c.intrinsic + scale * normal::otm_black(std::abs(c.log_moneyness), deviation);
  g.delta = c.growth * t.signed_cdf(r);
  g.gamma = density / (in.underlying * deviation);
  g.vega = in.underlying * density * root_years;
  // rate x strike part + yield x underlying part, the first as (underlying part - price).
  g.theta = in.rate * g.price - c.carry * in.underlying * g.delta - half_decay;
  g.vanna = -density * t.d2 / in.sigma;
  g.charm = c.yield * g.delta - density * drift;
  g.speed = -g.gamma / in.underlying * (t.d1 / deviation + 1);
  g.colour = g.gamma * (c.yield + t.d1 * drift + 1 / (2 * in.years));
  return g;
}

}  // namespace

option_greeks black_76_greeks(right r, const pricing_input& in) {
  if (!is_usable(in)) return undefined();
  if (!has_time_value(in)) return expired(r, in);
  const double discount = std::exp(-in.rate * in.years);
  return greeks_of(r, in,
                   {normal::log_ratio(in.underlying, in.strike), 0, in.rate, discount,
                    discount * intrinsic(r, in.underlying, in.strike)});
}

option_greeks black_scholes_greeks(right r, const pricing_input& in, double dividend_yield) {
  if (!is_usable(in) || !std::isfinite(dividend_yield)) return undefined();
  if (!has_time_value(in)) return expired(r, in);
  const double carry = in.rate - dividend_yield, growth = std::exp(-dividend_yield * in.years);
  const double moneyness = normal::log_ratio(in.underlying, in.strike) + carry * in.years;
  // underlying x growth - strike x discount, without losing the digits of a small difference
  const double difference = in.strike * std::exp(-in.rate * in.years) * std::expm1(moneyness);
  return greeks_of(
      r, in, {moneyness, carry, dividend_yield, growth, std::max(0.0, r == right::call ? difference : -difference)});
}

exposure_greeks black_76_exposures(right r, const pricing_input& in) {
  if (!is_usable(in)) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    return {nan, nan, nan, nan};
  }
  if (!has_time_value(in)) return {expired(r, in).delta, 0, 0, 0};
  const double deviation = in.sigma * std::sqrt(in.years);
  return exposures_at(
      r, in, {normal::log_ratio(in.underlying, in.strike), deviation, in.sigma, std::exp(-in.rate * in.years)});
}

exposure_greeks exposures_at(right r, const pricing_input& in, const known_terms& known) {
  const terms t(known.log_moneyness, known.deviation);
  const double density = known.discount * t.density;
  const double delta = known.discount * t.signed_cdf(r), weighted = density * t.d2;
  const double inverse = 1 / (in.underlying * known.deviation * in.years);  // one division for two
  return {delta, density * in.years * inverse, -weighted / known.sigma,
          in.rate * delta + 0.5 * weighted * (in.underlying * known.deviation) * inverse};
}

}  // namespace isobar::market
