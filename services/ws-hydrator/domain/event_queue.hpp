#pragma once
#include <cstddef>
#include <vector>

#include "ws-hydrator/domain/feed_event.hpp"

namespace isobar::ws_hydrator {

/// An event that waits for its window.
struct waiting_event {
  feed_event event;
  timestamp window_end;  ///< window in which it will be applied
};

/// First in, first out, in a ring that doubles up to its limit and never shrinks.
class event_queue {
 public:
  explicit event_queue(std::size_t limit) : limit_(limit) {}
  /// False when the limit is reached: the event is not taken.
  bool push(const waiting_event& e);
  const waiting_event& front() const { return ring_[head_]; }
  const waiting_event& back() const { return ring_[(head_ + count_ - 1) & (ring_.size() - 1)]; }
  void pop() {
    head_ = (head_ + 1) & (ring_.size() - 1);
    --count_;
  }
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  std::size_t limit() const { return limit_; }

 private:
  std::vector<waiting_event> ring_;  ///< size is a power of two
  std::size_t head_ = 0, count_ = 0, limit_;
};

}  // namespace isobar::ws_hydrator
