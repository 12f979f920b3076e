#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/error.hpp"
#include "service/host.hpp"
#include "sim/options.hpp"
#include "ws-hydrator/domain/hydrator.hpp"

namespace isobar::ws_hydrator {

/// Options of the service; README.md explains each.
struct settings {
  std::int64_t window_ms = 200;
  std::int64_t batch_size = 4096;
  std::int64_t queue_events_max = 1 << 18;
  std::int64_t queue_chains_max = 32;
  std::int64_t lateness_ms = 250;
  std::int64_t side_input_wait_ms = 5'000;
  std::int64_t history_bytes = 32 << 20;
  std::int64_t replay_lead_ms = 5'000;

  std::string source = "sim";
  std::vector<std::string> files;  ///< minute-quotes: archives; recording: NDJSON files, oldest first
  std::string url = "wss://socket.massive.com/options";
  std::string tls_ca;  ///< file; empty: the system's
  std::string api_key;
  std::int64_t quotes_max = 1000;
  bool trades = true;
  std::int64_t idle_timeout_ms = 60'000;
  std::int64_t connect_timeout_ms = 30'000;
  std::int64_t reconnect_ms = 1'000;
  std::int64_t reconnect_ms_max = 60'000;
  std::int64_t frame_bytes_max = 16 << 20;
  bool record = false;
  std::int64_t record_bytes_max = std::int64_t{1} << 30;

  sim::options sim;

  void declare(config::schema& s);
  service::result<void> validate(const service::host_options& h) const;
  hydrator_options hydrator() const;
};

}  // namespace isobar::ws_hydrator
