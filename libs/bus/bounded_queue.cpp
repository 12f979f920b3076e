#include "bus/bounded_queue.hpp"

#include <algorithm>
#include <iterator>

namespace isobar::bus {

bounded_queue::bounded_queue(const subscribe_options& options, std::function<void()> on_ready)
    : queue_limit_(std::max<std::size_t>(1, options.queue_limit)),
      byte_limit_(options.byte_limit),
      policy_(options.policy),
      on_ready_(std::move(on_ready)) {}

bool bounded_queue::has_room(std::size_t size) const {
  return messages_.size() < queue_limit_ && bytes_ + size <= byte_limit_;
}

void bounded_queue::drop_front() {
  bytes_ -= messages_.front().bytes().size();
  messages_.pop_front();
  ++stats_.dropped;
}

void bounded_queue::push(message m) {
  const std::size_t size = m.bytes().size();
  bool was_empty = false;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;
    ++stats_.received;
    was_empty = messages_.empty();
    if (policy_ == overflow::drop_oldest && size <= byte_limit_) {
      while (!has_room(size)) drop_front();
    }
    if (!has_room(size)) {
      ++stats_.dropped;
      return;
    }
    bytes_ += size;
    messages_.push_back(std::move(m));
    stats_.depth_max = std::max(stats_.depth_max, messages_.size());
  }
  if (was_empty && on_ready_) gate_.run(on_ready_);
}

std::size_t bounded_queue::drain(std::vector<message>& out, std::size_t most) {
  const std::scoped_lock lock(mutex_);
  const std::size_t n = std::min(most, messages_.size());
  const auto end = messages_.begin() + static_cast<std::ptrdiff_t>(n);
  for (auto it = messages_.begin(); it != end; ++it) bytes_ -= it->bytes().size();
  out.insert(out.end(), std::make_move_iterator(messages_.begin()), std::make_move_iterator(end));
  messages_.erase(messages_.begin(), end);
  return n;
}

void bounded_queue::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  gate_.close();
}

void bounded_queue::count_foreign_drops(std::uint64_t total) {
  const std::scoped_lock lock(mutex_);
  foreign_drops_ = std::max(foreign_drops_, total);
}

subscription_stats bounded_queue::stats() const {
  const std::scoped_lock lock(mutex_);
  subscription_stats s = stats_;
  s.depth = messages_.size();
  s.received += foreign_drops_;
  s.dropped += foreign_drops_;
  return s;
}

}  // namespace isobar::bus
