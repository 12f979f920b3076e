#pragma once
#include <cstdint>
#include <optional>

#include "core/types.hpp"

namespace isobar::chain_ingest {

struct cadence_options {
  duration_ns period = seconds(10);
  duration_ns backoff_base = seconds(1);
  duration_ns backoff_max = seconds(60);
  duration_ns rate_limit_wait = seconds(60);  ///< when an answer 429 names no Retry-After
};

/// When to ask next. Deadlines lie `period` apart; a cycle that overruns skips those it missed, so that requests never
/// come faster than answers. Failures back off: min(base x 2^(n-1), max) plus up to a fifth of jitter. A rate-limit
/// answer is obeyed for at least what it says. Time and randomness come from outside.
class cadence {
 public:
  cadence(cadence_options options, timestamp now) : options_(options), due_(now) {}

  timestamp due() const { return due_; }
  void begin(timestamp now) { deadline_ = now; }
  void succeeded(timestamp now);
  /// `jitter` in 0..1.
  void failed(timestamp now, double jitter);
  void rate_limited(timestamp now, std::optional<duration_ns> retry_after, double jitter);

  std::uint64_t overruns() const { return overruns_; }
  std::uint32_t failures() const { return failures_; }

 private:
  duration_ns backoff(double jitter);

  cadence_options options_;
  timestamp due_, deadline_;
  std::uint32_t failures_ = 0;
  std::uint64_t overruns_ = 0;
};

}  // namespace isobar::chain_ingest
