#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace isobar::bus {

/// One thread that runs jobs at their time, in order of time then of posting. Calls back for request limits, watches
/// and connection changes, so that no user code runs under a lock of the bus.
class worker {
 public:
  using clock = std::chrono::steady_clock;

  worker();
  ~worker();

  /// Runs `job` as soon as possible. Refused (false) after stop().
  bool post(std::function<void()> job) { return post_at(clock::now(), std::move(job)); }
  bool post_at(clock::time_point due, std::function<void()> job);
  /// Drops what is not due yet, runs what is, and joins. Idempotent. Called from a job it does not join.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<clock::time_point, std::function<void()>> jobs_;
  bool stopped_ = false;
  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace isobar::bus
