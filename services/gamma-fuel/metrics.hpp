#pragma once
#include <array>

#include "gamma-fuel/actors/option_inputs.hpp"
#include "gamma-fuel/config.hpp"
#include "gamma-fuel/domain/gamma_engine.hpp"
#include "service/grpc_stream_metrics.hpp"
#include "service/service_metrics.hpp"

namespace isobar::gamma_fuel {

class gamma_store;

/// Metrics of one symbol: those of every service and the landscape's own.
struct gamma_metrics : service::service_metrics {
  gamma_metrics(telemetry::registry& registry, const symbol& s);

  telemetry::histogram window_seconds;  ///< time to build a window, its levels and ticks
  telemetry::counter resync_requests, restarts, recording_failures, recording_lost_frames, latest_failures,
      user_level_failures;
  telemetry::counter checkpoints, checkpoint_failures, checkpoints_refused;
  telemetry::histogram checkpoint_seconds;
  telemetry::gauge checkpoint_bytes, checkpoint_age_seconds;
  telemetry::gauge contracts, contracts_priced, levels, user_levels;
  telemetry::counter refill_requests, frames_skipped;
  telemetry::gauge held_frames;  ///< rows and trades whose epoch is unknown
  std::array<telemetry::gauge, inputs> waiting_events, waiting_events_max;
  std::array<telemetry::gauge, causes> input_qualities;  ///< as market::quality numbers them
  telemetry::gauge waiting_ticks, contracts_known, fuel_slots, underlying_stale, history_bytes, history_bytes_max;

  /// The bounds of queues and caches, as configured.
  void set_bounds(const options& configured, const gamma_config& rules);
  /// Raises the counters to the engine's totals.
  void copy(const engine_counters& c);
  void copy(const option_input_counts& c);
  void copy(const gamma_engine& engine);
  void copy(const gamma_store& store);

 private:
  telemetry::counter option_events_, option_events_applied_, option_events_refused_, option_events_superseded_,
      option_trades_, option_lots_, unsigned_trades_, contracts_refused_, underlying_quotes_, symbol_quotes_,
      symbol_trades_, level_states_, underlying_superseded_, bad_prices_, windows_, idle_windows_,
      closed_hours_windows_, windows_without_options_, windows_without_market_, windows_stale_, ticks_, level_sets_,
      alerts_, ticks_without_states_, level_states_dropped_, late_, backwards_, dropped_, user_levels_refused_,
      contracts_settled_, fuel_trades_dropped_, fuel_trades_without_gamma_, wrong_root_, unknown_contract_,
      prints_dropped_, volume_lots_, volume_lots_dropped_, volume_without_spot_;
  telemetry::gauge held_frames_max_, kept_bytes_max_, waiting_ticks_max_, contracts_max_, levels_max_, user_levels_max_,
      fuel_slots_max_, queue_frames_max_;
};

/// Metrics of all streams of the process, by method.
struct stream_metrics {
  explicit stream_metrics(telemetry::registry& registry);
  service::grpc_stream_metrics gex, signals;
  telemetry::counter gex_conflated, signals_conflated;
};

}  // namespace isobar::gamma_fuel
