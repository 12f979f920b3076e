#include "colorizer/domain/color_scale.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace isobar::colorizer {
namespace {

// options-surface 10.2, "Colour".
TEST(ClassicScale, MatchesTheGoldenVectors) {
  const color_scale fifty{palette::classic_dark, 50}, twenty{palette::classic_dark, 20};
  EXPECT_EQ(color_of(0, fifty), make_rgb(59, 130, 246));
  EXPECT_EQ(color_of(25, fifty), make_rgb(37, 78, 148));
  EXPECT_EQ(color_of(49, fifty), make_rgb(16, 27, 54));
  EXPECT_EQ(color_of(50, fifty), make_rgb(50, 15, 15));
  EXPECT_EQ(color_of(87.5, fifty), make_rgb(145, 42, 42));
  EXPECT_EQ(color_of(125, fifty), make_rgb(239, 68, 68));
  EXPECT_EQ(color_of(1e9, fifty), make_rgb(239, 68, 68));
  EXPECT_EQ(color_of(10, twenty), make_rgb(37, 78, 148));
  EXPECT_EQ(color_of(25, twenty), make_rgb(82, 24, 24));
}

TEST(ClassicScale, HasTheSpecifiedBackgrounds) {
  EXPECT_EQ(background_of(palette::classic_dark), 0x1a1a1au);
  EXPECT_EQ(background_of(palette::classic_light), 0xffffffu);
  EXPECT_EQ(color_of(30, {palette::classic_light, 50}), color_of(30, {palette::classic_dark, 50}));
}

struct channels {
  double r, g, b;
};
/// sRGB (IEC 61966-2-1) to linear light.
channels linear(rgb c) {
  const auto one = [](std::uint32_t v) {
    const double u = v / 255.0;
    return u <= 0.04045 ? u / 12.92 : std::pow((u + 0.055) / 1.055, 2.4);
  };
  return {one(c >> 16 & 255), one(c >> 8 & 255), one(c & 255)};
}
double luminance(const channels& c) { return 0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b; }
double lightness(rgb c) { return 116 * std::cbrt(luminance(linear(c))) - 16; }
/// WCAG 2 contrast ratio.
double contrast(rgb a, rgb b) {
  const double x = luminance(linear(a)) + 0.05, y = luminance(linear(b)) + 0.05;
  return std::max(x, y) / std::min(x, y);
}

/// Blue less yellow as a person without red or green cones sees it: Vienot, Brettel and Mollon 1999 keep the blue
/// channel and merge red and green into one, in linear light.
double blue_over_yellow(rgb c, double red_share) {
  const auto l = linear(c);
  return std::cbrt(l.b) - std::cbrt(red_share * l.r + (1 - red_share) * l.g);
}

const color_scale safe{palette::color_blind_safe, 50};

TEST(ColorBlindScale, IsEvenInLightness) {
  for (int step = 0; step <= 100; ++step) {
    const double t = step / 100.0;
    const double below = lightness(color_of(50 * (1 - t), safe)), above = lightness(color_of(50 + 75 * t, safe));
    EXPECT_NEAR(below, above, 1.0) << t;
    EXPECT_NEAR(below, 46 + 26 * t, 1.0) << t;
  }
}

TEST(ColorBlindScale, LightnessGrowsWithTheDistanceFromTheThreshold) {
  for (int step = 1; step <= 20; ++step) {
    const double t = step / 20.0, before = (step - 1) / 20.0;
    EXPECT_GT(lightness(color_of(50 * (1 - t), safe)), lightness(color_of(50 * (1 - before), safe)));
    EXPECT_GT(lightness(color_of(50 + 75 * t, safe)), lightness(color_of(50 + 75 * before, safe)));
  }
}

TEST(ColorBlindScale, EveryColourStandsOutFromTheBackground) {
  for (double v = 0; v <= 130; v += 1)
    EXPECT_GE(contrast(color_of(v, safe), background_of(palette::color_blind_safe)), 3.0) << v;  // WCAG 2.1, 1.4.11
}

TEST(ColorBlindScale, TheTwoSidesDifferWithoutRedOrGreenCones) {
  for (const double red_share : {0.11238, 0.29275})  // protanopia and deuteranopia in the 1999 paper
    for (int step = 4; step <= 20; ++step) {
      const double t = step / 20.0;
      const double below = blue_over_yellow(color_of(50 * (1 - t), safe), red_share);
      const double above = blue_over_yellow(color_of(50 + 75 * t, safe), red_share);
      EXPECT_GT(below - above, 0.1) << t;
    }
}

RC_GTEST_PROP(ColorScale, DependsOnTheRatioOfValueAndThresholdOnly, ()) {
  const auto p = static_cast<palette>(*rc::gen::inRange(1, 4));
  const double value = *rc::gen::inRange(0, 1000), threshold = *rc::gen::inRange(1, 1000);
  RC_ASSERT(color_of(value, {p, threshold}) == color_of(4 * value, {p, 4 * threshold}));
}

TEST(Colorize, GivesOneColourPerCell) {
  market::numeric_delta surface;
  surface.cells = {3, 9, 10};
  surface.values = {2500, -7, 5000};
  surface.value_unit = 0.01;
  surface.removed = {4};
  const auto out = colorize(surface, {palette::classic_dark, 50});
  EXPECT_EQ(out.colors, (std::vector<rgb>{make_rgb(37, 78, 148), make_rgb(59, 130, 246), make_rgb(50, 15, 15)}));
  EXPECT_EQ(out.background, 0x1a1a1au);
}

}  // namespace
}  // namespace isobar::colorizer
