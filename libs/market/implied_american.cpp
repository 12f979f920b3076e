#include <algorithm>
#include <cmath>

#include "market/american.hpp"

namespace isobar::market {

namespace {

/// Root of a rising function between `low` and `high` by inverse quadratic interpolation where it promises well,
/// halving where not (Chandrupatla 1997).
template <class Function>
implied_volatility rising_root(double low, double high, double f_low, double f_high, const Function& f) {
  constexpr int evaluations_max = 78;
  double a = high, fa = f_high, b = low, fb = f_low, c = b, fc = fb, t = 0.5;
  for (int i = 1; i <= evaluations_max; ++i) {
    const double x = a + t * (b - a), fx = f(x);
    if ((fx > 0) == (fa > 0)) {
      c = a, fc = fa;
    } else {
      c = b, fc = fb;
      b = a, fb = fa;
    }
    a = x, fa = fx;
    const double best = std::abs(fa) < std::abs(fb) ? a : b;
    const double tolerance = 2e-16 * std::abs(best) + 1e-13;
    const double smallest = tolerance / std::abs(b - a);
    if (smallest > 0.5 || fa == 0) return {best, no_volatility::none, i};
    const double xi = (a - b) / (c - b), phi = (fa - fb) / (fc - fb);
    t = 0.5;
    if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi)
      t = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb);
    t = std::clamp(t, smallest, 1 - smallest);
  }
  return {a, no_volatility::none, evaluations_max};
}

}  // namespace

implied_volatility implied_american_76(right r, double price, const pricing_input& in) {
  if (!std::isfinite(price + in.underlying + in.strike + in.years + in.rate)) return {0, no_volatility::not_finite};
  if (in.years <= 0) return {0, no_volatility::expired};
  if (in.underlying <= 0 || in.strike <= 0) return {0, no_volatility::bad_input};
  if (in.rate <= 0) return implied_black_76(r, price, in);
  const double exercised = r == right::call ? in.underlying - in.strike : in.strike - in.underlying;
  if (price <= std::max(0.0, exercised)) return {0, no_volatility::below_intrinsic};
  if (price >= (r == right::call ? in.underlying : in.strike)) return {0, no_volatility::above_maximum};

  const auto excess = [&](double sigma) {
    return american_76_price(r, {in.underlying, in.strike, in.years, in.rate, sigma}) - price;
  };
  // The right to exercise early is worth something: the European volatility is too high. Its premium is small, so
  // the bracket is first tried tight.
  const implied_volatility european = implied_black_76(r, price, in);
  double high = european ? european.sigma : sigma_max, f_high = excess(high);
  if (f_high == 0) return {high, no_volatility::none, 1};
  if (f_high < 0) {  // the approximation may lie a rounding below the European price
    const double wider = european ? high * (1 + 1e-9) + 1e-12 : high;
    f_high = excess(wider);
    if (f_high < 0) return european ? european : implied_volatility{0, no_volatility::out_of_range, 2};
    high = wider;
  }
  // A little more than a Newton step brackets the answer closely, nearly always.
  const double vega = black_76_greeks(r, {in.underlying, in.strike, in.years, in.rate, high}).vega;
  const double step = 1.01 * f_high / vega;
  double low = step < 0.5 * high ? high - step : 0.5 * high, f_low = excess(low);
  if (f_low > 0) {
    high = low, f_high = f_low;
    low = 0, f_low = std::max(0.0, exercised) - price;
  }
  implied_volatility found = rising_root(low, high, f_low, f_high, excess);
  found.iterations += 3;
  return found;
}

}  // namespace isobar::market
