#pragma once
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "bus/bus.hpp"
#include "bus/callback_gate.hpp"

namespace isobar::bus {

/// The queue behind every subscription of either bus. Thread-safe; push() never blocks on the consumer.
class bounded_queue {
 public:
  bounded_queue(const subscribe_options& options, std::function<void()> on_ready);

  /// Takes the message or counts it as dropped; calls on_ready when the queue was empty.
  void push(message m);
  std::size_t drain(std::vector<message>& out, std::size_t most);
  /// Nothing enters any more and on_ready is not called again, nor running, once this returns.
  void close();
  /// Messages that the client library dropped before they got here; they join the drops of the statistics.
  void count_foreign_drops(std::uint64_t total);
  subscription_stats stats() const;

 private:
  bool has_room(std::size_t size) const;
  void drop_front();

  const std::size_t queue_limit_;
  const std::size_t byte_limit_;
  const overflow policy_;
  const std::function<void()> on_ready_;
  callback_gate gate_;
  mutable std::mutex mutex_;
  std::deque<message> messages_;
  std::size_t bytes_ = 0;
  subscription_stats stats_;
  std::uint64_t foreign_drops_ = 0;
  bool closed_ = false;
};

}  // namespace isobar::bus
