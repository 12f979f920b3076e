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

std::string refusal(const options& o, const char* name, bool future, const std::vector<symbol>& symbols = spx_only) {
  const auto plan = o.plan(named(name), future, symbols);
  return plan ? "taken" : plan.error().evidence;
}

TEST(GammaConfig, ExpiriesAreASetOfAnyKindBySymbol) {
  options o;
  o.all.expiries = "max-dte:7";
  o.overrides = {"ES:expiries=2026-01-16+2026-02-20"};
  EXPECT_EQ(words_of(plan_of(o, "SPX", false).rules.expiries), "expiries within 7 days");
  EXPECT_EQ(words_of(plan_of(o, "ESH6", true).rules.expiries), "expiries 2026-01-16, 2026-02-20");
  o.all.expiries = "weekly";
  EXPECT_EQ(refusal(o, "SPX", false).substr(0, 31), "gamma-fuel.expiries: \"weekly\" i");
  options other;
  other.overrides = {"ES:expiries=max-dte:x"};
  const auto checked = other.check_overrides(spx_only, {named("ESH6")});
  ASSERT_FALSE(checked.has_value());
  EXPECT_NE(checked.error().evidence.find("is not a number of days"), std::string::npos) << checked.error().evidence;
}

TEST(GammaConfig, FuelThresholdsFollowTheScaleOfASharesPoint) {
  struct row {
    const char* name;
    bool future;
    double amplify, wall;
  };
  // futures-medium 11.2 for SPY, 10,000 and 50,000, over the square of the points per dollar of the index's fund.
  for (const row& r :
       {row{"SPY", false, -10'000, 50'000}, row{"SPX", false, -100, 500}, row{"ESH6", true, -100, 500},
        row{"MESH6", true, -100, 500}, row{"NQH6", true, -6.25, 31.25}, row{"NDX", false, -6.25, 31.25},
        row{"QQQ", false, -10'000, 50'000}, row{"RTYH6", true, -100, 500}, row{"YMH6", true, -1, 5},
        row{"DJX", false, -10'000, 50'000}, row{"CLH6", true, -10'000, 50'000}, row{"GCH6", true, -100, 500}}) {
    const fuel_config fuel = plan_of({}, r.name, r.future).rules.fuel;
    EXPECT_DOUBLE_EQ(fuel.amplify, r.amplify) << r.name;
    EXPECT_DOUBLE_EQ(fuel.dampen, -r.amplify) << r.name;
    EXPECT_DOUBLE_EQ(fuel.wall, r.wall) << r.name;
  }
}

TEST(GammaConfig, FuelThresholdsMayBeToldBySymbol) {
  options o;
  o.overrides = {"NQ:fuel-scale=20", "NQ:fuel-wall=99", "QQH6:tick=0.5", "QQH6:multiplier=10", "QQH6:grid-step=25"};
  const fuel_config fuel = plan_of(o, "NQH6", true).rules.fuel;
  EXPECT_EQ(fuel.amplify, -25);
  EXPECT_EQ(fuel.wall, 99);
  EXPECT_EQ(plan_of(o, "QQH6", true).rules.fuel.amplify, -4) << "twice the grid step given";
  o.overrides = {"NQ:fuel-scale=0"};
  EXPECT_EQ(refusal(o, "NQH6", true), "gamma-fuel.fuel-scale: \"0\" is not a positive decimal");
  options literal;
  literal.all.compat = "literal";
  EXPECT_EQ(plan_of(literal, "ESH6", true).rules.fuel.amplify, -10'000);
}

TEST(GammaConfig, VolumeIsOfTheTradesOfAFutureElseOfOptions) {
  EXPECT_EQ(plan_of({}, "ESH6", true).rules.volume, volume_source::trades);
  EXPECT_FALSE(plan_of({}, "ESH6", true).side_volume);
  EXPECT_EQ(plan_of({}, "SPX", false).rules.volume, volume_source::options);
  EXPECT_TRUE(plan_of({}, "SPX", false).side_volume);
  options o;
  o.overrides = {"ES:volume=options", "SPX:volume=none"};
  EXPECT_TRUE(plan_of(o, "ESH6", true).side_volume);
  EXPECT_EQ(plan_of(o, "SPX", false).rules.volume, volume_source::none);
  EXPECT_EQ(refusal(o, "ESH6", true, {}), "gamma-fuel.volume: no option symbol is read for ESH6");
  o.overrides = {"SPX:volume=trades"};
  EXPECT_EQ(refusal(o, "SPX", false), "gamma-fuel.volume: trades are those of a future, SPX is none");
}

TEST(GammaConfig, AnUnknownProductMustBeDescribed) {
  EXPECT_FALSE(options{}.plan(named("QQH6"), true, spx_only).has_value());
  options o;
  o.overrides = {"QQH6:tick=0.5", "QQH6:multiplier=10", "QQH6:grid-step=25"};
  EXPECT_EQ(plan_of(o, "QQH6", true).rules.grid.step, price(25'000'000'000));
}

}  // namespace
}  // namespace isobar::gamma_fuel
