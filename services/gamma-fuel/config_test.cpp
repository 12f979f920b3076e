#include "gamma-fuel/config.hpp"

#include <gtest/gtest.h>

namespace isobar::gamma_fuel {
namespace {

symbol named(const char* text) { return *symbol::parse(text); }
const std::vector<symbol> spx_only{named("SPX")};

symbol_plan plan_of(const options& o, const char* name, bool future, const std::vector<symbol>& symbols = spx_only) {
  const auto plan = o.plan(named(name), future, symbols);
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().evidence);
  return plan ? *plan : symbol_plan{};
}

TEST(GammaConfig, TheDefaultsOfEsAreTheCores) {
  const symbol_plan plan = plan_of({}, "ESH6", true);
  gamma_config expected;
  expected.symbol = "ESH6";
  EXPECT_EQ(plan.rules, expected);
  EXPECT_EQ(plan.options.chains, named("SPX"));
  EXPECT_FALSE(plan.options.feed);
}

TEST(GammaConfig, AFutureWithoutItsIndexIsReadFromItsOwnFeed) {
  const symbol_plan plan = plan_of({}, "ESH6", true, {});
  EXPECT_TRUE(plan.options.feed);
  EXPECT_FALSE(plan.options.chains);
  EXPECT_EQ(plan.rules.option_symbol, "ESH6");
}

TEST(GammaConfig, AnEtfsOptionsHaveItsScale) {
  options o;
  o.overrides = {"ES:options=SPY"};
  const symbol_plan plan = plan_of(o, "ESH6", true);
  EXPECT_EQ(plan.rules.option_symbol, "SPY");
  EXPECT_EQ(plan.rules.scale, 10);
}

TEST(GammaConfig, PricesFollowTheStrikeSpacing) {
  const symbol_plan plan = plan_of({}, "NQH6", true);
  EXPECT_EQ(plan.rules.grid.step, price(10'000'000'000));
  EXPECT_EQ(plan.rules.grid.half_range, price(120'000'000'000));
  EXPECT_EQ(plan.rules.levels.touch_band, price(1'000'000'000));
  EXPECT_EQ(plan.rules.signals.full_velocity, 10);
}

TEST(GammaConfig, AnOptionSymbolIsItsOwnUnderlying) {
  const symbol_plan plan = plan_of({}, "SPX", false);
  EXPECT_EQ(plan.rules.option_symbol, "SPX");
  EXPECT_EQ(plan.rules.contract_multiplier, 100);
  EXPECT_FALSE(plan.side_radar);
  EXPECT_EQ(plan.options.chains, named("SPX"));
}

TEST(GammaConfig, OverridesOfTheSymbolWinOverThoseOfTheProduct) {
  options o;
  o.overrides = {"ESH6:radar-model=flow", "ES:radar-model=all-short", "ES:rate=0.04"};
  const symbol_plan plan = plan_of(o, "ESH6", true);
  EXPECT_EQ(plan.rules.radar_model, sign_model::flow);
  EXPECT_EQ(plan.rules.pricing.rate, 0.04);
}

TEST(GammaConfig, WrongOnesAreRefusedWithTheirName) {
  const std::vector<symbol> es{named("ESH6")};
  for (const auto& [text, named_in] :
       {std::pair("ES:nothing=1", "nothing"), std::pair("ES:rate=much", "not a number"),
        std::pair("ES:radar-model=mine", "not one of its words"), std::pair("QQ:rate=0.1", "neither a known product"),
        std::pair("ES:grid-step=-5", "grid-step"), std::pair("ES", "is not like")}) {
    options o;
    o.overrides = {text};
    const auto checked = o.check_overrides(spx_only, es);
    ASSERT_FALSE(checked.has_value()) << text;
    EXPECT_NE(checked.error().evidence.find(named_in), std::string::npos) << checked.error().evidence;
  }
}

TEST(GammaConfig, AnUnknownProductMustBeDescribed) {
  EXPECT_FALSE(options{}.plan(named("QQH6"), true, spx_only).has_value());
  options o;
  o.overrides = {"QQH6:tick=0.5", "QQH6:multiplier=10", "QQH6:grid-step=25"};
  EXPECT_EQ(plan_of(o, "QQH6", true).rules.grid.step, price(25'000'000'000));
}

}  // namespace
}  // namespace isobar::gamma_fuel
