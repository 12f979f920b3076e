#include "sim/listing.hpp"

#include <gtest/gtest.h>

namespace isobar::sim {
namespace {

strike points(std::int64_t n) { return strike(n * nanos_per_unit); }

TEST(Listing, HalfRangesAreTheSpecified) {
  // options-surface 1.4: SPX 5600, VIX 18; 6900/16; NDX 25000/20; 6900 without VIX.
  EXPECT_EQ(strike_half_range(5600, 18, 0, 2.25), 143);
  EXPECT_EQ(strike_half_range(5600, 18, 1, 2.25), 143);
  EXPECT_EQ(strike_half_range(5600, 18, 2, 2.25), 202);
  EXPECT_EQ(strike_half_range(5600, 18, 3, 2.25), 247);
  EXPECT_EQ(strike_half_range(5600, 18, 5, 2.25), 319);
  EXPECT_EQ(strike_half_range(5600, 18, 7, 2.25), 378);
  EXPECT_EQ(strike_half_range(6900, 16, 0, 2.25), 156);
  EXPECT_EQ(strike_half_range(6900, 16, 4, 2.25), 313);
  EXPECT_EQ(strike_half_range(25'000, 20, 0, 3.25), 1024);
  EXPECT_EQ(strike_half_range(25'000, 20, 3, 3.25), 1773);
  EXPECT_EQ(strike_half_range(6900, 0, 0, 2.25), 207);
  EXPECT_EQ(strike_half_range(6900, 0, 4, 2.25), 414);
  EXPECT_EQ(strike_half_range(1, 1, 0, 2.25), 50);
}

TEST(Listing, AtTheMoneyRoundsHalvesToEven) {
  const strike_width five(5 * nanos_per_unit);
  const auto atm = [five](const double spot) {
    return at_the_money(price(static_cast<std::int64_t>(spot * 1e9)), five);
  };
  EXPECT_EQ(atm(6902.4), points(6900));
  EXPECT_EQ(atm(6902.5), points(6900));  // 1380.5 -> 1380
  EXPECT_EQ(atm(6907.5), points(6910));  // 1381.5 -> 1382
  EXPECT_EQ(atm(6902.6), points(6905));
}

TEST(Listing, LaddersCoarsenOutwards) {
  const auto strikes = ladder(points(6900), strike_width(100 * nanos_per_unit), strike_width(5 * nanos_per_unit));
  std::vector<std::int64_t> above;
  for (const strike k : strikes)
    if (k > points(6990)) above.push_back(k.value / nanos_per_unit);
  EXPECT_EQ(above, (std::vector<std::int64_t>{6995, 7000, 7010, 7020, 7025, 7050, 7100}));
  EXPECT_EQ(strikes.front(), points(6700));
  EXPECT_EQ(strikes.back(), points(7100));
}

TEST(Listing, LaddersStayAboveZero) {
  const auto strikes = ladder(points(20), strike_width(100 * nanos_per_unit), strike_width(5 * nanos_per_unit));
  EXPECT_EQ(strikes.front(), points(5));
}

TEST(Listing, ThirdFridaysListBothRootsAndHolidaysNone) {
  const auto expiries = listed_expiries("SPX", *make_date(2025, 12, 19), 5);
  std::vector<std::string> keys;
  for (const auto& e : expiries) keys.push_back(market::to_string(e.key));
  EXPECT_EQ(keys, (std::vector<std::string>{"SPX-20251219", "SPXW-20251219", "SPXW-20251222", "SPXW-20251223",
                                            "SPXW-20251224", "SPXW-20251226"}));
  EXPECT_EQ(expiries[0].settles_at, *parse_iso_timestamp("2025-12-19T14:30:00Z"));
  EXPECT_EQ(expiries[1].settles_at, *parse_iso_timestamp("2025-12-19T21:00:00Z"));
  EXPECT_EQ(expiries[4].settles_at, *parse_iso_timestamp("2025-12-24T18:00:00Z"));
  EXPECT_EQ(listed_expiries("SPY", *make_date(2025, 12, 20), 1)[0].key.expiry, *make_date(2025, 12, 22));
  EXPECT_TRUE(listed_expiries("NOPE", *make_date(2025, 12, 19), 5).empty());
}

}  // namespace
}  // namespace isobar::sim
