#include "gamma-fuel/domain/level_geometry.hpp"

#include <algorithm>
#include <cmath>

#include "gamma-fuel/domain/level_kinds.hpp"

namespace isobar::gamma_fuel {

runway runway_of(const market::watched_level& at, int direction, std::span<const market::watched_level> levels,
                 price band) {
  runway r;
  r.direction = direction;
  const auto beyond = [&](const market::watched_level& l) { return (l.price - at.price) * direction; };
  for (const market::watched_level& l : levels) {
    const price d = beyond(l);
    if (d <= band || (r.distance && d >= *r.distance)) continue;
    r.distance = d;
    r.next_level = l.id;
  }
  for (const market::watched_level& l : levels) {
    const price d = beyond(l);
    const bool on_the_way = d > -band && (!r.distance || d < *r.distance);
    if (on_the_way && l.id != at.id && kind_of(l.kind).strong) r.clear = false;
  }
  return r;
}

confluence_reading confluence_of(const market::watched_level& at, std::span<const market::watched_level> levels,
                                 price band) {
  confluence_reading r;
  double sum = 0;
  for (const market::watched_level& l : levels) {
    const std::int64_t away = std::abs((l.price - at.price).value);
    if (l.id == at.id || away > band.value) continue;
    ++r.levels;
    const double share = band.value > 0 ? static_cast<double>(away) / static_cast<double>(band.value) : 0;
    sum += kind_of(l.kind).confluence * (1 - share);
  }
  r.strength = sum / confluence_total();
  return r;
}

approach_reading approach_of(std::span<const price> closes, int direction) {
  approach_reading r;
  if (closes.size() < 2) return r;
  const double moved = to_double(closes.back() - closes.front());
  r.velocity = moved * direction / static_cast<double>(closes.size() - 1);
  r.distance = std::abs(moved);
  for (std::size_t i = closes.size() - 1; i > 0 && (closes[i] - closes[i - 1]).value * direction > 0; --i) ++r.bars;
  return r;
}

}  // namespace isobar::gamma_fuel
