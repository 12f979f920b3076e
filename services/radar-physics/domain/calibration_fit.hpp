#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "radar-physics/domain/calibration.hpp"
#include "radar-physics/domain/outputs.hpp"

namespace isobar::radar_physics {

/// Quantile with linear interpolation between order statistics, at position (n - 1) q (futures-medium 3.3). `sorted`
/// ascending; 0 of nothing.
double quantile_of(std::span<const double> sorted, double q);

/// Every value of one metric, exactly: most values repeat (they are functions of small lots), so they are kept as
/// (value, count), ascending.
class pooled_values {
 public:
  void add(double value, std::uint64_t count = 1);
  std::uint64_t size() const { return size_; }
  /// As quantile_of over all values.
  double quantile(double q) const;
  std::size_t memory_bytes() const { return (runs_.capacity() + fresh_.capacity()) * sizeof(run); }

 private:
  struct run {
    double value;
    std::uint64_t count;
  };
  static constexpr std::size_t fresh_max = 65'536;
  void merge() const;

  std::uint64_t size_ = 0;
  mutable std::vector<run> runs_, fresh_;  ///< sorted runs; runs that are not merged yet
};

/// Fits a calibration table from the windows of completed sessions: all rows pooled, no weighting, zeros included
/// (futures-medium 3.3). Spans count once for every window that they stand for.
class calibration_fit {
 public:
  void begin_session(std::string name) { sessions_.push_back(std::move(name)); }
  /// `column` and `gex` may be null.
  void add(const medium_surface& surface, const radar_column* column, const gex_input* gex, std::uint32_t span = 1);
  void add(metric m, double value, std::uint64_t count = 1);
  std::uint64_t values(metric m) const { return pool_[static_cast<std::size_t>(m)].size(); }
  /// Metrics without values keep the bootstrap's bounds. The id names first and last session, their number and a digest
  /// of sessions and bounds: "sessions/2023-12-25..2023-12-29/5/<digest>".
  calibration_table table() const;
  std::size_t memory_bytes() const;

 private:
  std::vector<std::string> sessions_;
  std::array<pooled_values, metrics> pool_;
};

}  // namespace isobar::radar_physics
