#include "service/make_bus.hpp"

#include "bus/local_bus.hpp"
#include "bus/nats_bus.hpp"
#include "service/repairing_bus.hpp"
#include "service/store_watch.hpp"

namespace isobar::service {

result<std::shared_ptr<bus::bus>> make_bus(const host_options& options, const std::string& program) {
  if (options.bus == "local") return std::shared_ptr<bus::bus>(bus::make_local_bus());
  // It would stand in logs and in /readyz.
  if (options.bus.contains('@'))
    return fail(errc::configuration, "--bus: credentials belong into a file (--nats-nkey-seed), not into the URL");
  if (!options.bus.starts_with("nats://") && !options.bus.starts_with("tls://"))
    return fail(errc::configuration, "--bus=" + options.bus + ": want local or nats://host:port");
  auto made = bus::make_nats_bus({.url = options.bus,
                                  .name = program,
                                  .credentials_file = options.nats_credentials,
                                  .nkey_seed_file = options.nats_nkey_seed,
                                  .tls_ca_file = options.nats_tls_ca,
                                  .tls_cert_file = options.nats_tls_cert,
                                  .tls_key_file = options.nats_tls_key,
                                  .inbox_prefix = "_INBOX_" + program});
  if (!made) return fail(errc::bus, "--bus=" + options.bus + ": " + made.error().evidence);
  auto watched = make_watching_bus(std::move(*made));
  if (!options.streams) return watched;
  return make_repairing_bus(
      std::move(watched),
      {.age_max = std::chrono::seconds(options.streams_age_s), .bytes_max = options.streams_bytes_max, .held = {}});
}

}  // namespace isobar::service
