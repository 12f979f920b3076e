#include "market/implied_deviation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>

#include "market/mills.hpp"
#include "market/normalised_black.hpp"

namespace isobar::market::normal {

namespace {

/// f = ln(model / wanted) at a deviation, and 1 / f'. "Model" is the price, or what is missing to its upper bound,
/// whichever is nearer to being an exponential.
struct residual {
  double value, inverse_slope;
};

/// ln(model / wanted) of positive numbers whose quotient may overflow: prices near the smallest double.
class log_against {
 public:
  explicit log_against(double wanted) {
    if (wanted < 1e-280) wanted *= 0x1p200, offset_ = 138.62943611198907;  // 200 ln 2
    inverse_ = 1 / wanted;
  }
  double operator()(double model) const { return std::log(model * inverse_) + offset_; }
  /// value / wanted, at most about 1e308.
  double over(double value) const { return std::min(1e308, value * inverse_ * (offset_ == 0 ? 1.0 : 0x1p200)); }

 private:
  double inverse_, offset_ = 0;
};

/// y where z = y exp(y^2/2) / slope(y), beyond the table: y^2 = 2 (ln z - ln(y / slope(y))), repeated.
double distant_y(double z) {
  const double log_z = std::log(z);
  double y = std::sqrt(2 * log_z) - 1;
  for (int i = 0; i < 4; ++i) y = std::sqrt(2 * (log_z - std::log(y / slope(y))));
  return y;
}

/// Bachelier's deviation (the first term of black_series) corrected for the second: exact to about deviation^4 / 300.
/// z = distance / scaled price.
double guess(double distance, double scaled_price, double z) {
  constexpr int piece_bits = 52 - std::countr_zero(static_cast<unsigned>(tables::guess_pieces));
  constexpr std::uint64_t one = std::bit_cast<std::uint64_t>(1.0);
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(1 + z);
  const std::uint64_t row = (bits - one) >> piece_bits;
  double s, weight;
  if (row < std::size(tables::guess)) {
    const std::uint64_t within = bits & ((std::uint64_t{1} << piece_bits) - 1);
    const double w = (std::bit_cast<double>(within | one) - 1) * tables::guess_pieces - 0.5;
    const auto& c = tables::guess[row];
    const double w2 = w * w;
    s = scaled_price * ((c[0] + c[1] * w) + (c[2] + c[3] * w) * w2);
    weight = (c[4] + c[5] * w) + (c[6] + c[7] * w) * w2;
  } else {
    const double y = distant_y(z);
    s = distance / y;
    weight = 1 - y * y * slope(y);
  }
  const double s2 = s * s * weight;
  return s * (1 + s2 * (1.0 / 24 + s2 * (7.0 / 1920)));
}

/// One step of Householder's method of third order for f = ln(model) - ln(wanted) in s. Derivatives of the price b:
/// b2 = b''/b' = y^2/s - s/4, b3 = b'''/b' = b2^2 - 3 y^2/s^2 - 1/4. Those of the logarithm follow, and with Newton's
/// step n = -f/f':  f''/f' n = b2 n + f,  f'''/f' n^2 = b3 n^2 + 3 f b2 n + 2 f^2.
[[gnu::always_inline]] inline double householder_step(const residual& at, double s, double y, double inverse) {
  const double f = at.value, newton = -f * at.inverse_slope, y2 = y * y;
  const double b2 = y2 * inverse - 0.25 * s;
  const double b3 = b2 * b2 - 3 * y2 * (inverse * inverse) - 0.25;
  const double b2n = b2 * newton, second = b2n + f;
  const double numerator = 1 + 0.5 * second;
  const double denominator = 1 + second + (b3 * (newton * newton) + f * (3 * b2n + 2 * f)) * (1.0 / 6);
  if (!(numerator > 0.1) || !(denominator > 0.1)) return newton;  // too far for the higher terms
  return newton * numerator / denominator;
}

/// The method converges with the fourth power, and the logarithm bends on the scale of s / (1 + y^2): after a step of
/// this part of s the next could not be seen.
bool settles(double relative_step, double y) {
  const double part = std::abs(relative_step), bend = part * (1 + y * y);
  return bend * bend * bend * part < 1e-16;
}

/// Evaluates, brackets and steps until the next step could not be seen. `evaluate(s, y)` gives the residual;
/// `rising` says its direction.
template <class Evaluate>
[[gnu::noinline]] deviation_found iterate(double distance, double start, bool rising, double low, double high,
                                          const Evaluate& evaluate) {
  double s = start;
  for (int i = 1; i <= max_evaluations; ++i) {
    const double inverse = 1 / s, y = distance * inverse;
    const residual f = evaluate(s, y);
    if (f.value == 0) return {s, i};
    ((f.value > 0) == rising ? high : low) = s;
    const double step = householder_step(f, s, y, inverse);
    double next = s + step;
    const bool inside = next > low && next < high;
    const double part = step * inverse;  // steps of rounding size may point out of the bracket: this is the place
    if (settles(part, y) && (inside || std::abs(part) < 1e-13)) return {inside ? next : s, i};
    if (!inside) next = std::isinf(high) ? 2 * low : (low > 0 ? std::sqrt(low) * std::sqrt(high) : 0.5 * high);
    s = next;
  }
  return {s, max_evaluations};
}

/// exp(q) for 0 <= q <= 0.07: for a derivative, so ten digits do.
double small_exp(double q) {
  const double q2 = q * q;
  return (1 + q) + q2 * ((1.0 / 2 + q * (1.0 / 6)) + q2 * (1.0 / 24 + q * (1.0 / 120)));
}

template <int Terms>
deviation_found by_series(double distance, const log_against& log_of, double start) {
  const black_series<Terms> series(distance);
  const auto evaluate = [&](double s, double y) {
    const double model = s * series.bracket(s, slope(y));
    return residual{log_of(model) - 0.5 * y * y, model * small_exp(0.125 * s * s)};
  };
  // Nearly always one step does; then there is nothing to bracket.
  const double inverse = 1 / start, y = distance * inverse;
  const double step = householder_step(evaluate(start, y), start, y, inverse);
  if (settles(step * inverse, y)) return {start + step, 1};
  return iterate(distance, start, true, 0, std::numeric_limits<double>::infinity(), evaluate);
}

/// Under the inflection at sqrt(2 distance), by differences of Mills ratios.
deviation_found below_inflection(double distance, const log_against& log_of, double start, double inflection) {
  return iterate(distance, std::min(start, inflection), true, 0, inflection * (1 + 1e-12), [&](double s, double y) {
    const double t = 0.5 * s, model = mills(std::max(0.0, y - t)) - mills(y + t);
    return residual{log_of(model) - 0.5 * (y * y + t * t), model};
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
                   return residual{log_of(model) - 0.5 * (y * y + t * t), -model};
                 });
}

}  // namespace

double guess_of(const normalised_price& p) {
  const double scaled_price = p.value * sqrt_two_pi;
  return guess(p.distance, scaled_price, log_against(scaled_price).over(p.distance));
}

deviation_found deviation_from(const normalised_price& p, double start) {
  const double scaled_price = p.value * sqrt_two_pi;
  // At the money the first order is all there is long before 1 / deviation leaves the doubles; elsewhere a deviation is
  // never under a fortieth of the distance.
  if (p.distance == 0 && scaled_price < 1e-100) return {scaled_price, 1};
  const log_against log_of(scaled_price);
  if (p.distance <= series_distance) {
    // The guess errs by less than what these leave to the series' own limits.
    if (start < short_series_deviation * 0.98) return by_series<short_series_terms>(p.distance, log_of, start);
    if (start < series_deviation * 0.98) return by_series<series_terms>(p.distance, log_of, start);
  }
  const double inflection = std::sqrt(2 * p.distance);
  const double price_there = std::exp(-0.5 * p.distance) * (mills(0) - mills(inflection));  // x sqrt(2 pi)
  if (scaled_price < price_there) return below_inflection(p.distance, log_of, start, inflection);
  return above_inflection(p, inflection);
}

deviation_found implied_deviation(const normalised_price& p) { return deviation_from(p, guess_of(p)); }

}  // namespace isobar::market::normal
