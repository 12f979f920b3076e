#pragma once
#include "gamma-fuel/domain/walls.hpp"

namespace isobar::gamma_fuel {

/// Bias, liquidity-flow index and market mode of options-surface 8.2 and 8.3 under a model, and the regime by total
/// dealer gamma. The volume and price terms are exposures in deltas per point, as there; the centre of mass counts in
/// points (50: the whole term) and the mode in deltas of SPX. On symbols of another size they say less.
readings readings_of(const strike_ladder& ladder, sign_model m, price market, double total_gamma,
                     double regime_threshold);

/// Chance of settling at each strike (options-surface 8.6), the three largest first; equal ones nearest to the market,
/// then lower. Of the terms there, those of a volume profile (nodes, point of control) are absent: none is known here.
/// Gamma is the model's, in dollars per 1 % (what its thresholds count); below 0 nothing pins. Distances (10, 25) are
/// in points of SPX as there, whatever the symbol. A strike without gamma and open interest is no candidate.
void pins_of(const strike_ladder& ladder, sign_model m, price market, std::optional<price> zero_gamma,
             std::vector<pin>& out);

}  // namespace isobar::gamma_fuel
