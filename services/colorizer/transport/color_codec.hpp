#pragma once
#include "colorizer/domain/color_scale.hpp"
#include "isobar/color/v1/color.pb.h"
#include "wire/numeric_codec.hpp"

namespace isobar::colorizer {

color::v1::Palette write_palette(palette p);

/// The scale of a request: PALETTE_UNSPECIFIED means that of `preset`; a scale that is not set is `preset` whole.
/// bad_value: unknown palette; bad_unit: threshold not finite or not above 0.
result<color_scale, wire::errc> read_scale(const color::v1::Scale& from, const color_scale& preset);

/// The colours of a surface's changes; header.record_count is cells plus removed, the rest of it comes from `info`.
void to_proto(const market::numeric_delta& surface, const color_scale& scale, const wire::frame_info& info,
              color::v1::ColorDelta& to);

}  // namespace isobar::colorizer
