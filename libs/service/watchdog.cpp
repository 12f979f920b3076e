#include "service/watchdog.hpp"

#include <unistd.h>

#include "telemetry/log.hpp"

namespace isobar::service {

watchdog::watchdog(std::chrono::milliseconds limit, int exit_code) : thread_([=, this] { run(limit, exit_code); }) {}

watchdog::~watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void watchdog::arm() {
  const std::lock_guard lock(mutex_);
  armed_ = true;
  changed_.notify_all();
}

void watchdog::run(std::chrono::milliseconds limit, int exit_code) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return armed_ || ends_; });
  if (changed_.wait_for(lock, limit, [this] { return ends_; })) return;
  telemetry::logger("host").error("watchdog ends the process: drain took longer than drain_ms=" +
                                  std::to_string(limit.count()));
  _exit(exit_code);
}

}  // namespace isobar::service
