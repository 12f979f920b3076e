#pragma once
#include <optional>

#include "gamma-fuel/domain/board_columns.hpp"
#include "gamma-fuel/domain/gamma_config.hpp"

namespace isobar::gamma_fuel {

/// Forward of one expiry, points.
struct expiry_forward {
  double forward = 0;
  std::optional<isobar::strike> parity_strike;  ///< nothing: by carry
};
/// By put-call parity on the pair nearest to `underlying` whose legs both have a bid, an ask and no quote before
/// `oldest`; where there is none (or carry is configured) underlying x exp((rate - dividend_yield) x years)
/// (decisions 18). Nothing when the underlying is not a positive number. `e.years` must be set.
std::optional<expiry_forward> forward_of(const board_columns& c, const board_expiry& e, const pricing_config& config,
                                         double underlying, timestamp oldest);

}  // namespace isobar::gamma_fuel
