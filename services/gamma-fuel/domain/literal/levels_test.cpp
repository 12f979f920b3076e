#include "gamma-fuel/domain/literal/levels.hpp"

#include <gtest/gtest.h>

namespace isobar::gamma_fuel::literal {
namespace {

constexpr price dollars(double d) { return price(static_cast<std::int64_t>(d * 1e9 + 0.5)); }

// futures-medium 15.5: level universe after a single ES trade at 5454.2 with hot zone 550.5.
TEST(LiteralLevels, AfterASingleTrade) {
  const std::vector<underlying_trade> trades{{.ts_event = {}, .price = dollars(5454.2), .size = 3}};
  const std::vector<price> zones{dollars(550.5)};
  std::vector<market::watched_level> expected{{"VWAP", "VWAP", dollars(545.42)},
                                              {"SESSION_HIGH", "SESSION_HIGH", dollars(545.42)},
                                              {"SESSION_LOW", "SESSION_LOW", dollars(545.42)}};
  for (int k = 540; k <= 550; ++k) expected.push_back({"ROUND_" + std::to_string(k), "ROUND", dollars(k)});
  expected.push_back({"HOTZONE_550", "USER_HOTZONE", dollars(550.5)});
  EXPECT_EQ(levels(trades, {}, zones), expected);
  EXPECT_TRUE(levels({}, {}, zones).empty());
}

// Section 12: ids truncate, so that 687.5 takes the place of 687; walls are where dealers are shortest.
TEST(LiteralLevels, StrikesCollideAndWallsAreShort) {
  const std::vector<underlying_trade> trades{{.ts_event = {}, .price = dollars(6870), .size = 1}};
  const std::vector<strike_total> flows{{dollars(687), market::right::call, -1'500},
                                        {dollars(687.5), market::right::call, -900},
                                        {dollars(695), market::right::call, -4'000},
                                        {dollars(698), market::right::call, -9'000},
                                        {dollars(680), market::right::put, 8'000}};
  const auto all = levels(trades, flows, {});
  std::vector<std::string> ids;
  for (const auto& l : all) {
    ids.push_back(l.id);
    if (l.id == "STRIKE_687") {
      EXPECT_EQ(l.price, dollars(687.5));
    }
    if (l.id == "CALL_WALL") {
      EXPECT_EQ(l.price, dollars(695)) << "698 is beyond 10";
    }
  }
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "STRIKE_687"), 1);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "CALL_WALL"), 1);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "PUT_WALL"), 0);
}

}  // namespace
}  // namespace isobar::gamma_fuel::literal
