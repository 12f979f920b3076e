#include "decomposer/domain/resync.hpp"

#include <algorithm>

namespace isobar::decomposer {

bool resync_plan::healed() {
  const bool was_missing = missing_;
  missing_ = false;
  pause_ = {0};
  return was_missing;
}

bool resync_plan::ask(duration_ns now) {
  if (!missing_ || now < next_) return false;
  pause_ = pause_.value == 0 ? limits_.first : duration_ns{std::min(2 * pause_.value, limits_.most.value)};
  next_ = now + pause_;
  ++requests_;
  return true;
}

}  // namespace isobar::decomposer
