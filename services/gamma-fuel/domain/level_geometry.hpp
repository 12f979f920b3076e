#pragma once
#include <span>

#include "gamma-fuel/domain/outputs.hpp"

/// How levels lie to the market and to each other.
namespace isobar::gamma_fuel {

/// A market above the level makes it support: a break goes down. Otherwise, equality included, resistance.
constexpr int break_direction(price spot, price level) { return spot > level ? -1 : 1; }

/// Room beyond `at` in `direction`. Levels within `band` of it are met together with it; the next obstacle is the
/// nearest level farther out (of equals the first by id). Not clear: another level of a strong kind lies inside that
/// band, or on the way to the next obstacle. `levels` ascend by id.
runway runway_of(const market::watched_level& at, int direction, std::span<const market::watched_level> levels,
                 price band);

/// Support that other levels lend.
struct confluence_reading {
  double strength = 0;       ///< sum of weight x (1 - distance / band) over all weights: 0 to 1 (futures-medium 13.4)
  std::uint32_t levels = 0;  ///< other levels within the band, of any kind
};
confluence_reading confluence_of(const market::watched_level& at, std::span<const market::watched_level> levels,
                                 price band);

/// How the market came (futures-medium 13.4): over one-minute closes, newest last.
struct approach_reading {
  double velocity = 0;     ///< points per minute, positive: coming closer; last - first over the minutes between
  double distance = 0;     ///< |last - first|, points
  std::uint32_t bars = 0;  ///< consecutive newest closes that came closer
};
approach_reading approach_of(std::span<const price> closes, int direction);

}  // namespace isobar::gamma_fuel
