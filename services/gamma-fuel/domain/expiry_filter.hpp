#pragma once
#include <algorithm>

#include "gamma-fuel/domain/gamma_config.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {

/// Which expiries take part at an instant, one rule for exposures and flows. `nearest`: those that settle first of what
/// has not settled (settlements of one date in the morning and in the evening are two); days are counted from the
/// exchange date of the window that ends at the instant. Pure; the choice must outlive it.
class expiry_filter {
 public:
  expiry_filter(const expiry_choice& choice, timestamp t)
      : choice_(choice), t_(t), today_(market::exchange_date({t.ns - 1})) {}

  /// True: takes() needs see() of every listed settlement before.
  bool wants_nearest() const { return choice_.set == expiry_set::nearest; }
  void see(timestamp settles_at) {
    if (settles_at > t_) nearest_ = std::min(nearest_, settles_at);
  }
  bool takes(date expiry, timestamp settles_at) const {
    switch (choice_.set) {
      case expiry_set::all:
        return true;
      case expiry_set::zero_dte:
        return expiry == today_;
      case expiry_set::nearest:
        return settles_at == nearest_;
      case expiry_set::max_dte:
        return expiry >= today_ && expiry - today_ <= choice_.max_dte;
      case expiry_set::listed:
        return std::binary_search(choice_.dates.begin(), choice_.dates.end(), expiry);
    }
    return false;
  }

 private:
  const expiry_choice& choice_;
  timestamp t_;
  date today_;
  timestamp nearest_ = end_of_time;
};

}  // namespace isobar::gamma_fuel
