#include "radar-physics/domain/calibration.hpp"

#include <algorithm>

namespace isobar::radar_physics {

std::string_view to_string(metric m) {
  switch (m) {
    case metric::pull_add_log:
      return "pull_add_log";
    case metric::log1p_pull_intensity_rest:
      return "log1p_pull_intensity_rest";
    case metric::log1p_erosion_norm:
      return "log1p_erosion_norm";
    case metric::d2_pull_add_log:
      return "d2_pull_add_log";
    case metric::wall_strength_log:
      return "wall_strength_log";
    case metric::gex_abs:
      return "gex_abs";
    case metric::bucket_mass:
      return "bucket_mass";
  }
  return "unknown";
}

double calibration_table::norm(metric m, double v) const {
  const bounds& b = of(m);
  const double high = b.q95 > b.q05 ? b.q95 : b.q05 + 1;
  return std::clamp((v - b.q05) / (high - b.q05), 0.0, 1.0);
}

const calibration_table& bootstrap_calibration() {
  static const calibration_table table{
      .id = "bootstrap",
      .bound = {{{-2, 2}, {0, 0.5}, {0, 0.5}, {-1, 1}, {0, 10}, {0, 1'000'000}, {0, 10}}},
  };
  return table;
}

}  // namespace isobar::radar_physics
