#pragma once
#include "telemetry/metrics.hpp"

namespace isobar::service {

/// Metrics of all streams of one method (grpc_streams.hpp); handles may be empty.
struct grpc_stream_metrics {
  telemetry::gauge subscribers;
  telemetry::counter messages;
  telemetry::counter ended_stalled, ended_cancelled, ended_drained;
};

}  // namespace isobar::service
