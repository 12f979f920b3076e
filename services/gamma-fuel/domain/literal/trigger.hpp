#pragma once
#include <optional>

#include "gamma-fuel/domain/trigger.hpp"

namespace isobar::gamma_fuel::literal {

/// The earlier state machine (futures-medium 13.1 [L]): one for all levels, so that their updates disturb each other's
/// timers; BREAK and BOUNCE are never released, CONTESTED is erased within its own tick.
class trigger {
 public:
  static constexpr std::uint64_t contested_lots = 50'000;

  signal update(timestamp t, const trigger_input& in, const signal_config& c);
  template <class A>
  void fields(A& a) {
    a(high_since_, low_since_, current_);
  }

 private:
  std::optional<timestamp> high_since_, low_since_;
  signal current_ = signal::neutral;
};

}  // namespace isobar::gamma_fuel::literal
