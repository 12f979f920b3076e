#pragma once
#include <algorithm>
#include <deque>
#include <optional>

#include "core/types.hpp"

namespace isobar::radar_physics {

/// Inputs of another service by the end of the window they speak of. A window uses the newest that ends at or before
/// its start (no cycle inside a window). Bounded: the oldest give way.
template <class Input>
class side_queue {
 public:
  static constexpr std::size_t most = 1'024;

  void take(Input in) {
    const auto at = std::lower_bound(queue_.begin(), queue_.end(), in.window_end,
                                     [](const Input& q, timestamp end) { return q.window_end < end; });
    if (at != queue_.end() && at->window_end == in.window_end) {
      *at = std::move(in);
      return;
    }
    queue_.insert(at, std::move(in));
    if (queue_.size() > most) queue_.pop_front();
  }
  /// What a window from `start` uses, or null. Starts never go back: what is older is forgotten.
  const Input* at(timestamp start) {
    while (queue_.size() > 1 && queue_[1].window_end <= start) queue_.pop_front();
    return !queue_.empty() && queue_.front().window_end <= start ? &queue_.front() : nullptr;
  }
  /// The first instant after `start` from which another input is used.
  std::optional<timestamp> next_after(timestamp start) const {
    for (const Input& in : queue_)
      if (in.window_end > start) return in.window_end;
    return std::nullopt;
  }

  template <class A>
  void fields(A& a) {
    a(queue_);
  }

 private:
  std::deque<Input> queue_;
};

}  // namespace isobar::radar_physics
