#include "decomposer/metrics.hpp"

namespace isobar::decomposer {

worker_metrics::worker_metrics(telemetry::registry& registry, const symbol& s)
    : service_metrics(registry, "decomposer", s),
      resync_requests(registry.get_counter("isobar_decomposer_resync_requests_total", {{"symbol", s.str()}})),
      resyncing(registry.get_gauge("isobar_decomposer_resyncing", {{"symbol", s.str()}})) {
  for (std::size_t i = 0; i < models::size; ++i)
    rows[i] = registry.get_counter("isobar_decomposer_rows_total",
                                   {{"symbol", s.str()}, {"model", std::string(models::names[i])}});
}

}  // namespace isobar::decomposer
