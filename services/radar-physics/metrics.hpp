#pragma once
#include "radar-physics/domain/engine.hpp"
#include "service/grpc_stream_metrics.hpp"
#include "service/service_metrics.hpp"

namespace isobar::radar_physics {

class radar_store;

/// Metrics of one symbol: those of every service and the medium's own.
struct radar_metrics : service::service_metrics {
  radar_metrics(telemetry::registry& registry, const symbol& s);

  telemetry::counter events, windows, idle_windows, invalid_windows, crossed_windows, spans, late_events;
  telemetry::counter bad_times, crossed_spans, backwards_events, breakthroughs, level_ticks, alignment_errors,
      centre_errors, flows_outside, computed_windows, unkept_moves, levels_refused, level_sets_dropped,
      level_trades_dropped;
  telemetry::counter refill_requests, lost_gaps, contradictions, restarts, recording_failures, recording_lost_frames,
      latest_failures, calibrations_refused;
  telemetry::counter checkpoints, checkpoint_failures, checkpoints_refused;
  telemetry::histogram checkpoint_seconds;
  telemetry::gauge checkpoint_bytes, checkpoint_age_seconds;
  telemetry::counter audit_differences;
  telemetry::counter side_refill_requests;
  telemetry::gauge held_frames, ready_frames;  ///< frames that wait for missing ones; for a side input
  telemetry::gauge live_orders, memory_bytes;
  telemetry::gauge history_columns, history_bytes, history_bytes_max;

  /// Raises the counters to the engine's totals.
  void copy(const engine_counters& c);
  /// Records that the book refused, by reason.
  void copy(const std::array<std::uint64_t, market::book_refusals>& refused);
  void copy(const radar_store& store);

 private:
  std::array<telemetry::counter, market::book_refusals> refused_;
};

/// Metrics of all streams of the process.
struct stream_metrics : service::grpc_stream_metrics {
  explicit stream_metrics(telemetry::registry& registry);
  telemetry::counter conflated_columns;
};

}  // namespace isobar::radar_physics
