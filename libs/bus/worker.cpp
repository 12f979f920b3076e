#include "bus/worker.hpp"

namespace isobar::bus {

worker::worker() : thread_([this] { run(); }) {}

worker::~worker() { stop(); }

bool worker::post_at(clock::time_point due, std::function<void()> job) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return false;
  jobs_.emplace(due, std::move(job));
  changed_.notify_one();
  return true;
}

void worker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    changed_.notify_one();
  }
  const std::scoped_lock lock(join_mutex_);
  if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) thread_.join();
}

void worker::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (jobs_.empty()) {
      if (stopped_) return;
      changed_.wait(lock);
      continue;
    }
    const clock::time_point due = jobs_.begin()->first;
    if (due > clock::now()) {
      if (stopped_) return;
      changed_.wait_until(lock, due);
      continue;
    }
    auto job = jobs_.extract(jobs_.begin());
    lock.unlock();
    job.mapped()();
    job = {};
    lock.lock();
  }
}

}  // namespace isobar::bus
