#include "epoch-manager/config.hpp"

#include <gtest/gtest.h>

namespace isobar::epoch_manager {
namespace {

std::vector<strike_width> points_of(std::initializer_list<std::int64_t> list) {
  std::vector<strike_width> out;
  for (const auto w : list) out.emplace_back(w * nanos_per_unit);
  return out;
}

// options-surface 5.4, deployed configuration.
TEST(Widths, DefaultsAreTheSpecifications) {
  const settings s;
  EXPECT_EQ(machine_config_of(s, *symbol::parse("SPX"))->widths, points_of({20, 25, 30, 35, 40, 45, 50}));
  EXPECT_EQ(machine_config_of(s, *symbol::parse("NDX"))->widths, points_of({50, 60, 70, 80, 100, 120, 130}));
  EXPECT_EQ(machine_config_of(s, *symbol::parse("RUT"))->widths, points_of({5, 10, 15, 20, 25, 30, 50}));
}

TEST(Widths, AreSortedAndMayBeFractions) {
  EXPECT_EQ(parse_widths("ES=10,2.5")->at("ES"),
            (std::vector{strike_width(2'500'000'000), strike_width(10'000'000'000)}));
}

TEST(Widths, BadOnesAreNamed) {
  for (const auto* bad : {"", "SPX", "=5", "SPX=", "SPX=5,,6", "SPX=0", "SPX=-5", "SPX=5,5", "SPX=x", "SPX=5;SPX=6",
                          "SPX=5;", "SPX=nan", "SPX=1e999"}) {
    const auto table = parse_widths(bad);
    ASSERT_FALSE(table) << bad;
    EXPECT_NE(table.error().evidence.find("epoch-manager.widths"), std::string::npos);
  }
  settings s;
  s.widths = "SPX=5";
  EXPECT_EQ(machine_config_of(s, *symbol::parse("NDX")).error().evidence, "epoch-manager.widths has neither NDX nor *");
}

TEST(Participants, MustBeNames) {
  settings s;
  s.participants = {""};
  EXPECT_FALSE(machine_config_of(s, *symbol::parse("SPX")));
}

}  // namespace
}  // namespace isobar::epoch_manager
