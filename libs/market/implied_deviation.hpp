#pragma once

namespace isobar::market::normal {

/// A normalised out-of-the-money price (otm_black) and what is missing to its upper bound exp(-distance / 2), each
/// computed from the price by one subtraction, so that neither end of the range loses digits. Both positive.
struct normalised_price {
  double distance;  ///< |ln(forward / strike)|
  double value;
  double complement;
};

struct deviation_found {
  double deviation = 0;  ///< sigma x sqrt(years); infinite when beyond what doubles tell from the upper bound
  int iterations = 0;    ///< evaluations of the price
};

/// Near the deviation that is looked for: to about deviation^4 / 300 where that is small. Positive.
double guess_of(const normalised_price& p);
/// The deviation at which otm_black gives `p.value`, from a guess. As implied_deviation.
deviation_found deviation_from(const normalised_price& p, double guess);
/// The deviation at which otm_black gives `p.value`. Always converges; at most `max_evaluations`.
deviation_found implied_deviation(const normalised_price& p);
inline constexpr int max_evaluations = 64;

}  // namespace isobar::market::normal
