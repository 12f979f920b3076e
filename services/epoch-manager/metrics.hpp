#pragma once
#include "service/service_metrics.hpp"

namespace isobar::epoch_manager {

/// One symbol's series; libs/telemetry/metrics.yaml says what each is.
struct worker_metrics : service::service_metrics {
  worker_metrics(telemetry::registry& registry, const symbol& s);

  telemetry::gauge switch_pending, dormant, contracts, queued;
  telemetry::histogram switch_seconds;
  telemetry::counter epochs(std::string_view reason);
  telemetry::counter missing_acks(std::string_view participant);
  telemetry::histogram switch_pause_seconds(std::string_view participant);

 private:
  telemetry::registry* all_;
  std::string symbol_;
};

}  // namespace isobar::epoch_manager
