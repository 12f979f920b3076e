#include "market/calendar.hpp"

#include <gtest/gtest.h>

#include "market/root.hpp"

namespace isobar::market {
namespace {

date day(int y, unsigned m, unsigned d) { return *make_date(y, m, d); }
timestamp at(const char* iso) { return *parse_iso_timestamp(iso); }

TEST(Calendar, SettlesMonthliesAtTheOpenAndWeekliesAtTheClose) {
  const date third_friday = day(2025, 12, 19);
  EXPECT_EQ(settlement_time(third_friday, settlement::am), at("2025-12-19T14:30:00Z"));
  EXPECT_EQ(settlement_time(third_friday, settlement::pm), at("2025-12-19T21:00:00Z"));
}

TEST(Calendar, FollowsDaylightSaving) {
  // 2025: DST began 9 March and ended 2 November (Energy Policy Act of 2005).
  EXPECT_EQ(settlement_time(day(2025, 3, 7), settlement::pm), at("2025-03-07T21:00:00Z"));
  EXPECT_EQ(settlement_time(day(2025, 3, 10), settlement::pm), at("2025-03-10T20:00:00Z"));
  EXPECT_EQ(settlement_time(day(2025, 10, 31), settlement::am), at("2025-10-31T13:30:00Z"));
  EXPECT_EQ(settlement_time(day(2025, 11, 3), settlement::am), at("2025-11-03T14:30:00Z"));
  // Wall times on the days of the change itself.
  EXPECT_EQ(new_york_time(day(2025, 3, 9), seconds(3600)), at("2025-03-09T06:00:00Z"));
  EXPECT_EQ(new_york_time(day(2025, 3, 9), seconds(12 * 3600)), at("2025-03-09T16:00:00Z"));
  EXPECT_EQ(new_york_time(day(2025, 11, 2), seconds(12 * 3600)), at("2025-11-02T17:00:00Z"));
  EXPECT_EQ(new_york_time(day(2025, 11, 2), seconds(5400)), at("2025-11-02T05:30:00Z"));  // the earlier of the two
  EXPECT_EQ(chicago_time(day(2020, 1, 6), seconds(8 * 3600 + 1800)), at("2020-01-06T14:30:00Z"));
}

TEST(Calendar, ClosesAtOneOnHalfDays) {
  EXPECT_EQ(settlement_time(day(2025, 11, 28), settlement::pm), at("2025-11-28T18:00:00Z"));
  EXPECT_EQ(settlement_time(day(2025, 7, 3), settlement::pm), at("2025-07-03T17:00:00Z"));
  EXPECT_EQ(settlement_time(day(2025, 11, 28), settlement::am), at("2025-11-28T14:30:00Z"));
  EXPECT_TRUE(is_half_day(day(2018, 12, 24)));
  EXPECT_FALSE(is_half_day(day(2020, 7, 2)));
}

TEST(Calendar, KnowsHolidaysAndMonthlyExpiries) {
  EXPECT_FALSE(is_trading_day(day(2025, 12, 25)));
  EXPECT_FALSE(is_trading_day(day(2025, 12, 20)));
  EXPECT_TRUE(is_trading_day(day(2025, 12, 26)));
  EXPECT_TRUE(is_monthly_expiry(day(2025, 12, 19)));
  EXPECT_FALSE(is_monthly_expiry(day(2025, 12, 12)));
  // Good Friday of 2019 was the third Friday of April, that of 2022 too: the monthly expired on the Thursday.
  EXPECT_FALSE(is_monthly_expiry(day(2019, 4, 19)));
  EXPECT_TRUE(is_monthly_expiry(day(2019, 4, 18)));
  EXPECT_TRUE(is_monthly_expiry(day(2022, 4, 14)));
}

TEST(Calendar, HalfDaysAreTradingDays) {
  for (date d = day(2018, 1, 1); d < day(2028, 1, 1); d = d + 1) {
    EXPECT_TRUE(!is_half_day(d) || is_trading_day(d)) << to_iso(d);
  }
}

TEST(Calendar, CountsDaysToExpiryOnTheExchangesDate) {
  EXPECT_EQ(exchange_date(at("2025-12-20T04:59:59.999999999Z")), day(2025, 12, 19));
  EXPECT_EQ(exchange_date(at("2025-12-20T05:00:00Z")), day(2025, 12, 20));
  EXPECT_EQ(exchange_date(at("2025-07-04T03:59:59Z")), day(2025, 7, 3));
  EXPECT_EQ(days_to_expiry(day(2025, 12, 19), at("2025-12-19T02:00:00Z")), 1);
  EXPECT_EQ(days_to_expiry(day(2025, 12, 19), at("2025-12-19T14:30:00Z")), 0);
  EXPECT_EQ(days_to_expiry(day(2025, 12, 19), at("2025-12-25T14:30:00Z")), 0);
}

TEST(Calendar, CountsToTheSecondOfTheRealSettlement) {
  constexpr double second = 1 / (365.0 * 86'400);
  const auto left = [](date expiry, settlement s, const char* now) {
    return years_to(settlement_time(expiry, s), at(now));
  };
  // One expiry date, two settlements: SPX (AM) is expired when SPXW (PM) has its last day before it.
  EXPECT_NEAR(left(day(2025, 12, 19), settlement::am, "2025-12-19T14:29:59Z"), second, 1e-18);
  EXPECT_EQ(left(day(2025, 12, 19), settlement::am, "2025-12-19T14:30:00Z"), 0);
  EXPECT_NEAR(left(day(2025, 12, 19), settlement::pm, "2025-12-19T20:59:59Z"), second, 1e-18);
  EXPECT_LT(left(day(2025, 12, 19), settlement::pm, "2025-12-19T21:00:01Z"), 0);
  // A half-day settles at 13:00; nothing keeps the last second alive.
  EXPECT_NEAR(left(day(2025, 11, 28), settlement::pm, "2025-11-28T17:59:59Z"), second, 1e-18);
  EXPECT_LT(left(day(2025, 11, 28), settlement::pm, "2025-11-28T18:30:00Z"), 0);
  // Quarterly ES options of March 2020: 09:30 New York, in summer time already.
  EXPECT_EQ(left(day(2020, 3, 20), find_root("ES")->settles, "2020-03-20T13:30:00Z"), 0);
  // Over the change to summer time a day of the clock has 23 hours.
  EXPECT_NEAR(left(day(2025, 3, 10), settlement::pm, "2025-03-07T21:00:00Z"), 71 * 3600 * second, 1e-15);
}

TEST(Calendar, CountsYearsOf365Days) {
  const timestamp now = at("2025-12-19T14:30:00Z");
  EXPECT_DOUBLE_EQ(years_to(now + seconds(365 * 86'400), now), 1.0);
  EXPECT_EQ(years_to(now, now), 0.0);
  EXPECT_LT(years_to(now, now + seconds(1)), 0.0);
}

}  // namespace
}  // namespace isobar::market
