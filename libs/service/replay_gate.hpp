#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "bus/bus.hpp"
#include "core/symbol.hpp"
#include "core/types.hpp"

namespace isobar::service {

struct replay_gate_options {
  std::int64_t lead_ms = 5'000;                      ///< event time that a source may be ahead of the last consumer
  std::chrono::milliseconds waiting_too_long{5000};  ///< without progress while the source waits: not ready
};

/// Keeps a source in replay at most a stated lead ahead of the pipeline's end, so that no queue overflows: it follows
/// control.progress of one symbol. Thread-safe, never blocks.
///
/// Before the first report a source may run the lead ahead of its own first event. A source that is held must first
/// publish a heartbeat with watermark = next (once), or a gap in event time, such as a night, would hold itself up.
class replay_gate {
 public:
  /// `on_progress` (may be empty) is called from a foreign thread after a report: send a message to the source there.
  static bus::result<std::shared_ptr<replay_gate>> open(bus::bus& on, std::string_view venue, const symbol& s,
                                                        replay_gate_options options,
                                                        std::function<void()> on_progress = {});

  /// True when the event at `next` may be published now.
  bool allowed(timestamp next);
  /// For host::add_readiness: text while the source has been held for longer than the stated time.
  std::string waiting_too_long();
  /// Everything before it has been emitted by every participant; start_of_time before the first report.
  timestamp done_until();
  /// Reports that could not be read.
  std::uint64_t rejected();

 private:
  explicit replay_gate(replay_gate_options options) : options_(options) {}
  void take_reports();

  const replay_gate_options options_;
  std::mutex mutex_;
  std::vector<bus::message> batch_;
  std::map<std::string, timestamp> done_;  ///< by participant; at most participants_max
  timestamp done_until_ = start_of_time;
  timestamp first_ = end_of_time;
  bool held_ = false;
  std::chrono::steady_clock::time_point held_since_;
  std::uint64_t rejected_ = 0;
  std::unique_ptr<bus::subscription> reports_;  ///< last: ends first
};

}  // namespace isobar::service
