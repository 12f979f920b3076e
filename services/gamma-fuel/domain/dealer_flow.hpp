#pragma once
#include "gamma-fuel/domain/option_board.hpp"

namespace isobar::gamma_fuel {

/// One contract's dealer flow inside the window, for Explain.
struct contract_flow {
  contract_number contract = no_contract;
  double dealer_gamma = 0;  ///< decayed; negative: dealers short
  std::uint64_t bought = 0, sold = 0, unsigned_lots = 0;
};

/// Signs option trades (the venue's word, then the quote rule: at or beyond a side of the quote that stood; then the
/// tick rule with the last different price carried forward) and keeps what dealers took on, by contract, over the
/// configured window with its half-life. Literal: futures-medium 11.1 and 11.2 (no window, tick rule without carry).
/// Bounded by the board's contracts.
class dealer_flow {
 public:
  explicit dealer_flow(const gamma_config& c);

  /// Takes a trade; gamma is the board's at that time. Returns the customer's sign: 1 bought, -1 sold, 0 unknown.
  int trade(const option_event& e, const board_row& row);
  /// Fuel at `level` (price of `symbol`) as of `t`. Effect with hysteresis by level id.
  fuel_reading at(std::string_view level_id, price level, timestamp t, const option_board& board, const gex_profile& p);
  /// The flows that at() would sum, in board order.
  std::vector<contract_flow> near(price level, timestamp t, const option_board& board, const gex_profile& p) const;

  template <class A>
  void fields(A& a);
};

}  // namespace isobar::gamma_fuel
