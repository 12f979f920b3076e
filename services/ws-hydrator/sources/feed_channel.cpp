#include "ws-hydrator/sources/feed_channel.hpp"

#include <algorithm>

namespace isobar::ws_hydrator {

bool feed_channel::push(std::span<const feed_event> events, timestamp watermark) {
  std::unique_lock lock(mutex_);
  if (!lossy_) room_.wait(lock, [&] { return closed_ || events_.size() - taken_ < events_max_; });
  if (closed_) return false;
  const std::size_t depth = events_.size() - taken_;
  // In replay a batch may pass the bound by its own length, rather than be cut.
  const std::size_t fits = lossy_ ? std::min(events.size(), events_max_ - std::min(events_max_, depth)) : events.size();
  if (fits < events.size()) {
    dropped_ += events.size() - fits;
    ++losses_;
  }
  events_.insert(events_.end(), events.begin(), events.begin() + static_cast<std::ptrdiff_t>(fits));
  watermark_ = std::max(watermark_, watermark);
  if (announced_) return true;
  announced_ = true;
  const auto listener = listener_;
  lock.unlock();
  if (listener) listener();
  return true;
}

bool feed_channel::drain(std::vector<feed_event>& out, std::size_t most, timestamp& watermark) {
  const std::lock_guard lock(mutex_);
  const std::size_t n = std::min(most, events_.size() - taken_);
  const auto from = events_.begin() + static_cast<std::ptrdiff_t>(taken_);
  out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(n));
  taken_ += n;
  const bool more = taken_ < events_.size();
  // Compacted only once most of it is used, so that the buffer stays within twice the bound.
  if (!more || taken_ >= events_max_) {
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  room_.notify_one();
  if (more) return true;
  watermark = watermark_;
  announced_ = false;
  return false;
}

void feed_channel::on_ready(std::function<void()> listener) {
  bool waiting = false;
  {
    const std::lock_guard lock(mutex_);
    listener_ = listener;
    waiting = !events_.empty() || watermark_ != start_of_time;
    announced_ = waiting;
  }
  if (waiting && listener) listener();
}

void feed_channel::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  listener_ = nullptr;
  room_.notify_all();
}

std::size_t feed_channel::depth() const {
  const std::lock_guard lock(mutex_);
  return events_.size() - taken_;
}

}  // namespace isobar::ws_hydrator
