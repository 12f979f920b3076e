#include "gamma-fuel/domain/strike_grid.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/board_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

TEST(StrikeGrid, RoundsTheMarketAndStrikesHalfUp) {
  // futures-medium 5: 6102.50 -> 6105, 6102.75 -> 6105, 6101.25 -> 6100.
  const gamma_config c;
  for (const auto& [from, to] : {std::pair{6102.50, 6105.0}, {6102.75, 6105.0}, {6101.25, 6100.0}}) {
    EXPECT_EQ(strike_grid(c, points(from), price(0)).centre(), points(to));
    EXPECT_EQ(strike_grid(c, points(6100), price(0)).bin(at_strike(from)), points(to));
  }
}

TEST(StrikeGrid, LiteralRoundsHalfToEven) {
  gamma_config c;
  c.rules = compat::literal;
  for (const auto& [from, to] : {std::pair{6102.50, 6100.0}, {6107.50, 6110.0}, {6102.75, 6105.0}, {6101.25, 6100.0}})
    EXPECT_EQ(strike_grid(c, points(from), price(0)).centre(), points(to));
}

TEST(StrikeGrid, StrikesLieOnTenthBuckets) {
  // ES: buckets of 2 ticks are 0.50 wide; a strike spacing of 5 is ten of them.
  const strike_grid g(gamma_config{}, points(6'903.25), points(13.75));
  EXPECT_EQ(g.size(), 25u);
  EXPECT_EQ(g.at(0), points(6'845));
  EXPECT_EQ(g.at(24), points(6'965));
  for (std::size_t i = 0; i < g.size(); ++i) EXPECT_EQ(g.at(i).value % (10 * 500'000'000LL), 0);
}

TEST(StrikeGrid, BringsStrikesByScaleAndBasis) {
  gamma_config c;
  EXPECT_EQ(strike_grid(c, points(6'912), points(12.25)).bin(at_strike(6'900)), points(6'910));
  EXPECT_EQ(strike_grid(c, points(6'912), points(12.50)).bin(at_strike(6'900)), points(6'915));
  c.scale = 10;
  EXPECT_EQ(strike_grid(c, points(6'900), points(0)).bin(at_strike(687)), points(6'870));
  EXPECT_EQ(strike_grid(c, points(6'900), points(3)).convert(687.1), points(6'874));
}

TEST(StrikeGrid, TicksOfTheBasisAboutAnEdgeMoveNoStrike) {
  // 6900 + 17.50 is the edge between 6915 and 6920.
  const gamma_config c;
  binning_basis held;
  const auto bin = [&](double basis) {
    const price by = held.follow(points(basis), c.grid.step);
    return strike_grid(c, points(6'917), points(basis), by).bin(at_strike(6'900));
  };
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(bin(17.25), points(6'915));
    EXPECT_EQ(bin(17.50), points(6'915));
  }
  EXPECT_EQ(bin(18.25), points(6'915)) << "a fifth of the step away";
  EXPECT_EQ(bin(18.50), points(6'920)) << "and beyond";
  EXPECT_EQ(bin(17.50), points(6'920));
  EXPECT_EQ(bin(17.25), points(6'915));
  // The strike itself follows every tick.
  EXPECT_EQ(strike_grid(c, points(6'917), points(17.5), points(17.25)).convert(at_strike(6'900)), points(6'917.5));
}

TEST(StrikeGrid, SaysWhatIsOffTheGridAndBeyondAllPrices) {
  const strike_grid g(gamma_config{}, points(6'900), price(0));
  EXPECT_EQ(g.index_of(points(6'840)), 0u);
  EXPECT_EQ(g.index_of(points(6'960)), 24u);
  EXPECT_EQ(g.index_of(points(6'835)), std::nullopt);
  EXPECT_EQ(g.index_of(points(6'965)), std::nullopt);
  EXPECT_EQ(g.bin(strike(INT64_MAX)), std::nullopt);
  EXPECT_EQ(g.convert(1e300), std::nullopt);
}

TEST(StrikeGrid, FloorsBelowZero) {
  gamma_config c;
  EXPECT_EQ(strike_grid(c, points(-37.63), price(0)).centre(), points(-40));
  EXPECT_EQ(strike_grid(c, points(-2.5), price(0)).centre(), points(0));
}

}  // namespace
}  // namespace isobar::gamma_fuel
