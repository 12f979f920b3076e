#include "gamma-fuel/domain/literal/levels.hpp"

#include <gtest/gtest.h>

namespace isobar::gamma_fuel::literal {
namespace {

constexpr price dollars(double d) { return price(static_cast<std::int64_t>(d * 1e9 + 0.5)); }

session after(const std::vector<underlying_trade>& trades) {
  session s;
  for (const underlying_trade& t : trades) s.trade(t);
  return s;
}

// futures-medium 15.5: level universe after a single ES trade at 5454.2 with hot zone 550.5.
TEST(LiteralLevels, AfterASingleTrade) {
  const std::vector<underlying_trade> trades{{.ts_event = {}, .price = dollars(5454.2), .size = 3}};
  const std::vector<price> zones{dollars(550.5)};
  std::vector<market::watched_level> expected{{"VWAP", "VWAP", dollars(545.42)},
                                              {"SESSION_HIGH", "SESSION_HIGH", dollars(545.42)},
                                              {"SESSION_LOW", "SESSION_LOW", dollars(545.42)}};
  for (int k = 540; k <= 550; ++k) expected.push_back({"ROUND_" + std::to_string(k), "ROUND", dollars(k)});
  expected.push_back({"HOTZONE_550", "USER_HOTZONE", dollars(550.5)});
  EXPECT_EQ(levels(after(trades), 10, {}, zones), expected);
  EXPECT_TRUE(levels({}, 10, {}, zones).empty());
}

// Section 12: ids truncate, so that 687.5 takes the place of 687; walls are where dealers are shortest.
TEST(LiteralLevels, StrikesCollideAndWallsAreShort) {
  const std::vector<underlying_trade> trades{{.ts_event = {}, .price = dollars(6870), .size = 1}};
  const std::vector<strike_total> flows{{dollars(687), market::right::call, -1'500},
                                        {dollars(687.5), market::right::call, -900},
                                        {dollars(695), market::right::call, -4'000},
                                        {dollars(698), market::right::call, -9'000},
                                        {dollars(680), market::right::put, 8'000}};
  const auto all = levels(after(trades), 10, flows, {});
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

// Section 12: "running VWAP/10, running extremes/10"; the spot is the last trade.
TEST(LiteralSession, RunsOnSinceTheStart) {
  session s = after({{{}, dollars(6870), 3}, {{}, dollars(6880), 1}, {{}, dollars(6860), 4}, {{}, dollars(6865), 0}});
  EXPECT_EQ(s.vwap(10), dollars(686.625));
  EXPECT_EQ(s.high(), dollars(6880));
  EXPECT_EQ(s.low(), dollars(6860));
  EXPECT_EQ(s.last(), dollars(6860)) << "a trade without size is none";
  s.quote(dollars(6890));
  EXPECT_EQ(s.high(), dollars(6890));
  EXPECT_EQ(s.vwap(10), dollars(686.625));
}

// Futures-medium 15.5: "6870 -> 687.0, 6875.25 -> 687.525".
TEST(LiteralSession, PricesConvertByTheFixedFactor) {
  EXPECT_EQ(to_underlying(dollars(6870), 10), dollars(687));
  EXPECT_EQ(to_underlying(dollars(6875.25), 10), dollars(687.525));
  EXPECT_EQ(to_symbol(dollars(687.525), 10), dollars(6875.25));
}

}  // namespace
}  // namespace isobar::gamma_fuel::literal
