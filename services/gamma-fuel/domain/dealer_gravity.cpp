#include "gamma-fuel/domain/dealer_gravity.hpp"

#include <algorithm>
#include <cmath>

#include "core/numeric.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr duration_ns minute = seconds(60);

struct basin {
  price strike;
  double gamma = 0;
};

/// Calls f with each basin, ascending. Nothing is stored: a landscape allocates nothing.
template <class F>
void for_each_basin(const strike_ladder& ladder, sign_model m, const volume_structure& volume, F f) {
  double before = 0;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    const double here = ladder[i].under(m).gamma;
    const double next = i + 1 < ladder.size() ? ladder[i + 1].under(m).gamma : 0;
    const bool top = here > 0 && here > before && here >= next;  // of equal neighbours the lower
    before = here;
    if (!top) continue;
    const price strike = ladder[i].strike;
    if (volume.known() && (!volume.at(strike) || volume.is_well(strike))) continue;
    f(basin{strike, here});
  }
}

double away(price strike, price market) { return std::abs(to_double(strike) - to_double(market)); }

}  // namespace

gravity_reading gravity_of(const strike_ladder& ladder, sign_model m, price market, const volume_structure& volume) {
  gravity_reading r;
  r.by_volume = volume.known();
  double most = 0;
  for_each_basin(ladder, m, volume, [&](const basin& b) {
    most = std::max(most, b.gamma);
    ++r.basins;
  });
  if (r.basins == 0) return r;
  basin best;
  double nearest = 0;
  for_each_basin(ladder, m, volume, [&](const basin& b) {
    const double distance = away(b.strike, market) / (b.gamma / most);
    if (r.best && (distance > nearest || (distance == nearest && b.gamma <= best.gamma))) return;
    r.best = b.strike;
    best = b;
    nearest = distance;
  });
  double low = 0, high = 0;
  for_each_basin(ladder, m, volume, [&](const basin& b) {
    if (b.strike < best.strike) {
      r.low = b.strike;
      low = b.gamma;
    } else if (b.strike > best.strike && !r.high) {
      r.high = b.strike;
      high = b.gamma;
    }
  });
  if (const auto accepted = volume.share_of_most(best.strike))
    r.confidence = best.gamma / (low + best.gamma + high) * *accepted;
  return r;
}

std::optional<volume_context> context_of(const volume_structure& volume, price market, price centre) {
  if (!volume.known() || market.value == 0) return std::nullopt;
  volume_context c;
  c.lots = volume.total();
  c.point_of_control = volume.point_of_control(market);
  const auto distance = [&](const std::optional<price>& to) -> std::optional<double> {
    if (!to) return std::nullopt;
    return (to_double(*to) - to_double(market)) / to_double(market);
  };
  c.node = volume.nearest_node(market);
  c.node_distance = distance(c.node);
  c.well = volume.nearest_well(market);
  c.well_distance = distance(c.well);
  c.in_crevasse = volume.in_crevasse(centre);
  return c;
}

const gravity_reading& minute_gravity::follow(timestamp end, const gravity_reading& r) {
  const std::int64_t now = floor_div(end.ns - 1, minute.value);
  if (now != minute_ && minute_ != INT64_MIN) final_ = last_;
  minute_ = now;
  last_ = r;
  if ((now + 1) * minute.value == end.ns) final_ = r;  // the minute ends with this window
  return final_;
}

}  // namespace isobar::gamma_fuel
