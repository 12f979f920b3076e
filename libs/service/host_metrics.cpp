#include "service/host_metrics.hpp"

#include <unistd.h>

#include <fstream>

#include "service/service_metrics.hpp"
#include "telemetry/log.hpp"

namespace isobar::service {

namespace {

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void copy_bus(telemetry::registry& r, const bus::bus_stats& s) {
  r.get_gauge("isobar_bus_connected").set(s.connected ? 1 : 0);
  r.get_gauge("isobar_bus_pending_bytes").set(static_cast<double>(s.pending_bytes));
  raise_to(r.get_counter("isobar_bus_reconnects_total"), s.reconnects);
  raise_to(r.get_counter("isobar_bus_published_total"), s.published);
  raise_to(r.get_counter("isobar_bus_published_bytes_total"), s.published_bytes);
  raise_to(r.get_counter("isobar_bus_publish_errors_total"), s.publish_errors);
  raise_to(r.get_counter("isobar_bus_received_total"), s.received);
  raise_to(r.get_counter("isobar_bus_dropped_total"), s.dropped);
  raise_to(r.get_counter("isobar_bus_slow_consumer_events_total"), s.slow_consumer_events);
  raise_to(r.get_counter("isobar_bus_permission_errors_total"), s.permission_errors);
  raise_to(r.get_counter("isobar_bus_gaps_repaired_total"), s.gaps_repaired);
  raise_to(r.get_counter("isobar_bus_frames_repaired_total"), s.frames_repaired);
  raise_to(r.get_counter("isobar_bus_gaps_unrepaired_total"), s.gaps_unrepaired);
  for (const bus::store_loss_count& c : s.store_losses)
    raise_to(r.get_counter("isobar_bus_store_losses_total", {{"store", c.store}}), c.losses);
  r.get_gauge("isobar_bus_frames_held").set(static_cast<double>(s.frames_held));
}

void copy_actors(telemetry::registry& r, actors::system& system) {
  const actors::system_stats s = system.stats();
  r.get_gauge("isobar_actors_count").set(static_cast<double>(s.actors));
  r.get_gauge("isobar_actors_down").set(static_cast<double>(s.down));
  r.get_gauge("isobar_actors_timers").set(static_cast<double>(s.timers));
  std::size_t deepest = 0;
  for (const actors::actor_info& a : system.list()) deepest = std::max(deepest, a.mailbox_depth);
  r.get_gauge("isobar_actors_mailbox_depth_max").set(static_cast<double>(deepest));
  raise_to(r.get_counter("isobar_actors_dead_letters_total"), s.dead_letters);
  raise_to(r.get_counter("isobar_actors_failures_total"), s.failures);
  raise_to(r.get_counter("isobar_actors_restarts_total"), s.restarts);
  raise_to(r.get_counter("isobar_actors_unexpected_messages_total"), s.unexpected_messages);
}

}  // namespace

std::shared_ptr<void> export_host_metrics(telemetry::registry& registry, bus::bus& bus, actors::system& actors) {
  registry.get_gauge("isobar_build_info", {{"version", ISOBAR_VERSION}}).set(1);
  return registry.on_scrape([&] {
    copy_bus(registry, bus.stats());
    copy_actors(registry, actors);
    registry.get_gauge("isobar_process_resident_bytes").set(resident_bytes());
    raise_to(registry.get_counter("isobar_log_lines_total"), telemetry::lines_written());
    raise_to(registry.get_counter("isobar_log_suppressed_total"), telemetry::lines_suppressed());
  });
}

}  // namespace isobar::service
