#pragma once
#include <span>

#include "gamma-fuel/domain/outputs.hpp"

/// What dealers' flow at strikes means for a level (futures-medium 11.2), apart from how it was gathered.
namespace isobar::gamma_fuel {

/// What dealers took on at one strike; negative: short gamma.
struct strike_flow {
  price at;                     ///< the strike as a price of the symbol
  double call = 0, put = 0;     ///< gamma x contracts x multiplier
  std::uint64_t volume = 0;     ///< contracts traded
  std::uint64_t unsigned_ = 0;  ///< of them, those whose side is unknown
  double net() const { return call + put; }
};

/// Strikes within `reach` of `level`, inclusive. `strikes` ascend by price.
std::span<const strike_flow> within(std::span<const strike_flow> strikes, price level, price reach);

/// Everything but the effect (left neutral) and the smoothed value. `near`: ascending strikes within reach.
/// * call wall: the largest call flow at or above the level, put wall: the largest put flow at or below, from c.wall
/// on;
///   of equal ones the nearest.
/// * zero_by_flow: zero between neighbouring strikes of opposite sign by linear interpolation, three strikes or more;
///   corrected: of several the nearest to the level, literal: the lowest.
/// * confidence: contracts / 1000, at most 1; corrected: only those whose side is known.
fuel_reading read_fuel(std::span<const strike_flow> near, price level, const fuel_config& c, compat rules);

/// AMPLIFY below c.amplify, DAMPEN above c.dampen, both exclusive. An effect that stood stays until the flow has come
/// back by c.hysteresis of its threshold; `before` neutral: no memory.
regime effect_of(double net, regime before, const fuel_config& c);

}  // namespace isobar::gamma_fuel
