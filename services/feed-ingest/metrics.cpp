#include "feed-ingest/metrics.hpp"

namespace isobar::feed_ingest {
namespace {

/// Adds what has come since the last call; nothing that never came makes a series.
void raise(telemetry::registry& registry, const std::string& symbol, const record_counts& now, record_counts& before) {
  for (std::size_t i = 0; i < record_kinds; ++i)
    if (const auto n = now.taken[i] - before.taken[i]; n > 0)
      registry
          .get_counter("isobar_feed_ingest_records_total",
                       {{"symbol", symbol}, {"kind", std::string(to_string(static_cast<record_kind>(i)))}})
          .add(n);
  for (std::size_t i = 0; i < refusals; ++i)
    if (const auto n = now.refused[i] - before.refused[i]; n > 0)
      registry
          .get_counter("isobar_feed_ingest_rejected_total",
                       {{"symbol", symbol}, {"reason", std::string(to_string(static_cast<refusal>(i)))}})
          .add(n);
  before = now;
}

}  // namespace

metrics::metrics(telemetry::registry& registry, const symbol& s)
    : common(registry, "feed-ingest", s), registry_(&registry), symbol_(s.str()) {
  const telemetry::labels with{{"symbol", symbol_}};
  kept_bytes = registry.get_gauge("isobar_feed_ingest_kept_bytes", with);
  kept_frames = registry.get_gauge("isobar_feed_ingest_kept_frames", with);
  lead_frames = registry.get_gauge("isobar_feed_ingest_lead_frames", with);
  queued = registry.get_gauge("isobar_feed_ingest_queue_depth", {{"symbol", symbol_}, {"queue", "batches"}});
  last_event = registry.get_gauge("isobar_feed_ingest_last_event_timestamp_seconds", with);
  dropped = registry.get_counter("isobar_feed_ingest_kept_dropped_total", with);
  refills = registry.get_counter("isobar_feed_ingest_refill_frames_total", with);
  quotes = registry.get_counter("isobar_feed_ingest_quotes_total", with);
  options_listed = registry.get_gauge("isobar_feed_ingest_options_listed", with);
  checkpoints = registry.get_counter("isobar_feed_ingest_checkpoints_total", with);
  checkpoint_failures = registry.get_counter("isobar_feed_ingest_checkpoint_failures_total", with);
}

void metrics::count(const record_counts& counts, const oddities& odd) {
  raise(*registry_, symbol_, counts, counted_);
  const auto show = [&](const char* what, std::uint64_t total) {
    if (total == 0) return;
    service::raise_to(
        registry_->get_counter("isobar_feed_ingest_odd_records_total", {{"symbol", symbol_}, {"what", what}}), total);
  };
  show("maybe_bad_book", odd.maybe_bad_book);
  show("bad_ts_recv", odd.bad_ts_recv);
  show("snapshot", odd.snapshot);
  show("backwards", odd.backwards);
  show("sequence_jump", odd.sequence_jumps);
  show("sequence_reset", odd.sequence_resets);
  show("off_tick", odd.off_tick);
  show("undefined_price", odd.undefined_prices);
}

void metrics::count(std::uint64_t quotes_made, const option_counts& options) {
  service::raise_to(quotes, quotes_made);
  options_listed.set(static_cast<double>(options.listed));
  const auto show = [&](const char* what, std::uint64_t total) {
    if (total == 0) return;
    service::raise_to(
        registry_->get_counter("isobar_feed_ingest_option_rows_total", {{"symbol", symbol_}, {"kind", what}}), total);
  };
  show("quote", options.quotes);
  show("trade", options.trades);
  show("open_interest", options.open_interests);
  show("delisted", options.delisted);
}

void stream_metrics::count(const record_counts& counts) { raise(*registry_, "", counts, counted_); }

}  // namespace isobar::feed_ingest
