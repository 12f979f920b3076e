#include "colorizer/config.hpp"

namespace isobar::colorizer {

void settings::declare(config::schema& s) {
  s.choice("colorizer.palette", palette, {"classic-dark", "classic-light", "color-blind-safe"},
           "colours of color.cells");
  s.option("colorizer.threshold", threshold, "value at which the colour turns (gradient: per cent)", 1e-6, 1e6);
}

color_scale settings::scale() const {
  if (palette == "classic-light") return {colorizer::palette::classic_light, threshold};
  if (palette == "color-blind-safe") return {colorizer::palette::color_blind_safe, threshold};
  return {colorizer::palette::classic_dark, threshold};
}

}  // namespace isobar::colorizer
