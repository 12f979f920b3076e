#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "bus/bus.hpp"

namespace isobar::service {

/// Whether the worker of one symbol may publish: until a time that its process moves on with its lease, and until it is
/// shut for good. Thread-safe. The clock is read at every question, so that a process that was paused knows at once.
class symbol_gate {
 public:
  /// `valid_until_ns`: steady clock; shared by all symbols of the process.
  explicit symbol_gate(std::shared_ptr<const std::atomic<std::int64_t>> valid_until_ns)
      : valid_until_ns_(std::move(valid_until_ns)) {}

  bool open() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return !shut_ && std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() < *valid_until_ns_;
  }
  void shut() { shut_ = true; }

 private:
  const std::shared_ptr<const std::atomic<std::int64_t>> valid_until_ns_;
  std::atomic<bool> shut_{false};
};

/// The bus as a worker of one symbol has it: it publishes, and writes into buckets, only while the gate is open;
/// otherwise that is refused (`closed`) and counted in `refused`. Everything else passes. `inner` outlives it.
std::shared_ptr<bus::bus> make_fenced_bus(bus::bus& inner, std::shared_ptr<symbol_gate> gate,
                                          std::shared_ptr<std::atomic<std::uint64_t>> refused);

}  // namespace isobar::service
