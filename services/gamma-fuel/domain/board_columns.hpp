#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gamma-fuel/domain/inputs.hpp"
#include "market/implied_volatility.hpp"

namespace isobar::gamma_fuel {

/// Whether a contract has greeks, and the first reason why not.
enum class standing : std::uint8_t {
  priced,
  expired,
  no_forward,
  no_quote,
  one_sided,
  crossed,
  zero_bid_wide,  ///< nobody bids and the spread is too wide to believe in a mid
  stale,          ///< quote older than its limit
  no_volatility   ///< the mid has none: market::no_volatility says why
};
std::string_view name_of(standing s);

/// One expiry of one root, and the columns that are its contracts.
struct board_expiry {
  market::expiry_key key;
  timestamp settles_at;               ///< the latest that its contracts state
  std::uint32_t first = 0, last = 0;  ///< [first, last) of the columns
  double years = 0, root_years = 0;   ///< to settlement; square root
  double forward = 0, discount = 1;   ///< forward 0: none
  std::optional<isobar::strike> parity_strike;
};

/// A board's listed contracts in (expiry, root, strike, right) order, one entry each in every column.
struct board_columns {
  std::vector<board_expiry> expiries;
  std::vector<isobar::strike> strikes;  ///< every strike once, ascending

  std::vector<contract_number> number;
  std::vector<std::uint32_t> strike_index;  ///< in `strikes`
  std::vector<market::right> right;
  std::vector<std::uint8_t> american;
  std::vector<double> strike, log_strike, multiplier, mid;
  std::vector<timestamp> ts_quote;
  std::vector<std::uint8_t> has_bid;  ///< a bid above 0
  std::vector<standing> quote;        ///< of the quote alone, by no clock: priced when it has a mid
  std::vector<std::int64_t> open_interest, volume, dealer_position;

  std::vector<standing> state;
  std::vector<market::no_volatility> why;
  std::vector<double> sigma, solved_mid, solved_forward;
  std::vector<double> delta, gamma, vanna, charm;
  /// What re-pricing needs: sigma x sqrt(years), 0 where not priced.
  std::vector<double> forward, discount, total_deviation;

  std::size_t size() const { return number.size(); }
  void resize(std::size_t n);
};

}  // namespace isobar::gamma_fuel
