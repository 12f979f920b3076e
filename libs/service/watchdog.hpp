#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace isobar::service {

/// Ends the process with `exit_code` when it has been armed for `limit`, whatever the other threads do.
class watchdog {
 public:
  watchdog(std::chrono::milliseconds limit, int exit_code);
  ~watchdog();
  /// Starts the time; again: no effect.
  void arm();

 private:
  void run(std::chrono::milliseconds limit, int exit_code);
  std::mutex mutex_;
  std::condition_variable changed_;
  bool armed_ = false, ends_ = false;
  std::thread thread_;
};

}  // namespace isobar::service
