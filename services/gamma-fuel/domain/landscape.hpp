#pragma once
#include "gamma-fuel/domain/dealer_gravity.hpp"
#include "gamma-fuel/domain/exposures.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "gamma-fuel/domain/strike_history.hpp"
#include "gamma-fuel/domain/zero_gamma.hpp"

namespace isobar::gamma_fuel {

/// Where the market is at a window's end.
struct market_view {
  price reference = market::no_price;   ///< mid of `symbol`
  price underlying = market::no_price;  ///< of the options
  price basis{0};                       ///< reference = scale x underlying + basis
  bool underlying_stale = false;
  const volume_profile* volume = nullptr;  ///< of the configured source; nullptr: nothing is known
};

/// Makes the gamma landscape of a window from the board: grid, sign models, walls, zero gamma, readings, pins, gravity.
/// Keeps what differences between windows need (by absolute strike; a strike that is new on the grid differs from its
/// own last window or from 0, decisions 10) and where zero gamma was. Allocates nothing once every contract is listed.
/// Pure.
class landscape {
 public:
  explicit landscape(const gamma_config& c);

  /// Prices the board as of `end` and fills `out` (its buffers are reused). Without a reference or underlying: no grid,
  /// no pricing, quality gap. Windows come in order; those left out since the last count as unchanged.
  void build(timestamp start, timestamp end, const market_view& at, option_board& board, gex_profile& out);
  /// The chosen model's absolute exposures.
  gex_input radar_input(const gex_profile& p) const;
  /// Every strike of the last window, on the grid or not.
  const strike_ladder& ladder() const { return config_.rules == compat::literal ? literal_ : exposures_.ladder(); }

  template <class A>
  void fields(A& a) {
    a(binned_by_, history_, zero_by_interest_, zero_by_flow_, last_end_, minute_);
  }

 private:
  void fill_grid(const strike_grid& grid, gex_profile& out) const;
  void fill_models(const strike_grid& grid, const board_columns& c, gex_profile& out);
  void fill_volume(const strike_grid& grid, const market_view& at, gex_profile& out);
  /// Contracts with a position, for re-pricing.
  void pack(const board_columns& c);
  std::optional<price> zero(zero_gamma_search& search, std::span<const double> weight, const strike_grid& grid,
                            const gex_profile& at);

  gamma_config config_;
  exposures exposures_;
  strike_ladder literal_;
  binning_basis binned_by_;
  strike_history history_;
  zero_gamma_search zero_by_interest_, zero_by_flow_;
  timestamp last_end_ = start_of_time;
  minute_gravity minute_;
  volume_structure volume_;
  // Columns of contracts with a position; weights positive for calls held.
  std::vector<double> forward_, strike_, deviation_, discount_, by_interest_, by_flow_;
};

}  // namespace isobar::gamma_fuel
