#include "radar-physics/domain/streaming_calibration.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/archive.hpp"
#include "core/digest.hpp"

namespace isobar::radar_physics {
namespace {

/// Lower edge of magnitude bin `b`; linear in it from one edge to the next.
double edge(std::size_t b) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(fading_histogram::first_bin + static_cast<std::int64_t>(b))
                               << fading_histogram::shift);
}

}  // namespace

double fading_histogram::quantile(double q) const {
  double rank = q * total_;
  for (std::size_t i = 0; i < bins; ++i) {
    if (count_[i] <= 0) continue;
    if (rank > count_[i]) {
      rank -= count_[i];
      continue;
    }
    const double part = rank / count_[i];
    if (i == side_bins) return 0;
    if (i > side_bins) return edge(i - side_bins - 1) + part * (edge(i - side_bins) - edge(i - side_bins - 1));
    const std::size_t b = side_bins - 1 - i;
    return -edge(b + 1) + part * (edge(b + 1) - edge(b));
  }
  for (std::size_t i = bins; i > 0; --i)  // rounding went past the last bin
    if (count_[i - 1] > 0)
      return i - 1 > side_bins ? edge(i - 1 - side_bins) : i - 1 == side_bins ? 0 : -edge(side_bins - i);
  return 0;
}

void fading_histogram::scale(double by) {
  for (double& c : count_) c *= by;
  total_ *= by;
}

streaming_calibration::streaming_calibration(int windows_min, double half_life_windows)
    : windows_min_(static_cast<std::uint64_t>(windows_min)),
      growth_(std::exp2(1 / half_life_windows)),
      histogram_(metrics) {}

void streaming_calibration::learn(const medium_surface& surface, const radar_column& column, const gex_input* gex) {
  std::uint64_t quiet = 0;
  fading_histogram& strength = of(metric::wall_strength_log);
  for (const medium_row& row : surface.rows) {
    strength.add(row.wall_strength_log, weight_);
    if (row.pull_add_log == 0 && row.d2_pull_add_log == 0 && row.pulled_rest == 0 && row.erosion_norm_arg == 0) {
      ++quiet;
      continue;
    }
    of(metric::pull_add_log).add(row.pull_add_log, weight_);
    of(metric::log1p_pull_intensity_rest)
        .add(row.pull_intensity_rest == 0 ? 0 : std::log1p(row.pull_intensity_rest), weight_);
    of(metric::log1p_erosion_norm).add(row.erosion_norm_arg, weight_);
    of(metric::d2_pull_add_log).add(row.d2_pull_add_log, weight_);
  }
  for (const metric m :
       {metric::pull_add_log, metric::log1p_pull_intensity_rest, metric::log1p_erosion_norm, metric::d2_pull_add_log})
    of(m).add_zeros(weight_ * static_cast<double>(quiet));
  for (const radar_row& row : column.rows) of(metric::bucket_mass).add(row.mass, weight_);
  if (gex != nullptr)
    for (const gex_input::strike_row& strike : gex->strikes) of(metric::gex_abs).add(strike.call + strike.put, weight_);

  weight_ *= growth_;
  if (weight_ > 0x1p100) {  // an exact power of two: no count changes but in its exponent
    for (fading_histogram& h : histogram_) h.scale(0x1p-100);
    weight_ *= 0x1p-100;
  }
  ++windows_;
  if (windows_ >= windows_min_ && (windows_ - windows_min_) % refit_windows == 0) refit();
}

void streaming_calibration::refit() {
  calibration_table next;
  std::string bytes;
  archive_writer writer(bytes);
  for (std::size_t m = 0; m < metrics; ++m) {
    const fading_histogram& h = histogram_[m];
    next.bound[m] =
        h.empty() ? bootstrap_calibration().bound[m] : calibration_table::bounds{h.quantile(0.05), h.quantile(0.95)};
    writer(next.bound[m].q05, next.bound[m].q95);
  }
  if (!table_.id.empty() && next.bound == table_.bound) return;
  next.id = "streaming/" + std::to_string(windows_) + "/" + to_hex(hash64(bytes));
  table_ = std::move(next);
}

}  // namespace isobar::radar_physics
