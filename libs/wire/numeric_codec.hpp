#pragma once
#include <string>
#include <string_view>

#include "isobar/surface/v1/numeric.pb.h"
#include "market/numeric_surface.hpp"
#include "wire/frame.hpp"

namespace isobar::wire {

/// header.record_count is cells plus removed; the rest of the header comes from `info`.
void to_proto(const market::numeric_delta& delta, const frame_info& info, surface::v1::NumericDelta& to);
result<framed<market::numeric_delta>, errc> from_proto(const surface::v1::NumericDelta& from);
/// The content alone, for gRPC requests, whose header may be empty.
result<market::numeric_delta, errc> read_numeric(const surface::v1::NumericDelta& from);

std::string encode_numeric(const market::numeric_delta& delta, const frame_info& info);
result<framed<market::numeric_delta>, errc> decode_numeric(std::string_view bytes);

}  // namespace isobar::wire
