#include "colorizer/config.hpp"

#include <gtest/gtest.h>

namespace isobar::colorizer {
namespace {

color_scale parsed(std::vector<const char*> flags, bool& refused) {
  config::schema schema("colorizer", "", "0");
  settings s;
  s.declare(schema);
  flags.insert(flags.begin(), "colorizer");
  const char* const no_environment[] = {nullptr};
  refused = !schema.parse(static_cast<int>(flags.size()), flags.data(), no_environment);
  return s.scale();
}

TEST(Settings, NameTheScale) {
  bool refused = false;
  EXPECT_EQ(parsed({}, refused), (color_scale{palette::classic_dark, 50}));
  EXPECT_EQ(parsed({"--colorizer.palette=classic-light", "--colorizer.threshold=20"}, refused),
            (color_scale{palette::classic_light, 20}));
  EXPECT_EQ(parsed({"--colorizer.palette=color-blind-safe"}, refused), (color_scale{palette::color_blind_safe, 50}));
  EXPECT_FALSE(refused);
}

TEST(Settings, RefuseOtherPalettesAndThresholds) {
  for (const auto* bad : {"--colorizer.palette=rainbow", "--colorizer.threshold=0", "--colorizer.threshold=nan"}) {
    bool refused = false;
    parsed({bad}, refused);
    EXPECT_TRUE(refused) << bad;
  }
}

}  // namespace
}  // namespace isobar::colorizer
