#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "gamma-fuel/domain/gamma_config.hpp"
#include "gamma-fuel/domain/window_merge.hpp"

namespace isobar::config {
class schema;
}

namespace isobar::gamma_fuel {

/// Options that may differ from symbol to symbol, as they are written. Every one is "gamma-fuel.<name>" for all symbols
/// and may stand in "gamma-fuel.override" for some. Empty text: what the product table says. Defaults are
/// gamma_config's.
struct symbol_settings {
  std::string compat = "corrected", options = "auto", option_feed = "auto", radar_model = "calls-positive",
              expiries = "all", forward = "parity", volume = "auto";
  std::string tick, scale, grid_step, grid_half_range, fuel_reach, fuel_scale, round_step, level_reach, touch_band,
      monitor_band, confluence_band, approach_band;
  std::int64_t multiplier = 0, window_ms = 1'000, basis_half_life_ms = 60'000, underlying_stale_ms = 60'000;
  bool live_basis = true, regular_hours_only = false;
  double regime_threshold = 10'000, rate = 0.05, dividend_yield = 0;
  std::int64_t zero_bid_spread_ticks = 2, quote_stale_ms = 0;
  std::int64_t fuel_window_ms = 300'000, fuel_half_life_ms = 120'000;
  /// Thresholds of fuel; 0: what fuel-scale gives (fuel_thresholds.hpp).
  double fuel_amplify = 0, fuel_dampen = 0, fuel_hysteresis = 0.2, fuel_wall = 0;
  std::int64_t levels_max = 128, user_levels_max = 64, opening_range_ms = 900'000, sma_bar_ms = 120'000,
               sma_short = 200, sma_long = 400, approach_window_ms = 600'000, touch_cooldown_ms = 60'000;
  std::int64_t signal_period_ms = 250, hold_ms = 3'000, contested_lots = 500, alert_quiet_ms = 60'000;
  double barrier_weight = 0.45, fuel_weight = 0.35, tape_weight = 0.20, break_above = 80, bounce_below = 20,
         release = 10, contested_low = 30, contested_high = 70, full_velocity = 0;
  std::int64_t tau_score_ms = 2'000, tau_velocity_ms = 1'500, tau_liquidity_ms = 3'000, tau_fuel_ms = 5'000;
  bool side_chain = true, side_rows = true, side_flow = true, side_radar = true;
};

/// Where a symbol's options come from.
struct option_source {
  std::optional<symbol> chains;  ///< chain.snapshot, epoch.switch, model.gex, model.flow of this symbol
  std::optional<symbol> feed;    ///< feed.options: of the symbol itself, or of `chains` for its trades
  bool any() const { return chains || feed; }
};

/// What one symbol's worker is told.
struct symbol_plan {
  gamma_config rules;
  option_source options;
  bool future = false;  ///< feed.quotes, feed.trades and radar.levels are taken
  bool side_chain = true, side_rows = true, side_flow = true, side_volume = false, side_radar = true;
};

/// Whether a checkpoint that is there at the start is gone on from.
enum class resume_mode : std::uint8_t {
  automatic /* live over NATS: yes; replay, or a feed in the same process, which begins anew with it: no */,
  yes,
  no
};

/// Options of gamma-fuel; see its README.
struct options {
  symbol_settings all;
  std::vector<std::string> overrides;
  std::int64_t history_windows = 7'200, history_bytes_max = 48 << 20, history_expiry_bytes_max = 24 << 20,
               history_alerts = 1'000;
  std::int64_t queue_frames_max = 4'096, held_frames_max = 1'024;
  std::int64_t option_events_max = 1 << 20, market_events_max = 1 << 18, level_states_max = 8'192;
  std::int64_t resync_ms = 250, resync_ms_max = 10'000, epoch_wait_ms = 10'000;
  std::int64_t leap_max_ms = 604'800'000;
  std::int64_t lateness_ms = 500, ready_within_ms = 10'000;
  std::int64_t checkpoint_windows = 60, checkpoint_ms_min = 1'000;
  std::int64_t kept_bytes_max = 16 << 20;
  std::string resume = "auto";
  bool record = false, kv = true;
  std::int64_t session_start_minutes = 22 * 60;
  std::int64_t streams_max = 256, stream_stall_ms = 10'000, calls_max = 64;

  /// Declares every option as "gamma-fuel.<name>".
  void declare(config::schema& s);
  /// Every entry of `override`: its name, its value, and that it is for a known product or a symbol served.
  result<void, errc> check_overrides(const std::vector<symbol>& symbols, const std::vector<symbol>& futures) const;
  /// The rules of one symbol, overrides and product table applied; evidence names the option. `symbols`: those with
  /// chains in this process.
  /// `futures`: those with a feed in this process.
  result<symbol_plan, errc> plan(const symbol& s, bool future, const std::vector<symbol>& symbols,
                                 const std::vector<symbol>& futures = {}) const;
  resume_mode resume_at_start() const;
  merge_limits queues() const;
};

}  // namespace isobar::gamma_fuel
