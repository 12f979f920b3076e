#pragma once
#include <optional>
#include <vector>

#include "heatmap-builder/domain/snapshot.hpp"

namespace isobar::heatmap_builder {

/// What a tile is worth knowing beside its price (options-surface 5.7). Computed for queries only, never stored. Prices
/// in 1e-9 points, per share. Empty for a tile that is not valid.
struct tile_measures {
  std::optional<std::int64_t> max_profit;  ///< width - debit; a single put: strike - debit; nothing: unbounded
  std::optional<std::int64_t> max_loss;    ///< the debit
  std::vector<std::int64_t> break_even;    ///< strikes at which the expiry P&L is zero, ascending
  std::optional<double> reward_to_risk;    ///< (width - debit) / debit; not for singles
  std::optional<double> debit_percent_of_width;
  /// To the next higher valid strike of the same width and side; 0 when there is none.
  std::optional<double> adjacent_change_percent;
  /// Second difference over the largest of its lane, -1 to 1 (spec M1).
  std::optional<double> convexity_score;
};

/// Second differences D[i+1] - 2 D[i] + D[i-1] over the largest absolute one: ends, missing debits and neighbours of
/// missing ones give 0, and so does a lane without curvature.
std::vector<double> convexity_scores(const std::vector<std::optional<std::int64_t>>& debits);

/// All values and lane measures of one plane, evaluated once for a query that asks for many tiles.
class plane_measures {
 public:
  plane_measures(const plane_board& layout, const quote_columns& quotes);
  /// The tile must exist.
  const tile_value& value(std::uint32_t tile) const { return values_[tile]; }
  tile_measures measures(std::uint32_t tile) const;

 private:
  const plane_board* layout_;
  std::vector<tile_value> values_;  ///< per tile; tiles that do not exist hold a missing leg
  std::vector<std::int64_t> next_;  ///< mid of the next higher valid tile of the lane; 0: none
  std::vector<double> convexity_;
};

}  // namespace isobar::heatmap_builder
