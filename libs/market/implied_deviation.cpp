#include "market/implied_deviation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "market/mills.hpp"
#include "market/normalised_black.hpp"

namespace isobar::market::normal {

namespace {

/// ln(model / wanted) at a deviation, and its derivative over the deviation. "Model" is the price, or what is missing
/// to its upper bound, whichever is nearer to being an exponential.
struct residual {
  double value, slope;
};

/// ln(model / wanted) of positive numbers whose quotient may overflow: prices near the smallest double.
class log_against {
 public:
  explicit log_against(double wanted) {
    if (wanted < 1e-280) wanted *= 0x1p200, offset_ = 138.62943611198907;  // 200 ln 2
    inverse_ = 1 / wanted;
  }
  double operator()(double model) const { return std::log(model * inverse_) + offset_; }

 private:
  double inverse_, offset_ = 0;
};

/// Bachelier's deviation (the first term of black_series) corrected for the second: exact to about deviation^4 / 300.
double guess(double distance, double scaled_price) {
  const double z = distance / scaled_price;
  constexpr double near_money = 1e-4, half_pi_root = 1.2533141373155003;
  double y, s;
  if (z < near_money) {
    s = scaled_price * (1 + half_pi_root * z);
    y = z;
  } else {
    const double v = std::sqrt(std::log(1 + std::min(z, 1e308)));
    const double scaled = v * tables::guess_pieces_per_unit;
    const int piece = std::min(static_cast<int>(scaled), tables::guess_pieces - 1);
    const auto& c = tables::guess[piece];
    const double w = scaled - piece - 0.5;
    y = v * v * ((c[0] + c[1] * w) + (c[2] + c[3] * w) * (w * w));
    s = distance / y;
  }
  // 1 - y^2 slope(y), from its first terms at either end.
  constexpr double a = 1.88;
  const double weight = (1 + a * y) / (1 + y * (a + y * (1 + a / 3 * y)));
  const double s2 = s * s * weight;
  return s * (1 + s2 * (1.0 / 24 + s2 * (7.0 / 1920)));
}

/// One step of Householder's method of third order for ln(model) in s. Derivatives of the price b:
/// b''/b' = y^2/s - s/4, b'''/b' = (b''/b')^2 - 3 y^2/s^2 - 1/4; those of the logarithm follow.
double householder_step(const residual& f, double s, double y) {
  const double inverse = 1 / s, y2 = y * y;
  const double b2 = y2 * inverse - 0.25 * s;
  const double b3 = b2 * b2 - 3 * y2 * inverse * inverse - 0.25;
  const double newton = -f.value / f.slope;
  const double h2 = b2 - f.slope;
  const double h3 = b3 - 3 * f.slope * b2 + 2 * f.slope * f.slope;
  const double numerator = 1 + 0.5 * h2 * newton, denominator = 1 + newton * (h2 + h3 * newton * (1.0 / 6));
  if (!(numerator > 0.1) || !(denominator > 0.1)) return newton;  // too far for the higher terms
  return newton * numerator / denominator;
}

/// Evaluates, brackets and steps until the next step could not be seen. `evaluate(s, y)` gives the residual;
/// `rising` says its direction.
template <class Evaluate>
deviation_found iterate(double distance, double start, bool rising, double low, double high, const Evaluate& evaluate) {
  double s = start;
  for (int i = 1; i <= max_evaluations; ++i) {
    const double y = distance / s;
    const residual f = evaluate(s, y);
    if (f.value == 0) return {s, i};
    ((f.value > 0) == rising ? high : low) = s;
    const double step = householder_step(f, s, y);
    double next = s + step;
    const bool inside = next > low && next < high;
    // The method converges with the fourth power; the logarithm bends on the scale of s / (1 + y^2). Steps of rounding
    // size may point out of the bracket: they say that this is the place.
    const double relative = std::abs(step) / s, bend = relative * (1 + y * y);
    if (bend * bend * bend * relative < 1e-16 && (inside || relative < 1e-13)) return {inside ? next : s, i};
    if (!inside) next = std::isinf(high) ? 2 * low : (low > 0 ? std::sqrt(low) * std::sqrt(high) : 0.5 * high);
    s = next;
  }
  return {s, max_evaluations};
}

/// exp(-q) for 0 <= q <= 0.07: a derivative, so ten digits do.
double small_exp(double q) {
  return 1 - q * (1 - q * (1.0 / 2) * (1 - q * (1.0 / 3) * (1 - q * (1.0 / 4) * (1 - q * (1.0 / 5)))));
}

template <int Terms>
deviation_found by_series(double distance, double scaled_price, double start) {
  const black_series<Terms> series(distance);
  const log_against log_of(scaled_price);
  return iterate(distance, start, true, 0, std::numeric_limits<double>::infinity(), [&](double s, double y) {
    const double model = s * series.bracket(s, slope(y));
    return residual{log_of(model) - 0.5 * y * y, small_exp(0.125 * s * s) / model};
  });
}

/// Under the inflection at sqrt(2 distance), by differences of Mills ratios.
deviation_found below_inflection(double distance, double scaled_price, double start, double inflection) {
  const log_against log_of(scaled_price);
  return iterate(distance, std::min(start, inflection), true, 0, inflection * (1 + 1e-12), [&](double s, double y) {
    const double t = 0.5 * s, model = mills(std::max(0.0, y - t)) - mills(y + t);
    return residual{log_of(model) - 0.5 * (y * y + t * t), 1 / model};
  });
}

/// Quantile of a tail p <= 1/2 to a part in a thousand (Abramowitz and Stegun 26.2.22).
double rough_tail_quantile(double p) {
  const double t = std::sqrt(-2 * std::log(p));
  return t - (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + 0.04481 * t));
}

deviation_found above_inflection(const normalised_price& p, double inflection) {
  double start = std::max(inflection, 2 * rough_tail_quantile(std::min(0.5, 0.5 * p.complement)));
  if (p.distance > 0) {  // the distance shrinks the complement by about exp(-y^2 / 2)
    const double y = p.distance / start;
    start = std::max(inflection, 2 * rough_tail_quantile(std::min(0.5, 0.5 * p.complement * std::exp(0.5 * y * y))));
  }
  if (!(start > 0)) start = 1;
  const log_against log_of(p.complement * sqrt_two_pi);
  return iterate(p.distance, start, false, inflection * (1 - 1e-12), std::numeric_limits<double>::infinity(),
                 [&](double s, double y) {
                   const double t = 0.5 * s, model = mills(std::max(0.0, t - y)) + mills(t + y);
                   return residual{log_of(model) - 0.5 * (y * y + t * t), -1 / model};
                 });
}

}  // namespace

deviation_found implied_deviation(const normalised_price& p) {
  const double scaled_price = p.value * sqrt_two_pi;
  const double start = guess(p.distance, scaled_price);
  if (p.distance <= series_distance) {
    // The guess errs by less than what these leave to the series' own limits.
    if (start < short_series_deviation * 0.98) return by_series<short_series_terms>(p.distance, scaled_price, start);
    if (start < series_deviation * 0.98) return by_series<series_terms>(p.distance, scaled_price, start);
  }
  const double inflection = std::sqrt(2 * p.distance);
  const double price_there = std::exp(-0.5 * p.distance) * (mills(0) - mills(inflection));  // x sqrt(2 pi)
  if (scaled_price < price_there) return below_inflection(p.distance, scaled_price, start, inflection);
  return above_inflection(p, inflection);
}

}  // namespace isobar::market::normal
