#include "radar-physics/config.hpp"

#include <gtest/gtest.h>

#include "config/config.hpp"

namespace isobar::radar_physics {
namespace {

symbol named(const char* text) { return *symbol::parse(text); }

/// Options as the command line gives them.
options parsed(std::vector<const char*> flags) {
  options o;
  config::schema schema("test", "test", "0");
  o.declare(schema);
  flags.insert(flags.begin(), "test");
  const char* const none[] = {nullptr};
  const auto ok = schema.parse(static_cast<int>(flags.size()), flags.data(), none);
  EXPECT_TRUE(ok) << (ok ? "" : ok.error().evidence);
  return o;
}
std::string why(const options& o, const char* name) {
  const auto plan = o.plan(named(name));
  return plan ? "" : plan.error().evidence;
}

TEST(RadarOptions, DefaultsAreThoseOfTheDomain) {
  const auto plan = parsed({}).plan(named("ESH4"));
  ASSERT_TRUE(plan) << plan.error().evidence;
  EXPECT_EQ(plan->rules, radar_config{});
  EXPECT_EQ(assumptions_id(plan->rules), assumptions_id(radar_config{}));
  EXPECT_TRUE(plan->levels.empty());
  EXPECT_FALSE(plan->tick_pinned);
}

TEST(RadarOptions, ProductsBringTheirContract) {
  const auto cl = parsed({}).plan(named("CLZ24"));
  ASSERT_TRUE(cl);
  EXPECT_EQ(cl->rules.tick, price(10'000'000));
  EXPECT_EQ(cl->rules.multiplier, 1000);
  EXPECT_EQ(cl->rules.buckets.strike_spacing, price(500'000'000));
  EXPECT_EQ(why(parsed({}), "QQQH4"),
            "radar-physics.override: the product of QQQH4 is not known; give QQQH4:tick=POINTS and "
            "QQQH4:multiplier=UNITS");
  const auto told = parsed({"--radar-physics.override=QQQ:tick=0.01,QQQH4:multiplier=100"}).plan(named("QQQH4"));
  ASSERT_TRUE(told) << told.error().evidence;
  EXPECT_EQ(told->rules.tick, price(10'000'000));
  EXPECT_EQ(told->rules.multiplier, 100);
  EXPECT_TRUE(told->tick_pinned);
}

TEST(RadarOptions, ASymbolsOverrideIsAboveItsProductsAboveTheGeneralOne) {
  const options o = parsed({"--radar-physics.rows=41", "--radar-physics.window-ms=500",
                            "--radar-physics.override=ESH4:rows=61,ES:rows=51,ES:build=0.5,NQ:judged=stateful"});
  EXPECT_EQ(o.plan(named("ESH4"))->rules.buckets.rows, 61);
  EXPECT_EQ(o.plan(named("ESM4"))->rules.buckets.rows, 51);
  EXPECT_EQ(o.plan(named("ESM4"))->rules.buckets.build, 0.5);
  EXPECT_EQ(o.plan(named("NQH4"))->rules.buckets.rows, 41);
  EXPECT_EQ(o.plan(named("NQH4"))->rules.buckets.judged, evolution::stateful);
  EXPECT_EQ(o.plan(named("ESM4"))->rules.buckets.judged, evolution::snapshot);
  EXPECT_EQ(o.plan(named("NQH4"))->rules.window, milliseconds(500));
}

TEST(RadarOptions, WhatCannotBeIsNamed) {
  const auto overridden = [](const char* text) {
    options o;
    o.overrides = {text};
    return why(o, "ESH4");
  };
  EXPECT_EQ(overridden("rows=3"), "radar-physics.override: \"rows=3\" is not like ES:NAME=VALUE");
  EXPECT_EQ(overridden("ES:row=3"), "radar-physics.override: \"ES:row=3\": no option \"row\"");
  EXPECT_EQ(overridden("ES:rows=x"), "radar-physics.override: \"ES:rows=x\": the value is not a number");
  EXPECT_EQ(overridden("ES:rows=500"), "radar-physics.override: \"ES:rows=500\": the value is outside its range");
  EXPECT_EQ(overridden("ES:erode=nan"), "radar-physics.override: \"ES:erode=nan\": the value is outside its range");
  EXPECT_EQ(overridden("ES:side-gex=yes"),
            "radar-physics.override: \"ES:side-gex=yes\": the value is neither true nor false");
  EXPECT_EQ(overridden("ES:vacuum=x"), "radar-physics.override: \"ES:vacuum=x\": the value is not one of its words");
  EXPECT_EQ(overridden("ES:tick=-1"), "radar-physics.tick: \"-1\" is not a positive decimal");
  EXPECT_NE(overridden("ES:rows=4").find("ESH4"), std::string::npos);  // even: the domain says so
  EXPECT_EQ(overridden("ES:levels=1/x"), "radar-physics.levels: \"x\" is not a decimal");
  options o;
  o.refill_ms = 100;
  o.refill_ms_max = 50;
  EXPECT_EQ(why(o, "ESH4"), "radar-physics.refill-ms is above radar-physics.refill-ms-max");
}

TEST(RadarOptions, OverridesOfOtherSymbolsAreLookedAtToo) {
  const auto said = [](const char* text) {
    options o;
    o.overrides = {text};
    const auto ok = o.check_overrides({named("ESH4"), named("QQQH4")});
    return ok ? "" : ok.error().evidence;
  };
  for (const char* good : {"ESH4:rows=41", "NQ:rows=41", "QQQ:rows=41", "QQQH4:tick=0.5"}) EXPECT_EQ(said(good), "");
  EXPECT_EQ(said("NQ:row=3"), "radar-physics.override: \"NQ:row=3\": no option \"row\"");
  EXPECT_EQ(said("NQ:rows=x"), "radar-physics.override: \"NQ:rows=x\": the value is not a number");
  EXPECT_EQ(said("NQ:tick=x"), "radar-physics.tick: \"x\" is not a positive decimal");
  EXPECT_EQ(said("NQ:levels=x"), "radar-physics.levels: \"x\" is not a decimal");
  EXPECT_EQ(said("NQ"), "radar-physics.override: \"NQ\" is not like ES:NAME=VALUE");
  for (const char* who : {"ESX4:rows=41", "NQH4:rows=41", "es:rows=41"})
    EXPECT_NE(said(who).find("neither a known product nor a symbol of this process"), std::string::npos) << who;
}

TEST(RadarOptions, LevelsAreReadInBothSpellings) {
  for (const char* flag : {"--radar-physics.levels=4835.25,4830", "--radar-physics.levels=4830/4835.25"}) {
    const auto plan = parsed({flag, "--radar-physics.level-step=2.5"}).plan(named("ESH4"));
    ASSERT_TRUE(plan) << plan.error().evidence;
    ASSERT_EQ(plan->levels.size(), 2u);
    EXPECT_EQ(plan->levels[0].id, "CONFIG_4830");
    EXPECT_EQ(plan->levels[1].price, price(4'835'250'000'000));
    EXPECT_EQ(plan->level_step, price(2'500'000'000));
  }
}

TEST(RadarOptions, ResumeIsByModeUnlessSaid) {
  EXPECT_EQ(parsed({}).resume_at_start(), resume_mode::automatic);
  EXPECT_EQ(parsed({"--radar-physics.resume=true"}).resume_at_start(), resume_mode::yes);
  EXPECT_EQ(parsed({"--radar-physics.resume=false"}).resume_at_start(), resume_mode::no);
}

}  // namespace
}  // namespace isobar::radar_physics
