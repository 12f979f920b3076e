#include "gamma-fuel/domain/fuel_rules.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/fuel_thresholds.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr price dollars(double d) { return price(static_cast<std::int64_t>(d * 1e9 + 0.5)); }
fuel_config spy() {
  fuel_config c;
  c.amplify = share_thresholds.amplify;
  c.dampen = share_thresholds.dampen;
  c.wall = share_thresholds.wall;
  c.reach = dollars(2);
  return c;
}
strike_flow call(double k, double gamma, std::uint64_t volume = 0) {
  return {.at = dollars(k), .call = gamma, .put = 0, .volume = volume, .unsigned_ = 0};
}
strike_flow put(double k, double gamma, std::uint64_t volume = 0) {
  return {.at = dollars(k), .call = 0, .put = gamma, .volume = volume, .unsigned_ = 0};
}
fuel_reading at_680(const std::vector<strike_flow>& flows, compat rules = compat::literal) {
  fuel_reading r = read_fuel(within(flows, dollars(680), spy().reach), dollars(680), spy(), rules);
  r.effect = effect_of(r.net_dealer_gamma, regime::neutral, spy());
  return r;
}

// futures-medium 15.5, fuel cases; level 680.
TEST(FuelGolden, OneStrike) {
  const auto r = at_680({call(680, -50'000, 500)});
  EXPECT_EQ(r.effect, regime::amplify);
  EXPECT_EQ(r.confidence, 0.5);
  EXPECT_FALSE(r.zero_by_flow);
}
TEST(FuelGolden, ExactlyTheThresholdIsNeutral) {
  EXPECT_EQ(at_680({call(680, 10'000)}).effect, regime::neutral);
  EXPECT_EQ(at_680({call(680, -10'000)}).effect, regime::neutral);
  EXPECT_EQ(at_680({}).effect, regime::neutral);
  EXPECT_EQ(at_680({}), fuel_reading{});
}
TEST(FuelGolden, CallsAndPutsTogether) {
  const auto r = at_680({call(679, -10'000, 150), call(680, -20'000, 150), put(681, -15'000, 150)});
  EXPECT_EQ(r.effect, regime::amplify);
  EXPECT_EQ(r.net_dealer_gamma, -45'000);
  EXPECT_EQ(r.confidence, 0.45);
}
TEST(FuelGolden, CallWall) {
  const auto r = at_680({call(681, 30'000), call(682, 80'000), call(683, 10'000)});
  EXPECT_EQ(r.effect, regime::dampen);
  EXPECT_EQ(r.net_dealer_gamma, 110'000);
  EXPECT_EQ(r.call_wall, dollars(682));
  EXPECT_FALSE(r.put_wall);
}
TEST(FuelGolden, PutWall) {
  const auto r = at_680({put(677, 5'000), put(678, 70'000), put(679, 20'000)});
  EXPECT_EQ(r.effect, regime::dampen);
  EXPECT_EQ(r.net_dealer_gamma, 90'000);
  EXPECT_EQ(r.put_wall, dollars(678));
}
TEST(FuelGolden, HighVolume) {
  const auto r = at_680({put(678, -30'000), call(679, -10'000), call(681, 20'000), call(682, 40'000)});
  EXPECT_EQ(r.effect, regime::dampen);
  EXPECT_EQ(r.net_dealer_gamma, 20'000);
  ASSERT_TRUE(r.zero_by_flow);
  EXPECT_NEAR(to_double(*r.zero_by_flow), 679.6666666667, 1e-9);
}

TEST(FuelRules, TakesTheZeroNearestToTheLevel) {
  const std::vector<strike_flow> flows{call(678, -1), call(679, 1), call(680, 1), call(681, -1)};
  EXPECT_EQ(at_680(flows).zero_by_flow, dollars(678.5));
  EXPECT_EQ(at_680(flows, compat::corrected).zero_by_flow, dollars(680.5));
}

TEST(FuelRules, OnlySignedContractsMakeConfidence) {
  const std::vector<strike_flow> flows{{.at = dollars(680), .call = 1, .put = 0, .volume = 600, .unsigned_ = 500}};
  EXPECT_EQ(at_680(flows).confidence, 0.6);
  EXPECT_EQ(at_680(flows, compat::corrected).confidence, 0.1);
}

TEST(FuelRules, AnEffectStaysUntilTheFlowHasComeBack) {
  const fuel_config c = spy();
  EXPECT_EQ(effect_of(-10'001, regime::neutral, c), regime::amplify);
  EXPECT_EQ(effect_of(-8'001, regime::amplify, c), regime::amplify);
  EXPECT_EQ(effect_of(-8'000, regime::amplify, c), regime::neutral);
  EXPECT_EQ(effect_of(8'001, regime::dampen, c), regime::dampen);
  EXPECT_EQ(effect_of(8'000, regime::dampen, c), regime::neutral);
  EXPECT_EQ(effect_of(10'001, regime::amplify, c), regime::dampen);
  EXPECT_EQ(effect_of(-8'001, regime::dampen, c), regime::neutral);
}

TEST(FuelRules, ReachIsInclusive) {
  const std::vector<strike_flow> flows{call(677.99, 1), call(678, 2), call(682, 4), call(682.01, 8)};
  EXPECT_EQ(at_680(flows).net_dealer_gamma, 6);
}

}  // namespace
}  // namespace isobar::gamma_fuel
