#include "ws-hydrator/sources/stream_source.hpp"

#include <chrono>

namespace isobar::ws_hydrator {

stream_source::stream_source(std::unique_ptr<event_stream> stream, stream_pace pace, std::size_t channel_events)
    : stream_(std::move(stream)), kind_(stream_->kind()), pace_(std::move(pace)), channel_(channel_events, false) {}

void stream_source::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void stream_source::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  channel_.close();
  if (thread_.joinable()) thread_.join();
}

void stream_source::nudge() {
  {
    const std::lock_guard lock(mutex_);
    ++nudges_;
  }
  wake_.notify_all();
}

source_status stream_source::status() const {
  source_status s;
  s.state = state_.load();
  return s;
}

void stream_source::run() {
  std::vector<feed_event> slice;
  while (const auto next = stream_->next()) {
    if (!wait_for_turn(*next)) return;
    slice.clear();
    const timestamp watermark = stream_->read(slice);
    if (!channel_.push(slice, watermark)) return;
  }
  state_ = "ended";
  channel_.push({}, end_of_time);
}

bool stream_source::wait_for_turn(timestamp next) {
  std::unique_lock lock(mutex_);
  if (pace_.due) {
    const std::chrono::sys_time<std::chrono::nanoseconds> due{std::chrono::nanoseconds(pace_.due(next).ns)};
    wake_.wait_until(lock, std::chrono::time_point_cast<std::chrono::system_clock::duration>(due),
                     [&] { return stopping_; });
  }
  bool told = false;
  while (!stopping_ && pace_.allowed) {
    const std::uint64_t seen = nudges_;
    lock.unlock();
    const bool may = pace_.allowed(next);
    if (!may) {
      state_ = "waiting";
      if (!told) channel_.push({}, next);
      told = true;
    }
    lock.lock();
    if (may) break;
    // A report may be missed before anything subscribes: look again after a while.
    wake_.wait_for(lock, std::chrono::milliseconds(200), [&] { return stopping_ || nudges_ != seen; });
  }
  state_ = "running";
  return !stopping_;
}

}  // namespace isobar::ws_hydrator
