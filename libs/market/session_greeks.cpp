#include "market/session_greeks.hpp"

#include <algorithm>
#include <cmath>

#include "market/greeks.hpp"

namespace isobar::market::session {

namespace {

constexpr double sessions_per_year = 252, seconds_per_session = 6.5 * 3600;

}  // namespace

double years_to_close(date expiry, timestamp t) {
  const std::int64_t close_ns = (std::int64_t{expiry.days} * 24 + 21) * 3'600 * 1'000'000'000;
  const double seconds = static_cast<double>(close_ns - t.ns) / 1e9;
  return std::max(0.0, seconds) / (sessions_per_year * seconds_per_session);
}

greeks greeks_of(right r, const pricing_input& in) {
  const option_greeks g = black_scholes_greeks(r, in, 0);
  return {g.price, g.delta, g.gamma, g.theta / sessions_per_year, g.vega / 100};
}

double implied_volatility(right r, double price, const pricing_input& in) {
  constexpr double start = 0.30, step_min = 1e-6, vega_min = 1e-10;
  constexpr int steps_max = 50;
  pricing_input at = in;
  at.sigma = start;
  for (int i = 0; i < steps_max; ++i) {
    const option_greeks g = black_scholes_greeks(r, at, 0);
    if (!(g.vega >= vega_min)) break;
    const double next = std::clamp(at.sigma - (g.price - price) / g.vega, 0.01, 5.0);
    const double step = std::abs(next - at.sigma);
    at.sigma = next;
    if (step < step_min) break;
  }
  return at.sigma;
}

double rough_erf(double x) {
  const double t = 1 / (1 + 0.3275911 * std::abs(x));
  const double series =
      t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return std::copysign(1 - series * std::exp(-x * x), x);
}

}  // namespace isobar::market::session
