#include "market/american.hpp"

#include <algorithm>
#include <cmath>

#include "market/mills.hpp"

namespace isobar::market {

namespace {

/// For a call of strike 1: from which price of the future exercising is best, and the exponent of the value of being
/// allowed to.
struct exercise {
  double boundary;
  double exponent;
  double premium;  ///< value of early exercise at the boundary
};

exercise exercise_of(double years, double rate, double sigma) {
  const double deviation = sigma * std::sqrt(years), discount = std::exp(-rate * years);
  const double m = 2 * rate / (sigma * sigma);
  const double q = 0.5 * (1 + std::sqrt(1 - 4 * m / std::expm1(-rate * years)));
  // The perpetual option's boundary lies above; the guess towards it is the authors'.
  const double forever = 0.5 * (1 + std::sqrt(1 + 4 * m));
  const double highest = forever / (forever - 1);
  double low = 1, high = highest * (1 + 1e-12);
  double at = std::min(high, 1 + (highest - 1) * -std::expm1(-2 * deviation / (highest - 1)));
  double kept = 0;
  constexpr int steps_max = 60;
  for (int i = 0; i < steps_max; ++i) {
    const double d1 = std::log(at) / deviation + 0.5 * deviation;
    const double density = normal::density(d1), in_money = normal::cdf(d1, density);
    const double d2 = d1 - deviation;
    const double european = discount * (at * in_money - normal::cdf(d2, normal::density(d2)));
    kept = 1 - discount * in_money;
    const double gap = at - 1 - european - kept * at / q;
    (gap < 0 ? low : high) = at;
    const double rise = kept * (1 - 1 / q) + discount * density / (deviation * q);
    double next = at - gap / rise;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const bool done = std::abs(next - at) < 1e-14 * at;
    at = next;
    if (done) break;
  }
  return {at, q, kept * at / q};
}

american_greeks call_of(const pricing_input& in) {
  const option_greeks european = black_76_greeks(right::call, in);
  const american_greeks never{european.price, european.delta, european.gamma};
  if (!(in.years > 0) || !(in.sigma > 0) || !(in.rate > 0) || std::isnan(european.price)) return never;
  const exercise e = exercise_of(in.years, in.rate, in.sigma);
  if (!std::isfinite(e.boundary)) return never;  // a rate too small to matter
  const double moneyness = in.underlying / in.strike;
  if (moneyness >= e.boundary) return {in.underlying - in.strike, 1, 0};
  const double premium = in.strike * e.premium * std::pow(moneyness / e.boundary, e.exponent);
  return {european.price + premium, european.delta + premium * e.exponent / in.underlying,
          european.gamma + premium * e.exponent * (e.exponent - 1) / (in.underlying * in.underlying)};
}

}  // namespace

american_greeks american_76_greeks(right r, const pricing_input& in) {
  if (r == right::call) return call_of(in);
  if (!(in.years > 0) || !(in.sigma > 0)) {
    const option_greeks g = black_76_greeks(r, in);
    return {g.price, g.delta, g.gamma};
  }
  // On a future a put is a call with price and strike exchanged (McDonald and Schroder 1998); the slope over the strike
  // follows from the price being homogeneous.
  const american_greeks call = call_of({in.strike, in.underlying, in.years, in.rate, in.sigma});
  const double ratio = in.strike / in.underlying;
  return {call.price, call.price / in.underlying - ratio * call.delta, call.gamma * ratio * ratio};
}

double american_76_price(right r, const pricing_input& in) { return american_76_greeks(r, in).price; }

exposure_greeks american_76_exposures(right r, const pricing_input& in) {
  const american_greeks g = american_76_greeks(r, in);
  if (std::isnan(g.price)) return {g.price, g.price, g.price, g.price};
  if (!(in.years > 0) || !(in.sigma > 0)) return {g.delta, g.gamma, 0, 0};
  constexpr double step = 1e-5;  // balances the rounding of delta against its third derivative
  const auto delta = [&](double wider, double longer) {
    return american_76_greeks(r, {in.underlying, in.strike, in.years * (1 + longer), in.rate, in.sigma * (1 + wider)})
        .delta;
  };
  return {g.delta, g.gamma, (delta(step, 0) - delta(-step, 0)) / (2 * step * in.sigma),
          (delta(0, -step) - delta(0, step)) / (2 * step * in.years)};
}

}  // namespace isobar::market
