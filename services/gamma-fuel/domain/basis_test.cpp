#include "gamma-fuel/domain/basis.hpp"

#include <gtest/gtest.h>

namespace isobar::gamma_fuel {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + 0.5)); }
const timestamp noon{1'767'700'800'000'000'000};

TEST(Basis, HalvesTheDistanceInAHalfLife) {
  basis_tracker b{gamma_config{}};
  EXPECT_EQ(b.value(), price(0));
  b.observe(noon, points(5'030), points(5'000));
  EXPECT_EQ(b.value(), points(30));
  for (int s = 1; s <= 60; ++s) b.observe(noon + seconds(s), points(5'040), points(5'000));
  EXPECT_EQ(b.value(), points(35));
}

TEST(Basis, WhatStoodBeforeCountsUntilTheWindowBegan) {
  gamma_config c;
  c.tick = price(1'000'000);
  basis_tracker b{c};
  b.observe(noon, points(5'030), points(5'000));
  b.observe(noon + seconds(1), points(5'040), points(5'000));
  // 59 s of 40, then a window of 50.
  b.observe(noon + seconds(61), points(5'050), points(5'000));
  EXPECT_EQ(b.value(), points(35.172));  // 50 - (50 - (40 - 10 x 2^(-60/60))) x 2^(-1/60) = 35.1723
}

TEST(Basis, IsKnownOnceItWasSeen) {
  gamma_config c;
  EXPECT_FALSE(basis_tracker{c}.known());
  basis_tracker b{c};
  b.observe(noon, points(5'030), points(5'000));
  EXPECT_TRUE(b.known());
  c.live_basis = false;
  EXPECT_TRUE(basis_tracker{c}.known());
}

TEST(Basis, LiesOnTheTick) {
  basis_tracker b{gamma_config{}};
  b.observe(noon, points(5'030.125), points(5'000));
  EXPECT_EQ(b.value(), points(30.25));  // half away from zero
}

TEST(Basis, ScalesTheUnderlying) {
  gamma_config c;
  c.scale = 10;
  basis_tracker b{c};
  EXPECT_EQ(b.scaled(points(687.65)), points(6'876.5));
  b.observe(noon, points(6'900), points(687.65));
  EXPECT_EQ(b.value(), points(23.5));
}

TEST(Basis, IsNothingWhereItIsNotFollowed) {
  gamma_config c;
  c.scale = 10;
  c.live_basis = false;  // compat: price = 10 x SPY
  basis_tracker b{c};
  b.observe(noon, points(6'900), points(687.65));
  EXPECT_EQ(b.value(), price(0));
}

}  // namespace
}  // namespace isobar::gamma_fuel
