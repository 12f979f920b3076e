#include "heatmap-builder/metrics.hpp"

namespace isobar::heatmap_builder {
namespace {

std::string name(const char* metric) { return std::string("isobar_heatmap_builder_") + metric; }

}  // namespace

metrics::metrics(telemetry::registry& registry, const symbol& s) : service_metrics(registry, "heatmap-builder", s) {
  const telemetry::labels with{{"symbol", s.str()}};
  windows = registry.get_counter(name("windows_total"), with);
  rows = registry.get_counter(name("rows_total"), with);
  tiles_evaluated = registry.get_counter(name("tiles_evaluated_total"), with);
  tiles_changed = registry.get_counter(name("tiles_changed_total"), with);
  tiles_removed = registry.get_counter(name("tiles_removed_total"), with);
  gradient_cells = registry.get_counter(name("gradient_cells_total"), with);
  resync_requests = registry.get_counter(name("resync_requests_total"), with);
  held_windows = registry.get_gauge(name("held_windows"), with);
  valid_tiles = registry.get_gauge(name("valid_tiles"), with);
  listed_tiles = registry.get_gauge(name("listed_tiles"), with);
  history_windows = registry.get_gauge(name("history_windows"), with);
  history_bytes = registry.get_gauge(name("history_bytes"), with);
  checkpoints = registry.get_counter(name("checkpoints_total"), with);
  checkpoint_failures = registry.get_counter(name("checkpoint_failures_total"), with);
  checkpoints_refused = registry.get_counter(name("checkpoints_refused_total"), with);
  checkpoint_seconds = registry.get_histogram(name("checkpoint_seconds"), with);
  checkpoint_bytes = registry.get_gauge(name("checkpoint_bytes"), with);
  refill_requests = registry.get_counter(name("refill_requests_total"), with);
  models_written = registry.get_counter(name("models_written_total"), with);
  models_skipped = registry.get_counter(name("models_skipped_total"), with);
}

stream_metrics::stream_metrics(telemetry::registry& registry) {
  subscribers = registry.get_gauge(name("stream_subscribers"));
  messages = registry.get_counter(name("stream_messages_total"));
  conflated_windows = registry.get_counter(name("stream_conflated_windows_total"));
  ended_stalled = registry.get_counter(name("streams_ended_total"), {{"reason", "stalled"}});
  ended_cancelled = registry.get_counter(name("streams_ended_total"), {{"reason", "cancelled"}});
  ended_drained = registry.get_counter(name("streams_ended_total"), {{"reason", "drained"}});
}

}  // namespace isobar::heatmap_builder
