#include "epoch-manager/metrics.hpp"

namespace isobar::epoch_manager {

worker_metrics::worker_metrics(telemetry::registry& registry, const symbol& s)
    : service_metrics(registry, "epoch-manager", s),
      switch_pending(registry.get_gauge("isobar_epoch_manager_switch_pending", {{"symbol", s.str()}})),
      dormant(registry.get_gauge("isobar_epoch_manager_dormant", {{"symbol", s.str()}})),
      contracts(registry.get_gauge("isobar_epoch_manager_contracts", {{"symbol", s.str()}})),
      queued(registry.get_gauge("isobar_epoch_manager_queue_depth", {{"symbol", s.str()}, {"queue", "switch"}})),
      switch_seconds(registry.get_histogram("isobar_epoch_manager_switch_seconds", {{"symbol", s.str()}})),
      all_(&registry),
      symbol_(s.str()) {}

telemetry::counter worker_metrics::epochs(std::string_view reason) {
  return all_->get_counter("isobar_epoch_manager_epochs_total", {{"symbol", symbol_}, {"reason", std::string(reason)}});
}
telemetry::counter worker_metrics::missing_acks(std::string_view participant) {
  return all_->get_counter("isobar_epoch_manager_missing_acks_total",
                           {{"symbol", symbol_}, {"participant", std::string(participant)}});
}
telemetry::histogram worker_metrics::switch_pause_seconds(std::string_view participant) {
  return all_->get_histogram("isobar_epoch_manager_switch_pause_seconds",
                             {{"symbol", symbol_}, {"participant", std::string(participant)}});
}

}  // namespace isobar::epoch_manager
