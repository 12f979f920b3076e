#include "market/implied_volatility.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "market/option_oracle.hpp"

namespace isobar::market {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

double ulp(double v) { return std::nextafter(std::abs(v), inf) - std::abs(v); }

/// What a price in doubles can say: its own last place, and that of the bound it is subtracted from.
double resolution(right r, double price, const pricing_input& in, double vega) {
  const double discount = std::exp(-in.rate * in.years);
  const double bound =
      discount * std::max(0.0, r == right::call ? in.underlying - in.strike : in.strike - in.underlying);
  const double last_places = 4 * (ulp(price) + ulp(bound));
  return vega > 0 ? last_places / vega : inf;
}

/// Errors of one region of the grid.
struct region {
  int options = 0, resolved = 0, refused = 0;
  double worst = 0;        ///< |error| where vega allows 1e-10
  double worst_ratio = 0;  ///< |error| over what the price can say, elsewhere
};

std::string region_of(double deviations, bool in_the_money) {
  const double z = std::abs(deviations);
  return std::string(z <= 3 ? "0 to 3" : z <= 12 ? "5 to 12" : "20 to 37") + (in_the_money ? ", in the money" : "");
}

TEST(ImpliedVolatilityTable, ReturnsTheVolatilityOfTheOraclesPrice) {
  std::map<std::string, region> regions;
  int most = 0, total = 0, answered = 0;
  oracle::over_grid([&](const pricing_input& in, double deviations) {
    for (const right r : {right::call, right::put}) {
      const oracle::exact_greeks exact = oracle::exact(r, in, in.rate);
      if (exact.value.price < 1e-300) continue;
      region& at = regions[region_of(deviations, (r == right::call) == (deviations < 0))];
      ++at.options;
      const implied_volatility got = implied_black_76(r, exact.value.price, in);
      const double allowed = std::max(1e-10, resolution(r, exact.value.price, in, exact.value.vega));
      if (!got) {  // only where the price's last place is as large as what it would have to say
        ASSERT_GT(allowed, 0.05 * in.sigma) << name_of(got.why) << " K " << in.strike << " T " << in.years;
        ++at.refused;
        continue;
      }
      ++answered;
      total += got.iterations;
      most = std::max(most, got.iterations);
      const double error = std::abs(got.sigma - in.sigma);
      if (allowed == 1e-10) {
        ++at.resolved;
        at.worst = std::max(at.worst, error);
      } else if (allowed < 0.01 * in.sigma) {
        at.worst_ratio = std::max(at.worst_ratio, error / allowed);
      }
    }
  });
  std::printf("implied volatility: evaluations: mean %.2f, most %d\n", double(total) / answered, most);
  for (const auto& [name, at] : regions) {
    std::printf(
        "  %-23s: %4d options, %4d where vega allows 1e-10: largest error %.1e; elsewhere %.2f of what the "
        "price's last places allow; no time value left in the price: %d\n",
        name.c_str(), at.options, at.resolved, at.worst, at.worst_ratio, at.refused);
    EXPECT_LE(at.worst, 1e-10) << name;
    EXPECT_LE(at.worst_ratio, 1) << name;
  }
  EXPECT_LE(most, 6);
  EXPECT_EQ(regions["20 to 37"].refused, 0);
  EXPECT_EQ(regions["20 to 37"].resolved, regions["20 to 37"].options);
}

// Nobody bids, somebody asks one tick: the mid is half a tick, at strikes where it is worth next to nothing.
TEST(ImpliedVolatilityTable, ZeroBidMidsPriceBack) {
  double worst = 0;
  int options = 0;
  for (const double mid : {0.005, 0.025, 0.125})
    for (const double years : {1 / 31'536'000.0, 1 / 8760.0, 1 / 365.0, 7 / 365.0, 30 / 365.0, 1.0})
      for (const double part : {-.30, -.10, -.05, -.02, -.01, .01, .02, .05, .10, .30}) {
        pricing_input in{6900.25, 5 * std::round(6900 * (1 + part) / 5), years, .05, 0};
        const right r = part > 0 ? right::call : right::put;
        const implied_volatility got = implied_black_76(r, mid, in);
        if (!got) {
          EXPECT_EQ(got.why, no_volatility::out_of_range);
          continue;
        }
        ++options;
        in.sigma = got.sigma;
        worst = std::max(worst, std::abs(oracle::exact(r, in, in.rate).value.price / mid - 1));
      }
  std::printf(
      "zero bid: %d mids of 0.005 to 0.125, 1 %% to 30 %% out of the money, 1 s to 1 year: price back within %.1e "
      "relative\n",
      options, worst);
  EXPECT_LE(worst, 1e-13);
  EXPECT_GT(options, 100);
}

TEST(ImpliedVolatility, NamesWhyThereIsNone) {
  const pricing_input in{100, 110, 1, .05, 0};
  const double discount = std::exp(-.05);
  const auto why = [](right r, double price, const pricing_input& i) { return implied_black_76(r, price, i).why; };
  EXPECT_EQ(why(right::call, 0, in), no_volatility::below_intrinsic);
  EXPECT_EQ(why(right::call, -1, in), no_volatility::below_intrinsic);
  EXPECT_EQ(why(right::put, 10 * discount, in), no_volatility::below_intrinsic);
  EXPECT_EQ(why(right::call, 100 * discount, in), no_volatility::above_maximum);
  EXPECT_EQ(why(right::put, 110 * discount, in), no_volatility::above_maximum);
  EXPECT_EQ(why(right::put, 1000, in), no_volatility::above_maximum);
  EXPECT_EQ(why(right::call, 5, {100, 110, 0, .05, 0}), no_volatility::expired);
  EXPECT_EQ(why(right::call, 5, {100, 110, -1, .05, 0}), no_volatility::expired);
  for (const double bad : {nan, inf, -inf}) {
    EXPECT_EQ(why(right::call, bad, in), no_volatility::not_finite);
    EXPECT_EQ(why(right::call, 5, {bad, 110, 1, .05, 0}), no_volatility::not_finite);
    EXPECT_EQ(why(right::call, 5, {100, bad, 1, .05, 0}), no_volatility::not_finite);
    EXPECT_EQ(why(right::call, 5, {100, 110, bad, .05, 0}), no_volatility::not_finite);
    EXPECT_EQ(why(right::call, 5, {100, 110, 1, bad, 0}), no_volatility::not_finite);
  }
  for (const double bad : {0.0, -5.0}) {
    EXPECT_EQ(why(right::call, 5, {bad, 110, 1, .05, 0}), no_volatility::bad_input);
    EXPECT_EQ(why(right::call, 5, {100, bad, 1, .05, 0}), no_volatility::bad_input);
  }
  EXPECT_EQ(why(right::call, 50 * discount, {100, 110, 1e-9, .05, 0}), no_volatility::out_of_range);
  EXPECT_EQ(why(right::call, 5, {100, 110, 1, .05, nan}), no_volatility::none);  // sigma is not an input
  for (std::size_t i = 0; i < no_volatility_reasons; ++i) EXPECT_FALSE(name_of(static_cast<no_volatility>(i)).empty());
}

TEST(ImpliedVolatility, ConvergesAtTheVeryBounds) {
  const double smallest = std::numeric_limits<double>::denorm_min();
  for (const double strike : {50.0, 99.9999, 100.0, 100.0001, 200.0}) {
    const pricing_input in{100, strike, 1, 0, 0};
    for (const right r : {right::call, right::put}) {
      const double low = std::max(0.0, r == right::call ? 100 - strike : strike - 100);
      const double high = r == right::call ? 100 : strike;
      const double just_above = low == 0 ? smallest : std::nextafter(low, high);
      const implied_volatility at_low = implied_black_76(r, just_above, in);
      const implied_volatility at_high = implied_black_76(r, std::nextafter(high, 0), in);
      EXPECT_TRUE(at_low) << strike;
      EXPECT_TRUE(at_high) << strike << name_of(at_high.why);
      EXPECT_GT(at_low.sigma, 0);
      EXPECT_LT(at_low.sigma, at_high.sigma);
      EXPECT_LT(at_low.iterations, 12);
      EXPECT_LT(at_high.iterations, 12);
    }
  }
}

/// A number spread evenly over powers of ten.
double power_of_ten(int low, int high) { return std::pow(10.0, *rc::gen::inRange(low * 1000, high * 1000) / 1000.0); }

RC_GTEST_PROP(ImpliedVolatility, ConvergesEverywhereInsideTheBounds, ()) {
  const double forward = power_of_ten(-6, 9), ratio = power_of_ten(-12, 2) * *rc::gen::element(1.0, -1.0);
  const double rate = *rc::gen::inRange(-10, 30) / 100.0;
  const pricing_input in{forward, forward * std::exp(ratio), power_of_ten(-9, 1), rate, 0};
  const double discount = std::exp(-in.rate * in.years);
  for (const right r : {right::call, right::put}) {
    const double w = r == right::call ? 1 : -1;
    const double low = discount * std::max(0.0, w * (in.underlying - in.strike));
    const double high = discount * (w > 0 ? in.underlying : in.strike);
    const double part = power_of_ten(-200, 0);
    const double price = *rc::gen::element(low + part * (high - low), high - part * (high - low));
    if (!(price > low && price < high)) continue;  // the part was lost in rounding
    const implied_volatility got = implied_black_76(r, price, in);
    RC_ASSERT(got.iterations <= 12);
    RC_ASSERT(got.why == no_volatility::none || got.why == no_volatility::out_of_range);
    if (!got) continue;
    RC_ASSERT(got.sigma > 0);
    pricing_input found = in;
    found.sigma = got.sigma;
    const double back = black_76_greeks(r, found).price;
    RC_ASSERT(std::abs(back - price) <= 2e-12 * (price - low) + 4 * (ulp(high) + ulp(low)));
  }
}

TEST(ImpliedVolatility, ManyOptionsAreManyTimesOne) {
  std::vector<option_price> options;
  oracle::over_grid([&](const pricing_input& in, double deviations) {
    const right r = deviations > 0 ? right::call : right::put;
    options.push_back({r, options.size() % 11 == 0 ? nan : black_76_greeks(r, in).price, in});
  });
  for (const std::size_t n : {options.size(), std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{17}}) {
    std::vector<priced_exposures> answers(n);
    implied_exposures(std::span(options).first(n), answers);
    for (std::size_t i = 0; i < n; ++i) {
      const priced_exposures one = implied_exposures(options[i].side, options[i].price, options[i].in);
      ASSERT_EQ(answers[i].volatility.sigma, one.volatility.sigma);
      ASSERT_EQ(answers[i].volatility.why, one.volatility.why);
      ASSERT_EQ(answers[i].volatility.sigma, implied_black_76(options[i].side, options[i].price, options[i].in).sigma);
      ASSERT_EQ(answers[i].greeks.delta, one.greeks.delta);
      ASSERT_EQ(answers[i].greeks.charm, one.greeks.charm);
    }
  }
}

RC_GTEST_PROP(ImpliedVolatility, RoundTripsAndIgnoresTheRight, ()) {
  const double forward = *rc::gen::inRange(500, 9000);
  const double years = *rc::gen::inRange(1, 40000) / 36500.0, sigma = *rc::gen::inRange(1, 500) / 100.0;
  const double z = *rc::gen::inRange(-500, 500) / 100.0, rate = *rc::gen::inRange(-5, 10) / 100.0;
  const pricing_input in{forward, forward * std::exp(z * sigma * std::sqrt(years)), years, rate, sigma};
  for (const right r : {right::call, right::put}) {
    const option_greeks g = black_76_greeks(r, in);
    const double allowed = std::max(1e-10, resolution(r, g.price, in, g.vega));
    RC_PRE(allowed < 0.01 * sigma);
    const priced_exposures got = implied_exposures(r, g.price, in);
    RC_ASSERT(bool(got.volatility));
    RC_ASSERT(std::abs(got.volatility.sigma - sigma) <= allowed);
    pricing_input found = in;
    found.sigma = got.volatility.sigma;
    const exposure_greeks separate = black_76_exposures(r, found);
    RC_ASSERT(got.volatility.sigma == implied_black_76(r, g.price, in).sigma);
    RC_ASSERT(std::abs(got.greeks.delta - separate.delta) < 1e-13);
    RC_ASSERT(std::abs(got.greeks.gamma - separate.gamma) <= 1e-12 * separate.gamma);
    RC_ASSERT(std::abs(got.greeks.vanna - separate.vanna) <= 1e-12 * (std::abs(separate.vanna) + 1 / sigma));
    RC_ASSERT(std::abs(got.greeks.charm - separate.charm) <= 1e-12 * (std::abs(separate.charm) + 1 / years));
  }
}

}  // namespace
}  // namespace isobar::market
