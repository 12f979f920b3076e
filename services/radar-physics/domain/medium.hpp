#pragma once
#include "radar-physics/domain/calibration.hpp"
#include "radar-physics/domain/level_flows.hpp"
#include "radar-physics/domain/outputs.hpp"

namespace isobar::radar_physics {

/// vacuum and physics of one row under one calibration (futures-medium 3.2 and 4). Keeps the bounds at hand.
class row_scorer {
 public:
  explicit row_scorer(const calibration_table& t);

  /// Mean of the four normalised signs of withdrawal, in [0, 1].
  double vacuum(double pull_add_log, double log1p_intensity, double erosion, double d2_pull_add_log) const {
    return (of(pull_add_log_, pull_add_log) + of(intensity_, log1p_intensity) + of(erosion_, erosion) +
            of(d2_, d2_pull_add_log)) /
           4;
  }
  /// 0.50 vacuum + 0.35 erosion + 0.15 thinness: 1 = easy to traverse.
  double ease(double vacuum, double erosion, double wall_strength_log) const {
    return 0.5 * vacuum + 0.35 * norm_erosion(erosion) + 0.15 * (1 - norm_strength(wall_strength_log));
  }
  double norm_erosion(double v) const { return of(erosion_, v); }
  double norm_strength(double v) const { return of(strength_, v); }

 private:
  struct range {
    double low, width;
  };
  static double of(range r, double v) { return std::min(std::max((v - r.low) / r.width, 0.0), 1.0); }

  range pull_add_log_, intensity_, erosion_, d2_, strength_;
};

/// wall, vacuum and physics of the window that ends, around `anchor` (decisions 8, 10, 12): every level within `reach`
/// ticks with depth or any flow, bids ascending, then asks ascending, and the bands. `flows` has been settled there.
void build_medium(level_flows& flows, price anchor, price tick, int reach, const calibration_table& calibration,
                  medium_surface& out);

/// Bands of a surface's rows (futures-medium 4): asks above the anchor, bids below it, by |rel_ticks|; the norm of the
/// mean, not the mean of norms. A band without rows is 0 throughout.
medium_bands bands_of(const medium_surface& surface, price anchor, price tick, const row_scorer& score);

}  // namespace isobar::radar_physics
