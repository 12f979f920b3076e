#include "gamma-fuel/domain/volume_profile.hpp"

#include <algorithm>
#include <cmath>

#include "core/numeric.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr std::int64_t bins_per_step = 10;
constexpr std::int64_t price_max = std::int64_t{1} << 52;

/// The step as prices of what the source trades at.
price width_of(const gamma_config& c) {
  const double scale = c.volume == volume_source::options ? c.scale : 1;
  const std::int64_t width = c.grid.step.value / bins_per_step;
  return price(std::max<std::int64_t>(1, std::llround(static_cast<double>(width) / scale)));
}

}  // namespace

volume_profile::volume_profile(const gamma_config& c) : width_(width_of(c)) {}

void volume_profile::roll(timestamp t) {
  if (t < day_.end) return;
  day_ = session_day_of(t);
  bins_.clear();
}

void volume_profile::add(timestamp t, price at, std::uint64_t lots) {
  roll(t);
  if (t < day_.begin || lots == 0 || at.value < -price_max || at.value > price_max) return;
  const std::int64_t bin = floor_div(at.value, width_.value);
  const auto known = bins_.find(bin);
  if (known != bins_.end()) {
    known->second += lots;
  } else if (bins_.size() < bins_max) {
    bins_.emplace(bin, lots);
  } else {
    dropped_ += lots;
  }
}

}  // namespace isobar::gamma_fuel
