#pragma once
#include <string>
#include <string_view>

#include "wire/frame.hpp"

namespace isobar::wire {

/// control.progress: everything before `done_until` has been emitted.
struct progress {
  isobar::symbol symbol;
  std::string participant;  ///< service name
  timestamp done_until;
  bool operator==(const progress&) const = default;
};
std::string encode_progress(const progress& report, const frame_info& info);
result<framed<progress>, errc> decode_progress(std::string_view bytes);

}  // namespace isobar::wire
