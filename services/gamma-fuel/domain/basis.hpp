#pragma once
#include "gamma-fuel/domain/gamma_config.hpp"

namespace isobar::gamma_fuel {

/// Price of the symbol over scale x price of the options' underlying: an exponential average in event time of what
/// windows end with, on the symbol's tick (half away from zero). Configured off: 0.
class basis_tracker {
 public:
  explicit basis_tracker(const gamma_config& c);

  /// Both prices as of `t`, the end of a window; times do not fall. What the observation before said stood until this
  /// window began; the new one weighs what one window earns.
  void observe(timestamp t, price reference, price underlying);
  /// 0 until it is known.
  price value() const;
  /// Something was observed, or it is not followed.
  bool known() const { return known_ || !live_; }
  /// scale x underlying, without the basis.
  price scaled(price underlying) const;

  template <class A>
  void fields(A& a) {
    a(known_, at_, average_, difference_);
  }

 private:
  double scale_;
  bool live_;
  duration_ns half_life_, window_;
  price tick_;
  bool known_ = false;
  timestamp at_{};
  double average_ = 0;     ///< nanos
  double difference_ = 0;  ///< observed last
};

}  // namespace isobar::gamma_fuel
