#pragma once
#include <optional>
#include <vector>

#include "gamma-fuel/domain/strike_grid.hpp"
#include "gamma-fuel/domain/volume_profile.hpp"

namespace isobar::gamma_fuel {

/// A volume profile by strike of the grid's step, and what stands out of it (options-surface 8.4). Two sets of words
/// are in use there, and both are here:
/// * high-volume node: at least 1.5 x the mean of the strikes with volume; low-volume node: at most half of it; point
/// of
///   control: the largest (pins, 8.6).
/// * node: at least the 70th percentile of the strikes with volume; well: at most the 20th, and no node; crevasse:
/// three wells or
///   more in a row (dealer gravity, 8.5). Percentiles interpolate linearly between neighbours.
/// Strikes inside the traded range that nothing traded at have volume 0: low-volume nodes and wells. Outside of the
/// range nothing is known. Buffers are reused. Pure.
class volume_structure {
 public:
  /// Prices of the profile are those of `symbol`, or of its options' underlying (then brought to it as strikes are).
  void build(const volume_profile& v, volume_source source, const strike_grid& grid, price step);
  void clear() { strikes_.clear(); }

  /// Something traded.
  bool known() const { return !strikes_.empty(); }
  /// Lots at a strike; nothing outside of the traded range.
  std::optional<std::uint64_t> at(price strike) const;
  std::uint64_t total() const { return total_; }
  /// Lots at the strike over those at the point of control, 0 to 1.
  std::optional<double> share_of_most(price strike) const;

  bool is_high_node(price strike) const;
  bool is_low_node(price strike) const;
  /// Of equal ones the nearest to the market, then the lower.
  std::optional<price> point_of_control(price market) const;

  bool is_node(price strike) const;
  bool is_well(price strike) const;
  bool in_crevasse(price strike) const;
  /// Ties: the lower.
  std::optional<price> nearest_node(price market) const;
  std::optional<price> nearest_well(price market) const;

 private:
  struct strike_volume {
    price strike;
    std::uint64_t lots;
  };
  double percentile(double share);
  void add(price strike, std::uint64_t lots);

  std::vector<strike_volume> strikes_;  ///< with volume, ascending
  std::vector<std::uint64_t> sorted_;
  price step_{1};
  std::uint64_t total_ = 0, most_ = 0;
  double mean_ = 0, node_from_ = 0, well_to_ = 0;
};

}  // namespace isobar::gamma_fuel
