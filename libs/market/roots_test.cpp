#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "core/decimal.hpp"
#include "market/root.hpp"

namespace isobar::market {
namespace {

price p(const char* text) { return price(*parse_nanos(text)); }

TEST(Roots, KnowsSettlementAndRefusesTheUnknown) {
  EXPECT_EQ(find_root("SPX")->settles, settlement::am);
  EXPECT_EQ(find_root("SPXW")->settles, settlement::pm);
  EXPECT_EQ(find_root("SPXW")->vendor_underlying, "I:SPX");
  EXPECT_EQ(find_root("ES")->multiplier, 50);
  EXPECT_EQ(find_root("ES")->minute_quote_scale, 1);
  EXPECT_EQ(find_root("SPX")->minute_quote_scale, 10'000);
  EXPECT_TRUE(find_root("ES")->american);
  EXPECT_FALSE(find_root("SPX")->american);
  EXPECT_FALSE(find_root("SPXQ"));
  EXPECT_FALSE(find_root(""));
  EXPECT_EQ(roots_of("SPX").size(), 3u);
  EXPECT_EQ(roots_of("NDX").size(), 2u);
  EXPECT_TRUE(roots_of("nothing").empty());
}

TEST(Roots, RoundsToTheTickOfThePrice) {
  const root_spec spx = *find_root("SPX"), es = *find_root("ES");
  EXPECT_EQ(round_to_tick(p("2.975"), spx, rounding::nearest), p("3"));
  EXPECT_EQ(round_to_tick(p("2.974"), spx, rounding::nearest), p("2.95"));
  EXPECT_EQ(round_to_tick(p("3.05"), spx, rounding::nearest), p("3.1"));
  EXPECT_EQ(round_to_tick(p("-3.05"), spx, rounding::nearest), p("-3.1"));
  EXPECT_EQ(round_to_tick(p("2.51"), spx, rounding::up), p("2.55"));
  EXPECT_EQ(round_to_tick(p("12.51"), spx, rounding::up), p("12.6"));
  EXPECT_EQ(round_to_tick(p("12.59"), spx, rounding::down), p("12.5"));
  EXPECT_EQ(round_to_tick(p("4.97"), es, rounding::up), p("5"));
  EXPECT_EQ(round_to_tick(p("5.01"), es, rounding::up), p("5.25"));
  EXPECT_EQ(round_to_tick(no_price, spx, rounding::up), no_price);
}

RC_GTEST_PROP(Roots, RoundingIsIdempotentAndKeepsItsSide, ()) {
  const root_spec root = *find_root(*rc::gen::element<std::string>("SPX", "ES", "SPY"));
  const price value(*rc::gen::inRange<std::int64_t>(-20'000'000'000, 20'000'000'000));
  const price up = round_to_tick(value, root, rounding::up), down = round_to_tick(value, root, rounding::down);
  const price nearest = round_to_tick(value, root, rounding::nearest);
  RC_ASSERT(down <= value && value <= up);
  RC_ASSERT(nearest == up || nearest == down);
  RC_ASSERT(std::abs((nearest - value).value) * 2 <= (up - down).value);
  for (const price rounded : {up, down, nearest})
    for (const rounding how : {rounding::up, rounding::down, rounding::nearest})
      RC_ASSERT(round_to_tick(rounded, root, how) == rounded);
  RC_ASSERT(round_to_tick(-value, root, rounding::nearest) == -nearest);
  RC_ASSERT(round_to_tick(-value, root, rounding::up) == -down);
}

}  // namespace
}  // namespace isobar::market
