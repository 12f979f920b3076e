#pragma once
#include "gamma-fuel/domain/option_board.hpp"

namespace isobar::gamma_fuel {

/// A quote's mid in points, and whether it may be believed (decisions 19).
struct quoted_mid {
  standing state = standing::no_quote;
  double mid = 0;
};
/// Two-sided and uncrossed; without a bid only when ask > 0 and the spread is at most `zero_bid_ticks` of the root's
/// ticks (roots that the table does not know: 0.05). Age is not looked at.
quoted_mid mid_of(price bid, price ask, std::string_view root, int zero_bid_ticks);

}  // namespace isobar::gamma_fuel
