#pragma once
#include "service/grpc_stream_metrics.hpp"
#include "service/service_metrics.hpp"

namespace isobar::heatmap_builder {

/// Metrics of one symbol: those of every service and the surface's own.
struct metrics : service::service_metrics {
  metrics(telemetry::registry& registry, const symbol& s);

  telemetry::counter windows;  ///< applied
  telemetry::counter rows;     ///< applied
  telemetry::counter tiles_evaluated, tiles_changed, tiles_removed;
  telemetry::counter gradient_cells;
  telemetry::counter resync_requests;
  telemetry::gauge held_windows;
  telemetry::gauge valid_tiles, listed_tiles;
  telemetry::gauge history_windows, history_bytes;
  telemetry::counter checkpoints, checkpoint_failures, checkpoints_refused;
  telemetry::histogram checkpoint_seconds;
  telemetry::gauge checkpoint_bytes;
  telemetry::counter refill_requests;
  telemetry::counter models_written, models_skipped;  ///< key-value writes; skipped: too large, or the bucket refused
};

/// Metrics of all streams of the process.
struct stream_metrics : service::grpc_stream_metrics {
  explicit stream_metrics(telemetry::registry& registry);

  telemetry::counter conflated_windows;
};

}  // namespace isobar::heatmap_builder
