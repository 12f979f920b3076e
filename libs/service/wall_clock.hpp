#pragma once
#include <chrono>

#include "core/types.hpp"

namespace isobar::service {

/// Now, for what may depend on it: pace, age, lag. No data frame carries it.
inline timestamp wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()};
}

}  // namespace isobar::service
