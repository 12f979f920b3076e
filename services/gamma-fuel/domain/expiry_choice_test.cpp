#include "gamma-fuel/domain/expiry_choice.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/board_fixture.hpp"
#include "gamma-fuel/domain/expiry_filter.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

expiry_choice chosen(std::string_view text) {
  std::string why;
  const auto c = parse_expiry_choice(text, why);
  EXPECT_TRUE(c.has_value()) << why;
  return c.value_or(expiry_choice{});
}
std::string refused(std::string_view text) {
  std::string why;
  EXPECT_FALSE(parse_expiry_choice(text, why).has_value()) << text;
  return why;
}

TEST(ExpiryChoice, IsReadFromText) {
  EXPECT_EQ(chosen("all"), expiry_choice(expiry_set::all));
  EXPECT_EQ(chosen("zero-dte"), expiry_choice(expiry_set::zero_dte));
  EXPECT_EQ(chosen("nearest"), expiry_choice(expiry_set::nearest));
  EXPECT_EQ(chosen("max-dte:0").max_dte, 0);
  EXPECT_EQ(words_of(chosen("max-dte:45")), "expiries within 45 days");
  EXPECT_EQ(words_of(chosen("2026-01-16")), "expiries 2026-01-16");
  EXPECT_EQ(words_of(chosen("2026-01-16+2025-12-19")), "expiries 2025-12-19, 2026-01-16");
  EXPECT_EQ(chosen("2026-01-16+2025-12-19"), chosen("2025-12-19+2026-01-16"));
}

TEST(ExpiryChoice, SaysWhatIsWrong) {
  EXPECT_EQ(refused("weekly"),
            "\"weekly\" is neither all, zero-dte, nearest, max-dte:DAYS nor a date like 2025-12-19 (several with +)");
  EXPECT_EQ(refused("").substr(0, 10), "\"\" is neit");
  EXPECT_EQ(refused("2026-01-16+").substr(0, 10), "\"\" is neit");
  EXPECT_EQ(refused("2026-02-30").substr(0, 12), "\"2026-02-30\"");
  EXPECT_EQ(refused("2026-01-16+2026-01-16"), "2026-01-16 is given twice");
  for (const auto* text : {"max-dte:", "max-dte:-1", "max-dte:3661", "max-dte:1.5", "max-dte:9999999999999"})
    EXPECT_NE(refused(text).find("is not a number of days, 0 to 3660"), std::string::npos) << text;
  std::string many;
  for (int i = 0; i < 65; ++i) many += (i ? "+" : "") + to_iso(today + i);
  EXPECT_EQ(refused(many), "65 dates are more than 64");
}

bool takes(std::string_view text, date expiry, market::settlement s = market::settlement::pm) {
  const expiry_choice c = chosen(text);
  expiry_filter set(c, morning);
  for (int i = 0; i < 10; ++i) set.see(market::settlement_time(today + i, market::settlement::pm));
  return set.takes(expiry, market::settlement_time(expiry, s));
}

TEST(ExpiryFilter, CountsCalendarDaysFromTheExchangeDate) {
  EXPECT_TRUE(takes("max-dte:2", today));
  EXPECT_TRUE(takes("max-dte:2", today + 2));
  EXPECT_FALSE(takes("max-dte:2", today + 3));
  EXPECT_FALSE(takes("max-dte:2", today + -1)) << "of the past";
  EXPECT_TRUE(takes("max-dte:0", today));
  EXPECT_FALSE(takes("max-dte:0", today + 1));
}

TEST(ExpiryFilter, ADateIsEverySettlementOfIt) {
  EXPECT_TRUE(takes("2026-01-07+2026-01-16", today + 1));
  EXPECT_TRUE(takes("2026-01-07", today + 1, market::settlement::am));
  EXPECT_FALSE(takes("2026-01-07+2026-01-16", today));
}

TEST(ExpiryFilter, TheNearestIsOneSettlement) {
  EXPECT_TRUE(takes("nearest", today));
  EXPECT_FALSE(takes("nearest", today + 1));
  EXPECT_TRUE(takes("all", today + 400));
  EXPECT_FALSE(takes("zero-dte", today + 1));
}

}  // namespace
}  // namespace isobar::gamma_fuel
