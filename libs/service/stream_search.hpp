#pragma once
#include <expected>
#include <string_view>
#include <vector>

#include "bus/bus.hpp"
#include "service/frame_order.hpp"

namespace isobar::service {

/// Why a stream does not give the frames asked for.
enum class not_found_why {
  not_yet,      ///< the newest it holds is older: it may still arrive
  gone,         ///< older than what it holds, or not kept without a hole
  unavailable,  ///< the store does not answer
};
std::string_view to_string(not_found_why why);

/// The frames of a subject with these sequence numbers, in order, of the producer that spoke last. About 2 log2(n)
/// reads to find the first among n messages of the stream, and one read for each frame; blocks meanwhile.
std::expected<std::vector<bus::message>, not_found_why> find_frames(bus::stream& in, std::string_view subject,
                                                                    frame_range wanted);

}  // namespace isobar::service
