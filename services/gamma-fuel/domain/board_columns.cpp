#include "gamma-fuel/domain/board_columns.hpp"

namespace isobar::gamma_fuel {

std::string_view name_of(standing s) {
  switch (s) {
    case standing::priced:
      return "priced";
    case standing::expired:
      return "expired";
    case standing::no_forward:
      return "no_forward";
    case standing::no_quote:
      return "no_quote";
    case standing::one_sided:
      return "one_sided";
    case standing::crossed:
      return "crossed";
    case standing::zero_bid_wide:
      return "zero_bid_wide";
    case standing::stale:
      return "stale";
    case standing::no_volatility:
      return "no_volatility";
  }
  return "?";
}

void board_columns::resize(std::size_t n) {
  const auto each = [n](auto&... column) { (column.resize(n), ...); };
  each(number, strike_index, right, american, strike, log_strike, multiplier, mid, ts_quote, has_bid, quote,
       open_interest, volume, dealer_position, state, why, sigma, solved_mid, solved_forward, delta, gamma, vanna,
       charm, forward, discount, total_deviation);
}

}  // namespace isobar::gamma_fuel
