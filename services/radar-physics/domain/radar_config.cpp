#include "radar-physics/domain/radar_config.hpp"

#include "core/archive.hpp"
#include "core/digest.hpp"

namespace isobar::radar_physics {
namespace {

/// Changes whenever the same configuration and input could give other bytes.
constexpr std::uint32_t rules_version = 1;

/// First field out of its bounds.
struct checker {
  std::string wrong;

  template <class T>
  void in(const char* name, T value, T low, T high) {
    if (wrong.empty() && !(value >= low && value <= high))  // NaN is out of range too
      wrong = std::string(name) + " " + std::to_string(value) + " is not within " + std::to_string(low) + " to " +
              std::to_string(high);
  }
  void that(bool holds, const char* what) {
    if (wrong.empty() && !holds) wrong = what;
  }
};

void check(const bucket_config& c, checker& bounds) {
  bounds.in("buckets.bucket_ticks", c.bucket_ticks, 1, 100);
  bounds.in("buckets.rows", c.rows, 3, 401);
  bounds.that(c.rows % 2 == 1, "buckets.rows is even: there is no centre row");
  bounds.in("buckets.columns", c.columns, 1, 1'000'000);
  bounds.in("buckets.mass_weight", c.mass_weight, 0.0, 100.0);
  bounds.in("buckets.stiffness_weight", c.stiffness_weight, 0.0, 100.0);
  bounds.in("buckets.fragility", c.fragility, 0.0, 100.0);
  bounds.in("buckets.cavitation_power", c.cavitation_power, 0.0, 100.0);
  bounds.in("buckets.build", c.build, 0.0, 1.0);
  bounds.in("buckets.erode", c.erode, 0.0, 1.0);
  bounds.in("buckets.visibility_min", c.visibility_min, 0.0, 1.0);
  bounds.in("buckets.stiffness_reach", c.stiffness_reach, 0.0, 100.0);
  bounds.in("buckets.strike_spacing", c.strike_spacing.value, std::int64_t{1}, std::int64_t{1} << 50);
  bounds.in("buckets.gate_half_life_windows", c.gate_half_life_windows, 0.01, 1e6);
  bounds.in("buckets.breakthrough_vacuum_max", c.breakthrough_vacuum_max, 0.0, 1.0);
  bounds.in("buckets.breakthrough_columns", c.breakthrough_columns, 1, 1'000);
}

void check(const level_config& c, checker& bounds) {
  bounds.in("levels.tick_period", c.tick_period.value, milliseconds(10).value, seconds(60).value);
  for (const duration_ns window : {c.barrier_window, c.tape_window, c.velocity_window})
    bounds.in("levels: a window", window.value, milliseconds(10).value, seconds(3'600).value);
  bounds.in("levels.zone_ticks", c.zone_ticks, 0, 1'000);
  bounds.in("levels.tape_ticks", c.tape_ticks, 0, 1'000);
  bounds.in("levels.vacuum_ratio", c.vacuum_ratio, 0.0, 1e6);
  bounds.in("levels.wall_ratio", c.wall_ratio, 0.0, 1e6);
  bounds.in("levels.flow_lots", c.flow_lots, std::int64_t{0}, std::int64_t{1} << 40);
  bounds.in("levels.weak_lots", c.weak_lots, std::int64_t{0}, std::int64_t{1} << 40);
  bounds.in("levels.sweep_gap", c.sweep_gap.value, std::int64_t{0}, seconds(60).value);
  bounds.in("levels.sweep_notional", c.sweep_notional, 0.0, 1e15);
  bounds.in("levels.levels_max", c.levels_max, std::size_t{1}, std::size_t{65'536});
}

template <class Archive>
void fields(Archive& a, const bucket_config& c) {
  a(c.bucket_ticks, c.rows, c.vacuum, c.smooth, c.judged, c.mass_weight, c.stiffness_weight, c.fragility,
    c.cavitation_power, c.build, c.erode, c.visibility_min, c.stiffness_reach, c.strike_spacing,
    c.gate_half_life_windows, c.breakthrough_vacuum_max, c.breakthrough_columns);
}

template <class Archive>
void fields(Archive& a, const level_config& c) {
  a(c.tick_period.value, c.barrier_window.value, c.tape_window.value, c.velocity_window.value, c.zone_ticks,
    c.tape_ticks, c.vacuum_ratio, c.wall_ratio, c.flow_lots, c.weak_lots, c.sweep_gap.value, c.sweep_notional,
    static_cast<std::uint64_t>(c.levels_max));
}

}  // namespace

result<void, errc> check(const radar_config& c) {
  checker bounds;
  bounds.in("tick", c.tick.value, std::int64_t{1}, std::int64_t{1} << 50);
  bounds.in("multiplier", c.multiplier, std::int64_t{1}, std::int64_t{1} << 40);
  bounds.in("window", c.window.value, milliseconds(100).value, seconds(60).value);
  bounds.in("rest", c.rest.value, std::int64_t{1}, 64 * c.window.value);
  bounds.in("wall_ticks", c.wall_ticks, 20, 8'192);
  bounds.in("streaming_windows_min", c.streaming_windows_min, 1, 1'000'000);
  bounds.in("streaming_half_life_windows", c.streaming_half_life_windows, 1.0, 1e9);
  bounds.in("side_stale", c.side_stale.value, std::int64_t{0}, seconds(86'400).value);
  check(c.buckets, bounds);
  check(c.levels, bounds);
  if (!bounds.wrong.empty()) return fail(errc::out_of_range, std::move(bounds.wrong));
  return {};
}

std::string assumptions_id(const radar_config& c) {
  std::string bytes;
  archive_writer a(bytes);
  a(rules_version, c.rules, c.tick, c.multiplier, c.window.value, c.rest.value, c.wall_ticks);
  fields(a, c.buckets);
  fields(a, c.levels);
  a(c.calibrate_streaming, c.streaming_windows_min, c.streaming_half_life_windows, c.side_gex, c.side_gate,
    c.side_stale.value);
  return (c.rules == compat::literal ? "literal-" : "corrected-") + to_hex(hash64(bytes));
}

}  // namespace isobar::radar_physics
