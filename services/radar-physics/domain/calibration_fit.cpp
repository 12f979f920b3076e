#include "radar-physics/domain/calibration_fit.hpp"

#include <algorithm>
#include <cmath>

#include "core/archive.hpp"
#include "core/digest.hpp"

namespace isobar::radar_physics {
namespace {

/// Where (n - 1) q falls: the order statistic below and the part of the way to the next.
struct position {
  std::uint64_t below;
  double part;
};
position position_of(std::uint64_t n, double q) {
  const double at = static_cast<double>(n - 1) * q;
  const double whole = std::floor(at);
  return {static_cast<std::uint64_t>(whole), at - whole};
}

}  // namespace

double quantile_of(std::span<const double> sorted, double q) {
  if (sorted.empty()) return 0;
  const position p = position_of(sorted.size(), q);
  const double low = sorted[p.below], high = sorted[std::min<std::size_t>(p.below + 1, sorted.size() - 1)];
  return low + p.part * (high - low);
}

void pooled_values::add(double value, std::uint64_t count) {
  if (count == 0) return;
  size_ += count;
  fresh_.push_back({value, count});
  if (fresh_.size() == fresh_max) merge();
}

void pooled_values::merge() const {
  const auto by_value = [](const run& a, const run& b) { return a.value < b.value; };
  std::sort(fresh_.begin(), fresh_.end(), by_value);
  std::vector<run> all;
  all.reserve(runs_.size() + fresh_.size());
  std::merge(runs_.begin(), runs_.end(), fresh_.begin(), fresh_.end(), std::back_inserter(all), by_value);
  runs_.clear();
  for (const run& r : all) {
    if (!runs_.empty() && runs_.back().value == r.value) {
      runs_.back().count += r.count;
    } else {
      runs_.push_back(r);
    }
  }
  fresh_.clear();
}

double pooled_values::quantile(double q) const {
  if (size_ == 0) return 0;
  if (!fresh_.empty()) merge();
  const position p = position_of(size_, q);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    before += runs_[i].count;
    if (before <= p.below) continue;
    const double low = runs_[i].value;
    const double high = before > p.below + 1 || i + 1 == runs_.size() ? low : runs_[i + 1].value;
    return low + p.part * (high - low);
  }
  return runs_.back().value;
}

void calibration_fit::add(metric m, double value, std::uint64_t count) {
  pool_[static_cast<std::size_t>(m)].add(value, count);
}

void calibration_fit::add(const medium_surface& surface, const radar_column* column, const gex_input* gex,
                          std::uint32_t span) {
  std::uint64_t quiet = 0;
  for (const medium_row& row : surface.rows) {
    add(metric::wall_strength_log, row.wall_strength_log, span);
    if (row.pull_add_log == 0 && row.d2_pull_add_log == 0 && row.pulled_rest == 0 && row.erosion_norm_arg == 0) {
      ++quiet;
      continue;
    }
    add(metric::pull_add_log, row.pull_add_log, span);
    add(metric::log1p_pull_intensity_rest, std::log1p(row.pull_intensity_rest), span);
    add(metric::log1p_erosion_norm, row.erosion_norm_arg, span);
    add(metric::d2_pull_add_log, row.d2_pull_add_log, span);
  }
  for (const metric m :
       {metric::pull_add_log, metric::log1p_pull_intensity_rest, metric::log1p_erosion_norm, metric::d2_pull_add_log})
    add(m, 0, quiet * span);
  if (column != nullptr)
    for (const radar_row& row : column->rows) add(metric::bucket_mass, row.mass, span);
  if (gex != nullptr)
    for (const gex_input::strike_row& strike : gex->strikes) add(metric::gex_abs, strike.call + strike.put, span);
}

calibration_table calibration_fit::table() const {
  calibration_table t;
  std::string bytes;
  archive_writer writer(bytes);
  writer(sessions_);
  for (std::size_t m = 0; m < metrics; ++m) {
    t.bound[m] = pool_[m].size() == 0 ? bootstrap_calibration().bound[m]
                                      : calibration_table::bounds{pool_[m].quantile(0.05), pool_[m].quantile(0.95)};
    writer(t.bound[m].q05, t.bound[m].q95);
  }
  const std::string name = sessions_.empty()       ? std::string("none")
                           : sessions_.size() == 1 ? sessions_.front()
                                                   : sessions_.front() + ".." + sessions_.back();
  t.id = "sessions/" + name + "/" + std::to_string(sessions_.size()) + "/" + to_hex(hash64(bytes));
  return t;
}

std::size_t calibration_fit::memory_bytes() const {
  std::size_t bytes = 0;
  for (const pooled_values& pool : pool_) bytes += pool.memory_bytes();
  return bytes;
}

}  // namespace isobar::radar_physics
