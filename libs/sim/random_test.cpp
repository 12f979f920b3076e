#include "sim/random.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "market/black_scholes.hpp"

namespace isobar::sim {
namespace {

TEST(Random, GivesTheSameNumbersForEver) {
  // Computed apart in Python from the published algorithms: a change here changes every simulated market.
  random r(1, 0);
  EXPECT_EQ(r.next(), 8089978747140965633u);
  EXPECT_EQ(r.next(), 5687923198772495674u);
}

TEST(Random, StreamsAndSeedsDiffer) {
  EXPECT_NE(random(1, 0).next(), random(1, 1).next());
  EXPECT_NE(random(1, 0).next(), random(2, 0).next());
}

TEST(Random, QuantileInvertsTheDistribution) {
  for (double p = 0.0005; p < 1; p += 0.0005) EXPECT_NEAR(market::normal_cdf(normal_quantile(p)), p, 2e-9) << p;
}

TEST(Random, MomentsAreThoseOfTheirDistributions) {
  random r(7, 0);
  const int n = 200'000;
  double sum = 0, squares = 0, uniform = 0, below = 0;
  for (int i = 0; i < n; ++i) {
    const double z = r.normal();
    sum += z, squares += z * z, uniform += r.uniform(), below += r.below(10);
  }
  // Five standard errors.
  EXPECT_NEAR(sum / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(uniform / n, 0.5, 5 * std::sqrt(1 / 12.0 / n));
  EXPECT_NEAR(below / n, 4.5, 5 * std::sqrt(99 / 12.0 / n));
}

}  // namespace
}  // namespace isobar::sim
