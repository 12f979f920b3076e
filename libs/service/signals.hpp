#pragma once
#include <functional>
#include <thread>

namespace isobar::service {

/// SIGTERM and SIGINT as calls on a thread of ours; SIGPIPE ignored.
class signals {
 public:
  /// Blocks the signals in this thread and in all that it starts later: call it before the first of them.
  static void block();
  explicit signals(std::function<void(int signal)> on_signal);
  ~signals();
  signals(const signals&) = delete;
  signals& operator=(const signals&) = delete;

 private:
  int wake_ = -1;
  std::thread thread_;
};

}  // namespace isobar::service
