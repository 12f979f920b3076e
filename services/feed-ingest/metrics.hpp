#pragma once
#include <cstdint>

#include "feed-ingest/domain/batch.hpp"
#include "service/service_metrics.hpp"

namespace isobar::feed_ingest {

/// One symbol's series; isobar_feed_ingest_* in libs/telemetry/metrics.yaml.
class metrics {
 public:
  metrics(telemetry::registry& registry, const symbol& s);

  service::service_metrics common;
  telemetry::gauge kept_bytes;  ///< of book frames that a refill can have
  telemetry::gauge kept_frames;
  telemetry::gauge lead_frames;     ///< book frames ahead of the slowest consumer
  telemetry::gauge queued;          ///< batches between reader and worker
  telemetry::gauge last_event;      ///< event time of the last record, seconds since 1970
  telemetry::counter dropped;       ///< kept frames that had to go before they were durable
  telemetry::counter refills;       ///< frames published again
  telemetry::counter quotes;        ///< rows of best prices
  telemetry::gauge options_listed;  ///< contracts
  telemetry::counter checkpoints;
  telemetry::counter checkpoint_failures;  ///< not written: no room, no right

  /// Raises the series to totals kept by the normaliser.
  void count(const record_counts& counts, const oddities& odd);
  void count(std::uint64_t quotes_made, const option_counts& options);

 private:
  telemetry::registry* registry_;
  std::string symbol_;
  record_counts counted_;
};

/// Records of the input that belong to no symbol of this process: label symbol="".
class stream_metrics {
 public:
  explicit stream_metrics(telemetry::registry& registry) : registry_(&registry) {}
  void count(const record_counts& counts);

 private:
  telemetry::registry* registry_;
  record_counts counted_;
};

}  // namespace isobar::feed_ingest
