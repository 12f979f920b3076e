#pragma once
#include <memory>
#include <string>

#include "bus/bus.hpp"
#include "service/symbol_workers.hpp"
#include "telemetry/metrics.hpp"

namespace isobar::service {

/// Shares out the symbols of the registry for one app of this process: carries out what shard_machine decides. Two
/// threads of its own: one for the store and the clock, one that starts and stops workers.
class shard_agent {
 public:
  struct settings {
    std::string service, venue;
    shard_place place;
    std::chrono::milliseconds lease{5000};
    bool standby = false;  ///< stand by for symbols that are next to fall to this process
  };
  /// Everything given outlives the agent.
  shard_agent(bus::bus& on, symbol_workers& workers, telemetry::registry& registry, settings s);
  /// As stop(0) if that was not called.
  ~shard_agent();

  void start();
  /// Stops workers and gives every lease back, or what can be done of it within the limit; workers have ended when it
  /// returns. Idempotent.
  void stop(std::chrono::milliseconds limit);
  /// Empty: joined and settled. Otherwise what is waited for.
  std::string why_not_ready() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::service
