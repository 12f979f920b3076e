#include "market/skew.hpp"

#include <gtest/gtest.h>

namespace isobar::market {
namespace {

// options-surface 10.2: base 0.15, spot 6900.
TEST(Skew, ReproducesTheGoldenVectors) {
  EXPECT_NEAR(skewed_volatility(.15, 6800, 6900, 16.0), .15326087, 1e-8);
  EXPECT_NEAR(skewed_volatility(.15, 7000, 6900, 16.0), .15065217, 1e-8);
  EXPECT_NEAR(skewed_volatility(.15, 6800, 6900, 25.0), .15652174, 1e-8);
  EXPECT_NEAR(skewed_volatility(.15, 7000, 6900, 25.0), .15108696, 1e-8);
  EXPECT_NEAR(skewed_volatility(.15, 6800, 6900, 45.0), .16829121, 1e-8);
  EXPECT_NEAR(skewed_volatility(.15, 6900, 6900, 45.0), .15750000, 1e-8);
  EXPECT_NEAR(skewed_volatility(.15, 7000, 6900, 45.0), .15916078, 1e-8);
}

TEST(Skew, BoundariesBelongToTheLowerRegime) {
  EXPECT_EQ(skew_regime_of(14).put_skew, .10);
  EXPECT_EQ(skew_regime_of(14.01).put_skew, .15);
  EXPECT_EQ(skew_regime_of(18).put_skew, .15);
  EXPECT_EQ(skew_regime_of(30).put_skew, .30);
  EXPECT_EQ(skew_regime_of(30.01).put_skew, .50);
}

}  // namespace
}  // namespace isobar::market
