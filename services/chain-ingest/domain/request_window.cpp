#include "chain-ingest/domain/request_window.hpp"

#include <algorithm>
#include <cmath>

#include "core/numeric.hpp"

namespace isobar::chain_ingest {

isobar::strike at_the_money(price spot, strike_width step) {
  const std::int64_t multiple = floor_div(spot.value, step.value);
  const std::int64_t rest = spot.value - multiple * step.value;
  const bool up = 2 * rest > step.value || (2 * rest == step.value && multiple % 2 != 0);
  return isobar::strike((multiple + (up ? 1 : 0)) * step.value);
}

strike_width half_range(price spot, std::optional<price> vix, double em_mult, std::int32_t dte) {
  const double days = std::max(1, dte), s = to_double(spot);
  double points;
  if (vix && vix->value > 0) {
    points = std::nearbyint(em_mult * s * (to_double(*vix) / 100) * std::sqrt(days / 252));
    if (points == 0) points = 50;
  } else {
    points = std::trunc(0.03 * s * std::sqrt(days));
  }
  return strike_width(static_cast<std::int64_t>(points) * nanos_per_unit);
}

strike_width widened(strike_width half_range) { return strike_width(half_range.value + half_range.value / 2); }

strike_window make_window(price spot, std::optional<price> vix, double em_mult, std::int32_t dte, strike_width step) {
  strike_window w;
  w.atm = at_the_money(spot, step);
  w.half_range = half_range(spot, vix, em_mult, dte);
  const strike_width asked = widened(w.half_range);
  w.low = w.atm - asked;
  w.high = w.atm + asked;
  return w;
}

}  // namespace isobar::chain_ingest
