#include "gamma-fuel/domain/zero_gamma.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "gamma-fuel/domain/board_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

/// Options of 20 points' deviation each, so that every one has the prices about its strike to itself.
struct narrow_book {
  std::vector<double> forward, strike, deviation, discount, weight;
  explicit narrow_book(const std::vector<std::pair<double, double>>& strikes, double each = 0.003) {
    for (const auto& [k, w] : strikes) {
      forward.push_back(6'900);
      strike.push_back(k);
      deviation.push_back(each);
      discount.push_back(1);
      weight.push_back(w);
    }
  }
  weighted_book view() const { return {{forward, strike, deviation, discount}, weight}; }
  std::optional<double> zero() const {
    const auto factor = zero_gamma_search{}.find(view(), morning, 6'900, 0.01 / 6'900);
    if (!factor) return std::nullopt;
    return 6'900 * *factor;
  }
};

TEST(ZeroGammaSearch, TakesTheNearerOfTwoInsideOnePerCent) {
  // Equal weights at equal deviations: zero about half-way, at 6922 and 6875.
  EXPECT_NEAR(*narrow_book({{6'850, -1}, {6'900, 1}, {6'945, -1}}).zero(), 6'922.5, 0.5);
  EXPECT_NEAR(*narrow_book({{6'855, -1}, {6'900, 1}, {6'950, -1}}).zero(), 6'877.5, 0.5);
}

/// Nearest sign change on a scan of every 0.2 points, by halving; by no code of the search.
std::optional<double> scanned(const narrow_book& b) {
  const auto total = [&](double at) { return market::weighted_gamma(b.view().options, b.weight, at / 6'900); };
  for (double away = 0.2; away <= 69; away += 0.2)
    for (const double side : {-1.0, 1.0}) {
      double in = 6'900 + side * (away - 0.2), out = 6'900 + side * away;
      const bool negative = total(in) < 0;
      if (negative == (total(out) < 0)) continue;
      for (int i = 0; i < 40; ++i) ((total((in + out) / 2) < 0) == negative ? in : out) = (in + out) / 2;
      return in;
    }
  return std::nullopt;
}

TEST(ZeroGammaSearch, SeesStrikesApartHalfAnHourBeforeSettlement) {
  // 0.0011: 15 % over half an hour. Dealers short one strike between strikes that they are long: two sign changes
  // within 1 % on one side of the market, and the total at the market and at 1 % have one sign.
  for (const double at : {6'915.0, 6'925.0, 6'940.0, 6'955.0, 6'885.0, 6'850.0}) {
    std::vector<std::pair<double, double>> strikes;
    for (double k = 6'800; k <= 7'000; k += 5) strikes.emplace_back(k, std::abs(k - at) < 8 ? -40 : 10);
    const narrow_book b(strikes, 0.0011);
    const auto expected = scanned(b);
    ASSERT_TRUE(expected.has_value()) << at;
    ASSERT_TRUE(b.zero().has_value()) << at;
    EXPECT_NEAR(*b.zero(), *expected, 0.02) << at;
  }
}

TEST(ZeroGammaSearch, IsWithinAHundredthOfAPoint) {
  const narrow_book b({{6'850, -1}, {6'900, 1}});
  const double zero = *b.zero();
  const auto total = [&](double at) { return market::weighted_gamma(b.view().options, b.weight, at / 6'900); };
  EXPECT_LT(total(zero - 0.01) * total(zero + 0.01), 0);
}

TEST(ZeroGammaSearch, SaysWhenThereIsNone) {
  EXPECT_EQ(narrow_book({{6'900, 1}, {6'950, 1}}).zero(), std::nullopt) << "one sign";
  EXPECT_EQ(narrow_book({{6'900, 0}}).zero(), std::nullopt);
  EXPECT_EQ(narrow_book({}).zero(), std::nullopt);
  EXPECT_EQ(narrow_book({{6'900, 1}, {9'500, -1}}).zero(), std::nullopt) << "beyond 20 %";
}

TEST(ZeroGammaSearch, DoesNotBelieveTailsOfNothing) {
  // Nobody is near 7100 to 7400: what is left there of the other two is far under 1e-9 of the market's gamma.
  EXPECT_EQ(narrow_book({{6'900, 1}, {9'000, -1}}).zero(), std::nullopt);
}

TEST(ZeroGammaSearch, FollowsAFarOneAndLooksAgainOnceAMinute) {
  zero_gamma_search search;
  narrow_book b({{6'900, 1},
                 {6'450, -1},
                 {6'480, 0.5},
                 {6'850, 1},
                 {6'800, 1},
                 {6'750, 1},
                 {6'700, 1},
                 {6'650, 1},
                 {6'600, 1},
                 {6'550, 1},
                 {6'500, 0.5}});
  const auto first = search.find(b.view(), morning, 6'900, 1e-6);
  ASSERT_TRUE(first.has_value());
  EXPECT_LT(*first, 0.95);
  const auto next = search.find(b.view(), morning + seconds(1), 6'900, 1e-6);
  ASSERT_TRUE(next.has_value());
  EXPECT_NEAR(*next, *first, 2e-6);
  for (double& w : b.weight) w = std::abs(w);
  EXPECT_EQ(search.find(b.view(), morning + seconds(2), 6'900, 1e-6), std::nullopt);
}

}  // namespace
}  // namespace isobar::gamma_fuel
