#include "core/numeric.hpp"

#include <gtest/gtest.h>

namespace isobar {
namespace {

TEST(Numeric, FloorsTowardsMinusInfinity) {
  EXPECT_EQ(floor_div(7, 2), 3);
  EXPECT_EQ(floor_div(-7, 2), -4);
  EXPECT_EQ(floor_div(-8, 2), -4);
  EXPECT_EQ(ceil_div(7, 2), 4);
  EXPECT_EQ(ceil_div(-7, 2), -3);
}

TEST(Numeric, RoundsHalvesAwayFromZero) {
  EXPECT_EQ(round_div(5, 2), 3);
  EXPECT_EQ(round_div(-5, 2), -3);
  EXPECT_EQ(round_div(4, 3), 1);
  EXPECT_EQ(round_div(0, 3), 0);
}

}  // namespace
}  // namespace isobar
