#pragma once
#include <array>

#include "decomposer/domain/registry.hpp"
#include "service/service_metrics.hpp"

namespace isobar::decomposer {

/// One symbol's series; libs/telemetry/metrics.yaml says what each is.
struct worker_metrics : service::service_metrics {
  worker_metrics(telemetry::registry& registry, const symbol& s);

  telemetry::counter resync_requests;
  telemetry::gauge resyncing;
  std::array<telemetry::counter, models::size> rows;  ///< in the registry's order
};

}  // namespace isobar::decomposer
