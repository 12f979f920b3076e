#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "radar-physics/domain/calibration.hpp"
#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

namespace isobar::radar_physics {

/// 0 to 5: floor(5 x + 0.5).
std::uint8_t blocked_level_of(double solidity);

/// The bucket radar (seed 001, sections 3 to 9; decisions 2, 8, 13, 14): columns of buckets of a few ticks, centred on
/// the bucket of the mid by floor division.
///
/// * Mass: W = ln(1 + resting lots of both sides in the bucket), smoothed, then normalised by metric::bucket_mass.
/// * Vacuum: mean of the scores of the levels present in the bucket (depth-weighted: by ln(1 + resting lots); 0 when
///   nothing rests), smoothed. Smoothing divides by the whole kernel; neighbours outside the picture count in full
///   where the medium has rows, so the picture's edge is exact.
/// * Stiffness: gamma of each strike, call + put, normalised by metric::gex_abs, on the strike's bucket, spread
///   by a triangle of half-width `stiffness_reach` strike spacings; the sum is clipped to 1.
/// * Stateful medium: Z' = (1 - alpha) Z + alpha R0, eroded by (1 - beta V)^gamma. Z belongs to absolute buckets, so it
///   scrolls with the market. It evolves for every bucket within `remembered_each_side()` of the spot, seen or not, and
///   starts at 0 when a bucket comes into that reach. A Z within 1e-6 of where its inputs would take it is put there,
///   so an unchanging medium comes to an exact rest (about 60 windows with the defaults).
class bucket_radar {
 public:
  explicit bucket_radar(const radar_config& c);

  /// `rows`: bids ascending, then asks ascending. `gex`: null when there is none (stiffness 0). Without an anchor the
  /// column has no rows and the stateful medium waits.
  void build(const window_info& window, std::span<const medium_row> rows, const calibration_table& calibration,
             const gex_input* gex, bool gex_stale, const gate_state& gate, radar_column& out);

  /// Strikes (once per GEX surface) that did not fall on the lower edge of a bucket or, where a strike spacing is a
  /// whole number of buckets (ES: 10), on one of every so many (seed 001, 12).
  std::uint64_t gex_alignment_errors() const { return gex_alignment_errors_; }
  /// Columns whose centre bucket does not hold the mid, or disagrees with the reference tick (seed 001, 12).
  std::uint64_t centre_errors() const { return centre_errors_; }
  /// Buckets on each side of the spot's whose Z is kept: four pictures, but no farther than the medium has rows.
  std::int64_t remembered_each_side() const { return reach_; }
  /// The last build left the stateful medium as it was: the same inputs again give the same column.
  bool settled() const { return settled_; }

  template <class Archive>
  void fields(Archive& a) {
    std::vector<double> z = solidity_;
    a(z, centre_, started_, settled_, gex_checked_, gex_alignment_errors_, centre_errors_);
    if (z.size() == solidity_.size()) {
      solidity_ = z;
    } else if constexpr (requires { a.refuse(); }) {
      a.refuse();
    }
  }

 private:
  struct cell {
    std::uint64_t resting = 0;
    double vacuum_sum = 0, weight_sum = 0;
    double mass = 0, vacuum = 0, stiffness = 0;
  };

  void gather(std::span<const medium_row> rows);
  void smooth();
  void stiffen(const gex_input& gex, const calibration_table& calibration);
  void check_alignment(const gex_input& gex);
  void scroll_to(std::int64_t spot_bucket);
  void evolve(double& z, double resistance, double vacuum);
  bool centre_holds(const window_info& window, const radar_column& column) const;

  bucket_config config_;
  price tick_;
  std::int64_t bucket_size_;      ///< of one bucket, 1e-9
  double spread_buckets_;         ///< half-width of the stiffness kernel
  std::int64_t half_;             ///< rows on each side of the centre
  std::int64_t reach_;            ///< remembered buckets on each side
  std::vector<cell> cells_;       ///< of this window: reach and the smoothing's margin
  std::vector<double> solidity_;  ///< Z, lowest bucket first
  std::int64_t centre_ = 0;       ///< absolute bucket in the middle of cells_ and solidity_
  bool started_ = false, settled_ = false;
  timestamp gex_checked_ = start_of_time;
  std::uint64_t gex_alignment_errors_ = 0, centre_errors_ = 0;
};

}  // namespace isobar::radar_physics
