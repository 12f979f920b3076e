#include "gamma-fuel/domain/trade_sign.hpp"

#include <gtest/gtest.h>

namespace isobar::gamma_fuel {
namespace {

constexpr price none = market::no_price;
constexpr price p(std::int64_t cents) { return price(cents * 10'000'000); }

option_event print(price last, price bid = none, price ask = none,
                   market::book_side aggressor = market::book_side::none) {
  return {.ts_event = {},
          .contract = 0,
          .kind = option_event_kind::trade,
          .aggressor = aggressor,
          .bid = bid,
          .ask = ask,
          .last = last,
          .size = quantity(1)};
}

TEST(TradeSign, BeginsWithTheVenuesWord) {
  tick_memory m;
  EXPECT_EQ(customer_sign(print(p(100), p(90), p(100), market::book_side::ask), none, none, m), -1);
  EXPECT_EQ(customer_sign(print(p(90), p(90), p(100), market::book_side::bid), none, none, m), 1);
}

TEST(TradeSign, ReadsTheQuoteThatStood) {
  EXPECT_EQ(sign_by_quote(p(100), p(90), p(100)), 1);
  EXPECT_EQ(sign_by_quote(p(105), p(90), p(100)), 1);
  EXPECT_EQ(sign_by_quote(p(90), p(90), p(100)), -1);
  EXPECT_EQ(sign_by_quote(p(95), p(90), p(100)), 0);
  EXPECT_EQ(sign_by_quote(p(95), p(100), p(90)), 0) << "crossed is no quote";
  EXPECT_EQ(sign_by_quote(p(95), p(95), p(95)), 0) << "locked: both sides at once";
  EXPECT_EQ(sign_by_quote(p(96), p(95), p(95)), 1);
  EXPECT_EQ(sign_by_quote(p(100), none, p(100)), 1);
  EXPECT_EQ(sign_by_quote(p(90), p(90), none), -1);
  EXPECT_EQ(sign_by_quote(p(90), none, none), 0);
}

TEST(TradeSign, PrefersTheEventsOwnQuoteToTheBoards) {
  tick_memory m;
  EXPECT_EQ(customer_sign(print(p(95), p(95), p(100)), p(80), p(95), m), -1);
  EXPECT_EQ(customer_sign(print(p(95)), p(80), p(95), m), 1);
}

TEST(TradeSign, CarriesTheLastChangeOfPriceForward) {
  tick_memory m;
  EXPECT_EQ(customer_sign(print(p(100)), none, none, m), 0);
  EXPECT_EQ(customer_sign(print(p(100)), none, none, m), 0);
  EXPECT_EQ(customer_sign(print(p(101)), none, none, m), 1);
  EXPECT_EQ(customer_sign(print(p(101)), none, none, m), 1);
  EXPECT_EQ(customer_sign(print(p(99), p(98), p(99)), none, none, m), 1) << "the quote says bought";
  EXPECT_EQ(customer_sign(print(p(99)), none, none, m), -1) << "but the price fell";
}

// futures-medium 11.1: equal or first is 0, nothing is carried.
TEST(TradeSign, LiteralCarriesNothing) {
  tick_memory m;
  std::vector<int> signs;
  for (const int c : {100, 101, 101, 100, 100, 102}) signs.push_back(literal_customer_sign(print(p(c)), m));
  EXPECT_EQ(signs, (std::vector<int>{0, 1, 0, -1, 0, 1}));
}

TEST(TradeSign, WithoutAPriceOnlyTheVenueKnows) {
  tick_memory m;
  EXPECT_EQ(customer_sign(print(none, p(90), p(100)), none, none, m), 0);
  EXPECT_EQ(customer_sign(print(none, none, none, market::book_side::bid), none, none, m), 1);
  EXPECT_EQ(m.last, none);
}

}  // namespace
}  // namespace isobar::gamma_fuel
