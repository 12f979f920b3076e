#include "radar-physics/metrics.hpp"

#include <algorithm>

#include "market/book_audit.hpp"
#include "radar-physics/transport/radar_store.hpp"

namespace isobar::radar_physics {
namespace {

std::string name(const char* metric) { return std::string("isobar_radar_physics_") + metric; }

}  // namespace

radar_metrics::radar_metrics(telemetry::registry& r, const symbol& s) : service_metrics(r, "radar-physics", s) {
  const telemetry::labels with{{"symbol", s.str()}};
  const auto counter = [&](const char* metric) { return r.get_counter(name(metric), with); };
  const auto gauge = [&](const char* metric) { return r.get_gauge(name(metric), with); };
  events = counter("events_total");
  windows = counter("windows_total");
  idle_windows = counter("idle_windows_total");
  invalid_windows = counter("invalid_windows_total");
  crossed_windows = counter("crossed_windows_total");
  spans = counter("spans_total");
  late_events = counter("late_events_total");
  bad_times = counter("bad_times_total");
  crossed_spans = counter("crossed_spans_total");
  backwards_events = counter("backwards_events_total");
  breakthroughs = counter("breakthroughs_total");
  level_ticks = counter("level_ticks_total");
  alignment_errors = counter("gex_alignment_errors_total");
  centre_errors = counter("centre_errors_total");
  flows_outside = counter("flows_outside_total");
  computed_windows = counter("computed_windows_total");
  unkept_moves = counter("unkept_moves_total");
  levels_refused = counter("levels_refused_total");
  level_sets_dropped = counter("level_sets_dropped_total");
  level_trades_dropped = counter("level_trades_dropped_total");
  refill_requests = counter("refill_requests_total");
  lost_gaps = counter("lost_gaps_total");
  contradictions = counter("definition_contradictions_total");
  restarts = counter("restarts_total");
  recording_failures = counter("recording_failures_total");
  recording_lost_frames = counter("recording_lost_frames_total");
  latest_failures = counter("latest_failures_total");
  calibrations_refused = counter("calibrations_refused_total");
  checkpoints = counter("checkpoints_total");
  checkpoint_failures = counter("checkpoint_failures_total");
  checkpoints_refused = counter("checkpoints_refused_total");
  checkpoint_seconds = r.get_histogram(name("checkpoint_seconds"), with);
  checkpoint_bytes = gauge("checkpoint_bytes");
  checkpoint_age_seconds = gauge("checkpoint_age_seconds");
  audit_differences = counter("audit_differences_total");
  side_refill_requests = counter("side_refill_requests_total");
  held_frames = gauge("held_frames");
  ready_frames = gauge("ready_frames");
  live_orders = gauge("live_orders");
  memory_bytes = gauge("memory_bytes");
  history_columns = gauge("history_columns");
  history_bytes = gauge("history_bytes");
  history_bytes_max = gauge("history_bytes_max");
  for (std::size_t i = 1; i < refused_.size(); ++i) {
    std::string reason(name_of(static_cast<market::book_refusal>(i)));
    std::ranges::replace(reason, ' ', '_');
    refused_[i] = rejected(reason);
  }
}

void radar_metrics::copy(const engine_counters& c) {
  using service::raise_to;
  raise_to(events, c.events);
  raise_to(windows, c.windows);
  raise_to(idle_windows, c.idle_windows);
  raise_to(invalid_windows, c.invalid_windows);
  raise_to(crossed_windows, c.crossed_windows);
  raise_to(spans, c.spans);
  raise_to(late_events, c.late_events);
  raise_to(bad_times, c.bad_times);
  raise_to(crossed_spans, c.crossed_spans);
  raise_to(backwards_events, c.backwards_events);
  raise_to(breakthroughs, c.breakthroughs);
  raise_to(level_ticks, c.level_ticks);
  raise_to(alignment_errors, c.gex_alignment_errors);
  raise_to(centre_errors, c.centre_errors);
  raise_to(flows_outside, c.flows_outside);
  raise_to(computed_windows, c.computed_windows);
  raise_to(unkept_moves, c.unkept_moves);
  raise_to(levels_refused, c.levels_refused);
  raise_to(level_sets_dropped, c.level_sets_dropped);
  raise_to(level_trades_dropped, c.level_trades_dropped);
}

void radar_metrics::copy(const std::array<std::uint64_t, market::book_refusals>& refused) {
  for (std::size_t i = 1; i < refused.size(); ++i) service::raise_to(refused_[i], refused[i]);
}

void radar_metrics::copy(const radar_store& store) {
  history_bytes_max.set(
      static_cast<double>(2 * store.limits().history_bytes + store.limits().surface_bytes + radar_store::small_bytes));
  history_columns.set(static_cast<double>(store.columns.size()));
  history_bytes.set(static_cast<double>(store.columns.bytes() + store.features.bytes() + store.surfaces.bytes() +
                                        store.breakthroughs.bytes() + store.levels.bytes()));
}

stream_metrics::stream_metrics(telemetry::registry& r) {
  subscribers = r.get_gauge(name("stream_subscribers"));
  messages = r.get_counter(name("stream_messages_total"));
  conflated_columns = r.get_counter(name("stream_conflated_columns_total"));
  ended_stalled = r.get_counter(name("streams_ended_total"), {{"reason", "stalled"}});
  ended_cancelled = r.get_counter(name("streams_ended_total"), {{"reason", "cancelled"}});
  ended_drained = r.get_counter(name("streams_ended_total"), {{"reason", "drained"}});
}

}  // namespace isobar::radar_physics
