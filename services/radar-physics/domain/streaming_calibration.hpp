#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "radar-physics/domain/calibration.hpp"
#include "radar-physics/domain/outputs.hpp"

namespace isobar::radar_physics {

/// Counts of values in bins that are logarithmic in the value (sixteen to the octave, both signs, one for 0), in which
/// older counts fade. Bounded memory; the same values in the same order give the same numbers.
class fading_histogram {
 public:
  /// Octaves from 2^-12 (below: 0) to 2^52 (above: the last bin).
  static constexpr int lowest_octave = -12, octaves = 64, per_octave = 16;
  static constexpr std::size_t side_bins = octaves * per_octave, bins = 2 * side_bins + 1;

  /// Bins by the leading bits of the number itself: exponent and four bits of mantissa.
  static constexpr int shift = 52 - 4;
  static constexpr std::int64_t first_bin = std::int64_t{1023 + lowest_octave} << 4;

  void add(double value, double weight) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const std::int64_t bin =
        std::min<std::int64_t>(static_cast<std::int64_t>((bits & ~(std::uint64_t{1} << 63)) >> shift) - first_bin,
                               static_cast<std::int64_t>(side_bins) - 1);
    const std::int64_t zero = side_bins;
    const std::int64_t at = bin < 0 ? zero : (bits >> 63) != 0 ? zero - 1 - bin : zero + 1 + bin;
    count_[static_cast<std::size_t>(at)] += weight;
    total_ += weight;
  }
  void add_zeros(double weight) {
    count_[side_bins] += weight;
    total_ += weight;
  }
  /// Linear within the bin; 0 while there is nothing.
  double quantile(double q) const;
  /// Multiplies every count.
  void scale(double by);
  bool empty() const { return total_ <= 0; }

  template <class A>
  void fields(A& a) {
    a(count_, total_);
  }

 private:
  std::array<double, bins> count_{};
  double total_ = 0;
};

/// Quantiles learnt as windows pass, for the time before a table of completed sessions is there (decisions 12). A
/// window is learnt after it was scored, so nothing looks ahead; every window weighs half as much after `half_life`
/// more. The table changes only every `refit_windows`-th window and its id with it.
class streaming_calibration {
 public:
  static constexpr std::uint64_t refit_windows = 60;

  streaming_calibration(int windows_min, double half_life_windows);

  /// A window with events and an anchor; `gex` as it was used, or null.
  void learn(const medium_surface& surface, const radar_column& column, const gex_input* gex);
  /// Null until `windows_min` windows were learnt.
  const calibration_table* table() const { return table_.id.empty() ? nullptr : &table_; }
  std::uint64_t windows() const { return windows_; }
  std::size_t memory_bytes() const { return sizeof *this + sizeof(fading_histogram) * metrics; }

  template <class A>
  void fields(A& a) {
    a(windows_, weight_, table_);
    for (fading_histogram& h : histogram_) a(h);
  }

 private:
  fading_histogram& of(metric m) { return histogram_[static_cast<std::size_t>(m)]; }
  void refit();

  std::uint64_t windows_min_;
  double growth_;  ///< of the weight from one window to the next; the same as fading what is there
  std::uint64_t windows_ = 0;
  double weight_ = 1;
  calibration_table table_;
  std::vector<fading_histogram> histogram_;
};

}  // namespace isobar::radar_physics
