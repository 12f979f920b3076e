#include "radar-physics/domain/levels.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "market/order_book.hpp"
#include "radar-physics/domain/level_rules.hpp"
#include "radar-physics/domain/medium_fixture.hpp"

namespace isobar::radar_physics {
namespace {

using market::book_action;
using market::book_event;
using market::order_id;
constexpr book_side bid = book_side::bid, ask = book_side::ask;
constexpr tick_index E = 27'480;  // 6870.00
constexpr price level_price{E * testing::es_tick};

/// A book and a monitor that see the same events; times in ms.
struct Levels : ::testing::Test {
  radar_config config;
  market::order_book book{market::book_config{}};
  level_monitor monitor{config};
  level_outputs out;
  std::uint64_t next_id = 1;

  void feed(book_event e) {
    const market::book_change c = book.apply(e);
    monitor.observe(c, book);
  }
  static book_event event(std::int64_t ms, book_action action, book_side side, tick_index tick, std::uint32_t size,
                          std::uint64_t id, bool last = true) {
    return {.ts_event = timestamp{} + milliseconds(ms),
            .price = price(tick * testing::es_tick),
            .order = order_id{id},
            .size = size,
            .action = action,
            .side = side,
            .flags = last ? market::event_flag::last : std::uint8_t{0}};
  }
  std::uint64_t add(std::int64_t ms, book_side side, tick_index tick, std::uint32_t size) {
    feed(event(ms, book_action::add, side, tick, size, next_id));
    return next_id++;
  }
  void cancel(std::int64_t ms, std::uint64_t id) {
    const auto order = *book.find(order_id{id});
    feed(event(ms, book_action::cancel, order.side, order.tick, order.size, id));
  }
  void modify(std::int64_t ms, std::uint64_t id, tick_index tick, std::uint32_t size) {
    feed(event(ms, book_action::modify, book.find(order_id{id})->side, tick, size, id));
  }
  void trade(std::int64_t ms, book_side aggressor, tick_index tick, std::uint32_t size, bool last = true) {
    feed(event(ms, book_action::trade, aggressor, tick, size, 0, last));
  }
  /// The feed's T, F, then M or C.
  void hit(std::int64_t ms, std::uint64_t id, std::uint32_t size) {
    const auto order = *book.find(order_id{id});
    trade(ms, market::opposite(order.side), order.tick, size, false);
    feed(event(ms, book_action::fill, order.side, order.tick, size, id, false));
    const bool whole = size >= order.size;
    feed(event(ms, whole ? book_action::cancel : book_action::modify, order.side, order.tick,
               whole ? order.size : order.size - size, id));
  }
  bool tick(std::int64_t ms) { return monitor.tick(timestamp{} + milliseconds(ms), book, true, out); }
  void watch(std::int64_t ms, std::vector<watched_level> levels) {
    monitor.take({timestamp{} + milliseconds(ms), std::move(levels)});
  }
  const barrier_reading& barrier() { return out.levels.at(0).barrier; }
  const tape_reading& tape() { return out.levels.at(0).tape; }

