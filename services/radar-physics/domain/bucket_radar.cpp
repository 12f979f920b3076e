#include "radar-physics/domain/bucket_radar.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "radar-physics/domain/log_table.hpp"

namespace isobar::radar_physics {
namespace {

/// Cells beyond the remembered ones on each side, for the smoothing kernels.
constexpr std::int64_t margin = 2;
constexpr double at_rest = 1e-6;

double power(double base, double exponent) { return exponent == 1 ? base : std::pow(base, exponent); }

std::array<double, 5> kernel_of(smoothing s) {
  switch (s) {
    case smoothing::none:
      break;
    case smoothing::triangular:
      return {1. / 9, 2. / 9, 3. / 9, 2. / 9, 1. / 9};
    case smoothing::binomial:
      return {1. / 16, 4. / 16, 6. / 16, 4. / 16, 1. / 16};
  }
  return {0, 0, 1, 0, 0};
}

}  // namespace

std::uint8_t blocked_level_of(double solidity) { return static_cast<std::uint8_t>(std::floor(5 * solidity + 0.5)); }

bucket_radar::bucket_radar(const radar_config& c)
    : config_(c.buckets),
      tick_(c.tick),
      bucket_size_(c.buckets.bucket_ticks * c.tick.value),
      spread_buckets_(c.buckets.stiffness_reach * static_cast<double>(c.buckets.strike_spacing.value) /
                      static_cast<double>(bucket_size_)),
      half_(c.buckets.rows / 2),
      reach_(std::max<std::int64_t>(half_, std::min(4 * c.buckets.rows, c.wall_ticks / c.buckets.bucket_ticks))),
      cells_(static_cast<std::size_t>(2 * (reach_ + margin) + 1)),
      solidity_(static_cast<std::size_t>(2 * reach_ + 1)) {}

void bucket_radar::build(const window_info& window, std::span<const medium_row> rows,
                         const calibration_table& calibration, const gex_input* gex, bool gex_stale,
                         const gate_state& gate, radar_column& out) {
  out.gate = gate;
  out.emphasis_above = config_.visibility_min + (1 - config_.visibility_min) * gate.up;
  out.emphasis_below = config_.visibility_min + (1 - config_.visibility_min) * gate.down;
  out.gex_as_of = gex != nullptr ? std::optional(gex->window_end) : std::nullopt;
  out.gex_stale = gex != nullptr && gex_stale;
  if (gex != nullptr) check_alignment(*gex);
  if (window.anchor == market::no_price) {
    out.spot_bucket = 0;
    out.first_bucket_rel = 0;
    out.rows.clear();
    settled_ = true;
    return;
  }
  out.spot_bucket = floor_div(window.anchor.value, bucket_size_);
  out.first_bucket_rel = static_cast<std::int32_t>(-half_);
  out.rows.resize(static_cast<std::size_t>(2 * half_ + 1));
  settled_ = true;
  scroll_to(out.spot_bucket);
  gather(rows);
  smooth();
  if (gex != nullptr) stiffen(*gex, calibration);

  for (std::int64_t rel = -reach_; rel <= reach_; ++rel) {
    const cell& c = cells_[static_cast<std::size_t>(rel + reach_ + margin)];
    double& z = solidity_[static_cast<std::size_t>(rel + reach_)];
    const double mass_norm = calibration.norm(metric::bucket_mass, c.mass);
    const double resistance =
        std::clamp(config_.mass_weight * mass_norm + config_.stiffness_weight * c.stiffness, 0.0, 1.0);
    evolve(z, resistance, c.vacuum);
    if (rel < -half_ || rel > half_) continue;
    radar_row& row = out.rows[static_cast<std::size_t>(rel + half_)];
    row.mass = c.mass;
    row.mass_norm = mass_norm;
    row.vacuum = c.vacuum;
    row.stiffness = c.stiffness;
    row.resistance = resistance;
    row.resistance_eroded = resistance * power(1 - c.vacuum, config_.fragility);
    row.cavitation = power(c.vacuum, config_.cavitation_power);
    row.mobility = 1 - row.resistance_eroded;
    row.solidity = z;
    row.blocked_level = blocked_level_of(row.resistance_eroded);
    row.solidity_level = blocked_level_of(z);
  }
  if (!centre_holds(window, out)) ++centre_errors_;
}

void bucket_radar::scroll_to(std::int64_t spot_bucket) {
  const std::int64_t by = started_ ? spot_bucket - centre_ : 0;
  centre_ = spot_bucket;
  started_ = true;
  if (by == 0) return;
  settled_ = false;
  const auto size = static_cast<std::int64_t>(solidity_.size());
  if (by >= size || -by >= size) {
    std::fill(solidity_.begin(), solidity_.end(), 0.0);
  } else if (by > 0) {
    std::fill(std::copy(solidity_.begin() + by, solidity_.end(), solidity_.begin()), solidity_.end(), 0.0);
  } else {
    std::fill(solidity_.begin(), std::copy_backward(solidity_.begin(), solidity_.end() + by, solidity_.end()), 0.0);
  }
}

void bucket_radar::gather(std::span<const medium_row> rows) {
  std::fill(cells_.begin(), cells_.end(), cell{});
  const tick_index low = (centre_ - reach_ - margin) * config_.bucket_ticks;
  const tick_index high = (centre_ + reach_ + margin + 1) * config_.bucket_ticks;
  const bool weighted = config_.vacuum == vacuum_mean::depth_weighted;
  const auto take_side = [&](std::span<const medium_row> side) {
    auto row = std::partition_point(side.begin(), side.end(), [&](const medium_row& r) { return r.tick < low; });
    for (; row != side.end() && row->tick < high; ++row) {
      cell& c = cells_[static_cast<std::size_t>((row->tick - low) / config_.bucket_ticks)];
      const double weight = weighted ? log_table::ln1p(row->depth_rest) : 1;
      c.resting += row->depth_rest;
      c.vacuum_sum += weight * row->vacuum_score;
      c.weight_sum += weight;
    }
  };
  const auto asks =
      std::partition_point(rows.begin(), rows.end(), [](const medium_row& r) { return r.side == book_side::bid; });
  const auto bids = static_cast<std::size_t>(asks - rows.begin());
  take_side(rows.first(bids));
  take_side(rows.subspan(bids));
  for (cell& c : cells_) {
    c.mass = log_table::ln1p(c.resting);
    c.vacuum = c.weight_sum > 0 ? std::clamp(c.vacuum_sum / c.weight_sum, 0.0, 1.0) : 0;
  }
}

void bucket_radar::smooth() {
  if (config_.smooth == smoothing::none) return;
  const auto kernel = kernel_of(config_.smooth);
  // The sums of levels are spent: they hold the raw fields while the smooth ones are written.
  for (cell& c : cells_) {
    c.weight_sum = c.mass;
    c.vacuum_sum = c.vacuum;
  }
  for (std::size_t i = margin; i + margin < cells_.size(); ++i) {
    double mass = 0, vacuum = 0;
    for (std::size_t k = 0; k < kernel.size(); ++k) {
      const cell& neighbour = cells_[i + k - margin];
      mass += kernel[k] * neighbour.weight_sum;
      vacuum += kernel[k] * neighbour.vacuum_sum;
    }
    cells_[i].mass = mass;
    cells_[i].vacuum = std::clamp(vacuum, 0.0, 1.0);
  }
}

void bucket_radar::stiffen(const gex_input& gex, const calibration_table& calibration) {
  const auto spread = static_cast<std::int64_t>(spread_buckets_);
  for (const gex_input::strike_row& row : gex.strikes) {
    const std::int64_t rel = floor_div(row.strike.value, bucket_size_) - centre_;
    if (rel < -reach_ - spread || rel > reach_ + spread) continue;
    const double peak = calibration.norm(metric::gex_abs, row.call + row.put);
    for (std::int64_t at = std::max(rel - spread, -reach_); at <= std::min(rel + spread, reach_); ++at) {
      const double distance = static_cast<double>(std::abs(at - rel));
      const double share = distance == 0 ? 1 : 1 - distance / spread_buckets_;
      double& stiffness = cells_[static_cast<std::size_t>(at + reach_ + margin)].stiffness;
      stiffness = std::min(1.0, stiffness + peak * share);
    }
  }
}

void bucket_radar::check_alignment(const gex_input& gex) {
  if (gex.window_end <= gex_checked_) return;
  gex_checked_ = gex.window_end;
  const std::int64_t spacing = config_.strike_spacing.value;
  const std::int64_t step = spacing % bucket_size_ == 0 ? spacing : bucket_size_;
  gex_alignment_errors_ += static_cast<std::uint64_t>(
      std::count_if(gex.strikes.begin(), gex.strikes.end(), [&](const auto& s) { return s.strike.value % step != 0; }));
}

void bucket_radar::evolve(double& z, double resistance, double vacuum) {
  const double before = z;
  const double eroded = power(std::clamp(1 - config_.erode * vacuum, 0.0, 1.0), config_.fragility);
  const double keep = (1 - config_.build) * eroded, gain = config_.build * resistance * eroded;
  z = std::clamp(keep * before + gain, 0.0, 1.0);
  // Its inputs would take it to gain / (1 - keep).
  if (keep < 1 && std::abs(z * (1 - keep) - gain) < at_rest * (1 - keep)) z = std::min(gain / (1 - keep), 1.0);
  settled_ = settled_ && z == before;
}

bool bucket_radar::centre_holds(const window_info& window, const radar_column& column) const {
  const std::int64_t centre =
      column.spot_bucket + column.first_bucket_rel + static_cast<std::int64_t>(column.rows.size() / 2);
  const std::int64_t edge = centre * bucket_size_;
  return edge <= window.anchor.value && window.anchor.value - edge < bucket_size_ &&
         floor_div(window.ref_tick, config_.bucket_ticks) == centre;
}

}  // namespace isobar::radar_physics
