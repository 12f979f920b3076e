#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "service/intake.hpp"

namespace isobar::service {

/// The intakes of one supervised worker. They outlive its restarts, and a handler that failed may have left messages
/// behind that nobody would announce again: a worker calls wake() when it starts. Thread-safe.
class intake_set {
 public:
  void add(std::shared_ptr<intake> in) {
    const std::lock_guard lock(mutex_);
    list_.push_back(std::move(in));
  }
  /// Sends one intake_ready for each intake.
  void wake(const actors::ref& worker) const {
    const std::lock_guard lock(mutex_);
    for (const auto& in : list_) worker.send(intake_ready{in});
  }
  void close() const {
    const std::lock_guard lock(mutex_);
    for (const auto& in : list_) in->close();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<intake>> list_;
};

}  // namespace isobar::service
