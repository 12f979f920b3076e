#include "market/order_text.hpp"

#include <gtest/gtest.h>

#include "core/decimal.hpp"

namespace isobar::market {
namespace {

strategy_order order(order_kind kind, right r, const char* anchor, const char* width, const char* limit) {
  strategy_order o;
  o.kind = kind, o.right = r;
  o.expiry = {*make_date(2025, 12, 19), "SPXW"};
  o.anchor = strike(*parse_nanos(anchor)), o.width = strike_width(*parse_nanos(width));
  o.limit = price(*parse_nanos(limit));
  return o;
}

// options-surface 5.8.
TEST(OrderText, WritesTheThreeStrategiesAsSpecified) {
  EXPECT_EQ(order_text(order(order_kind::single, right::call, "6900", "0", "10.5")),
            "BUY +1 SPX 100 (Weeklys) 19 DEC 25 6900 CALL @10.50 LMT");
  // 9.55 is not a multiple of SPX's 0.10 tick above 3.00: a debit goes up.
  EXPECT_EQ(order_text(order(order_kind::vertical, right::call, "6900", "30", "9.55")),
            "BUY +1 VERTICAL SPX 100 (Weeklys) 19 DEC 25 6900/6930 CALL @9.60 LMT");
  EXPECT_EQ(order_text(order(order_kind::butterfly, right::call, "6900", "30", "2.5")),
            "BUY +1 BUTTERFLY SPX 100 (Weeklys) 19 DEC 25 6870/6900/6930 CALL @2.50 LMT");
}

TEST(OrderText, ListsThePutVerticalsLongStrikeFirst) {
  EXPECT_EQ(order_text(order(order_kind::vertical, right::put, "6900", "30", "7.8")),
            "BUY +1 VERTICAL SPX 100 (Weeklys) 19 DEC 25 6900/6870 PUT @7.80 LMT");
  EXPECT_EQ(order_text(order(order_kind::butterfly, right::put, "6900", "30", "2.5")),
            "BUY +1 BUTTERFLY SPX 100 (Weeklys) 19 DEC 25 6870/6900/6930 PUT @2.50 LMT");
}

TEST(OrderText, SellsForACreditRoundedDown) {
  auto o = order(order_kind::vertical, right::call, "6900", "30", "9.59");
  o.side = order_side::sell;
  EXPECT_EQ(order_text(o), "SELL -1 VERTICAL SPX 100 (Weeklys) 19 DEC 25 6900/6930 CALL @9.50 LMT");
  o.kind = order_kind::single, o.quantity = 3;
  EXPECT_EQ(order_text(o), "SELL -3 SPX 100 (Weeklys) 19 DEC 25 6900 CALL @9.50 LMT");
}

TEST(OrderText, BuysForADebitRoundedUp) {
  EXPECT_EQ(order_text(order(order_kind::single, right::call, "6900", "0", "9.51")),
            "BUY +1 SPX 100 (Weeklys) 19 DEC 25 6900 CALL @9.60 LMT");
}

TEST(OrderText, TagsWeekliesByRoot) {
  auto o = order(order_kind::single, right::put, "6900", "0", "10.5");
  o.expiry.root = "SPX";
  EXPECT_EQ(order_text(o), "BUY +1 SPX 100 19 DEC 25 6900 PUT @10.50 LMT");
  o.expiry = {*make_date(2026, 1, 5), "ES"};
  EXPECT_EQ(order_text(o), "BUY +1 ES 50 05 JAN 26 6900 PUT @10.50 LMT");
}

TEST(OrderText, KeepsFractionalStrikesAndOmitsAMissingPrice) {
  auto o = order(order_kind::butterfly, right::call, "697.5", "2.5", "0");
  o.expiry.root = "SPY";
  o.limit.reset();
  EXPECT_EQ(order_text(o), "BUY +1 BUTTERFLY SPY 100 19 DEC 25 695/697.5/700 CALL");
}

TEST(OrderText, RefusesAnUnknownRoot) {
  auto o = order(order_kind::single, right::call, "6900", "0", "10.5");
  o.expiry.root = "NOPE";
  EXPECT_FALSE(order_text(o));
}

}  // namespace
}  // namespace isobar::market
