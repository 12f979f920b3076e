#pragma once
#include <array>

namespace isobar::market::normal {

/// The out-of-the-money Black price in units of discount x sqrt(forward x strike) depends on two numbers: distance =
/// |ln(forward / strike)| and deviation = sigma sqrt(years). Here it is price x sqrt(2 pi) for deviations up to
/// `series_deviation` and distances up to `series_distance`, to the last bits in any wing.
///
/// Source: b = 1/sqrt(2 pi) x integral of exp(-distance^2/(2 v^2) - v^2/8) dv from 0 to deviation (the integral of
/// vega). Expanding exp(-v^2/8) gives integrals J_2k of v^2k exp(-distance^2/(2 v^2)), each by parts from the one
/// before, and J_0 is Bachelier's price. Eliminating them from the top leaves
///   b sqrt(2 pi) = deviation x exp(-y^2/2) x (bachelier x slope(y) + a polynomial in deviation^2),  y = distance /
///   deviation, whose coefficients depend on the distance alone.
template <int Terms>
class black_series {
 public:
  explicit black_series(double distance) {
    const double x2 = distance * distance;
    double carried = weights[Terms];
#pragma GCC unroll 8
    for (int k = Terms; k >= 1; --k) {
      power_[static_cast<std::size_t>(k - 1)] = carried * odd_inverse[static_cast<std::size_t>(k)];
      carried = weights[static_cast<std::size_t>(k - 1)] - power_[static_cast<std::size_t>(k - 1)] * x2;
    }
    bachelier_ = carried;
  }
  /// b sqrt(2 pi) / (deviation exp(-y^2/2)), given slope(y).
  double bracket(double deviation, double slope_at_y) const {
    const double s2 = deviation * deviation;
    double sum = power_[Terms - 1];
#pragma GCC unroll 8
    for (int k = Terms - 1; k >= 1; --k) sum = power_[static_cast<std::size_t>(k - 1)] + s2 * sum;
    return bachelier_ * slope_at_y + s2 * sum;
  }

 private:
  static constexpr auto weights = [] {  // (-1/8)^k / k!
    std::array<double, Terms + 1> w{1};
    for (std::size_t k = 1; k <= Terms; ++k) w[k] = -w[k - 1] / (8.0 * static_cast<double>(k));
    return w;
  }();
  static constexpr auto odd_inverse = [] {  // 1 / (2k + 1)
    std::array<double, Terms + 1> w{};
    for (std::size_t k = 0; k <= Terms; ++k) w[k] = 1 / (2.0 * static_cast<double>(k) + 1);
    return w;
  }();
  std::array<double, Terms> power_;
  double bachelier_;
};

inline constexpr double series_deviation = 0.7, series_distance = 2;
/// Terms that leave a relative remainder (s^2/8)^(n+1)/(n+1)! under 3e-16 up to `series_deviation` and up to a quarter.
inline constexpr int series_terms = 8, short_series_terms = 5;
inline constexpr double short_series_deviation = 0.25;

/// Out-of-the-money price in units of discount x sqrt(forward x strike); distance >= 0, deviation > 0.
double otm_black(double distance, double deviation);

}  // namespace isobar::market::normal
