#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace isobar::actors::detail {

/// One thread that calls back at a time. The callbacks hold weak references only, so that a pending one never keeps an
/// actor alive: CAF's own delayed messages do, and that is the classic way for a shutdown to hang.
class timers {
 public:
  explicit timers(std::size_t most) : most_(most) {}
  timers();
  ~timers();
  /// False when `most` are pending or stop() was called.
  bool add(std::chrono::nanoseconds delay, std::function<void()> fire);
  /// Forgets what is pending and ends the thread. Idempotent.
  void stop();
  std::size_t pending() const;

 private:
  using clock = std::chrono::steady_clock;
  void run();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<clock::time_point, std::function<void()>> due_;
  std::size_t most_;
  bool stopped_ = false;
  std::thread thread_;  ///< started by the first add()
};

}  // namespace isobar::actors::detail
