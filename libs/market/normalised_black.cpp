#include "market/normalised_black.hpp"

#include <cmath>

#include "market/mills.hpp"

namespace isobar::market::normal {

namespace {

template <int Terms>
double by_series(double distance, double deviation) {
  const double y = distance / deviation;
  const double bracket = black_series<Terms>(distance).bracket(deviation, slope(y));
  return inv_sqrt_two_pi * deviation * std::exp(-0.5 * y * y) * bracket;
}

/// N(t - y) exp(-distance/2) - N(-t - y) exp(distance/2) with the common factor taken out.
double by_difference(double distance, double deviation) {
  const double y = distance / deviation, t = 0.5 * deviation;
  const double common = inv_sqrt_two_pi * std::exp(-0.5 * (y * y + t * t));
  if (y >= t) return common * (mills(y - t) - mills(y + t));
  return std::exp(-0.5 * distance) - common * (mills(t - y) + mills(t + y));
}

}  // namespace

double otm_black(double distance, double deviation) {
  if (distance > series_distance || deviation > series_deviation) return by_difference(distance, deviation);
  if (deviation > short_series_deviation) return by_series<series_terms>(distance, deviation);
  return by_series<short_series_terms>(distance, deviation);
}

}  // namespace isobar::market::normal
