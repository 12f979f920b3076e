#include "chain-ingest/metrics.hpp"

namespace isobar::chain_ingest {

metrics::metrics(telemetry::registry& registry, const symbol& s)
    : common(registry, "chain-ingest", s), registry_(&registry), symbol_(s.str()) {
  const telemetry::labels with{{"symbol", symbol_}};
  chains = registry.get_counter("isobar_chain_ingest_chains_total", with);
  contracts = registry.get_gauge("isobar_chain_ingest_contracts", with);
  last_chain = registry.get_gauge("isobar_chain_ingest_last_chain_timestamp_seconds", with);
  staleness_seconds = registry.get_gauge("isobar_chain_ingest_staleness_seconds", with);
  strike_range = registry.get_gauge("isobar_chain_ingest_strike_range_points", with);
  symbol_coverage = registry.get_gauge("isobar_chain_ingest_completeness_ratio", with);
  fetch_seconds = registry.get_histogram("isobar_chain_ingest_fetch_seconds", with);
  overruns = registry.get_counter("isobar_chain_ingest_overruns_total", with);
  recorded_bytes = registry.get_counter("isobar_chain_ingest_recorded_bytes_total", with);
  record_failures = registry.get_counter("isobar_chain_ingest_record_failures_total", with);
}

void metrics::fetch_failed(std::string_view reason) const {
  registry_
      ->get_counter("isobar_chain_ingest_fetch_failures_total", {{"symbol", symbol_}, {"reason", std::string(reason)}})
      .add();
}

void metrics::count_rows(const canonical_counts& rows, const market::raw_counts& raw) const {
  const auto add = [&](const char* outcome, std::uint64_t n) {
    if (n > 0)
      registry_->get_counter("isobar_chain_ingest_rows_total", {{"symbol", symbol_}, {"outcome", outcome}}).add(n);
  };
  add("kept", rows.kept);
  add("unknown_root", rows.unknown_root);
  add("adjusted_root", raw.bad_root);
  add("other_symbol", rows.other_symbol);
  add("expired", rows.expired);
  add("repeated", rows.repeated);
  add("outside_window", rows.outside);
  const auto odd = [&](const char* what, std::uint64_t n) {
    if (n > 0)
      registry_->get_counter("isobar_chain_ingest_odd_values_total", {{"symbol", symbol_}, {"what", what}}).add(n);
  };
  odd("no_price", raw.no_price);
  odd("crossed", raw.crossed);
  odd("zero_bid", raw.zero_bid);
  odd("no_value", raw.no_value);
}

}  // namespace isobar::chain_ingest