  std::uint64_t at_level = 0, below = 0;
  /// 500 lots at the level and 300 below it, long ago; the market a point and a half above.
  void support() {
    feed(event(0, book_action::clear, book_side::none, 0, 0, 0));
    at_level = add(0, bid, E, 500);
    below = add(0, bid, E - 1, 300);
    add(0, bid, E - 50, 1'000);
    add(0, bid, E + 5, 40);
    add(0, ask, E + 7, 40);
    watch(60'000, {{"L", "round", level_price}});
  }
};

TEST_F(Levels, WithdrawnLevelsAreVacuum) {
  support();
  modify(61'000, at_level, E, 100);
  ASSERT_TRUE(tick(62'000));
  EXPECT_TRUE(out.valid);
  EXPECT_EQ(out.as_of, timestamp{} + seconds(62));
  EXPECT_EQ(out.levels.at(0).defending, bid);
  EXPECT_EQ(barrier(), (barrier_reading{.state = barrier_state::vacuum,
                                        .delta_liquidity = -400,
                                        .cancelled = 400,
                                        .churn = 400,
                                        .depth_in_zone = 400,
                                        .replenishment_ratio = 0,
                                        .confidence = 0.8,
                                        // 5 ticks of an average level of 1440 / 4 lots
                                        .wall_ratio = 400 / (5 * 360.)}));
}

TEST_F(Levels, EatenLevelsAreConsumedNotVacuum) {
  support();
  for (std::int64_t i = 0; i < 8; ++i) hit(61'000 + 10 * i, at_level, 50);
  ASSERT_TRUE(tick(62'000));
  EXPECT_EQ(barrier().state, barrier_state::consumed);
  EXPECT_EQ(barrier().filled, 400u);
  EXPECT_EQ(barrier().cancelled, 0u);
  EXPECT_EQ(barrier().delta_liquidity, -400);
}

TEST_F(Levels, ReplenishedLevelsAreWalls) {
  support();
  add(61'000, bid, E + 2, 250);
  ASSERT_TRUE(tick(62'000));
  EXPECT_EQ(barrier().state, barrier_state::wall);
  EXPECT_EQ(barrier().delta_liquidity, 250);
  EXPECT_EQ(barrier().depth_in_zone, 1'050u);
}

TEST_F(Levels, RefilledUnderFireIsAbsorption) {
  support();
  hit(61'000, at_level, 60);
  add(61'100, bid, E, 70);
  ASSERT_TRUE(tick(62'000));
  EXPECT_EQ(barrier().state, barrier_state::absorption);  // rule 4
  EXPECT_EQ(barrier().delta_liquidity, 10);
  EXPECT_NEAR(barrier().replenishment_ratio, 70 / (60 + 1e-6), 1e-12);
}

TEST_F(Levels, ChurnWithoutLossIsAbsorption) {
  support();
  const auto order = add(61'000, bid, E, 65);
  cancel(61'100, order);
  modify(61'200, at_level, E, 495);
  ASSERT_TRUE(tick(62'000));
  EXPECT_EQ(barrier().state, barrier_state::absorption);  // rule 6
  EXPECT_EQ(barrier().delta_liquidity, -5);
  EXPECT_EQ(barrier().churn, 135u);
}

TEST_F(Levels, ThinLevelsAreWeakAndQuietOnesNeutral) {
  support();
  ASSERT_TRUE(tick(60'000));
  EXPECT_EQ(barrier().state, barrier_state::neutral);
  EXPECT_EQ(barrier().confidence, 0);
  monitor.take({timestamp{} + seconds(61), {{"L", "round", price((E - 40) * testing::es_tick)}}});
  ASSERT_TRUE(tick(61'000));
  EXPECT_EQ(barrier().state, barrier_state::weak);
}

TEST_F(Levels, RulesAreTriedInOrder) {
  const auto state = [&](std::int64_t added, std::int64_t cancelled, std::int64_t filled, std::uint64_t depth) {
    barrier_reading r;
    r.added = static_cast<std::uint64_t>(added);
    r.cancelled = static_cast<std::uint64_t>(cancelled);
    r.filled = static_cast<std::uint64_t>(filled);
    r.depth_in_zone = depth;
    judge(r, config.levels);
    return r.state;
  };
  EXPECT_EQ(state(0, 101, 0, 10), barrier_state::vacuum);
  EXPECT_EQ(state(0, 100, 0, 60), barrier_state::neutral);  // exactly the threshold is not beyond it
  EXPECT_EQ(state(0, 60, 60, 60), barrier_state::consumed);
  EXPECT_EQ(state(100, 120, 110, 60), barrier_state::neutral);  // lost, but refilled and more cancelled than filled
  EXPECT_EQ(state(50, 100, 120, 60), barrier_state::consumed);
  EXPECT_EQ(state(101, 0, 0, 10), barrier_state::wall);
  EXPECT_EQ(state(300, 200, 0, 10), barrier_state::absorption);  // +100 is no wall
  EXPECT_EQ(state(10, 10, 0, 49), barrier_state::weak);
  EXPECT_EQ(state(60, 41, 0, 50), barrier_state::absorption);
  EXPECT_EQ(state(60, 60, 0, 50), barrier_state::absorption);
  EXPECT_EQ(state(50, 50, 0, 50), barrier_state::neutral);
}

TEST_F(Levels, TheSideAwayFromTheMarketDefendsAndAChangeOfSidesLosesNoFlow) {
  feed(event(0, book_action::clear, book_side::none, 0, 0, 0));
  const auto far_bid = add(0, bid, E - 4, 500);
  add(0, ask, E + 1, 300);
  add(0, ask, E + 9, 60);
  watch(60'000, {{"L", "round", level_price}});
  add(61'000, ask, E + 2, 150);
  ASSERT_TRUE(tick(61'250));  // mid E - 1.5: the level resists
  EXPECT_EQ(out.levels.at(0).defending, ask);
  EXPECT_EQ(barrier().state, barrier_state::wall);
  EXPECT_EQ(barrier().added, 150u);
  EXPECT_EQ(barrier().depth_in_zone, 450u);
  hit(61'300, 2, 300);
  hit(61'310, 4, 150);
  modify(61'400, far_bid, E, 20);
  ASSERT_TRUE(tick(61'500));  // mid E + 4.5: it supports
  EXPECT_EQ(out.levels.at(0).defending, bid);
  EXPECT_EQ(barrier().added, 20u);
  EXPECT_EQ(barrier().filled, 0u);
  EXPECT_EQ(barrier().state, barrier_state::absorption);
  cancel(61'600, far_bid);
  add(61'700, bid, E - 10, 20);
  ASSERT_TRUE(tick(61'750));  // mid E - 0.5: it resists again, eaten
  EXPECT_EQ(out.levels.at(0).defending, ask);
  EXPECT_EQ(barrier().filled, 450u);
  EXPECT_EQ(barrier().state, barrier_state::consumed);
}

TEST_F(Levels, AMarketAtTheLevelOrNeverSeenIsDefendedByTheAskOrNobody) {
  feed(event(0, book_action::clear, book_side::none, 0, 0, 0));
  add(0, bid, E - 2, 10);
  watch(60'000, {{"L", "round", level_price}});
  ASSERT_TRUE(tick(60'000));
  EXPECT_EQ(out.levels.at(0).defending, book_side::none);
  EXPECT_EQ(barrier(), barrier_reading{});
  add(60'100, ask, E + 2, 10);
  ASSERT_TRUE(tick(60'250));
  EXPECT_EQ(out.levels.at(0).defending, ask);
}

TEST_F(Levels, FlowsLeaveTheWindowAfterTenSecondsExactly) {
  support();
  add(61'000, bid, E, 200);
  EXPECT_TRUE(tick(61'250));
  EXPECT_FALSE(tick(61'500));
  EXPECT_FALSE(tick(71'000));
  EXPECT_TRUE(tick(71'250));
  EXPECT_EQ(out.unchanged_ticks, 2u);
  EXPECT_EQ(barrier().added, 0u);
  EXPECT_EQ(barrier().state, barrier_state::neutral);
}

TEST_F(Levels, AnOrderThatMovesInsideTheZoneIsNoFlowAndOneThatLeavesItIs) {
  support();
  modify(61'000, at_level, E + 2, 480);
  modify(61'000, below, E - 3, 300);
  ASSERT_TRUE(tick(61'250));
  EXPECT_EQ(barrier().cancelled, 20u + 300u);
  EXPECT_EQ(barrier().added, 0u);
}

TEST_F(Levels, ALevelBetweenTicksHasTheTicksWithinItsZone) {
  support();
  watch(60'500, {{"VWAP", "vwap", price(level_price.value + 100'000'000)}});  // E + 0.4 ticks: E-1 .. E+2
  add(61'000, bid, E - 2, 100);
  add(61'000, bid, E + 2, 7);
  ASSERT_TRUE(tick(61'250));
  EXPECT_EQ(barrier().added, 7u);
}

TEST_F(Levels, SnapshotsAndClearsAreNoFlow) {
  support();
  add(61'000, bid, E, 200);
  auto clear = event(61'100, book_action::clear, book_side::none, 0, 0, 0, false);
  clear.flags = market::event_flag::snapshot;
  feed(clear);
  auto restored = event(5, book_action::add, bid, E, 90, 900);
  restored.flags = market::event_flag::snapshot | market::event_flag::last;
  feed(restored);
  add(61'200, ask, E + 5, 1);
  ASSERT_TRUE(tick(61'250));
  EXPECT_EQ(barrier().added, 0u);
  EXPECT_EQ(barrier().depth_in_zone, 90u);
}

TEST_F(Levels, SetsTakeEffectAtTheirTimeAndKeepTheHistoryOfTheirPrices) {
  support();
  ASSERT_TRUE(tick(60'000));
  watch(61'500, {{"A", "x", level_price}, {"B", "x", price((E + 20) * testing::es_tick)}});
  add(61'000, bid, E, 150);
  ASSERT_TRUE(tick(61'250));
  EXPECT_EQ(out.levels.size(), 1u);
  ASSERT_TRUE(tick(61'500));
  ASSERT_EQ(out.levels.size(), 2u);
  EXPECT_EQ(out.levels[0].level.id, "A");
  EXPECT_EQ(out.levels[0].barrier.added, 150u);
  EXPECT_EQ(out.levels[1].defending, ask);
  watch(60'000, {});  // too old
  EXPECT_FALSE(tick(61'750));
  EXPECT_EQ(monitor.sets_dropped(), 1u);
  watch(61'900, {});
  ASSERT_TRUE(tick(62'000));
  EXPECT_TRUE(out.levels.empty());
  EXPECT_FALSE(monitor.watching());
}

TEST_F(Levels, BoundsAreCounted) {
  config.levels.levels_max = 2;
  monitor = level_monitor{config};
  support();
  watch(60'000, {{"1", "", price{1}}, {"2", "", market::no_price}, {"3", "", price{3}}, {"4", "", price{4}}});
  EXPECT_EQ(monitor.levels_refused(), 2u);
  ASSERT_TRUE(tick(60'000));
  EXPECT_EQ(out.levels.size(), 2u);
  for (int i = 0; i < 70; ++i) watch(100'000, {});
  EXPECT_EQ(monitor.sets_dropped(), 6u);
  trade_ring ring(100);
  for (std::int64_t i = 0; i < 130; ++i) ring.push({{i}, i, 1, bid});
  EXPECT_EQ(ring.dropped(), 30u);
  EXPECT_EQ(ring[0].tick, 30);
  EXPECT_EQ(ring.lower_bound({50}), 20u);
}

TEST_F(Levels, TapeCountsPrintsNearTheLevelInItsWindow) {
  support();
  for (std::int64_t i = 0; i < 10; ++i) trade(61'000 + 300 * i, bid, E + 1, 50);
  for (std::int64_t i = 0; i < 3; ++i) trade(63'800, ask, E - 4, 30);
  trade(63'800, book_side::none, E, 5);
  trade(63'800, bid, E + 5, 1'000);
  ASSERT_TRUE(tick(64'000));
  EXPECT_EQ(tape().buy, 500u);
  EXPECT_EQ(tape().sell, 90u);
  EXPECT_NEAR(tape().imbalance, 410 / 590.000001, 1e-12);
  EXPECT_EQ(tape().confidence, 1);
  EXPECT_NEAR(tape().trades_per_second, 15 / 3., 1e-12);
  ASSERT_TRUE(tick(67'000));  // five seconds: 62.2 s on
  EXPECT_EQ(tape().buy, 6 * 50u);
  EXPECT_EQ(tape().trades_per_second, 0);
}

TEST_F(Levels, VelocityIsThePricesSlopeInPointsPerSecond) {
  support();
  for (std::int64_t i = 0; i < 10; ++i) trade(61'000 + 300 * i, bid, E + 2 * i, 10);  // half a point every 0.3 s
  ASSERT_TRUE(tick(64'000));
  EXPECT_NEAR(tape().price_velocity, 0.5 / 0.3, 1e-9);
  EXPECT_EQ(tape().buy, 30u);
}

TEST_F(Levels, SweepsAreOneSidedClustersOfEnoughNotional) {
  support();
  for (std::int64_t i = 0; i < 5; ++i) trade(61'000 + 50 * i, bid, E + i, 100);
  ASSERT_TRUE(tick(61'250));
  EXPECT_EQ(tape().sweep.direction, 1);
  EXPECT_EQ(tape().sweep.prints, 5u);
  EXPECT_EQ(tape().sweep.last - tape().sweep.first, milliseconds(200));
  EXPECT_NEAR(tape().sweep.notional, 171'762'500, 1e-3);
  // Another side within the gap spoils it; 5 million is 15 lots.
  trade(61'300, ask, E, 1);
  ASSERT_TRUE(tick(61'500));
  EXPECT_EQ(tape().sweep.direction, 0);
  trade(62'000, ask, E, 8);
  trade(62'050, book_side::none, E, 6);
  ASSERT_TRUE(tick(62'250));
  EXPECT_EQ(tape().sweep.direction, 0);
  trade(62'250, ask, E, 1);
  trade(62'300, ask, E, 15);
  ASSERT_TRUE(tick(62'500));
  EXPECT_EQ(tape().sweep.direction, -1);
  EXPECT_EQ(tape().sweep.prints, 2u);
}

TEST_F(Levels, LongIdleGapsAreSkippedAndCounted) {
  support();
  add(61'000, bid, E, 200);
  trade(61'000, bid, E, 1);
  std::int64_t ms = 61'250;
  for (; !monitor.quiet(); ms += 250) tick(ms);
  EXPECT_LE(ms, 72'000);
  EXPECT_FALSE(tick(ms));
  monitor.skip(1'000'000);
  const std::int64_t later = ms + 1'000'001 * 250;
  add(later, bid, E, 1);
  EXPECT_FALSE(monitor.quiet());
  ASSERT_TRUE(tick(later + 250));
  EXPECT_GE(out.unchanged_ticks, 1'000'001u);
  EXPECT_EQ(barrier().added, 1u);
}

TEST_F(Levels, ChangeOfTrustIsNews) {
  support();
  ASSERT_TRUE(tick(60'000));
  EXPECT_FALSE(tick(60'250));
  EXPECT_TRUE(monitor.tick(timestamp{} + milliseconds(60'500), book, false, out));
  EXPECT_FALSE(out.valid);
}

TEST_F(Levels, SurviveACheckpointInTheMiddle) {
  support();
  hit(61'000, at_level, 60);
  add(61'100, bid, E, 70);
  watch(64'000, {{"M", "later", level_price}});
  ASSERT_TRUE(tick(61'250));
  level_monitor copy{config};
  ASSERT_TRUE(testing::load(copy, testing::saved(monitor)));
  level_outputs again;
  for (std::int64_t ms = 61'500; ms < 75'000; ms += 250) {
    const auto c = book.apply(event(ms - 50, book_action::add, bid, E + ms % 3, 2, next_id++));
    monitor.observe(c, book);
    copy.observe(c, book);
    ASSERT_TRUE(tick(ms));
    ASSERT_TRUE(copy.tick(timestamp{} + milliseconds(ms), book, true, again));
    EXPECT_EQ(again.levels, out.levels) << ms;
  }
  EXPECT_EQ(testing::saved(monitor), testing::saved(copy));
  config.levels.barrier_window = seconds(3);
  level_monitor other{config};
  EXPECT_FALSE(testing::load(other, testing::saved(monitor)));
}

RC_GTEST_PROP(LevelMonitor, FlowsEqualTheChangeOfDepthWhileTheyAreInTheWindow, ()) {
  radar_config config;
  config.levels.barrier_window = seconds(1'000);
  market::order_book book{market::book_config{}};
  level_monitor monitor{config};
  monitor.take({timestamp{}, {{"L", "", level_price}}});
  level_outputs out;
  const auto feed = [&](const book_event& e) { monitor.observe(book.apply(e), book); };
  feed(Levels::event(0, book_action::clear, book_side::none, 0, 0, 0));
  feed(Levels::event(0, book_action::add, bid, E + 20, 1, 1));
  feed(Levels::event(0, book_action::add, ask, E + 30, 1, 2));
  std::int64_t ms = 1;
  for (int n = *rc::gen::inRange(0, 60); n > 0; --n) {
    const auto id = static_cast<std::uint64_t>(*rc::gen::inRange(3, 12));
    const auto action =
        *rc::gen::element(book_action::add, book_action::modify, book_action::cancel, book_action::fill);
    feed(Levels::event(ms, action, bid, E + *rc::gen::inRange(-4, 5),
                       static_cast<std::uint32_t>(*rc::gen::inRange(1, 50)), id, *rc::gen::arbitrary<bool>()));
    ms += *rc::gen::inRange(0, 400);
  }
  monitor.tick(timestamp{} + milliseconds((ms / 250 + 1) * 250), book, true, out);
  if (out.levels.empty()) return;
  const barrier_reading& b = out.levels[0].barrier;
  RC_ASSERT(b.delta_liquidity == static_cast<std::int64_t>(b.depth_in_zone));
  RC_ASSERT(b.churn == b.added + b.cancelled + b.filled);
}

}  // namespace
}  // namespace isobar::radar_physics
