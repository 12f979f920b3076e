#include "gamma-fuel/domain/basis.hpp"

#include <cmath>

namespace isobar::gamma_fuel {

basis_tracker::basis_tracker(const gamma_config& c)
    : scale_(c.scale), live_(c.live_basis), half_life_(c.basis_half_life), tick_(c.tick) {}

price basis_tracker::scaled(price underlying) const {
  return price(std::llround(scale_ * static_cast<double>(underlying.value)));
}

void basis_tracker::observe(timestamp t, price reference, price underlying) {
  if (!live_) return;
  const auto difference = static_cast<double>((reference - scaled(underlying)).value);
  if (!known_ || half_life_.value <= 0) {
    known_ = true;
    average_ = difference;
  } else if (t > at_) {
    // The difference that stood since the last window weighs what its time has earned.
    const double kept = std::exp2(-static_cast<double>((t - at_).value) / static_cast<double>(half_life_.value));
    average_ = kept * average_ + (1 - kept) * difference;
  }
  at_ = std::max(at_, t);
}

price basis_tracker::value() const {
  if (!known_) return price(0);
  return price(round_div(std::llround(average_), tick_.value) * tick_.value);
}

}  // namespace isobar::gamma_fuel
