#pragma once
#include <array>
#include <cmath>
#include <cstdint>

namespace isobar::radar_physics {

/// ln(1 + n) of lots: a table for the sizes that occur, the library beyond. Every logarithm of the medium is a
/// difference of two of these, which is exactly 0 where nothing happened.
class log_table {
 public:
  static constexpr std::uint64_t size = 4'096;
  static double ln1p(std::uint64_t n) { return n < size ? table()[n] : std::log1p(static_cast<double>(n)); }
  /// For hot loops: look the table up once.
  static const std::array<double, size>& table() {
    static const std::array<double, size> values = [] {
      std::array<double, size> t{};
      for (std::uint64_t n = 0; n < size; ++n) t[n] = std::log1p(static_cast<double>(n));
      return t;
    }();
    return values;
  }
};

}  // namespace isobar::radar_physics
