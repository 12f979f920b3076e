#include "market/forward.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "market/greeks.hpp"

namespace isobar::market {
namespace {

strike at(double points) { return strike(static_cast<std::int64_t>(points * 1e9)); }

TEST(Forward, IsParityOnTheNearestPair) {
  const std::vector<parity_pair> pairs{{at(6895), 20.0, 10.0}, {at(6900), 15.0, 13.0}, {at(6905), 12.0, 16.0}};
  const auto f = forward_of(pairs, 6901, 0.01, 0.05);
  ASSERT_TRUE(f);
  EXPECT_EQ(f->strike, at(6900));
  EXPECT_DOUBLE_EQ(f->forward, 6900 + 2 * std::exp(0.05 * 0.01));
}

TEST(Forward, TiesGoToTheLowerStrikeInAnyOrder) {
  const std::vector<parity_pair> rising{{at(6900), 1.0, 1.0}, {at(6905), 1.0, 1.0}};
  const std::vector<parity_pair> falling{{at(6905), 1.0, 1.0}, {at(6900), 1.0, 1.0}};
  EXPECT_EQ(forward_of(rising, 6902.5, 1, 0)->strike, at(6900));
  EXPECT_EQ(forward_of(falling, 6902.5, 1, 0)->strike, at(6900));
}

TEST(Forward, LooksPastPairsWithoutBothLegs) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<parity_pair> pairs{
      {at(6900), std::nullopt, 13.0}, {at(6905), 12.0, std::nullopt}, {at(6910), nan, 3.0}, {at(6950), 2.0, 40.0}};
  EXPECT_EQ(forward_of(pairs, 6900, 0.01, 0.05)->strike, at(6950));
  EXPECT_FALSE(forward_of(std::span(pairs).first(3), 6900, 0.01, 0.05));
  EXPECT_FALSE(forward_of({}, 6900, 0.01, 0.05));
  EXPECT_FALSE(forward_of(pairs, nan, 0.01, 0.05));
}

TEST(Forward, RefusesQuotesThatNoForwardExplains) {
  const std::vector<parity_pair> pairs{{at(10), 1.0, 40.0}};
  EXPECT_FALSE(forward_of(pairs, 10, 0.01, 0.05));
}

RC_GTEST_PROP(Forward, FindsTheForwardThatPricedTheChain, ()) {
  const double forward = *rc::gen::inRange(1000, 9000), rate = *rc::gen::inRange(-3, 8) / 100.0;
  const double years = *rc::gen::inRange(1, 1000) / 365.0, sigma = *rc::gen::inRange(5, 80) / 100.0;
  std::vector<parity_pair> pairs;
  for (int i = -3; i <= 3; ++i) {
    const strike k = at(std::round(forward) + 5 * i);
    const pricing_input in{forward, to_double(k), years, rate, sigma};
    pairs.push_back({k, black_76_greeks(right::call, in).price, black_76_greeks(right::put, in).price});
  }
  const double spot = forward * std::exp(-rate * years);
  RC_ASSERT(std::abs(forward_of(pairs, spot, years, rate)->forward - forward) < 1e-9);
}

}  // namespace
}  // namespace isobar::market
