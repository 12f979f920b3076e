#pragma once
#include "gamma-fuel/domain/exposures.hpp"

namespace isobar::gamma_fuel {

/// Sign changes of a model's strike profile: midpoints of consecutive strikes whose exposures are not 0 and differ in
/// sign; `nearest` of the two sides, ties below (options-surface 8.2).
struct profile_flips {
  std::optional<price> below, above, nearest;
};
profile_flips flips_of(const strike_ladder& ladder, sign_model m, price market);

/// What stands out of a ladder under a model; everything but zero gamma (zero_gamma.hpp). Call and put exposures are by
/// open interest, under flow the size of the dealers' own. Equal ones: the strike nearest to the market, then the
/// lower.
///
/// Every price but strike_flip and the flips is a strike of the grid's step, and so on the tick, as the rows of the
/// profile are. The side of the market that call and put wall are on is judged by the contracts' own strikes brought to
/// `symbol` (side_exposure::own_side): their price, rounded to the step, may be up to half a step, and a fifth where
/// the basis has moved, on the other side.
walls walls_of(const strike_ladder& ladder, sign_model m, price market);

}  // namespace isobar::gamma_fuel
