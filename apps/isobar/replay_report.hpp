#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "service/host.hpp"

namespace isobar::cli {

inline constexpr int exit_broken = 1;  ///< the input broke off, or nothing moved any more

/// Why the input broke off, from the thread that reads it; empty while it has not.
class broken_input {
 public:
  void set(std::string why) {
    const std::lock_guard lock(mutex_);
    why_ = std::move(why);
  }
  std::string why() const {
    const std::lock_guard lock(mutex_);
    return why_;
  }

 private:
  mutable std::mutex mutex_;
  std::string why_;
};

/// Which pipelines a replay runs, so that the report knows what to wait for.
struct replayed {
  bool options = false;  ///< host_options::symbols
  bool futures = false;  ///< host_options::futures
  std::shared_ptr<const broken_input> broken{};
};

/// An app that reports a replay: a progress line, each epoch as it begins, and at the end totals, the medium's summary
/// and digests: also when the input broke off or the run was stopped midway. It stops the process when the input has
/// ended everywhere.
std::unique_ptr<service::app> make_replay_report(replayed what);

}  // namespace isobar::cli
