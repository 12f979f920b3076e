#include "colorizer/transport/color_codec.hpp"

#include <cmath>

#include "wire/columns.hpp"

namespace isobar::colorizer {

color::v1::Palette write_palette(palette p) { return static_cast<color::v1::Palette>(p); }
static_assert(static_cast<int>(palette::classic_dark) == color::v1::PALETTE_CLASSIC_DARK);
static_assert(static_cast<int>(palette::classic_light) == color::v1::PALETTE_CLASSIC_LIGHT);
static_assert(static_cast<int>(palette::color_blind_safe) == color::v1::PALETTE_COLOR_BLIND_SAFE);

result<color_scale, wire::errc> read_scale(const color::v1::Scale& from, const color_scale& preset) {
  if (from.palette() < color::v1::PALETTE_UNSPECIFIED || from.palette() > color::v1::PALETTE_COLOR_BLIND_SAFE)
    return fail(wire::errc::bad_value, "scale.palette " + std::to_string(from.palette()));
  if (!std::isfinite(from.threshold()) || from.threshold() <= 0)
    return fail(wire::errc::bad_unit, "scale.threshold must be above 0");
  const auto chosen =
      from.palette() == color::v1::PALETTE_UNSPECIFIED ? preset.palette : static_cast<palette>(from.palette());
  return color_scale{chosen, from.threshold()};
}

void to_proto(const market::numeric_delta& surface, const color_scale& scale, const wire::frame_info& info,
              color::v1::ColorDelta& to) {
  const auto colors = colorize(surface, scale);
  to.Clear();
  auto header = info;
  header.record_count = static_cast<std::uint32_t>(surface.cells.size() + surface.removed.size());
  wire::write_header(header, *to.mutable_header());
  to.set_symbol(surface.symbol.str());
  to.set_surface(surface.surface);
  to.set_plane(surface.plane);
  to.set_epoch_id(surface.epoch);
  to.set_revision(surface.revision);
  to.set_window_end_ns(surface.window_end.ns);
  to.set_base(surface.base);
  to.mutable_scale()->set_palette(write_palette(scale.palette));
  to.mutable_scale()->set_threshold(scale.threshold);
  wire::write_ascending(surface.cells, *to.mutable_cell_delta());
  to.mutable_rgb()->Add(colors.colors.begin(), colors.colors.end());
  wire::write_ascending(surface.removed, *to.mutable_removed_delta());
  to.set_background_rgb(colors.background);
}

}  // namespace isobar::colorizer
