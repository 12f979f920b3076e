#include "chain-ingest/domain/cadence.hpp"

#include <algorithm>

namespace isobar::chain_ingest {

void cadence::succeeded(timestamp now) {
  failures_ = 0;
  const std::int64_t missed = floor_div((now - deadline_).value, options_.period.value);
  if (missed > 0) overruns_ += static_cast<std::uint64_t>(missed);
  due_ = deadline_ + options_.period * (missed + 1);
}

void cadence::failed(timestamp now, double jitter) { due_ = now + backoff(jitter); }

void cadence::rate_limited(timestamp now, std::optional<duration_ns> retry_after, double jitter) {
  const duration_ns said = retry_after.value_or(options_.rate_limit_wait);
  due_ = now + std::max(said, backoff(jitter));
}

duration_ns cadence::backoff(double jitter) {
  const std::uint32_t doublings = std::min(failures_++, 30u);
  const bool at_most = options_.backoff_base.value > (options_.backoff_max.value >> doublings);
  const std::int64_t wait = at_most ? options_.backoff_max.value : options_.backoff_base.value << doublings;
  return {wait + static_cast<std::int64_t>(static_cast<double>(wait) * 0.2 * std::clamp(jitter, 0.0, 1.0))};
}

}  // namespace isobar::chain_ingest
