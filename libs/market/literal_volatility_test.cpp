#include "market/literal_volatility.hpp"

#include <gtest/gtest.h>

#include "market/greeks.hpp"
#include "market/implied_volatility.hpp"

namespace isobar::market {
namespace {

constexpr right call = right::call, put = right::put;
constexpr double at_1430 = 7.420091324201e-4, at_1530 = 6.278538812785e-4, at_2030 = 5.707762557078e-5;

struct golden {
  double years, strike;
  right r;
  double mid, interest, literal, exact, gamma, gex;
};
// futures-medium 15.4: r = 0.05, F = 6900, multiplier 50. The years are printed to 13 digits, the rest to all shown.
constexpr golden goldens[] = {
    {at_1430, 6900, call, 12.00, 1000, .160041981830, .160041982, 1.326188583268e-2, 663.094291634},
    {at_1430, 6900, put, 12.00, 800, .160041981830, .160041982, 1.326188583268e-2, 530.475433307},
    {at_1430, 6925, call, 4.25, 1500, .174867240727, .174866794, 9.114540389311e-3, 683.590529198},
    {at_1430, 6875, put, 5.00, 2500, .188604377292, .188604236, 8.751980301883e-3, 1093.997537735},
    {at_1430, 6950, call, 0.55, 3000, .159295667959, .156599190, 3.349439304300e-3, 502.415895645},
    {at_1430, 6840, put, 0.15, 500, .161567584854, .148157996, 1.825830339937e-3, 45.645758498},
    {at_1530, 6900, call, 12.00, 1000, .173982984084, .173982984, 1.326203722541e-2, 663.101861271},
    {at_1530, 6925, call, 4.25, 1500, .190100123985, .190099779, 9.114604774493e-3, 683.595358087},
    {at_1530, 6875, put, 5.00, 2500, .205033992454, .205033889, 8.752042702449e-3, 1094.005337806},
    {at_1530, 6950, call, 0.55, 3000, .172700771899, .170241078, 3.333263127722e-3, 499.989469158},
    {at_1530, 6840, put, 0.15, 500, .174041679746, .161064593, 1.776790647565e-3, 44.419766189},
    {at_2030, 6900, call, 12.00, 1000, .577019810392, .577019810, 1.326279421501e-2, 663.139710751},
    {at_2030, 6925, call, 4.25, 1500, .630481875262, .630481873, 9.114919442888e-3, 683.618958217},
    {at_2030, 6840, put, 0.15, 500, .534188816349, .534188673, 1.371826466551e-3, 34.295661664},
};

TEST(LiteralVolatility, ReproducesTheGoldenGex) {
  for (const golden& g : goldens) {
    pricing_input in{6900, g.strike, g.years, .05, 0};
    in.sigma = literal_newton_volatility(g.r, g.mid, in).sigma();
    EXPECT_NEAR(in.sigma, g.literal, 1e-12) << g.strike;
    const double gamma = black_76_greeks(g.r, in).gamma;
    EXPECT_NEAR(gamma, g.gamma, 1e-13) << g.strike;
    EXPECT_NEAR(gamma * g.interest * 50, g.gex, 2e-9 * g.gex) << g.strike;
  }
}

TEST(ImpliedVolatility, ReproducesTheTrueVolatilitiesOfTheGoldenGex) {
  for (const golden& g : goldens) {
    const implied_volatility v = implied_black_76(g.r, g.mid, {6900, g.strike, g.years, .05, 0});
    ASSERT_TRUE(v);
    EXPECT_NEAR(v.sigma, g.exact, 6e-10) << g.strike;  // printed to nine digits
  }
  EXPECT_NEAR(implied_exposures(call, .55, {6900, 6950, at_1430, .05, 0}).greeks.gamma, 3.247156e-3, 1e-9);
  EXPECT_NEAR(implied_exposures(put, .15, {6900, 6840, at_1430, .05, 0}).greeks.gamma, 1.371803e-3, 1e-9);
}

TEST(LiteralVolatility, ReproducesTheGoldenIterates) {
  const auto iterates = [](right r, double strike, double mid) {
    return literal_newton_volatility(r, mid, {6900, strike, at_1430, .05, 0}).iterates;
  };
  const auto wing = iterates(call, 6925, 4.25);
  EXPECT_NEAR(wing[0], .194883804, 1e-9);
  EXPECT_NEAR(wing[1], .175388987, 1e-9);
  EXPECT_NEAR(wing[2], .174867241, 1e-9);
  // Mids below the discounted intrinsic value: down to the clip, where gamma is 0.
  const auto below = iterates(put, 6920, 18.1);
  EXPECT_NEAR(below[0], .0874, 1e-4);
  EXPECT_NEAR(below[1], .00954, 1e-5);
  EXPECT_EQ(below[2], .001);
  EXPECT_LT(black_76_greeks(put, {6900, 6920, at_1430, .05, .001}).gamma, 1e-300);
  const auto below_call = iterates(call, 6880, 19);
  EXPECT_NEAR(below_call[0], .0999, 1e-4);
  EXPECT_NEAR(below_call[1], .0439, 1e-4);
  EXPECT_EQ(below_call[2], .001);
  const auto above = iterates(put, 6920, 20.05);
  EXPECT_NEAR(above[2], .0579626817, 1e-10);
  EXPECT_NEAR(black_76_greeks(put, {6900, 6920, at_1430, .05, above[2]}).gamma, 6.8329181695e-3, 1e-11);
}

TEST(ImpliedVolatility, RefusesTheGoldenMidsBelowIntrinsic) {
  EXPECT_EQ(implied_black_76(put, 18.1, {6900, 6920, at_1430, .05, 0}).why, no_volatility::below_intrinsic);
  EXPECT_EQ(implied_black_76(call, 19, {6900, 6880, at_1430, .05, 0}).why, no_volatility::below_intrinsic);
  EXPECT_TRUE(implied_black_76(put, 20.05, {6900, 6920, at_1430, .05, 0}));
}

}  // namespace
}  // namespace isobar::market
