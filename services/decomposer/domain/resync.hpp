#pragma once
#include <cstdint>

#include "core/types.hpp"

namespace isobar::decomposer {

struct resync_limits {
  duration_ns first{250'000'000};    ///< pause after the first request
  duration_ns most{10'000'000'000};  ///< longest pause: it doubles with every request
};

/// When to ask the hydrator for a base window after frames went missing. Pure: the clock comes in.
class resync_plan {
 public:
  explicit resync_plan(resync_limits limits = {}) : limits_(limits) {}
  /// Frames are missing: outputs are marked until healed().
  void gap() { missing_ = true; }
  /// A base window arrived; true when it ended a gap.
  bool healed();
  bool missing() const { return missing_; }
  /// True when a request is due at `now` (monotonic); it counts as sent.
  bool ask(duration_ns now);
  std::uint64_t requests() const { return requests_; }

 private:
  resync_limits limits_;
  bool missing_ = false;
  duration_ns pause_{0};
  duration_ns next_{INT64_MIN};
  std::uint64_t requests_ = 0;
};

}  // namespace isobar::decomposer
