#include "colorizer/transport/color_codec.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace isobar::colorizer {
namespace {

const color_scale preset{palette::color_blind_safe, 30};

TEST(ReadScale, FillsInThePresetAndRefusesNonsense) {
  color::v1::Scale scale;
  scale.set_threshold(20);
  EXPECT_EQ(*read_scale(scale, preset), (color_scale{palette::color_blind_safe, 20}));
  scale.set_palette(color::v1::PALETTE_CLASSIC_LIGHT);
  EXPECT_EQ(*read_scale(scale, preset), (color_scale{palette::classic_light, 20}));
  for (const double bad : {0.0, -1.0, std::nan(""), 1.0 / 0.0}) {
    scale.set_threshold(bad);
    EXPECT_EQ(read_scale(scale, preset).error().code, wire::errc::bad_unit);
  }
  scale.set_threshold(20);
  scale.set_palette(static_cast<color::v1::Palette>(9));
  EXPECT_EQ(read_scale(scale, preset).error().code, wire::errc::bad_value);
}

TEST(ColorDelta, NamesCellsColoursAndBackground) {
  market::numeric_delta surface;
  surface.symbol = *symbol::parse("SPX");
  surface.surface = "heatmap.gradient";
  surface.plane = "SPXW-20251219";
  surface.epoch = 2;
  surface.revision = 77;
  surface.value_unit = 0.01;
  surface.cells = {4, 9};
  surface.values = {0, 12'500};
  surface.removed = {5};
  color::v1::ColorDelta message;
  to_proto(surface, {palette::classic_dark, 50}, {.producer = "colorizer", .sequence = 6}, message);
  EXPECT_EQ(message.header().sequence(), 6u);
  EXPECT_EQ(message.header().record_count(), 3u);
  EXPECT_EQ(message.revision(), 77u);
  EXPECT_EQ(message.cell_delta(1), 5u);
  EXPECT_EQ(message.rgb(0), 0x3b82f6u);
  EXPECT_EQ(message.rgb(1), 0xef4444u);
  EXPECT_EQ(message.removed_delta(0), 5u);
  EXPECT_EQ(message.background_rgb(), 0x1a1a1au);
  EXPECT_EQ(message.scale().palette(), color::v1::PALETTE_CLASSIC_DARK);
}

}  // namespace
}  // namespace isobar::colorizer
