#pragma once
#include <array>
#include <vector>

#include "gamma-fuel/domain/board_columns.hpp"
#include "gamma-fuel/domain/outputs.hpp"
#include "gamma-fuel/domain/strike_grid.hpp"

namespace isobar::gamma_fuel {

/// Exposures of one right at one strike: gamma, vanna, charm x contracts x multiplier. Units as strike_exposure.
struct side_exposure {
  double gamma = 0, vanna = 0, charm = 0;                 ///< contracts: open interest; unsigned
  double flow_gamma = 0, flow_vanna = 0, flow_charm = 0;  ///< contracts: dealers' position by trades; signed
  double volume_gamma = 0;                                ///< contracts: traded today
  /// Of gamma and flow_gamma, what is on the right's own side of the market (calls at or above, puts at or below), by
  /// strikes that were brought to `symbol` and not rounded to the step.
  double own_side = 0, flow_own_side = 0;
  std::int64_t interest = market::no_quantity.value;
};
/// One strike with any contract on it, as a multiple of the grid's step.
struct ladder_strike {
  price strike;
  std::array<side_exposure, 2> side;  ///< by market::right

  const side_exposure& call() const { return side[0]; }
  const side_exposure& put() const { return side[1]; }
  double gross() const { return call().gamma + put().gamma; }
  double volume_gamma() const { return call().volume_gamma + put().volume_gamma; }
  strike_exposure::signed_exposure under(sign_model m) const;
};
/// Every strike of the board, ascending.
using strike_ladder = std::vector<ladder_strike>;

/// Sums a priced board by strike. Sums run in the board's order, so listing and interleaving change nothing. Buffers
/// are reused.
class exposures {
 public:
  explicit exposures(const gamma_config& c) : config_(c) {}

  /// Exposures as of `t` on `grid`; fills what `out` says of contracts and expiries. Options' deltas and gammas are
  /// brought to `symbol` (symbol = scale x underlying): deltas / scale, gamma / scale^2, vanna and charm / scale.
  void build(const board_columns& c, timestamp t, const strike_grid& grid, gex_profile& out);

  const strike_ladder& ladder() const { return ladder_; }
  /// By expiry of the board: takes part under the configured set.
  bool takes_part(std::size_t expiry) const { return takes_part_[expiry] != 0; }

 private:
  void choose_expiries(const board_columns& c, timestamp t);
  void lay_ladder(const board_columns& c, const strike_grid& grid);
  void add_expiry(const board_columns& c, std::size_t expiry, expiry_profile& of, gex_profile& out);
  void add_contract(const board_columns& c, std::size_t p, expiry_profile& of, gex_profile& out);

  gamma_config config_;
  strike_ladder ladder_;
  std::vector<std::uint32_t> rung_;            ///< of every strike of the board; off_ladder: beyond all prices
  std::vector<std::int32_t> grid_row_;         ///< of every rung; negative: off the grid
  std::vector<std::array<bool, 2>> own_side_;  ///< of every strike of the board, by right
  std::vector<std::uint8_t> takes_part_;
};

}  // namespace isobar::gamma_fuel
