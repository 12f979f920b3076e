#include "ws-hydrator/domain/event_queue.hpp"

namespace isobar::ws_hydrator {

bool event_queue::push(const waiting_event& e) {
  if (count_ == limit_) return false;
  if (count_ == ring_.size()) {
    std::vector<waiting_event> larger(ring_.empty() ? 1024 : 2 * ring_.size());
    for (std::size_t i = 0; i < count_; ++i) larger[i] = ring_[(head_ + i) & (ring_.size() - 1)];
    ring_ = std::move(larger);
    head_ = 0;
  }
  ring_[(head_ + count_) & (ring_.size() - 1)] = e;
  ++count_;
  return true;
}

}  // namespace isobar::ws_hydrator
