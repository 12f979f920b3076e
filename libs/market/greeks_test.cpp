#include "market/greeks.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

#include "market/option_oracle.hpp"

namespace isobar::market {
namespace {

using member = double option_greeks::*;
const std::map<std::string, member> members{
    {"price", &option_greeks::price}, {"delta", &option_greeks::delta}, {"gamma", &option_greeks::gamma},
    {"vega", &option_greeks::vega},   {"theta", &option_greeks::theta}, {"vanna", &option_greeks::vanna},
    {"charm", &option_greeks::charm}, {"speed", &option_greeks::speed}, {"colour", &option_greeks::colour},
};

/// Smaller values have fewer digits as doubles.
constexpr double smallest_full = 1e-300;

double relative_error(double got, double exact, double scale) {
  if (std::abs(scale) < smallest_full) return 0;
  return std::abs(got - exact) / std::abs(scale);
}

std::string region_of(double deviations) {
  const double z = std::abs(deviations);
  return z <= 3 ? "0 to 3" : z <= 12 ? "5 to 12" : "20 to 37";
}

/// Largest relative error by greek and region.
using error_table = std::map<std::string, std::map<std::string, double>>;

void print(const char* title, const error_table& table) {
  std::printf("%s: largest relative error, by deviations from the money\n", title);
  for (const auto& [name, regions] : table) {
    std::printf("  %-7s", name.c_str());
    for (const char* region : {"0 to 3", "5 to 12", "20 to 37"}) std::printf("  %s: %.1e", region, regions.at(region));
    std::printf("\n");
  }
}

template <class Greeks>
error_table measure(double yield, bool yield_is_rate, const Greeks& greeks) {
  error_table worst;
  oracle::over_grid([&](const pricing_input& in, double deviations) {
    for (const right r : {right::call, right::put}) {
      const double q = yield_is_rate ? in.rate : yield;
      const option_greeks got = greeks(r, in, q);
      const oracle::exact_greeks exact = oracle::exact(r, in, q);
      for (const auto& [name, m] : members) {
        double& e = worst[name][region_of(deviations)];
        e = std::max(e, relative_error(got.*m, exact.value.*m, exact.scale.*m));
      }
    }
  });
  return worst;
}

TEST(GreeksTable, Black76IsWithin1e12OfTheOracle) {
  const auto table = measure(0, true, [](right r, const pricing_input& in, double) { return black_76_greeks(r, in); });
  print("Black-76", table);
  for (const auto& [name, regions] : table)
    for (const auto& [region, e] : regions) EXPECT_LE(e, 1e-12) << name << " at " << region;
}

TEST(GreeksTable, BlackScholesIsWithin1e12OfTheOracle) {
  const auto table =
      measure(0.013, false, [](right r, const pricing_input& in, double q) { return black_scholes_greeks(r, in, q); });
  print("Black-Scholes, yield 1.3 %", table);
  for (const auto& [name, regions] : table)
    for (const auto& [region, e] : regions) EXPECT_LE(e, 1e-12) << name << " at " << region;
}

// black_scholes.hpp's functions are the formulas as written: fine for prices one would pay, not for wings.
TEST(GreeksTable, PlainFormulasAreAbsolutelyExact) {
  double price = 0, delta = 0;
  oracle::over_grid([&](const pricing_input& in, double) {
    for (const right r : {right::call, right::put}) {
      const option_greeks exact = oracle::exact(r, in, in.rate).value;
      price = std::max(price, std::abs(black_76_price(r, in) - exact.price) / std::max(in.underlying, in.strike));
      delta = std::max(delta, std::abs(black_76_delta(r, in) - exact.delta));
    }
  });
  std::printf("plain formulas: price within %.1e of the larger of forward and strike, delta within %.1e\n", price,
              delta);
  EXPECT_LE(price, 1e-10);
  EXPECT_LE(delta, 1e-9);
}

TEST(Greeks, ExposuresAreTheSameNumbers) {
  oracle::over_grid([](const pricing_input& in, double) {
    for (const right r : {right::call, right::put}) {
      const option_greeks all = black_76_greeks(r, in);
      const exposure_greeks some = black_76_exposures(r, in);
      const double charm_scale = std::abs(in.rate * all.delta) + std::abs(all.charm);
      ASSERT_EQ(some.delta, all.delta);
      ASSERT_NEAR(some.gamma, all.gamma, 2e-15 * all.gamma);
      ASSERT_NEAR(some.vanna, all.vanna, 2e-15 * std::abs(all.vanna));
      ASSERT_NEAR(some.charm, all.charm, 2e-15 * charm_scale);
    }
  });
}

TEST(Greeks, AreMoneynessWithoutTimeOrVolatility) {
  for (const auto& [years, sigma] : {std::pair{0.0, .2}, {-1.0, .2}, {1.0, 0.0}, {1.0, -.1}, {1e-200, 1e-300}}) {
    for (const option_greeks& g : {black_76_greeks(right::call, {110, 100, years, .05, sigma}),
                                   black_scholes_greeks(right::call, {110, 100, years, .05, sigma}, 0)}) {
      EXPECT_EQ(g.price, 10);
      EXPECT_EQ(g.delta, 1);
      for (const double zero : {g.gamma, g.vega, g.theta, g.vanna, g.charm, g.speed, g.colour}) EXPECT_EQ(zero, 0);
    }
    EXPECT_EQ(black_76_greeks(right::put, {110, 100, years, .05, sigma}).delta, 0);
    EXPECT_EQ(black_76_greeks(right::put, {100, 110, years, .05, sigma}).delta, -1);
    EXPECT_EQ(black_76_exposures(right::put, {100, 110, years, .05, sigma}).delta, -1);
    EXPECT_EQ(black_76_exposures(right::put, {100, 110, years, .05, sigma}).gamma, 0);
  }
}

TEST(Greeks, AreNanForInputThatIsNoOption) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const pricing_input good{100, 100, 1, .05, .2};
  for (const double bad : {nan, inf, -inf})
    for (const auto field : {&pricing_input::underlying, &pricing_input::strike, &pricing_input::years,
                             &pricing_input::rate, &pricing_input::sigma}) {
      pricing_input in = good;
      in.*field = bad;
      EXPECT_TRUE(std::isnan(black_76_greeks(right::call, in).delta));
      EXPECT_TRUE(std::isnan(black_scholes_greeks(right::put, in, 0).gamma));
      EXPECT_TRUE(std::isnan(black_76_exposures(right::call, in).charm));
    }
  for (const double bad : {0.0, -1.0}) {
    EXPECT_TRUE(std::isnan(black_76_greeks(right::call, {bad, 100, 1, .05, .2}).price));
    EXPECT_TRUE(std::isnan(black_76_greeks(right::call, {100, bad, 1, .05, .2}).price));
  }
  EXPECT_TRUE(std::isnan(black_scholes_greeks(right::call, good, nan).price));
}

TEST(Greeks, StayFiniteFarBeyondTheDoubles) {
  for (const double strike : {1e-3, 1.0, 1e6, 1e9})
    for (const right r : {right::call, right::put}) {
      const option_greeks g = black_76_greeks(r, {6900, strike, 1 / 3.2e7, .05, .01});
      for (const auto& [name, m] : members) EXPECT_TRUE(std::isfinite(g.*m)) << name;
      EXPECT_EQ(g.gamma, 0);
    }
}

pricing_input random_option() {
  const double forward = *rc::gen::inRange(500, 9000), strike = *rc::gen::inRange(500, 9000);
  const double years = *rc::gen::inRange(1, 4000) / 3650.0, sigma = *rc::gen::inRange(1, 300) / 100.0;
  return {forward, strike, years, .05, sigma};
}

RC_GTEST_PROP(Greeks, KeepParityAndBounds, ()) {
  const pricing_input in = random_option();
  const option_greeks call = black_76_greeks(right::call, in), put = black_76_greeks(right::put, in);
  const double discount = std::exp(-in.rate * in.years), forward = in.underlying, strike = in.strike;
  RC_ASSERT(std::abs(call.price - put.price - discount * (forward - strike)) < 1e-11 * forward);
  RC_ASSERT(std::abs(call.delta - put.delta - discount) < 1e-14);
  RC_ASSERT(call.gamma == put.gamma);
  RC_ASSERT(call.vega == put.vega);
  RC_ASSERT(std::abs(call.charm - put.charm - in.rate * discount) < 1e-12 + 1e-12 * std::abs(call.charm));
  RC_ASSERT(call.price >= discount * std::max(0.0, forward - strike) && call.price <= discount * forward);
  RC_ASSERT(put.price >= discount * std::max(0.0, strike - forward) && put.price <= discount * strike);
}

RC_GTEST_PROP(Greeks, PriceRisesWithVolatilityAndFallsWithTheCallsStrike, ()) {
  pricing_input in = random_option();
  const option_greeks here = black_76_greeks(right::call, in);
  in.sigma *= 1.01;
  RC_ASSERT(black_76_greeks(right::call, in).price >= here.price);
  in.sigma /= 1.01;
  in.strike += 5;
  RC_ASSERT(black_76_greeks(right::call, in).price <= here.price);
}

// Every derivative against a central difference of the function it is the derivative of.
RC_GTEST_PROP(Greeks, AreTheDerivativesTheyClaim, ()) {
  const pricing_input in = random_option();
  const double deviation = in.sigma * std::sqrt(in.years), yield = .02;
  RC_PRE(std::abs(std::log(in.underlying / in.strike)) < 4 * deviation);
  const right r = *rc::gen::element(right::call, right::put);
  const auto at = [&](double up, double wider, double later) {
    return black_scholes_greeks(
        r, {in.underlying * (1 + up), in.strike, in.years - later, in.rate, in.sigma * (1 + wider)}, yield);
  };
  const option_greeks g = at(0, 0, 0);
  const double h = 1e-4 * std::min(1.0, deviation), du = 2 * h * in.underlying, ds = 2e-4 * in.sigma;
  const double dt = 2e-4 * in.years;
  const auto close = [](double difference, double claimed, double scale) {
    return std::abs(difference - claimed) < 1e-4 * (std::abs(claimed) + scale);
  };
  const option_greeks up = at(h, 0, 0), down = at(-h, 0, 0), wide = at(0, 1e-4, 0), narrow = at(0, -1e-4, 0);
  const option_greeks later = at(0, 0, dt / 2), earlier = at(0, 0, -dt / 2);
  const double width = in.underlying * deviation;
  RC_ASSERT(close((up.price - down.price) / du, g.delta, 1e-3));
  RC_ASSERT(close((up.delta - down.delta) / du, g.gamma, g.gamma + 1e-3 / width));
  RC_ASSERT(close((up.gamma - down.gamma) / du, g.speed, 10 * g.gamma / width + 1e-3 / (width * width)));
  RC_ASSERT(close((wide.price - narrow.price) / ds, g.vega, g.vega + 1e-3 * in.underlying));
  RC_ASSERT(close((wide.delta - narrow.delta) / ds, g.vanna, 1 / in.sigma));
  RC_ASSERT(close((later.price - earlier.price) / dt, g.theta, width / in.years));
  RC_ASSERT(close((later.delta - earlier.delta) / dt, g.charm, 1 / in.years));
  RC_ASSERT(close((later.gamma - earlier.gamma) / dt, g.colour, 10 * g.gamma / in.years + 1e-3 / width / in.years));
}

}  // namespace
}  // namespace isobar::market
