#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "market/side_inputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

namespace isobar::config {
class schema;
}

namespace isobar::radar_physics {

/// Options that may differ from symbol to symbol, as they are written. Every one is "radar-physics.<name>" for all
/// symbols and may stand in "radar-physics.override" for some. Empty text: what the product table or the definition
/// says.
struct symbol_settings {
  std::string compat = "corrected", tick, strike_spacing, levels, level_step, calibration;
  std::string vacuum = "plain", smoothing = "none", judged = "snapshot";
  std::int64_t multiplier = 0, window_ms = 1000, rest_ms = 500, wall_ticks = 600;
  std::int64_t bucket_ticks = 2, rows = 31, columns = 60, breakthrough_columns = 3;
  double mass_weight = 1, stiffness_weight = 1, fragility = 1, cavitation_power = 1.5, build = 0.2, erode = 1;
  double visibility_min = 0.3, stiffness_reach = 1, gate_half_life_windows = 5, breakthrough_vacuum_max = 0.5;
  std::int64_t level_tick_ms = 250, barrier_window_ms = 10'000, tape_window_ms = 5'000, velocity_window_ms = 3'000;
  std::int64_t zone_ticks = 2, tape_ticks = 4, flow_lots = 100, weak_lots = 50, sweep_gap_ms = 100, levels_max = 256;
  double vacuum_ratio = 0.3, wall_ratio = 1.5, sweep_notional = 5'000'000;
  bool calibrate_streaming = true, side_gex = false, side_gate = false, side_levels = false;
  std::int64_t streaming_windows_min = 60, side_stale_ms = 5'000;
  double streaming_half_life_windows = 3'600;
};

/// What one symbol's worker is told: its rules and what comes from configuration beside them.
struct symbol_plan {
  radar_config rules;
  bool tick_pinned = false;                   ///< by configuration: neither a frame nor a definition changes it
  bool multiplier_pinned = false;             ///< by configuration or the product table
  std::vector<market::watched_level> levels;  ///< configured prices, ascending by id
  price level_step{0};                        ///< round levels at its multiples around the anchor; 0: none
  std::string calibration_file;               ///< empty: none
  bool side_levels = false;                   ///< replay: windows wait for level.set too
};

/// Whether a checkpoint that is there at the start is gone on from.
enum class resume_mode : std::uint8_t {
  automatic /* live over NATS: yes; replay, or a feed in the same process, which begins anew with it: no */,
  yes,
  no
};

/// Options of radar-physics; see its README.
struct options {
  symbol_settings all;
  std::vector<std::string> overrides;
  std::int64_t history_windows = 7'200, history_bytes_max = 16 << 20, history_surface_bytes_max = 32 << 20,
               history_breakthroughs = 1'000;
  std::int64_t queue_frames_max = 4'096, held_frames_max = 1'024;
  std::int64_t refill_ms = 250, refill_ms_max = 10'000, refill_attempts_max = 8;
  std::int64_t lateness_ms = 250, feed_silent_ms = 5'000, ready_within_ms = 10'000;
  std::int64_t checkpoint_windows = 60, checkpoint_ms_min = 1'000, checkpoint_bytes = std::int64_t{8} << 20;
  std::int64_t kept_bytes_max = std::int64_t{16} << 20;
  std::string resume = "auto";
  bool record = false, kv = true, audit = false;
  std::int64_t session_start_minutes = 22 * 60;
  std::int64_t streams_max = 256, stream_stall_ms = 10'000, books_max = 64;

  /// Declares every option as "radar-physics.<name>".
  void declare(config::schema& s);
  /// Every entry of `override` whether it is for a symbol served or not: its name, its value, and that it is for a
  /// known product, a symbol served or the product of one; `of_any`: which symbols come is not known yet.
  result<void, errc> check_overrides(const std::vector<symbol>& served, bool of_any = false) const;
  /// The rules of one symbol, overrides and product table applied; evidence names the option.
  result<symbol_plan, errc> plan(const symbol& s) const;
  resume_mode resume_at_start() const;
};

}  // namespace isobar::radar_physics
