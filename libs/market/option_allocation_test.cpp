// Option maths does not allocate.
#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "market/american.hpp"
#include "market/implied_volatility.hpp"
#include "market/option_kernel.hpp"
#include "testing/allocation_counter.hpp"

namespace isobar::market {
namespace {

TEST(OptionAllocations, CountsThem) {
  const std::size_t before = isobar::testing::allocations();
  auto p = std::make_unique<int>(7);
  EXPECT_EQ(isobar::testing::allocations() - before, 1u);
}

TEST(OptionAllocations, NoneInGreeksVolatilitiesAndKernels) {
  std::array<option_price, 100> options;
  std::array<priced_exposures, 100> answers;
  std::array<double, 100> forward, strike, deviation, discount, delta, gamma;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const auto n = static_cast<double>(i);
    options[i] = {i % 2 == 0 ? right::call : right::put, 0, {100, 50 + n, .01 + n / 50, .05, .1 + n / 50}};
    forward[i] = 100, strike[i] = 50 + n, deviation[i] = .1 + n / 100, discount[i] = 1;
  }
  const kernel_input in{forward, strike, deviation, discount};
  repricing_profile profile;
  profile.assign(in, discount);
  double sum = 0;
  const std::size_t before = isobar::testing::allocations();
  for (option_price& o : options) {
    o.price = black_76_greeks(o.side, o.in).price;
    sum += implied_black_76(o.side, o.price, o.in).sigma + implied_american_76(o.side, o.price * 1.01, o.in).sigma;
    sum += american_76_exposures(o.side, o.in).charm + black_scholes_greeks(o.side, o.in, .01).colour;
  }
  implied_exposures(options, answers);
  for (const auto set : {instruction_set::scalar, best_instruction_set()}) {
    delta_gamma(in, delta, gamma, set);
    sum += weighted_gamma(in, discount, 1.01, set) + profile.at(1.01, set);
  }
  profile.assign(in, discount);
  EXPECT_EQ(isobar::testing::allocations(), before);
  EXPECT_GT(sum + answers.front().greeks.gamma + gamma.front(), 0);
}

}  // namespace
}  // namespace isobar::market
