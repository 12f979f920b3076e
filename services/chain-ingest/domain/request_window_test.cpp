#include "chain-ingest/domain/request_window.hpp"

#include <gtest/gtest.h>

namespace isobar::chain_ingest {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9)); }
constexpr std::int64_t unit = nanos_per_unit;

std::int64_t range(double spot, double vix, double mult, std::int32_t dte) {
  return half_range(points(spot), vix > 0 ? std::optional(points(vix)) : std::nullopt, mult, dte).value / unit;
}

// Check values of options-surface 1.4.
TEST(RequestWindow, HalfRangeFollowsTheSpecification) {
  EXPECT_EQ(range(5600, 18, 2.25, 0), 143);
  EXPECT_EQ(range(5600, 18, 2.25, 1), 143);
  EXPECT_EQ(range(5600, 18, 2.25, 2), 202);
  EXPECT_EQ(range(5600, 18, 2.25, 3), 247);
  EXPECT_EQ(range(5600, 18, 2.25, 5), 319);
  EXPECT_EQ(range(5600, 18, 2.25, 7), 378);
  EXPECT_EQ(range(6900, 16, 2.25, 0), 156);
  EXPECT_EQ(range(6900, 16, 2.25, 4), 313);
  EXPECT_EQ(range(25000, 20, 3.25, 0), 1024);
  EXPECT_EQ(range(25000, 20, 3.25, 3), 1773);
  EXPECT_EQ(range(6900, 0, 2.25, 0), 207);
  EXPECT_EQ(range(6900, 0, 2.25, 4), 414);
  EXPECT_EQ(range(0.5, 1, 2.25, 0), 50);  // rounds to zero
  EXPECT_EQ(half_range(points(6900), price(-1), 2.25, 0).value / unit, 207);
}

TEST(RequestWindow, AtTheMoneyRoundsHalvesToTheEvenMultiple) {
  const auto atm = [](double spot, std::int64_t step) {
    return at_the_money(points(spot), strike_width(step * unit)).value / unit;
  };
  EXPECT_EQ(atm(6902.49, 5), 6900);
  EXPECT_EQ(atm(6902.5, 5), 6900);  // 1380 is even
  EXPECT_EQ(atm(6907.5, 5), 6910);  // 1381 is odd
  EXPECT_EQ(atm(6907.51, 5), 6910);
  EXPECT_EQ(atm(25005, 10), 25000);
  EXPECT_EQ(atm(25015, 10), 25020);
}

TEST(RequestWindow, AsksForHalfAsMuchAgain) {
  const strike_window w = make_window(points(5600), points(18), 2.25, 0, strike_width(5 * unit));
  EXPECT_EQ(w.atm.value, 5600 * unit);
  EXPECT_EQ(w.half_range.value, 143 * unit);
  EXPECT_EQ(w.low.value, 5600 * unit - 214'500'000'000);
  EXPECT_EQ(w.high.value, 5600 * unit + 214'500'000'000);
}

}  // namespace
}  // namespace isobar::chain_ingest
