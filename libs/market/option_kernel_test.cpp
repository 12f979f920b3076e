#include "market/option_kernel.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>

#include "market/greeks.hpp"
#include "market/option_oracle.hpp"

namespace isobar::market {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr instruction_set sets[] = {instruction_set::scalar, instruction_set::avx2, instruction_set::avx512};

struct options {
  std::vector<double> forward, strike, deviation, discount, weight;
  void add(double f, double k, double s, double d, double w = 1) {
    forward.push_back(f), strike.push_back(k), deviation.push_back(s), discount.push_back(d), weight.push_back(w);
  }
  kernel_input input() const { return {forward, strike, deviation, discount}; }
  std::size_t size() const { return forward.size(); }
};

struct results {
  std::vector<double> delta, gamma;
};
results run(const options& o, instruction_set with) {
  results r{std::vector<double>(o.size()), std::vector<double>(o.size())};
  delta_gamma(o.input(), r.delta, r.gamma, with);
  return r;
}

double relative(double got, double exact) {
  return std::abs(exact) < 1e-300 ? std::abs(got - exact) / 1e-300 * 1e-12 : std::abs(got - exact) / std::abs(exact);
}

options grid_options(std::vector<pricing_input>& inputs) {
  options o;
  oracle::over_grid([&](const pricing_input& in, double) {
    inputs.push_back(in);
    o.add(in.underlying, in.strike, in.sigma * std::sqrt(in.years), std::exp(-in.rate * in.years),
          1 + static_cast<double>(o.size() % 7));
  });
  return o;
}

TEST(OptionKernelTable, EveryInstructionSetIsWithin1e12) {
  std::vector<pricing_input> inputs;
  const options o = grid_options(inputs);
  const results reference = run(o, instruction_set::scalar);
  for (const instruction_set set : sets) {
    if (!has(set)) {
      std::printf("kernel %s: not on this machine\n", std::string(name_of(set)).c_str());
      continue;
    }
    const results r = run(o, set);
    double delta = 0, gamma = 0, from_scalar = 0;
    for (std::size_t i = 0; i < o.size(); ++i) {
      const option_greeks exact = oracle::exact(right::call, inputs[i], inputs[i].rate).value;
      delta = std::max(delta, relative(r.delta[i], exact.delta));
      gamma = std::max(gamma, relative(r.gamma[i], exact.gamma));
      from_scalar =
          std::max({from_scalar, relative(r.delta[i], reference.delta[i]), relative(r.gamma[i], reference.gamma[i])});
    }
    std::printf("kernel %s: largest relative error of delta %.1e, of gamma %.1e; from the scalar path %.1e\n",
                std::string(name_of(set)).c_str(), delta, gamma, from_scalar);
    EXPECT_LE(delta, 1e-12);
    EXPECT_LE(gamma, 1e-12);
    EXPECT_LE(from_scalar, 1e-12);
  }
}

TEST(OptionKernel, VectorSetsGiveTheSameBits) {
  if (!has(instruction_set::avx2) || !has(instruction_set::avx512)) GTEST_SKIP() << "needs both";
  std::vector<pricing_input> inputs;
  const options o = grid_options(inputs);
  const results narrow = run(o, instruction_set::avx2), wide = run(o, instruction_set::avx512);
  EXPECT_EQ(narrow.delta, wide.delta);
  EXPECT_EQ(narrow.gamma, wide.gamma);
  repricing_profile profile;
  profile.assign(o.input(), o.weight);
  for (const double scale : {.99, 1.0, 1.01}) {
    EXPECT_EQ(weighted_gamma(o.input(), o.weight, scale, instruction_set::avx2),
              weighted_gamma(o.input(), o.weight, scale, instruction_set::avx512));
    EXPECT_EQ(profile.at(scale, instruction_set::avx2), profile.at(scale, instruction_set::avx512));
  }
}

TEST(OptionKernel, ScalarPathIsTheReferencePath) {
  std::vector<pricing_input> inputs;
  const options o = grid_options(inputs);
  const results r = run(o, instruction_set::scalar);
  for (std::size_t i = 0; i < o.size(); ++i) {
    const option_greeks g = black_76_greeks(right::call, inputs[i]);
    ASSERT_LE(relative(r.delta[i], g.delta), 1e-15);
    ASSERT_LE(relative(r.gamma[i], g.gamma), 1e-15);
  }
}

TEST(OptionKernel, TakesAnyNumberOfOptions) {
  for (const instruction_set set : sets)
    for (std::size_t n = 0; n < 40; ++n) {
      options o;
      double gammas = 0;
      for (std::size_t i = 0; i < n; ++i) {
        o.add(100, 80 + static_cast<double>(i), .2, .99, static_cast<double>(i));
        gammas += o.weight[i] * run(o, instruction_set::scalar).gamma[i];
      }
      const results r = run(o, set), reference = run(o, instruction_set::scalar);
      for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(r.delta[i], reference.delta[i], 1e-13);
      EXPECT_NEAR(weighted_gamma(o.input(), o.weight, 1, set), gammas, 1e-13 * gammas);
      repricing_profile profile;
      profile.assign(o.input(), o.weight);
      EXPECT_EQ(profile.size(), n);
      EXPECT_NEAR(profile.at(1, set), gammas, 1e-13 * gammas);
    }
}

TEST(OptionKernel, ExpiredIsMoneynessAndNonsenseIsNan) {
  for (const instruction_set set : sets) {
    options o;
    for (const double dead : {0.0, -1.0, nan}) {
      o.add(110, 100, dead, 1);
      o.add(90, 100, dead, 1);
    }
    for (const double bad : {0.0, -1.0, nan}) {
      o.add(bad, 100, .2, 1);
      o.add(100, bad, .2, 1);
    }
    o.add(1e-3, 1e9, 1e-6, 1);  // thousands of deviations away
    o.add(1e9, 1e-3, 1e-6, 1);
    const results r = run(o, set);
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(r.delta[i], i % 2 == 0 ? 1 : 0) << name_of(set);
      EXPECT_EQ(r.gamma[i], 0) << name_of(set);
    }
    for (std::size_t i = 6; i < 12; ++i) {
      EXPECT_TRUE(std::isnan(r.delta[i])) << name_of(set) << i;
      EXPECT_TRUE(std::isnan(r.gamma[i])) << name_of(set) << i;
    }
    EXPECT_EQ(r.delta[12], 0) << name_of(set);
    EXPECT_EQ(r.delta[13], 1) << name_of(set);
    EXPECT_EQ(r.gamma[12], 0) << name_of(set);
    EXPECT_EQ(r.gamma[13], 0) << name_of(set);
    EXPECT_TRUE(std::isnan(weighted_gamma(o.input(), o.weight, 1, set)));
    repricing_profile profile;
    profile.assign(o.input(), o.weight);
    EXPECT_TRUE(std::isnan(profile.at(1, set)));
    EXPECT_TRUE(std::isnan(profile.at(0, set)));
  }
}

