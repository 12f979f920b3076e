#include "colorizer/domain/color_scale.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::colorizer {
namespace {

struct stop {
  int r, g, b;
};

/// The point part / whole of the way from a to b. The product comes before the quotient: 189 * 5 / 30 is 31.5 exactly.
std::uint32_t blend(int a, int b, double part, double whole) {
  return static_cast<std::uint32_t>(std::floor(a + (b - a) * part / whole + 0.5));
}
rgb blend(const stop& a, const stop& b, double part, double whole) {
  return make_rgb(blend(a.r, b.r, part, whole), blend(a.g, b.g, part, whole), blend(a.b, b.b, part, whole));
}

constexpr stop bright_blue{59, 130, 246}, dark_blue{15, 25, 50}, dark_red{50, 15, 15}, bright_red{239, 68, 68};

// CIELAB (D65) at L* = 46, 52.5, 59, 65.5 and 72: grey to (72, -6, -40) and to (72, 24, 62), in sRGB.
constexpr std::array<stop, 5> to_blue{
    {{109, 109, 109}, {113, 127, 142}, {114, 145, 177}, {111, 164, 212}, {102, 183, 249}}};
constexpr std::array<stop, 5> to_orange{
    {{109, 109, 109}, {145, 121, 99}, {179, 133, 88}, {211, 145, 75}, {243, 158, 58}}};

rgb along(const std::array<stop, 5>& arm, double part, double whole) {
  const auto segments = static_cast<double>(arm.size() - 1);
  const double position = part * segments / whole;
  const auto segment = std::min(static_cast<std::size_t>(position), arm.size() - 2);
  return blend(arm[segment], arm[segment + 1], position - static_cast<double>(segment), 1.0);
}

}  // namespace

rgb background_of(palette p) { return p == palette::classic_light ? 0xffffff : 0x1a1a1a; }

rgb color_of(double value, const color_scale& scale) {
  const double v = std::max(value, 0.0), threshold = scale.threshold;
  const double reach = 1.5 * threshold, above = std::min(v - threshold, reach);
  if (scale.palette == palette::color_blind_safe)
    return v < threshold ? along(to_blue, threshold - v, threshold) : along(to_orange, above, reach);
  return v < threshold ? blend(bright_blue, dark_blue, v, threshold) : blend(dark_red, bright_red, above, reach);
}

color_delta colorize(const market::numeric_delta& surface, const color_scale& scale) {
  color_delta out{.colors = {}, .background = background_of(scale.palette)};
  out.colors.reserve(surface.values.size());
  for (const auto value : surface.values)
    out.colors.push_back(color_of(static_cast<double>(value) * surface.value_unit, scale));
  return out;
}

}  // namespace isobar::colorizer
