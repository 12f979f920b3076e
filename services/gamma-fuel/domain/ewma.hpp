#pragma once
#include <algorithm>
#include <cmath>

#include "core/types.hpp"

namespace isobar::gamma_fuel {

/// Exponential smoothing by event time (futures-medium 13.1): x <- a v + (1 - a) x, a = 1 - exp(-dt / tau), the first
/// value as it is. tau is a time constant.
class ewma {
 public:
  /// A value that is not finite changes nothing. Times that fall count as no time.
  double update(double v, timestamp t, duration_ns tau) {
    if (!std::isfinite(v)) return value_;
    if (!begun_ || tau.value <= 0) {
      value_ = v;
    } else {
      const double dt = static_cast<double>((t - at_).value) / static_cast<double>(tau.value);
      const double a = std::clamp(1 - std::exp(-std::max(0.0, dt)), 0.0, 1.0);
      value_ = a * v + (1 - a) * value_;
    }
    begun_ = true;
    at_ = std::max(at_, t);
    return value_;
  }
  double value() const { return value_; }
  template <class A>
  void fields(A& a) {
    a(begun_, value_, at_);
  }

 private:
  bool begun_ = false;
  double value_ = 0;
  timestamp at_ = start_of_time;
};

}  // namespace isobar::gamma_fuel
