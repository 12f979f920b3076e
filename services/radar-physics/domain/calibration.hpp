#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace isobar::radar_physics {

/// What is normalised (futures-medium 3.3). bucket_mass is W of the bucket radar, ln(1 + resting lots of a bucket).
enum class metric : std::uint8_t {
  pull_add_log,
  log1p_pull_intensity_rest,
  log1p_erosion_norm,
  d2_pull_add_log,
  wall_strength_log,
  gex_abs,
  bucket_mass,
};
inline constexpr std::size_t metrics = 7;
/// "pull_add_log", ...
std::string_view to_string(metric m);

/// 0.05 and 0.95 quantiles of each metric, and an id that names the sessions and rules they come from.
struct calibration_table {
  struct bounds {
    double q05 = 0, q95 = 1;
    bool operator==(const bounds&) const = default;
    template <class A>
    void fields(A& a) {
      a(q05, q95);
    }
  };
  std::string id;
  std::array<bounds, metrics> bound;

  const bounds& of(metric m) const { return bound[static_cast<std::size_t>(m)]; }
  /// clip((v - q05) / (q95 - q05), 0, 1); q95 == q05 counts as q05 + 1.
  double norm(metric m, double v) const;
  bool operator==(const calibration_table&) const = default;
  template <class A>
  void fields(A& a) {
    a(id, bound);
  }
};

/// The fallbacks of futures-medium 3.3, id "bootstrap"; bucket_mass as wall_strength_log.
const calibration_table& bootstrap_calibration();

}  // namespace isobar::radar_physics
