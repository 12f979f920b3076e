#pragma once
#include <array>
#include <cstdint>

#include "market/numeric_surface.hpp"

namespace isobar::colorizer {

enum class palette : std::uint8_t { classic_dark = 1, classic_light = 2, color_blind_safe = 3 };

struct color_scale {
  colorizer::palette palette = palette::classic_dark;
  double threshold = 50;  ///< value at which the colour turns, in the surface's unit; finite and above 0
  bool operator==(const color_scale&) const = default;
};

/// 0xRRGGBB.
using rgb = std::uint32_t;
constexpr rgb make_rgb(std::uint32_t r, std::uint32_t g, std::uint32_t b) { return r << 16 | g << 8 | b; }

/// Of cells without a value: #1a1a1a, #ffffff on the light palette (options-surface 6.2).
rgb background_of(palette p);

/// Colour of a value; negative values count as 0. With t the distance from the threshold, 0 to 1:
/// below it t = value / threshold, above it t = (value - threshold) / (1.5 threshold), at most 1.
/// Classic (options-surface 6.2): bright to dark blue below, dark to bright red above.
/// Colour-blind safe: blue over grey (at the threshold) to orange; both arms have the same CIE lightness at the same
/// distance, 46 at the threshold to 72 at the ends, so that lightness tells the distance and hue the side.
/// Channels are interpolated linearly and rounded half up.
rgb color_of(double value, const color_scale& scale);

/// What a surface's changes look like: a pure function of the two.
struct color_delta {
  std::vector<rgb> colors;  ///< one per cell of the numeric delta
  rgb background = 0;       ///< of removed cells
};
color_delta colorize(const market::numeric_delta& surface, const color_scale& scale);

}  // namespace isobar::colorizer
