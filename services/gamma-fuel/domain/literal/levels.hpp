#pragma once
#include <span>
#include <string>
#include <vector>

#include "gamma-fuel/domain/inputs.hpp"
#include "market/side_inputs.hpp"

/// The level universe as the earlier system made it (futures-medium 12 [L]), in SPY: a tenth of ES. To reproduce its
/// golden case and to show beside it what level_universe changes. Not used by any worker.
namespace isobar::gamma_fuel::literal {

/// What dealers took on at a strike since the start (futures-medium 11.1).
struct strike_total {
  price strike;
  market::right right = market::right::call;
  double net_gamma = 0;
};

/// In the order of the earlier system: session, ROUND every dollar from trunc(spot - 5) to trunc(spot + 5), STRIKE with
/// flow within 5, walls (most negative flow within 10, below -1000), hot zones. Ids truncate; of one id the later wins
/// in the place of the first. Empty before the first trade.
std::vector<market::watched_level> levels(std::span<const underlying_trade> es_trades,
                                          std::span<const strike_total> flows, std::span<const price> hot_zones);

}  // namespace isobar::gamma_fuel::literal
