#include "market/american.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace isobar::market {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct published {
  double underlying, years, sigma, call, put;
};
// The approximation's own values for futures options, K = 100, r = 0.10: Haug, The Complete Guide to Option Pricing
// Formulas, table of the Barone-Adesi and Whaley method, to four places.
constexpr published table[] = {
    {90, .1, .15, 0.0206, 10.0000},  {90, .1, .25, 0.3159, 10.2533},  {90, .1, .35, 0.9495, 10.8787},
    {100, .1, .15, 1.8771, 1.8770},  {100, .1, .25, 3.1280, 3.1277},  {100, .1, .35, 4.3777, 4.3777},
    {110, .1, .15, 10.0089, 0.0410}, {110, .1, .25, 10.3919, 0.4562}, {110, .1, .35, 11.1679, 1.2402},
    {90, .5, .15, 0.8208, 10.5595},  {90, .5, .25, 2.7437, 12.4419},  {90, .5, .35, 5.0063, 14.6945},
    {100, .5, .15, 4.0842, 4.0842},  {100, .5, .25, 6.8015, 6.8014},  {100, .5, .35, 9.5106, 9.5104},
    {110, .5, .15, 10.8087, 1.0822}, {110, .5, .25, 13.0170, 3.3226}, {110, .5, .35, 15.5689, 5.8823},
};

TEST(American76, ReproducesThePublishedTable) {
  for (const published& p : table) {
    const pricing_input in{p.underlying, 100, p.years, .10, p.sigma};
    // The table's iteration for the boundary stopped early: its calls and puts break put-call symmetry by as much.
    EXPECT_NEAR(american_76_price(right::call, in), p.call, 3e-3) << p.underlying << " " << p.years << " " << p.sigma;
    EXPECT_NEAR(american_76_price(right::put, in), p.put, 3e-3) << p.underlying << " " << p.years << " " << p.sigma;
  }
}

TEST(American76, IsEuropeanWithoutInterestAndExercisedWhenDeep) {
  for (const double rate : {0.0, -.01})
    EXPECT_EQ(american_76_price(right::call, {100, 90, 1, rate, .2}),
              black_76_greeks(right::call, {100, 90, 1, rate, .2}).price);
  const american_greeks deep = american_76_greeks(right::call, {200, 100, .25, .08, .2});
  EXPECT_EQ(deep.price, 100);
  EXPECT_EQ(deep.delta, 1);
  EXPECT_EQ(deep.gamma, 0);
  const american_greeks deep_put = american_76_greeks(right::put, {50, 100, .25, .08, .2});
  EXPECT_EQ(deep_put.price, 50);
  EXPECT_EQ(deep_put.delta, -1);
  EXPECT_EQ(deep_put.gamma, 0);
}

TEST(American76, ExpiredAndBadInputAreAsTheEuropeans) {
  EXPECT_EQ(american_76_price(right::put, {90, 100, 0, .05, .2}), 10);
  EXPECT_EQ(american_76_greeks(right::put, {90, 100, 0, .05, .2}).delta, -1);
  EXPECT_EQ(american_76_exposures(right::call, {110, 100, -1, .05, .2}).delta, 1);
  EXPECT_TRUE(std::isnan(american_76_price(right::call, {nan, 100, 1, .05, .2})));
  EXPECT_TRUE(std::isnan(american_76_price(right::put, {100, 0, 1, .05, .2})));
  EXPECT_TRUE(std::isnan(american_76_exposures(right::put, {100, 100, 1, nan, .2}).vanna));
}

TEST(ImpliedAmerican, NamesWhyThereIsNone) {
  const auto why = [](right r, double price, const pricing_input& in) { return implied_american_76(r, price, in).why; };
  EXPECT_EQ(why(right::call, 10, {110, 100, 1, .05, 0}), no_volatility::below_intrinsic);
  EXPECT_EQ(why(right::put, 0, {110, 100, 1, .05, 0}), no_volatility::below_intrinsic);
  EXPECT_EQ(why(right::call, 110, {110, 100, 1, .05, 0}), no_volatility::above_maximum);
  EXPECT_EQ(why(right::put, 100, {110, 100, 1, .05, 0}), no_volatility::above_maximum);
  EXPECT_EQ(why(right::put, nan, {110, 100, 1, .05, 0}), no_volatility::not_finite);
  EXPECT_EQ(why(right::put, 1, {110, 100, 0, .05, 0}), no_volatility::expired);
  EXPECT_EQ(why(right::put, 1, {110, -100, 1, .05, 0}), no_volatility::bad_input);
  EXPECT_EQ(why(right::call, 50, {100, 110, 1e-9, .05, 0}), no_volatility::out_of_range);
  // Between the European and the American maximum.
  EXPECT_NE(why(right::call, 109.9, {110, 100, 1, .05, 0}), no_volatility::above_maximum);
}

pricing_input random_future_option() {
  const double forward = *rc::gen::inRange(500, 9000), rate = *rc::gen::inRange(0, 10) / 100.0;
  const double years = *rc::gen::inRange(1, 2000) / 1000.0, sigma = *rc::gen::inRange(3, 200) / 100.0;
  const double z = *rc::gen::inRange(-300, 300) / 100.0;
  return {forward, forward * std::exp(z * sigma * std::sqrt(years)), years, rate, sigma};
}

RC_GTEST_PROP(American76, IsWorthAtLeastTheEuropeanAndItsExercise, ()) {
  const pricing_input in = random_future_option();
  for (const right r : {right::call, right::put}) {
    const double american = american_76_price(r, in), european = black_76_greeks(r, in).price;
    const double now = r == right::call ? in.underlying - in.strike : in.strike - in.underlying;
    RC_ASSERT(american >= european * (1 - 1e-12) - 1e-300);
    RC_ASSERT(american >= now - 1e-9 * in.underlying);
    RC_ASSERT(american <= (r == right::call ? in.underlying : in.strike));
  }
}

RC_GTEST_PROP(American76, GreeksAreDerivativesOfItsPrice, ()) {
  const pricing_input in = random_future_option();
  const right r = *rc::gen::element(right::call, right::put);
  const double h = in.underlying * in.sigma * std::sqrt(in.years) * 1e-4;
  const auto at = [&](double d) {
    return american_76_greeks(r, {in.underlying + d, in.strike, in.years, in.rate, in.sigma});
  };
  const american_greeks up = at(h), down = at(-h), g = at(0);
  RC_PRE((up.gamma == 0) == (down.gamma == 0));  // not across the exercise boundary
  RC_ASSERT(std::abs((up.price - down.price) / (2 * h) - g.delta) < 1e-5);
  RC_ASSERT(std::abs((up.delta - down.delta) / (2 * h) - g.gamma) < 1e-4 * g.gamma + 1e-9);
}

RC_GTEST_PROP(ImpliedAmerican, RoundTrips, ()) {
  const pricing_input in = random_future_option();
  for (const right r : {right::call, right::put}) {
    const double price = american_76_price(r, in), vega = black_76_greeks(r, in).vega;
    const double now = r == right::call ? in.underlying - in.strike : in.strike - in.underlying;
    if (price <= std::max(0.0, now) * (1 + 1e-9)) continue;  // exercised: no volatility to find
    const implied_volatility got = implied_american_76(r, price, in);
    RC_ASSERT(bool(got));
    RC_ASSERT(got.iterations <= 81);
    const double allowed = std::max(1e-10, 1e-14 * (price + in.underlying) / vega);
    RC_ASSERT(std::abs(got.sigma - in.sigma) <= allowed);
  }
}

}  // namespace
}  // namespace isobar::market
