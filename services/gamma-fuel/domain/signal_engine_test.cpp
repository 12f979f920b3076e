#include "gamma-fuel/domain/signal_engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/archive.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + (p < 0 ? -0.5 : 0.5))); }
/// The n-th multiple of the period.
constexpr timestamp at(int n) { return {1'700'000'000'000'000'000 + n * 250'000'000LL}; }

/// Everything given, as bytes in order.
class recorder : public gamma_sink {
 public:
  void on_profile(const gex_profile&) override {}
  void on_levels(const level_set_input&) override {}
  void on_signals(const level_signals& s) override {
    given.push_back(s);
    archive_writer out(bytes);
    out(const_cast<level_signals&>(s));
  }
  void on_alert(const alert& a) override { bytes += a.text; }
  std::vector<level_signals> given;
  std::string bytes;
};

level_signal level(std::string id, double p, double spot) {
  level_signal l;
  l.id = std::move(id);
  l.price = points(p);
  l.break_direction = spot > p ? -1 : 1;
  l.distance_signed = points(p - spot);
  l.distance = price(std::abs(l.distance_signed.value));
  l.touching = l.distance <= points(0.5);
  return l;
}
tick_context context(int n, double spot, std::vector<level_signal> levels) {
  tick_context t;
  t.base.as_of = at(n);
  t.base.spot = points(spot);
  t.base.levels = std::move(levels);
  return t;
}
level_state state(std::string id, barrier b, std::int64_t delta = 0, double at_price = 5'000) {
  level_state s;
  s.price = points(at_price);
  s.id = std::move(id);
  s.state = b;
  s.delta_liquidity = delta;
  return s;
}
level_states states(int n, std::vector<level_state> all, bool trusted = true) {
  return {.as_of = at(n), .trusted = trusted, .levels = std::move(all)};
}

