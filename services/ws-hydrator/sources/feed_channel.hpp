#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "ws-hydrator/domain/feed_event.hpp"

namespace isobar::ws_hydrator {

/// The bounded queue between a source's thread and the symbol's worker. In replay a full channel makes the source wait;
/// live it drops the newest and counts them, which the worker reports as a gap.
class feed_channel {
 public:
  feed_channel(std::size_t events_max, bool lossy) : events_max_(events_max), lossy_(lossy) {}

  /// Source: appends events, then says that nothing older than `watermark` follows (start_of_time: nothing said). False
  /// once closed. Waits while full unless lossy.
  bool push(std::span<const feed_event> events, timestamp watermark);
  /// Source: something between what was pushed and what comes next is missing (a reconnect).
  void mark_loss() { ++losses_; }
  /// Worker: moves up to `most` events to the end of `out`. `watermark` is set only when the channel is drained. True
  /// when there is more.
  bool drain(std::vector<feed_event>& out, std::size_t most, timestamp& watermark);
  /// Called from the source's thread when there is something to drain after there was nothing. Empty: nobody.
  void on_ready(std::function<void()> listener);
  /// Ends every wait; push() refuses from then on.
  void close();

  std::size_t depth() const;
  std::uint64_t dropped() const { return dropped_.load(); }
  /// Grows with every loss: dropped events, reconnects.
  std::uint64_t losses() const { return losses_.load(); }

 private:
  const std::size_t events_max_;
  const bool lossy_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::vector<feed_event> events_;
  std::size_t taken_ = 0;  ///< of events_, already drained
  timestamp watermark_ = start_of_time;
  bool announced_ = false, closed_ = false;
  std::function<void()> listener_;
  std::atomic<std::uint64_t> dropped_{0}, losses_{0};
};

}  // namespace isobar::ws_hydrator
