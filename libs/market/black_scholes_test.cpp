#include "market/black_scholes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace isobar::market {
namespace {

struct golden {
  double spot, strike, years, sigma, call, put;
};
// options-surface 10.2, r = 0.05.
constexpr golden goldens[] = {
    {6900, 6900, 1 / 365.0, .12, 17.765429, 16.820288},
    {6900, 6850, 1 / 365.0, .12, 53.463392, 2.525100},
    {6900, 6950, 1 / 365.0, .12, 2.824558, 51.872569},
    {6900, 6900, 5 / 365.0, .15, 50.708705, 45.984295},
    {100, 100, 1, .20, 10.450584, 5.573526},
};

TEST(BlackScholes, ReproducesTheGoldenVectors) {
  for (const golden& g : goldens) {
    const pricing_input in{g.spot, g.strike, g.years, .05, g.sigma};
    EXPECT_NEAR(black_scholes_price(right::call, in), g.call, 1e-6);
    EXPECT_NEAR(black_scholes_price(right::put, in), g.put, 1e-6);
  }
}

TEST(BlackScholes, IsIntrinsicWithoutTimeOrVolatility) {
  for (const auto& [years, sigma] : {std::pair{0.0, .2}, {-1.0, .2}, {1.0, 0.0}, {1.0, -0.1}}) {
    const pricing_input in{110, 100, years, .05, sigma};
    EXPECT_EQ(black_scholes_price(right::call, in), 10);
    EXPECT_EQ(black_scholes_price(right::put, in), 0);
    EXPECT_EQ(black_76_price(right::call, in), 10);
    EXPECT_EQ(black_76_gamma(in), 0);
    EXPECT_EQ(black_76_delta(right::call, in), 1);
    EXPECT_EQ(black_76_delta(right::put, in), 0);
  }
}

TEST(Black76, AgreesWithBlackScholesOnTheForward) {
  for (const golden& g : goldens) {
    const double forward = g.spot * std::exp(.05 * g.years);
    EXPECT_NEAR(black_76_price(right::call, {forward, g.strike, g.years, .05, g.sigma}), g.call, 1e-6);
  }
}

RC_GTEST_PROP(Black76, KeepsParityBoundsAndGreeks, ()) {
  const double forward = *rc::gen::inRange(500, 9000), strike = *rc::gen::inRange(500, 9000);
  const double years = *rc::gen::inRange(1, 4000) / 3650.0, sigma = *rc::gen::inRange(1, 200) / 100.0;
  const pricing_input in{forward, strike, years, .05, sigma};
  const double call = black_76_price(right::call, in), put = black_76_price(right::put, in);
  const double discount = std::exp(-.05 * years);
  RC_ASSERT(std::abs(call - put - discount * (forward - strike)) < 1e-8);
  RC_ASSERT(call >= discount * (forward - strike) - 1e-9 && call <= discount * forward + 1e-9);
  // Slopes by central differences over a thousandth of a standard deviation.
  const double h = forward * sigma * std::sqrt(years) * 1e-3;
  pricing_input up = in, down = in;
  up.underlying += h, down.underlying -= h;
  const double price_up = black_76_price(right::call, up), price_down = black_76_price(right::call, down);
  RC_ASSERT(std::abs((price_up - price_down) / (2 * h) - black_76_delta(right::call, in)) < 1e-3);
  const double gamma = (black_76_delta(right::call, up) - black_76_delta(right::call, down)) / (2 * h);
  RC_ASSERT(std::abs(gamma - black_76_gamma(in)) < 1e-3 * std::abs(gamma) + 1e-7);
}

}  // namespace
}  // namespace isobar::market
