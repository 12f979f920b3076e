#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "ws-hydrator/domain/contract_key.hpp"
#include "ws-hydrator/sources/feed_channel.hpp"

namespace isobar::ws_hydrator {

/// How a source is doing.
struct source_status {
  /// "starting", "connected", "reconnecting", "auth_failed", "running", "waiting", "ended".
  std::string state;
  std::uint32_t subscribed = 0;  ///< contracts asked of the feed; files and simulator: 0
  std::uint64_t reconnects = 0;
  std::uint64_t frames = 0, bad_frames = 0, bad_events = 0;
  std::uint64_t recorded_bytes = 0;
};

/// Where quotes come from: vendor's socket, files, simulator. Each runs on a thread of its own between start() and
/// stop() and speaks only through its channel.
class quote_source {
 public:
  virtual ~quote_source() = default;
  /// "massive", "minute-quotes", "recording", "sim", "none".
  virtual std::string kind() const = 0;
  virtual void start() = 0;
  /// Ends the thread; idempotent.
  virtual void stop() = 0;
  /// Contracts wanted, nearest first. Sources that have no filter ignore it. Thread-safe.
  virtual void set_filter(std::vector<contract_key> wanted) { (void)wanted; }
  virtual source_status status() const = 0;
  /// True when the watermark also follows the clock (a live feed that may be silent).
  virtual bool clocked() const { return false; }
  /// Something happened that may let a held source go on (a progress report). Thread-safe.
  virtual void nudge() {}
  virtual feed_channel& channel() = 0;
};

}  // namespace isobar::ws_hydrator
