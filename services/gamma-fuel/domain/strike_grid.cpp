#include "gamma-fuel/domain/strike_grid.hpp"

#include <cmath>

#include "core/numeric.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr double nanos_max = 4e18;

std::optional<std::int64_t> to_nanos(double nanos) {
  if (!(std::abs(nanos) < nanos_max)) return std::nullopt;
  return std::llround(nanos);
}

}  // namespace

strike_grid::strike_grid(const gamma_config& c, price reference, price basis, price binned_by)
    : step_(c.grid.step),
      reference_(reference),
      basis_(c.rules == compat::literal ? price(0) : basis),
      binned_by_(c.rules == compat::literal ? price(0) : binned_by),
      scale_(c.scale),
      literal_(c.rules == compat::literal),
      reach_(c.grid.half_range.value / c.grid.step.value),
      centre_(round(reference.value)) {}

price strike_grid::round(std::int64_t nanos) const {
  const std::int64_t step = step_.value;
  std::int64_t steps = floor_div(nanos + step / 2, step);
  const bool tie = step % 2 == 0 && nanos + step / 2 == steps * step;
  if (literal_ && tie && steps % 2 != 0) --steps;
  return price(steps * step);
}

std::optional<std::size_t> strike_grid::index_of(price multiple) const {
  const std::int64_t from_centre = floor_div((multiple - centre_).value, step_.value);
  if (from_centre < -reach_ || from_centre > reach_) return std::nullopt;
  return static_cast<std::size_t>(from_centre + reach_);
}

std::optional<price> strike_grid::bin(strike k) const {
  const auto at = convert(k, binned_by_);
  if (!at) return std::nullopt;
  return round(at->value);
}

std::optional<price> strike_grid::convert(strike k, price basis) const {
  const auto nanos = to_nanos(scale_ * static_cast<double>(k.value) + static_cast<double>(basis.value));
  if (!nanos) return std::nullopt;
  // Whole scales stay in integers: no strike is moved by a double's last bit.
  const auto whole = static_cast<std::int64_t>(scale_);
  return price(static_cast<double>(whole) == scale_ ? k.value * whole + basis.value : *nanos);
}

std::optional<price> strike_grid::convert(double underlying) const {
  const auto nanos = to_nanos(scale_ * underlying * nanos_per_unit + static_cast<double>(basis_.value));
  if (!nanos) return std::nullopt;
  return price(*nanos);
}

}  // namespace isobar::gamma_fuel
