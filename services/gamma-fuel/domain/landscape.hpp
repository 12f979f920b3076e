#pragma once
#include "gamma-fuel/domain/option_board.hpp"

namespace isobar::gamma_fuel {

/// Where the market is at a window's end.
struct market_view {
  price reference = market::no_price;   ///< mid of `symbol`
  price underlying = market::no_price;  ///< of the options
  price basis{0};                       ///< reference = scale x underlying + basis
  bool underlying_stale = false;
};

/// Makes the gamma landscape of a window from the board: grid, sign models, walls, zero gamma, readings, pins. Keeps
/// what differences between windows need (by absolute strike; a strike that is new on the grid differs from its own
/// last window or from 0, decisions 10) and the last zero gamma as a start. Pure.
class landscape {
 public:
  explicit landscape(const gamma_config& c);

  /// Prices the board and fills `out` (its buffers are reused). Without a reference or underlying: no grid, and quality
  /// says so.
  void build(timestamp start, timestamp end, const market_view& at, option_board& board, gex_profile& out);
  /// The chosen model's absolute exposures.
  gex_input radar_input(const gex_profile& p) const;

  template <class A>
  void fields(A& a);
};

}  // namespace isobar::gamma_fuel
