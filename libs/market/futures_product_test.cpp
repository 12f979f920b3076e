#include "market/futures_product.hpp"

#include <gtest/gtest.h>

namespace isobar::market {
namespace {

TEST(FuturesProduct, KnowsTheContractsThatPeopleTrade) {
  const futures_product* es = find_futures_product("ES");
  ASSERT_TRUE(es);
  EXPECT_EQ(es->tick, price(250'000'000));
  EXPECT_EQ(es->multiplier, 50);
  EXPECT_EQ(es->strike_spacing, price(5'000'000'000));
  // The value of a tick, in dollars, as the exchange states it.
  for (const auto& [asset, cents] :
       {std::pair("ES", 1250), std::pair("NQ", 500), std::pair("YM", 500), std::pair("RTY", 500), std::pair("CL", 1000),
        std::pair("GC", 1000), std::pair("ZN", 1562), std::pair("6E", 625), std::pair("NG", 1000)}) {
    const futures_product* p = find_futures_product(asset);
    ASSERT_TRUE(p) << asset;
    EXPECT_EQ(p->tick.value * p->multiplier / 10'000'000, cents) << asset;
    EXPECT_EQ(p->strike_spacing.value % p->tick.value, 0) << asset;
  }
  EXPECT_FALSE(find_futures_product("XX"));
  EXPECT_FALSE(find_futures_product(""));
}

TEST(FuturesProduct, IsReadFromTheContractsName) {
  EXPECT_EQ(futures_product_of("ESH4"), "ES");
  EXPECT_EQ(futures_product_of("ESH24"), "ES");
  EXPECT_EQ(futures_product_of("6EZ5"), "6E");
  EXPECT_EQ(futures_product_of("M2KM6"), "M2K");
  EXPECT_EQ(futures_product_of("ES"), "ES");
  EXPECT_EQ(futures_product_of("ZT"), "ZT");      // not a contract of "Z"
  EXPECT_EQ(futures_product_of("QQQH4"), "QQQ");  // unknown, but a contract's name
  EXPECT_FALSE(futures_product_of("SPX"));
  EXPECT_FALSE(futures_product_of("H4"));
  EXPECT_FALSE(futures_product_of("ESA4"));
  EXPECT_FALSE(futures_product_of(""));
}

}  // namespace
}  // namespace isobar::market
