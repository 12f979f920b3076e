#pragma once
#include "gamma-fuel/domain/volume_structure.hpp"
#include "gamma-fuel/domain/walls.hpp"

namespace isobar::gamma_fuel {

/// Bias, liquidity-flow index and market mode of options-surface 8.2 and 8.3 under a model, and the regime by total
/// dealer gamma. The volume and price terms are exposures in deltas per point, as there; the centre of mass counts in
/// points (50: the whole term) and the mode in deltas of SPX. On symbols of another size they say less.
readings readings_of(const strike_ladder& ladder, sign_model m, price market, double total_gamma,
                     double regime_threshold);

/// Chance of settling at each strike (options-surface 8.6), the three largest first; equal ones nearest to the market,
/// then lower. The terms of the volume profile (high-volume node +20, low-volume node -20, point of control +25) are
/// added where one is known; a point of control is as a rule a high-volume node too, and has both. Gamma is the
/// model's, in dollars per 1 % (what its thresholds count); below 0 nothing pins. Distances (10, 25) are in points of
/// SPX as there, whatever the symbol. A strike without gamma and open interest is no candidate.
void pins_of(const strike_ladder& ladder, sign_model m, price market, std::optional<price> zero_gamma,
             const volume_structure& volume, std::vector<pin>& out);

}  // namespace isobar::gamma_fuel
