#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "actors/actors.hpp"
#include "bus/bus.hpp"

namespace isobar::service {

/// What an actor receives when its intake has messages: it calls drain() and, while that returns true, sends itself the
/// same message again (so that other actors get their turn).
struct intake_ready {
  std::shared_ptr<class intake> source;
};

/// One bus subscription feeding one actor. Bounded by the subscription's queue; the mailbox holds at most one
/// intake_ready.
class intake : public std::enable_shared_from_this<intake> {
 public:
  /// Subscribes; `to` gets intake_ready messages. `tag` lets an actor with several intakes tell them apart.
  static bus::result<std::shared_ptr<intake>> open(bus::bus& on, std::string_view pattern,
                                                   bus::subscribe_options options, actors::ref to, int tag = 0);
  /// Calls `handle(message)` for up to `most` messages. True when there may be more. After close(): nothing, false.
  template <class F>
  bool drain(F&& handle, std::size_t most = 64) {
    const std::lock_guard lock(mutex_);
    if (!subscription_) return false;
    batch_.clear();
    const std::size_t n = subscription_->drain(batch_, most);
    for (const bus::message& m : batch_) {
      if (!subscription_) return false;  // closed by the handler
      handle(m);
    }
    return n == most;
  }
  /// See bus::subscription::continue_behind.
  void continue_behind(std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    if (subscription_) subscription_->continue_behind(sequence);
  }
  int tag() const { return tag_; }
  /// After close(): the last figures.
  bus::subscription_stats stats() const;
  /// Ends the subscription; nothing is delivered after it returns. Messages still queued are given up: an actor that
  /// wants them drains first.
  void close();

 private:
  intake(actors::ref to, int tag) : to_(std::move(to)), tag_(tag) {}
  /// Recursive: a handler may close its own intake.
  mutable std::recursive_mutex mutex_;
  std::atomic<bool> opened_{false};
  std::unique_ptr<bus::subscription> subscription_;
  bus::subscription_stats last_;
  std::vector<bus::message> batch_;
  actors::ref to_;
  int tag_ = 0;
};

}  // namespace isobar::service
