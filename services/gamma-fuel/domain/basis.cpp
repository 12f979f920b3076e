#include "gamma-fuel/domain/basis.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::gamma_fuel {

basis_tracker::basis_tracker(const gamma_config& c)
    : scale_(c.scale), live_(c.live_basis), half_life_(c.basis_half_life), window_(c.window), tick_(c.tick) {}

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
    const auto earn = [this](duration_ns time, double of) {
      const double kept = std::exp2(-static_cast<double>(time.value) / static_cast<double>(half_life_.value));
      average_ = kept * average_ + (1 - kept) * of;
    };
    // Windows that were leapt over: nothing moved in them.
    const duration_ns since = t - at_, step{std::min(window_.value, since.value)};
    if (since.value > step.value) earn({since.value - step.value}, difference_);
    earn(step, difference);
  }
  difference_ = difference;
  at_ = std::max(at_, t);
}

price basis_tracker::value() const {
  if (!known_) return price(0);
  return price(round_div(std::llround(average_), tick_.value) * tick_.value);
}

}  // namespace isobar::gamma_fuel