TEST(SignalEngine, WaitsForTheRadarsWordOrWatermark) {
  signal_engine e{gamma_config{}};
  recorder sink;
  e.tick(context(1, 5'000, {level("A", 5'000, 5'000)}));
  e.advance(at(1), start_of_time, sink);
  EXPECT_TRUE(sink.given.empty()) << "states of this very instant may still come";
  EXPECT_EQ(e.waiting(), 1U);
  EXPECT_EQ(e.given_until(), at(1));
  e.take(states(1, {state("A", barrier::vacuum, -200)}));
  e.advance(at(1), start_of_time, sink);
  ASSERT_EQ(sink.given.size(), 1U);
  EXPECT_EQ(sink.given[0].levels[0].state.state, barrier::vacuum);
  EXPECT_EQ(sink.given[0].levels[0].score_raw, 62.5);
  EXPECT_FALSE(sink.given[0].radar_stale);
  e.tick(context(2, 5'000.25, {level("A", 5'000, 5'000.25)}));
  e.advance({at(2).ns + 1}, start_of_time, sink);
  ASSERT_EQ(sink.given.size(), 2U);
  EXPECT_EQ(sink.given[1].levels[0].state.state, barrier::vacuum) << "what was said last holds";
  EXPECT_EQ(e.given_until(), end_of_time);
}

TEST(SignalEngine, LiveGivesUpWaitingAndSaysSo) {
  signal_engine e{gamma_config{}};
  recorder sink;
  e.tick(context(1, 5'000, {level("A", 5'000, 5'000)}));
  e.tick(context(2, 5'000, {level("A", 5'000, 5'000)}));
  e.advance(start_of_time, at(2), sink);
  ASSERT_EQ(sink.given.size(), 1U);
  EXPECT_TRUE(sink.given[0].radar_stale);
  EXPECT_EQ(sink.given[0].levels[0].state.state, barrier::unknown);
  EXPECT_EQ(e.ticks_without_states(), 1U);
}

TEST(SignalEngine, CountsTicksThatSayNothingNew) {
  signal_engine e{gamma_config{}};
  recorder sink;
  for (int n = 1; n <= 5; ++n) e.tick(context(n, n < 5 ? 5'000 : 5'001, {level("A", 5'000, n < 5 ? 5'000 : 5'001)}));
  e.advance(end_of_time, start_of_time, sink);
  ASSERT_EQ(sink.given.size(), 2U);
  EXPECT_EQ(sink.given[1].as_of, at(5));
  EXPECT_EQ(sink.given[1].unchanged_ticks, 3U);
}

TEST(SignalEngine, TriggersPerLevel) {
  signal_engine e{gamma_config{}};
  recorder sink;
  for (int n = 1; n <= 13; ++n) {
    level_signal a = level("A", 5'000.5, 5'001), b = level("B", 5'001.5, 5'001);
    a.fuel.effect = regime::amplify;
    b.fuel.effect = regime::dampen;
    e.tick(context(n, 5'001, {a, b}));
    level_state swept = state("A", barrier::vacuum, -500, 5'000.5);
    swept.sweep_direction = -1;
    e.take(states(n, {state("B", barrier::wall, 500, 5'001.5), swept}));
  }
  e.advance(at(13), start_of_time, sink);
  const level_signals& last = sink.given.back();
  EXPECT_EQ(last.as_of, at(13));
  EXPECT_EQ(last.levels[0].signal, signal::break_through);
  EXPECT_EQ(last.levels[1].signal, signal::bounce);
  ASSERT_NE(e.find("B"), nullptr);
  EXPECT_EQ(*e.find("B"), last.levels[1]);
  EXPECT_EQ(e.find("C"), nullptr);
}

TEST(SignalEngine, ABounceLooksTheOtherWay) {
  signal_engine e{gamma_config{}};
  recorder sink;
  for (int n = 1; n <= 13; ++n) {
    level_signal b = level("B", 5'001.5, 5'001);
    b.fuel.effect = regime::dampen;
    b.runway = {.direction = 1, .distance = points(3), .next_level = "up", .clear = true};
    tick_context t = context(n, 5'001, {b});
    t.bounce_runways = {{.direction = -1, .distance = points(7), .next_level = "down", .clear = false}};
    e.tick(std::move(t));
    e.take(states(n, {state("B", barrier::wall, 0, 5'001.5)}));
  }
  e.advance(end_of_time, start_of_time, sink);
  EXPECT_EQ(sink.given.front().levels[0].runway.next_level, "up");
  EXPECT_EQ(sink.given.back().levels[0].runway.next_level, "down");
}

TEST(SignalEngine, ALevelThatWasAwayBeginsAnew) {
  signal_engine e{gamma_config{}};
  recorder sink;
  const auto hot = [](int n) {
    level_signal a = level("A", 5'000, 5'001);
    a.fuel.effect = regime::amplify;
    a.prior_touches = static_cast<std::uint32_t>(n);  // so that every tick is given
    return a;
  };
  level_state swept = state("A", barrier::vacuum, -500);
  swept.sweep_direction = -1;
  e.take(states(0, {swept}));
  for (int n = 1; n <= 30; ++n) e.tick(n == 11 ? context(n, 5'010, {}) : context(n, 5'001, {hot(n)}));
  e.advance(end_of_time, start_of_time, sink);
  const auto signal_at = [&](int n) {
    for (const auto& s : sink.given) {
      if (s.as_of == at(n) && !s.levels.empty()) return s.levels[0].signal;
    }
    return signal::contested;
  };
  EXPECT_EQ(signal_at(13), signal::neutral);
  EXPECT_EQ(signal_at(23), signal::neutral);
  EXPECT_EQ(signal_at(24), signal::break_through);
}

TEST(SignalEngine, ABookThatIsNotWholeIsOfLowConfidence) {
  signal_engine e{gamma_config{}};
  recorder sink;
  level_state sure = state("A", barrier::wall);
  sure.barrier_confidence = sure.tape_confidence = 1;
  for (int n = 1; n <= 2; ++n) {
    level_signal a = level("A", 5'000, 5'000);
    a.fuel.confidence = 1;
    e.tick(context(n, 5'000, {a}));
    e.take(states(n, {sure}, n == 1));
  }
  e.advance(at(2), start_of_time, sink);
  EXPECT_EQ(sink.given[0].levels[0].confidence, confidence::high);
  EXPECT_EQ(sink.given[1].levels[0].confidence, confidence::low);
}

TEST(SignalEngine, AStateOfAnotherPriceIsNotTheLevels) {
  signal_engine e{gamma_config{}};
  recorder sink;
  e.take(states(1, {state("A", barrier::vacuum, -500, 4'999)}));
  e.tick(context(1, 5'000, {level("A", 5'000, 5'000)}));
  e.advance(end_of_time, start_of_time, sink);
  EXPECT_EQ(sink.given.at(0).levels[0].state.state, barrier::unknown);
  EXPECT_EQ(sink.given.at(0).levels[0].delta_liquidity_smooth, 0);
}

/// A level that breaks whenever its direction lasts: everything is for it on either side.
level_signal hot(double p, double spot, int n) {
  level_signal a = level("A", p, spot);
  a.fuel.effect = regime::amplify;
  a.prior_touches = static_cast<std::uint32_t>(n);  // so that every tick is given
  return a;
}
level_states hot_states(int n, double p, market::book_side defending, int sweep, std::int64_t delta) {
  level_state s = state("A", barrier::vacuum, delta, p);
  s.defending = defending;
  s.sweep_direction = sweep;
  return states(n, {s});
}

TEST(SignalEngine, WhatALevelRemembersIsOfItsDirection) {
  signal_engine e{gamma_config{}};
  recorder sink;
  for (int n = 1; n <= 24; ++n) {  // 2.5 s below the level, then above it: no hold is complete before 2.75 + 3 s
    const double spot = n <= 11 ? 4'999.5 : 5'000.5;
    e.tick(context(n, spot, {hot(5'000, spot, n)}));
    e.take(hot_states(n, 5'000, n <= 11 ? market::book_side::ask : market::book_side::bid, n <= 11 ? 1 : -1,
                      n <= 11 ? -500 : -100));
  }
  e.advance(end_of_time, start_of_time, sink);
  ASSERT_EQ(sink.given.size(), 24U);
  EXPECT_EQ(sink.given[11].levels[0].delta_liquidity_smooth, -100) << "the bids' liquidity, not the offers'";
  EXPECT_EQ(sink.given[22].levels[0].signal, signal::neutral);
  EXPECT_EQ(sink.given[23].levels[0].signal, signal::break_through);
  EXPECT_EQ(sink.given[23].levels[0].break_direction, -1);
}

TEST(SignalEngine, ABreakKeepsItsDirectionUntilItIsReleased) {
  signal_engine e{gamma_config{}};
  recorder sink;
  for (int n = 1; n <= 20; ++n) {  // breaks up at 13, the market goes through at 14, the sweep ends at 18
    const double spot = n < 14 ? 4'999.5 : 5'000.5;
    tick_context t = context(n, spot, {hot(5'000, spot, n)});
    t.base.levels[0].runway = {.direction = n < 14 ? 1 : -1, .distance = {}, .next_level = {}, .clear = true};
    t.bounce_runways = {{.direction = n < 14 ? -1 : 1, .distance = {}, .next_level = {}, .clear = true}};
    e.tick(std::move(t));
    e.take(hot_states(n, 5'000, n < 14 ? market::book_side::ask : market::book_side::bid, n < 18 ? 1 : 0, -500));
  }
  e.advance(end_of_time, start_of_time, sink);
  ASSERT_EQ(sink.given.size(), 20U);
  for (int n = 13; n < 18; ++n) {
    const level_signal& l = sink.given[static_cast<std::size_t>(n - 1)].levels[0];
    EXPECT_EQ(l.signal, signal::break_through) << n;
    EXPECT_EQ(l.break_direction, 1) << n;
    EXPECT_EQ(l.runway.direction, 1) << n;
    EXPECT_EQ(l.state.state, n < 14 ? barrier::vacuum : barrier::unknown) << "bids do not defend against a break up";
  }
  const level_signal& released = sink.given[17].levels[0];
  EXPECT_EQ(released.signal, signal::neutral);
  EXPECT_EQ(released.break_direction, -1);
  EXPECT_EQ(released.runway.direction, -1);
  EXPECT_EQ(released.state.state, barrier::vacuum);
}

TEST(SignalEngine, ALevelThatJumpsBeginsAnew) {
  signal_engine e{gamma_config{}};
  recorder sink;
  for (int n = 1; n <= 24; ++n) {  // jumps by a point at 12; drifting by the touch band is no jump
    const double p = n < 6 ? 5'000 : n < 12 ? 5'000.5 : 5'001.5;
    e.tick(context(n, 4'999, {hot(p, 4'999, n)}));
    e.take(hot_states(n, p, market::book_side::ask, 1, n < 12 ? -500 : -100));
  }
  e.advance(end_of_time, start_of_time, sink);
  EXPECT_EQ(sink.given[11].levels[0].delta_liquidity_smooth, -100);
  EXPECT_EQ(sink.given[22].levels[0].signal, signal::neutral);
  EXPECT_EQ(sink.given[23].levels[0].signal, signal::break_through);
}

/// A random run: ticks and states, some of each missing.
struct run_input {
  std::vector<tick_context> ticks;
  std::vector<level_states> radar;
};
run_input random_run(std::uint64_t seed, int ticks) {
  std::mt19937_64 dice(seed);
  run_input r;
  double spot = 5'000;
  for (int n = 1; n <= ticks; ++n) {
    spot += 0.25 * static_cast<double>(static_cast<int>(dice() % 5) - 2);
    std::vector<level_signal> levels;
    std::vector<level_state> all;
    for (const double p : {4'998.0, 5'000.0, 5'001.0, 5'003.0}) {
      if (std::abs(p - spot) > 5) continue;
      level_signal l = level("L" + std::to_string(static_cast<int>(p)), p, spot);
      l.fuel.effect = dice() % 3 == 0 ? regime::amplify : regime::dampen;
      l.fuel.net_dealer_gamma = static_cast<double>(dice() % 1'000);
      level_state s = state(l.id, static_cast<barrier>(dice() % 7), static_cast<std::int64_t>(dice() % 400) - 200, p);
      s.sweep_direction = static_cast<int>(dice() % 3) - 1;
      s.buy = dice() % 900;
      all.push_back(s);
      levels.push_back(std::move(l));
    }
    if (dice() % 4 != 0) r.ticks.push_back(context(n, spot, std::move(levels)));
    if (dice() % 2 != 0) r.radar.push_back(states(n, std::move(all), dice() % 8 != 0));
    if (!r.ticks.empty()) r.ticks.back().zero_gamma = points(5'000.5);
  }
  return r;
}
std::string in_one_go(const run_input& r) {
  signal_engine e{gamma_config{}};
  recorder sink;
  for (const auto& t : r.ticks) e.tick(t);
  for (const auto& s : r.radar) e.take(s);
  e.advance(end_of_time, start_of_time, sink);
  EXPECT_EQ(e.waiting(), 0U);
  return sink.bytes;
}

/// Ticks and states as they come, in any interleaving; the watermark is that of the next states.
std::string interleaved(const run_input& r, std::uint64_t seed, bool with_checkpoints) {
  std::mt19937_64 dice(seed);
  auto e = std::make_unique<signal_engine>(gamma_config{});
  recorder sink;
  std::size_t tick = 0, radar = 0;
  while (tick < r.ticks.size() || radar < r.radar.size()) {
    const bool ticks_turn = radar == r.radar.size() || (tick < r.ticks.size() && dice() % 2 == 0);
    if (ticks_turn) {
      e->tick(r.ticks[tick++]);
    } else {
      e->take(r.radar[radar++]);
    }
    const timestamp mark = radar < r.radar.size() ? r.radar[radar].as_of : at(100'000);
    if (dice() % 3 == 0) e->advance(mark, start_of_time, sink);
    if (!with_checkpoints || dice() % 10 != 0) continue;
    std::string bytes;
    archive_writer out(bytes);
    out(*e);
    e = std::make_unique<signal_engine>(gamma_config{});
    archive_reader in(bytes);
    in(*e);
    EXPECT_TRUE(in.finished());
  }
  e->advance(end_of_time, start_of_time, sink);
  return sink.bytes;
}

TEST(SignalEngine, InterleavingChangesNothing) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const run_input r = random_run(seed, 400);
    const std::string expected = in_one_go(r);
    EXPECT_GT(expected.size(), 10'000U);
    for (std::uint64_t way = 0; way < 4; ++way) EXPECT_EQ(interleaved(r, seed * 10 + way, false), expected);
  }
}

TEST(SignalEngine, GoesOnByteForByteFromACheckpoint) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const run_input r = random_run(seed, 300);
    EXPECT_EQ(interleaved(r, seed, true), in_one_go(r));
  }
}

TEST(SignalEngine, TheOrderOfTheRadarsLevelsDoesNotMatter) {
  run_input r = random_run(3, 200);
  const std::string expected = in_one_go(r);
  for (level_states& s : r.radar) std::reverse(s.levels.begin(), s.levels.end());
  EXPECT_EQ(in_one_go(r), expected);
}

}  // namespace
}  // namespace isobar::gamma_fuel
