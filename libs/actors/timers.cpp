#include "actors/timers.hpp"

#include <utility>

#include "actors/actors.hpp"

namespace isobar::actors::detail {

timers::timers() : timers(timers_max) {}

timers::~timers() { stop(); }

bool timers::add(std::chrono::nanoseconds delay, std::function<void()> fire) {
  const std::lock_guard lock(mutex_);
  if (stopped_ || due_.size() >= most_) return false;
  const auto place = due_.emplace(clock::now() + delay, std::move(fire));
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  if (place == due_.begin()) changed_.notify_one();
  return true;
}

void timers::stop() {
  std::thread ending;
  std::multimap<clock::time_point, std::function<void()>> forgotten;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    forgotten.swap(due_);
    ending.swap(thread_);
    changed_.notify_one();
  }
  if (ending.joinable()) ending.join();
}

std::size_t timers::pending() const {
  const std::lock_guard lock(mutex_);
  return due_.size();
}

void timers::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (due_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = due_.begin();
    if (first->first > clock::now()) {
      const auto at = first->first;
      changed_.wait_until(lock, at);
      continue;
    }
    const std::function<void()> fire = std::move(first->second);
    due_.erase(first);
    lock.unlock();
    fire();
    lock.lock();
  }
}

}  // namespace isobar::actors::detail
