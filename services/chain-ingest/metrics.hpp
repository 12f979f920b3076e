#pragma once
#include <cstdint>

#include "chain-ingest/domain/ingest.hpp"
#include "service/service_metrics.hpp"

namespace isobar::chain_ingest {

/// One symbol's series; isobar_chain_ingest_* in libs/telemetry/metrics.yaml.
class metrics {
 public:
  metrics(telemetry::registry& registry, const symbol& s);

  service::service_metrics common;
  telemetry::counter chains;           ///< complete chains published
  telemetry::gauge contracts;          ///< in the last complete chain
  telemetry::gauge last_chain;         ///< event time of the last complete chain, seconds since 1970
  telemetry::gauge staleness_seconds;  ///< clock minus the mean quote time of the last chain; live only
  telemetry::gauge strike_range;       ///< highest minus lowest strike of the last chain, points
  telemetry::gauge symbol_coverage;    ///< share of asked expiries that were answered to their last page
  telemetry::histogram fetch_seconds;
  telemetry::counter overruns;  ///< cadence deadlines missed
  telemetry::counter recorded_bytes, record_failures;

  void refused(std::string_view reason) const { common.rejected(reason).add(); }
  void fetch_failed(std::string_view reason) const;
  /// Rows of the chain applied last, each in exactly one series.
  void count_rows(const canonical_counts& rows, const market::raw_counts& raw) const;

 private:
  telemetry::registry* registry_;
  std::string symbol_;
};

}  // namespace isobar::chain_ingest
