#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>

#include "market/tables/normal_tables.hpp"

/// Tails of the normal distribution to the last bits at any distance, for the option maths of this folder.
namespace isobar::market::normal {

inline constexpr double sqrt_two_pi = 2.5066282746310005;
inline constexpr double inv_sqrt_two_pi = 0.3989422804014327;

/// Place of y >= 0 (infinity allowed, NaN not) in the tables.
struct place {
  double u;  ///< 4 / (4 + y)
  double w;  ///< within the piece, -1/2 to 1/2
  int piece;
};
inline place place_of(double y) {
  const double u = 4 / (4 + y);
  const double scaled = u * tables::mills_pieces;
  const int piece = std::min(static_cast<int>(scaled), tables::mills_pieces - 1);
  return {u, scaled - piece - 0.5, piece};
}

inline double polynomial(const double (&c)[8], double w) {
  const double w2 = w * w;
  return (c[0] + c[1] * w) + (c[2] + c[3] * w) * w2 + ((c[4] + c[5] * w) + (c[6] + c[7] * w) * w2) * (w2 * w2);
}

/// (1 - N(y)) / n(y) for y >= 0.
inline double mills(double y) {
  const place at = place_of(y);
  return at.u * polynomial(tables::mills[at.piece], at.w);
}

/// 1 - y mills(y) for y >= 0, without the cancellation.
inline double slope(double y) {
  const place at = place_of(y);
  return at.u * at.u * polynomial(tables::slope[at.piece], at.w);
}

/// Density of the standard normal distribution.
inline double density(double d) { return inv_sqrt_two_pi * std::exp(-0.5 * d * d); }

/// N(d), given n(d). Relative precision in the lower tail.
inline double cdf(double d, double density_at_d) {
  const double tail = density_at_d * mills(std::abs(d));
  return d < 0 ? tail : 1 - tail;
}

/// ln(a / b) of positive numbers, to the last bits also where they are nearly equal: what the quotient lost in rounding
/// is added back.
inline double log_ratio(double a, double b) {
  const double q = a / b;
  const double log_q = std::log(q);
  if (q < 0.5 || q > 2) return log_q;
  return log_q + ((a - b) - (q - 1) * b) / a;
}

}  // namespace isobar::market::normal
