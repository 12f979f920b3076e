#pragma once
#include <optional>

#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

/// What a trigger looks at, at one tick.
struct trigger_input {
  double score = 50;  ///< raw
  bool touching = false;
  barrier state = barrier::unknown;
  std::uint64_t lots = 0;  ///< traded near the level
};

/// One level's state machine (futures-medium 13.1, corrected: one per level, and it lets go).
///
/// * BREAK: the score was above break_above for `hold`. Ends when it falls below break_above - release.
/// * BOUNCE: the score was below bounce_below while the market touched the level, for `hold`. Ends when it rises above
///   bounce_below + release; moving away from the level is what a bounce does and ends nothing.
/// * CONTESTED: neither; the score lies between contested_low and contested_high (once so, within `release` of them),
///   the level is being consumed and more than contested_lots traded near it.
/// * NEUTRAL otherwise. A condition that is left before `hold` begins anew.
class trigger {
 public:
  signal update(timestamp t, const trigger_input& in, const signal_config& c);
  signal current() const { return current_; }
  template <class A>
  void fields(A& a) {
    a(high_since_, low_since_, current_);
  }

 private:
  std::optional<timestamp> high_since_, low_since_;
  signal current_ = signal::neutral;
};

}  // namespace isobar::gamma_fuel
