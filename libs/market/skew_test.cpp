#include "market/skew.hpp"

#include <gtest/gtest.h>

#include "market/black_scholes.hpp"

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

// options-surface 10.2: theoretical tiles at spot 6900, base 0.15, one day, VIX 16; butterflies of calls equal those of
// puts because one volatility prices both rights.
TEST(Skew, ReproducesTheGoldenTheoreticalTiles) {
  struct golden {
    double strike, width, fly, vertical_call, vertical_put;
  };
  const auto value = [](right r, double k) {
    return black_scholes_price(r, {6900, k, 1 / 365.0, .05, skewed_volatility(.15, k, 6900, 16.0)});
  };
  for (const golden& g : {golden{6900, 20, 3.016717, 8.631798, 8.348745},
                          {6900, 50, 17.384753, 16.616969, 15.991429},
                          {6950, 30, 4.326548, 3.658623, 22.010720},
                          {6850, 30, 4.183970, 22.353207, 3.458714}}) {
    for (const right r : {right::call, right::put})
      EXPECT_NEAR(value(r, g.strike - g.width) - 2 * value(r, g.strike) + value(r, g.strike + g.width), g.fly, 1e-6);
    EXPECT_NEAR(value(right::call, g.strike) - value(right::call, g.strike + g.width), g.vertical_call, 1e-6);
    EXPECT_NEAR(value(right::put, g.strike) - value(right::put, g.strike - g.width), g.vertical_put, 1e-6);
  }
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
