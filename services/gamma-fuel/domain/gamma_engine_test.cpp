#include "gamma-fuel/domain/gamma_engine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "gamma-fuel/domain/engine_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

/// Compares by kind, so that a difference says where it is.
void expect_same(const given& a, const given& b) {
  EXPECT_EQ(a.profiles.size(), b.profiles.size());
  EXPECT_TRUE(a.profiles == b.profiles);
  EXPECT_EQ(a.sets, b.sets);
  EXPECT_EQ(a.signals.size(), b.signals.size());
  EXPECT_TRUE(a.signals == b.signals);
  EXPECT_EQ(a.alerts, b.alerts);
}

TEST(GammaEngine, DoesNotDependOnHowInputsInterleave) {
  const session s(1, 20);
  const given first = hear(s, es_config(), {.seed = 1, .at_once_max = 1});
  ASSERT_GT(first.profiles.size(), 15u);
  ASSERT_GT(first.sets.size(), 5u);
  ASSERT_GT(first.signals.size(), 30u);
  expect_same(first, hear(s, es_config(), {.seed = 2, .at_once_max = 10'000}));
  EXPECT_TRUE(rc::check("any interleaving", [&] {
    const hearing how{.seed = *rc::gen::arbitrary<std::uint64_t>(), .at_once_max = *rc::gen::element(1, 3, 20, 500)};
    RC_ASSERT(hear(s, es_config(), how) == first);
  }));
}

TEST(GammaEngine, GoesOnFromItsBytesAsIfNothingHadHappened) {
  const session s(2, 15);
  const given first = hear(s, es_config(), {.seed = 1});
  EXPECT_TRUE(rc::check("killed at any point", [&] {
    const hearing how{.seed = *rc::gen::arbitrary<std::uint64_t>(), .at_once_max = 6, .saves = true};
    RC_ASSERT(hear(s, es_config(), how) == first);
  }));
}

TEST(GammaEngine, RefusesOtherRulesAndCutBytes) {
  auto engine = engine_of(es_config());
  std::string bytes;
  engine->save(bytes);
  gamma_config other = es_config();
  other.fuel.window = seconds(60);
  EXPECT_FALSE(engine_of(other)->restore(bytes));
  EXPECT_FALSE(engine_of(es_config(), true)->restore(bytes));
  EXPECT_FALSE(engine_of(es_config())->restore(bytes.substr(0, bytes.size() - 1)));
  EXPECT_TRUE(engine_of(es_config())->restore(bytes));
}

/// An engine that hears what a test says, the options' side being the chain alone.
class GammaEngineTime : public ::testing::Test {
 protected:
  void SetUp() override { use(es_config()); }
  void use(const gamma_config& c, bool live = false, merge_limits limits = {}) {
    engine = std::make_unique<gamma_engine>(c, live, limits);
    engine->require(input::chain, true);
    engine->require(input::quotes, true);
  }
  contract_number list(double k, market::right r, timestamp at = morning) {
    return engine->list(input::chain, at, contract(k, r));
  }
  void spot(double at_seconds, double price) {
    const timestamp t = after(at_seconds);
    engine->take(input::chain, t, underlying_quote{t, points(price), points(price), true});
  }
  void market(double at_seconds, double mid) {
    engine->take_symbol(underlying_quote{after(at_seconds), points(mid - 0.25), points(mid + 0.25), true});
  }
  void until(double at_seconds) {
    engine->watermark(input::chain, after(at_seconds));
    engine->watermark(input::quotes, after(at_seconds));
    engine->advance(start_of_time, sink);
  }
  void end() {
    engine->watermark(input::chain, end_of_time);
    engine->watermark(input::quotes, end_of_time);
    engine->advance(start_of_time, sink);
  }
  static timestamp after(double s) { return {morning.ns + static_cast<std::int64_t>(s * 1e9)}; }

  std::unique_ptr<gamma_engine> engine;
  recording_sink sink;
};

TEST_F(GammaEngineTime, WindowsWithoutNewsAreLeaptOver) {
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
  engine->take(input::chain, morning, events);
  spot(0.1, 5'000);
  market(0.2, 5'030);
  market(100.2, 5'030);  // says nothing new
  market(119'999.5, 5'031);
  end();
  // The first; both prices stale 60 s later; the symbol is heard of and old again; the move 33 hours later, and old.
  EXPECT_EQ(sink.ends, (std::vector{after(1), after(61), after(101), after(161), after(120'000), after(120'060)}));
  EXPECT_TRUE(sink.last.underlying_stale);
  EXPECT_TRUE(sink.last.market_stale);
  EXPECT_EQ(engine->counters().windows, 6u);
  EXPECT_GT(engine->counters().idle_windows, 119'000u);
}

TEST_F(GammaEngineTime, WatermarksMoveThroughSilence) {
  market(0.5, 5'030);
  until(0.5);
  EXPECT_EQ(engine->profiles_until(), morning);
  until(3'600.2);
  EXPECT_EQ(engine->profiles_until(), after(3'600));
  EXPECT_EQ(engine->signals_until(), after(3'600.2));
  market(3'600.7, 5'031);
  end();
  EXPECT_EQ(engine->profiles_until(), end_of_time);
}

TEST_F(GammaEngineTime, AnInstantOnABoundaryBelongsToTheLaterWindow) {
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
  engine->take(input::chain, morning, events);
  spot(0, 5'000);
  market(0.5, 5'030);
  market(1.0, 5'040);
  until(1.0);
  ASSERT_EQ(sink.ends.size(), 1u);
  EXPECT_EQ(sink.last.reference, points(5'030));
  until(2.0);
  EXPECT_EQ(sink.last.reference, points(5'040));
}

TEST_F(GammaEngineTime, NoWindowOutrunsARequiredInput) {
  market(0.5, 5'030);
  engine->watermark(input::quotes, after(10));
  engine->advance(start_of_time, sink);
  EXPECT_EQ(engine->counters().windows, 0u);
  EXPECT_EQ(engine->waited_for(), std::vector{input::chain});
  engine->watermark(input::chain, after(0.7));
  engine->advance(start_of_time, sink);
  EXPECT_EQ(engine->waited_for(), std::vector{input::chain});
  EXPECT_EQ(engine->counters().windows, 0u);
}

TEST_F(GammaEngineTime, LiveWindowsCloseByTheClockAndSaySo) {
  use(es_config(), true);
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
  engine->take(input::chain, morning, events);
  spot(0.1, 5'000);
  market(0.2, 5'030);
  engine->watermark(input::quotes, after(1));
  engine->watermark(input::chain, after(0.2));
  engine->advance(after(0.9), sink);
  EXPECT_TRUE(sink.ends.empty());
  engine->advance(after(1.1), sink);
  ASSERT_EQ(sink.ends.size(), 1u);
  EXPECT_TRUE(sink.last.options_stale);
  EXPECT_EQ(engine->counters().windows_stale, 1u);
  // What comes too late changes the state and nothing that was given.
  const std::array late{interest(c, 300, after(0.5))};
  engine->take(input::chain, after(0.5), late);
  engine->watermark(input::chain, after(2));
  engine->advance(after(2.1), sink);
  EXPECT_EQ(engine->counters().late, 1u);
  ASSERT_EQ(sink.ends.size(), 2u);
  EXPECT_EQ(engine->board().row(0).open_interest, quantity(300));
}

TEST_F(GammaEngineTime, BasisFollowsTheMarket) {
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
  engine->take(input::chain, morning, events);
  spot(0.1, 5'000);
  market(0.2, 5'030);
  spot(60.1, 5'000.25);
  market(60.5, 5'040);
  end();
  ASSERT_EQ(sink.ends.size(), 3u) << "the third: both are old";
  // 30 for 60 s, then one of them earns 39.75 its weight: 30.11, on the tick 30.
  EXPECT_EQ(sink.last.basis, points(30));
  EXPECT_TRUE(sink.last.basis_known);
}

TEST_F(GammaEngineTime, WithoutABasisThereIsNoGrid) {
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
  engine->take(input::chain, morning, events);
  spot(0.1, 5'000);
  market(100.2, 5'030);  // the index is stale by now
  until(102);
  ASSERT_FALSE(sink.ends.empty());
  EXPECT_TRUE(sink.last.grid.empty());
  EXPECT_FALSE(sink.last.basis_known);
  EXPECT_EQ(sink.last.quality, market::quality::gap);
  EXPECT_EQ(sink.last.reference, points(5'030));
  spot(102.1, 5'000);
  until(104);
  EXPECT_TRUE(sink.last.basis_known);
  EXPECT_FALSE(sink.last.grid.empty());
  EXPECT_EQ(sink.last.quality, market::quality::ok);
}

TEST_F(GammaEngineTime, AMarketThatStopsIsStale) {
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
  engine->take(input::chain, morning, events);
  spot(0.1, 5'000);
  market(0.2, 5'030);
  spot(50.1, 5'001);                                                                      // the index goes on
  engine->take_symbol(underlying_quote{after(55), points(5'039), points(5'041), false});  // and is not believed
  until(60.2);
  EXPECT_FALSE(sink.last.market_stale);
  EXPECT_FALSE(sink.newest.market_stale);
  until(62);
  EXPECT_EQ(sink.ends.back(), after(61));
  EXPECT_TRUE(sink.last.market_stale);
  EXPECT_FALSE(sink.last.underlying_stale);
  EXPECT_EQ(sink.last.basis, points(30)) << "an untrusted price observes nothing";
  EXPECT_TRUE(sink.newest.market_stale);
  EXPECT_EQ(sink.newest.spot, points(5'030));
  EXPECT_EQ(engine->counters().bad_prices, 1u);
}

/// Where finite watermarks stood when the inputs ended depends on how frames were cut: it must not show.
TEST_F(GammaEngineTime, BehindTheEndTimeRunsOnUntilNothingChanges) {
  std::vector<std::vector<timestamp>> ends;
  std::vector<std::uint64_t> ticks;
  for (const double announced : {0.0, 1.0, 5.0, 30.0}) {
    use(es_config());
    sink = {};
    const auto n = list(5'000, call);
    const std::array events{quote(n, 9, 9.2, morning), interest(n, 100, morning)};
    engine->take(input::chain, morning, events);
    spot(0.1, 5'000);
    market(0.2, 5'030);
    if (announced > 0) until(announced);
    end();
    ends.push_back(sink.ends);
    ticks.push_back(engine->counters().ticks);
    EXPECT_EQ(engine->signals_until(), end_of_time);
  }
  EXPECT_EQ(ends.front(), (std::vector{after(1), after(61)})) << "news, then prices that are old";
  for (std::size_t i = 1; i < ends.size(); ++i) {
    EXPECT_EQ(ends[i], ends.front());
    EXPECT_EQ(ticks[i], ticks.front());
  }
}

TEST_F(GammaEngineTime, ALevelThatMovesIsReadWhereTheRadarReadsIt) {
  // The session's high moves from 5030 to 5031 in [1, 2): made at 2, in force from 3 on.
  market(0.2, 5'030);
  until(1);
  market(1.2, 5'031);
  until(2);
  market(2.1, 5'030.5);
  const auto high = [&] {
    const level_signal* l = engine->find_signal("SESSION_HIGH");
    return l == nullptr ? price(0) : l->price;
  };
  until(2.0);
  EXPECT_EQ(high(), points(5'030)) << "the first set, of [0, 1), is in force from 2 on";
  until(2.99);
  EXPECT_EQ(high(), points(5'030)) << "made, not in force";
  std::string bytes;
  engine->save(bytes);
  use(es_config());
  ASSERT_TRUE(engine->restore(bytes));
  until(3.3);
  EXPECT_EQ(high(), points(5'031));
}

TEST_F(GammaEngineTime, AnOptionSymbolIsItsOwnUnderlying) {
  use(spx_config());
  engine->require(input::quotes, false);
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
  engine->take(input::chain, morning, events);
  spot(0.1, 5'003.5);
  until(1);
  ASSERT_EQ(sink.ends.size(), 1u);
  EXPECT_EQ(sink.last.reference, points(5'003.5));
  EXPECT_EQ(sink.last.underlying, points(5'003.5));
  EXPECT_EQ(sink.last.basis, price(0));
  EXPECT_EQ(sink.last.priced, 1u);
}

TEST_F(GammaEngineTime, WithoutOptionsThereAreLevelsAlone) {
  market(0.2, 5'030);
  end();
  EXPECT_TRUE(sink.all.profiles.empty());
  EXPECT_EQ(sink.all.sets.size(), 1u);
  EXPECT_GE(sink.all.signals.size(), 1u);
  EXPECT_EQ(engine->counters().windows_without_options, 2u);  // news, then a price that is old
}

TEST_F(GammaEngineTime, MissingOpenInterestIsSaidNotAssumed) {
  const auto with = list(5'000, call), without = list(5'005, call);
  const std::array events{quote(with, 9, 9.2, morning), interest(with, 100, morning), quote(without, 7, 7.2, morning)};
  engine->take(input::chain, morning, events);
  spot(0.1, 5'000);
  market(0.2, 5'030);
  end();
  EXPECT_EQ(sink.last.contracts, 2u);
  EXPECT_EQ(sink.last.priced, 1u);
  EXPECT_EQ(sink.last.left_out.no_open_interest, 1u);
}

TEST_F(GammaEngineTime, ExpiredContractsHaveNoGamma) {
  const timestamp settles = contract(5'000, call).settles_at;
  const auto c = engine->list(input::chain, settles - seconds(10), contract(5'000, call));
  const std::array events{quote(c, 3, 3.2, settles - seconds(10)), interest(c, 100, settles - seconds(10))};
  engine->take(input::chain, settles - seconds(10), events);
  for (const int s : {-9, 1}) {
    const timestamp t = settles + seconds(s);
    engine->take(input::chain, t, underlying_quote{t, points(5'000 + s), points(5'000 + s), true});
    engine->take_symbol(underlying_quote{t, points(5'030 + s), points(5'030 + s), true});
  }
  end();
  ASSERT_GE(sink.ends.size(), 2u);
  EXPECT_EQ(sink.last.priced, 0u);
}

TEST_F(GammaEngineTime, TwoUnderlyingsWithOneRootAreRefused) {
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
  engine->take(input::chain, morning, events);
  market(0.2, 5'030);
  const auto multiplied = [](option_contract& o) { o.multiplier = 10; };
  const auto american = [](option_contract& o) { o.american = true; };
  const auto later = [](option_contract& o) { o.settles_at = o.settles_at + seconds(200'000); };
  for (const auto& differs : std::vector<std::function<void(option_contract&)>>{multiplied, american, later}) {
    option_contract other = contract(5'000, call);
    differs(other);
    const auto n = engine->list(input::option_feed, after(0.3), other);
    const std::array wrong{interest(n, 7, after(0.3))};
    engine->take(input::option_feed, after(0.3), wrong);
  }
  engine->watermark(input::option_feed, end_of_time);
  end();
  EXPECT_EQ(engine->counters().contracts_refused, 3u);
  EXPECT_EQ(engine->counters().option_events_refused, 3u);
  EXPECT_EQ(engine->board().row(0).open_interest, quantity(100));
}

TEST_F(GammaEngineTime, AListingTakesEffectInItsTimeWhoeverIsHeardFirst) {
  const auto run = [&](bool late_first) {
    use(es_config());
    sink = {};
    option_contract small = contract(5'000, call);
    small.multiplier = 10;
    const auto early = [&] {
      const auto c = list(5'000, call);
      const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
      engine->take(input::chain, morning, events);
      spot(0.1, 5'000);
    };
    const auto late = [&] {
      const auto n = engine->list(input::option_feed, after(1.5), small);
      const std::array events{interest(n, 7, after(1.5))};
      engine->take(input::option_feed, after(1.5), events);
      engine->watermark(input::option_feed, end_of_time);
    };
    market(0.2, 5'030);
    market(2.2, 5'031);
    late_first ? late() : early();
    late_first ? early() : late();
    end();
    return sink.all;
  };
  EXPECT_TRUE(run(true) == run(false));
}

TEST_F(GammaEngineTime, ARunThatHadEndedGoesOn) {
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning)};
  engine->take(input::chain, morning, events);
  spot(0.1, 5'000);
  market(0.2, 5'030);
  end();
  std::string bytes;
  engine->save(bytes);
  use(es_config());
  ASSERT_TRUE(engine->restore(bytes));
  EXPECT_NE(engine->profiles_until(), end_of_time);
  const std::size_t before = sink.ends.size();
  spot(100.1, 5'001);
  market(100.2, 5'031);
  until(101);
  EXPECT_GT(sink.ends.size(), before);
  EXPECT_EQ(sink.last.reference, points(5'031));
}

TEST_F(GammaEngineTime, QuotesOlderThanTheBoardsAreSuperseded) {
  const auto c = list(5'000, call);
  const std::array newer{quote(c, 9, 9.2, after(0.5))}, older{quote(c, 1, 1.2, after(0.1))};
  engine->take(input::chain, after(0.6), newer);
  engine->take(input::chain, after(0.7), older);
  market(0.8, 5'030);
  end();
  EXPECT_EQ(engine->board().row(0).bid, points(9));
  EXPECT_EQ(engine->counters().option_events_superseded, 1u);
  const engine_counters& n = engine->counters();
  EXPECT_EQ(n.option_events, n.option_events_applied + n.option_events_refused + n.option_events_superseded);
}

TEST_F(GammaEngineTime, QueuesAreBoundedAndSaySo) {
  use(es_config(), false, {.option_items = 3, .market_items = 2, .level_states = 1});
  const auto c = list(5'000, call);
  const std::array events{quote(c, 9, 9.2, morning), interest(c, 100, morning), quote(c, 9, 9.1, morning)};
  EXPECT_FALSE(engine->take(input::chain, morning, events));
  for (const double t : {0.1, 0.2, 0.3}) market(t, 5'030);
  EXPECT_TRUE(engine->take(level_states{.as_of = after(0.25), .trusted = true, .levels = {}}));
  EXPECT_FALSE(engine->take(level_states{.as_of = after(0.5), .trusted = true, .levels = {}}));
  EXPECT_EQ(engine->counters().dropped, 3u);
  EXPECT_EQ(engine->waiting(input::chain), 3u);
  EXPECT_EQ(engine->waiting(input::quotes), 2u);
  EXPECT_EQ(engine->waiting(input::levels), 1u);
}

TEST_F(GammaEngineTime, AUsersLevelIsThereFromTheNextWindowOn) {
  market(0.2, 5'030);
  until(1);
  ASSERT_TRUE(engine->add({"MINE", points(5'031)}));
  EXPECT_FALSE(engine->add({"MINE", points(5'032)}));
  EXPECT_EQ(engine->counters().user_levels_refused, 1u);
  until(2);
  EXPECT_NE(sink.all.sets.back().find("MINE="), std::string::npos);
  EXPECT_TRUE(engine->remove("MINE"));
  until(3);
  EXPECT_EQ(sink.all.sets.back().find("MINE="), std::string::npos);
}

TEST_F(GammaEngineTime, ClosedHoursAreNotBuiltWhereSoConfigured) {
  gamma_config c = es_config();
  c.regular_hours_only = true;
  use(c);
  market(-10, 5'030);
  market(0.5, 5'031);
  end();
  EXPECT_EQ(engine->counters().windows, 2u);  // news, then a price that is old
  EXPECT_EQ(engine->counters().closed_hours_windows, 1u);
}

TEST_F(GammaEngineTime, BadPricesAreCountedAndLeaveTheMarketAlone) {
  market(0.1, 5'030);
  engine->take_symbol(underlying_quote{after(0.2), points(5'031), points(5'029), true});
  engine->take_symbol(underlying_quote{after(0.3), points(5'031), market::no_price, true});
  engine->take_symbol(underlying_quote{after(0.4), points(5'031), points(5'032), false});
  end();
  EXPECT_EQ(engine->counters().bad_prices, 3u);
  EXPECT_EQ(sink.newest.spot, points(5'030));
}

}  // namespace
}  // namespace isobar::gamma_fuel
