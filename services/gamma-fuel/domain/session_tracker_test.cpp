#include "gamma-fuel/domain/session_tracker.hpp"

#include <gtest/gtest.h>

#include "core/archive.hpp"
#include "core/date.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + 0.5)); }
const date monday = *make_date(2024, 3, 4);

timestamp at(int hour, int minute = 0, int second = 0, date day = monday) {
  return market::new_york_time(day, seconds(3'600 * hour + 60 * minute + second));
}
underlying_trade trade(timestamp t, double p, std::uint32_t size = 1) {
  return {.ts_event = t, .price = points(p), .size = size};
}

TEST(SessionTracker, KnowsNothingBeforeTheFirstTrade) {
  const session_tracker s{gamma_config{}};
  EXPECT_FALSE(s.vwap());
  EXPECT_FALSE(s.session_high());
  EXPECT_FALSE(s.premarket_low());
  EXPECT_FALSE(s.opening_high());
  EXPECT_FALSE(s.sma_short());
  EXPECT_TRUE(s.minute_closes(at(12)).empty());
}

TEST(SessionTracker, OvernightUntilTheOpenThenRegularHours) {
  session_tracker s{gamma_config{}};
  s.trade(trade(at(18, 0, 0, monday + -1), 5'000, 2));
  s.trade(trade(at(3, 59, 59), 5'020));
  EXPECT_FALSE(s.premarket_high());
  s.trade(trade(at(4), 5'010));
  EXPECT_EQ(s.session_high(), points(5'020));
  EXPECT_EQ(s.session_low(), points(5'000));
  EXPECT_EQ(s.premarket_high(), points(5'010));
  EXPECT_EQ(s.vwap(), points(5'007.5));  // (2 x 5000 + 5020 + 5010) / 4
  s.advance(at(9, 30));
  EXPECT_FALSE(s.session_high()) << "nothing has traded in regular hours";
  EXPECT_FALSE(s.vwap());
  s.trade(trade(at(9, 30), 5'005));
  EXPECT_EQ(s.session_high(), points(5'005));
  EXPECT_EQ(s.vwap(), points(5'005));
  EXPECT_EQ(s.premarket_low(), points(5'010)) << "pre-market stays";
  s.trade(trade(at(16), 5'100, 50));
  EXPECT_EQ(s.session_high(), points(5'005)) << "after the close";
  EXPECT_EQ(s.vwap(), points(5'005));
  s.trade(trade(at(18), 5'050));
  EXPECT_EQ(s.session_low(), points(5'050)) << "the next trading date";
  EXPECT_FALSE(s.premarket_high());
}

TEST(SessionTracker, PremarketEndsAtHalfPastNineOnHolidaysToo) {
  const date good_friday = *make_date(2024, 3, 29);
  session_tracker s{gamma_config{}};
  s.trade(trade(at(9, 29, 59, good_friday), 5'000));
  s.trade(trade(at(9, 30, 0, good_friday), 5'100));
  EXPECT_EQ(s.premarket_high(), points(5'000));
  EXPECT_EQ(s.session_high(), points(5'100));
}

TEST(SessionTracker, TellsTheOpeningRangeWhenItIsComplete) {
  session_tracker s{gamma_config{}};
  s.trade(trade(at(9, 29, 59), 5'050));
  s.trade(trade(at(9, 30), 5'000));
  s.trade(trade(at(9, 44, 59), 5'010));
  EXPECT_FALSE(s.opening_high());
  s.trade(trade(at(9, 45), 5'020));
  EXPECT_EQ(s.opening_high(), points(5'010));
  EXPECT_EQ(s.opening_low(), points(5'000));
}

TEST(SessionTracker, FirstFifteenMinutesOfTradingDays) {
  const session_tracker s{gamma_config{}};
  EXPECT_FALSE(s.first_15_minutes({at(9, 30).ns - 1}));
  EXPECT_TRUE(s.first_15_minutes(at(9, 30)));
  EXPECT_TRUE(s.first_15_minutes({at(9, 45).ns - 1}));
  EXPECT_FALSE(s.first_15_minutes(at(9, 45)));
  EXPECT_FALSE(s.first_15_minutes(at(9, 35, 0, monday + -1))) << "a Sunday";
  EXPECT_FALSE(s.first_15_minutes(at(9, 35, 0, *make_date(2024, 3, 29)))) << "Good Friday";
  // Summer and winter: 09:30 New York is 13:30 or 14:30 UTC.
  EXPECT_EQ(at(9, 30, 0, *make_date(2024, 3, 8)).ns - utc_midnight(*make_date(2024, 3, 8)).ns, 52'200'000'000'000);
  EXPECT_TRUE(s.first_15_minutes(at(9, 31, 0, *make_date(2024, 3, 11))));
}

TEST(SessionTracker, RoundsVwapToTheTickHalfAwayFromZero) {
  session_tracker s{gamma_config{}};
  s.trade(trade(at(10), 5'000.00, 1));
  s.trade(trade(at(10), 5'000.25, 1));
  EXPECT_EQ(s.vwap(), points(5'000.25));  // 5000.125
  s.trade(trade(at(10), 5'000.00, 1));
  EXPECT_EQ(s.vwap(), points(5'000.00));
  s.trade({.ts_event = at(10), .price = price(std::int64_t{1} << 60), .size = UINT32_MAX});  // sums beyond 64 bit
  EXPECT_TRUE(s.vwap());
}

TEST(SessionTracker, AveragesClosedBarsWithTrades) {
  gamma_config c;
  c.levels.sma_short = 2;
  c.levels.sma_long = 3;
  session_tracker s{c};
  s.trade(trade(at(10, 0), 1));
  s.trade(trade(at(10, 1, 59), 10));  // closes at 10:02
  s.trade(trade(at(10, 2), 20));
  EXPECT_FALSE(s.sma_short());
  s.advance(at(10, 4));
  EXPECT_EQ(s.sma_short(), points(15));
  s.trade(trade(at(10, 20), 31));  // the bars between do not exist
  EXPECT_FALSE(s.sma_long());
  s.advance(at(10, 22));
  EXPECT_EQ(s.sma_short(), points(25.5));
  EXPECT_EQ(s.sma_long()->value, 20'333'333'333);
}

TEST(SessionTracker, LateTradesDoNotReopenABar) {
  gamma_config c;
  c.levels.sma_short = 1;
  session_tracker s{c};
  s.trade(trade(at(10, 0), 10));
  s.advance(at(10, 2));
  s.trade(trade(at(10, 1), 50));
  s.advance(at(10, 4));
  EXPECT_EQ(s.sma_short(), points(10));
  EXPECT_EQ(s.session_high(), points(50)) << "extremes take it";
}

TEST(SessionTracker, MinuteClosesOverTheApproachWindow) {
  session_tracker s{gamma_config{}};
  for (int m = 0; m < 15; ++m) s.trade(trade(at(10, m, 30), 5'000 + m));
  s.advance(at(10, 15));
  const auto closes = s.minute_closes(at(10, 15));
  ASSERT_EQ(closes.size(), 10U);
  EXPECT_EQ(closes.front(), points(5'005));
  EXPECT_EQ(closes.back(), points(5'014));
}

TEST(SessionTracker, AnIndexLevelIsATradeOfNoVolume) {
  session_tracker s{gamma_config{}};
  s.quote({.ts_event = at(10), .bid = points(4'999), .ask = points(5'001)});
  s.quote({.ts_event = at(10), .bid = points(9'000), .ask = points(5'001)});            // crossed
  s.quote({.ts_event = at(10), .bid = points(1), .ask = points(1), .trusted = false});  // not whole
  s.quote({.ts_event = at(10), .bid = points(1), .ask = market::no_price});             // one-sided
  EXPECT_EQ(s.session_high(), points(5'000));
  EXPECT_EQ(s.session_low(), points(5'000));
  EXPECT_FALSE(s.vwap());
}

TEST(SessionTracker, GoesOnFromACheckpoint) {
  session_tracker whole{gamma_config{}}, parts{gamma_config{}};
  for (int i = 0; i < 2'000; ++i) {
    const auto t = trade(at(8) + seconds(7 * i), 5'000 + (i * 37 % 100) * 0.25, static_cast<std::uint32_t>(1 + i % 9));
    whole.trade(t);
    parts.trade(t);
    if (i % 100 != 0) continue;
    std::string bytes;
    archive_writer out(bytes);
    out(parts);
    parts = session_tracker{gamma_config{}};
    archive_reader in(bytes);
    in(parts);
    ASSERT_TRUE(in.finished());
  }
  std::string a, b;
  archive_writer first(a), second(b);
  first(whole);
  second(parts);
  EXPECT_EQ(a, b);
  EXPECT_EQ(whole.vwap(), parts.vwap());
}

}  // namespace
}  // namespace isobar::gamma_fuel
