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
  std::uint64_t input_sequence = 0;    ///< last feed.book frame applied whole; 0: frames are not counted
  std::uint64_t durable_sequence = 0;  ///< last feed.book frame that a restart will not ask for again
  std::uint64_t option_sequence = 0;   ///< last feed.options frame applied; 0: they are not counted
  bool operator==(const progress&) const = default;
};
std::string encode_progress(const progress& report, const frame_info& info);
result<framed<progress>, errc> decode_progress(std::string_view bytes);

}  // namespace isobar::wire
