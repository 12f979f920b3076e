#include "market/option_chain.hpp"

#include <gtest/gtest.h>

namespace isobar::market {
namespace {

contract_state quoted(std::int64_t bid, std::int64_t ask) {
  contract_state s;
  s.bid = price(bid), s.ask = price(ask);
  return s;
}

TEST(ContractState, MidIsExactAndFloorsAnOddNano) {
  EXPECT_EQ(mid_of(quoted(33'000'000'000, 33'400'000'000)), price(33'200'000'000));
  EXPECT_EQ(mid_of(quoted(1, 2)), price(1));
  EXPECT_EQ(mid_of(quoted(-2, -1)), price(-2));
  EXPECT_EQ(mid_of(quoted(0, 50'000'000)), price(25'000'000));
}

TEST(ContractState, HasNoMidUnlessTwoSided) {
  EXPECT_EQ(mid_of(quoted(1, no_price.value)), no_price);
  EXPECT_EQ(mid_of(quoted(no_price.value, 1)), no_price);
  EXPECT_FALSE(quoted(no_price.value, 1).crossed());
  EXPECT_TRUE(quoted(2, 1).crossed());
  EXPECT_FALSE(quoted(1, 1).crossed());
}

TEST(ChainSnapshot, CountsContractsOfAllExpiries) {
  chain_snapshot chain;
  chain.expiries.resize(2);
  chain.expiries[0].contracts.resize(3);
  chain.expiries[1].contracts.resize(4);
  EXPECT_EQ(chain.contract_count(), 7u);
}

}  // namespace
}  // namespace isobar::market
