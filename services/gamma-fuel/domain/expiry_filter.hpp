#pragma once
#include <algorithm>

#include "gamma-fuel/domain/gamma_config.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {

/// Which expiries take part at an instant, one rule for exposures and flows. `nearest`: those that settle first of what
/// has not settled (settlements of one date in the morning and in the evening are two); `zero_dte`: the exchange date
/// of the window that ends at the instant. Pure.
class expiry_filter {
 public:
  expiry_filter(expiry_set set, timestamp t) : set_(set), t_(t), today_(market::exchange_date({t.ns - 1})) {}

  /// True: takes() needs see() of every listed settlement before.
  bool wants_nearest() const { return set_ == expiry_set::nearest; }
  void see(timestamp settles_at) {
    if (settles_at > t_) nearest_ = std::min(nearest_, settles_at);
  }
  bool takes(date expiry, timestamp settles_at) const {
    if (set_ == expiry_set::nearest) return settles_at == nearest_;
    return set_ == expiry_set::all || expiry == today_;
  }

 private:
  expiry_set set_;
  timestamp t_;
  date today_;
  timestamp nearest_ = end_of_time;
};

}  // namespace isobar::gamma_fuel