TEST(OptionKernel, NamesItsInstructionSets) {
  EXPECT_TRUE(has(instruction_set::scalar));
  EXPECT_TRUE(has(best_instruction_set()));
  EXPECT_EQ(name_of(instruction_set::avx512), "avx512");
}

RC_GTEST_PROP(OptionKernel, RepricesTheSameOnEveryMachine, ()) {
  options o;
  const int n = *rc::gen::inRange(1, 200);
  for (int i = 0; i < n; ++i)
    o.add(*rc::gen::inRange(4000, 7000), *rc::gen::inRange(3000, 8000), *rc::gen::inRange(1, 5000) / 1e4, .99,
          *rc::gen::inRange(0, 100'000));
  repricing_profile profile;
  profile.assign(o.input(), o.weight);
  for (const double scale : {0.9, 0.999, 1.0, 1.1}) {
    double exact = 0, absolute = 0;
    for (std::size_t i = 0; i < o.size(); ++i) {
      const double gamma =
          o.discount[i] * black_76_greeks(right::call, {o.forward[i] * scale, o.strike[i], 1, 0, o.deviation[i]}).gamma;
      exact += o.weight[i] * gamma;
      absolute += std::abs(o.weight[i] * gamma);
    }
    for (const instruction_set set : sets) {
      RC_ASSERT(std::abs(weighted_gamma(o.input(), o.weight, scale, set) - exact) <= 1e-12 * absolute + 1e-290);
      // The profile adds ln(scale) to the moneyness instead of scaling the forward: with a deviation of 1e-4 a rounding
      // of the sum is 1e-12 of a deviation.
      RC_ASSERT(std::abs(profile.at(scale, set) - exact) <= 4e-11 * absolute + 1e-290);
    }
  }
}

}  // namespace
}  // namespace isobar::market
