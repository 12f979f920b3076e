#include <gtest/gtest.h>

#include <cmath>

#include "radar-physics/domain/change_list.hpp"
#include "radar-physics/domain/engine_streams_fixture.hpp"

// Bad input: nothing crashes or overflows, everything is counted.
namespace isobar::radar_physics {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
constexpr book_side bid = book_side::bid, ask = book_side::ask;

void expect_sane(const window_outputs& w) {
  for (const medium_row& r : w.surface.rows) {
    EXPECT_LE(r.depth_rest, r.depth_end);
    EXPECT_LE(r.pulled_rest, r.pulled);
    EXPECT_LE(std::abs(r.rel_ticks), 600);
    EXPECT_GE(r.vacuum_score, 0);
    EXPECT_LE(r.vacuum_score, 1);
    EXPECT_GE(r.physics_score, 0);
    EXPECT_LE(r.physics_score, 1);
    EXPECT_LE(r.rebuilt, w.window.rebuilt);
    if (!r.rebuilt) {
      EXPECT_EQ(r.depth_end, r.depth_start + r.added - r.pulled - r.filled);
    }
  }
  for (const radar_row& r : w.column.rows) EXPECT_TRUE(std::isfinite(r.mass) && std::isfinite(r.resistance_eroded));
  for (const double v : w.features.value) EXPECT_TRUE(std::isfinite(v));
}

struct checking_sink final : radar_sink {
  std::uint64_t windows = 0, outputs = 0, revision = 0;
  timestamp until = start_of_time;
  void on_window(const window_outputs& w) override {
    expect_sane(w);
    if (outputs++ > 0) {
      EXPECT_EQ(w.window.start, until);
      EXPECT_GT(w.window.revision(), revision);
    }
    EXPECT_GE(w.window.span, 1u);
    until = w.window.end;
    revision = w.window.revision();
    windows += w.window.span;
  }
  void on_levels(const level_outputs&) override {}
};

TEST(RadarRobustness, StandsAnyRecord) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    market::generators::chaos chaos(seed);
    market::generators::random dice(seed);
    checking_sink sink;
    radar_engine engine({}, seed % 2 == 0);
    engine.take(level_set_input{start_of_time, {{"a", "round", points(0)}, {"b", "round", points(1)}}});
    constexpr std::uint64_t records = 30'000;
    for (std::uint64_t n = 0; n < records; ++n) {
      book_event e = chaos.next();
      e.ts_event.ns *= 1'000'000;
      if (dice.one_in(500)) e.ts_event.ns = static_cast<std::int64_t>(dice.next());
      if (dice.one_in(2'000)) e.ts_event.ns = dice.one_in(2) ? INT64_MAX : INT64_MIN;
      if (dice.one_in(1'000)) e.price = price(static_cast<std::int64_t>(dice.next()) / es_tick_int * es_tick_int);
      if (dice.one_in(1'000)) e.price = price(dice.between(-10'000, 10'000) * es_tick_int);
      // The clock must not run away for good: a plausible jump makes everything after it late.
      if (e.ts_event.ns > 40'000'000'000 && e.ts_event.ns < 7'258'118'400'000'000'000) e.ts_event.ns = n * 1'000'000;
      if (dice.one_in(5'000)) engine.gap();
      engine.apply(e, sink);
      if (HasFailure()) return;
    }
    engine.advance(end_of_time, sink);
    EXPECT_EQ(engine.counters().events, records);
    EXPECT_EQ(engine.counters().windows, sink.windows);
    EXPECT_GT(engine.counters().bad_times, 0u);
    EXPECT_GT(sink.windows, 29u);
  }
}

TEST(RadarRobustness, ImpossibleTimesAreCountedAndMoveNothing) {
  recorder out;
  radar_engine engine({}, false);
  engine.apply(add(INT64_MIN / 1'000'000, bid, 6899, 1, 9), out);  // before anything: windows do not begin
  book_event e = add(0, bid, 6899.25, 1, 10);
  e.ts_event.ns = INT64_MAX;
  engine.apply(e, out);
  for (const book_event& live : {clear(1'000), add(1'001, bid, 6900, 5, 1), add(1'002, ask, 6901, 5, 2)})
    engine.apply(live, out);
  e.order = static_cast<order_id>(11);
  engine.apply(e, out);
  e.ts_event.ns = -1;
  e.order = static_cast<order_id>(12);
  engine.apply(e, out);
  engine.advance(timestamp{INT64_MAX - 1}, out);
  EXPECT_EQ(engine.counters().bad_times, 4u);
  EXPECT_EQ(engine.counters().late_events, 0u);
  ASSERT_FALSE(out.windows.empty());
  EXPECT_EQ(out.windows[0].window.start, at_ms(1'000));
  EXPECT_EQ(out.windows[0].window.events, 5u);
  EXPECT_EQ(row_of(out.windows[0], bid, 6899.25)->depth_end, 2u);
}

TEST(RadarRobustness, HoldsAMillionOrdersOfTheLargestSizeOnOneLevel) {
  checking_sink sink;
  radar_engine engine({}, false);
  engine.apply(clear(0), sink);
  engine.apply(add(1, ask, 6901, 1, 1), sink);
  for (std::uint64_t n = 0; n < 1'000'000; ++n) engine.apply(add(2, bid, 6900, UINT32_MAX, 10 + n), sink);
  engine.apply(add(1'002, bid, 6900, 1, 2), sink);
  EXPECT_EQ(engine.book().level(bid, tick_of(6900)).size, 1'000'000ull * UINT32_MAX + 1);
  for (std::uint64_t n = 0; n < 1'000'000; ++n) engine.apply(cancel(2'003, bid, 6900, UINT32_MAX, 10 + n), sink);
  engine.advance(end_of_time, sink);
  EXPECT_EQ(engine.counters().windows, 3u);
}

TEST(RadarRobustness, FollowsJumpsOfThousandsOfTicks) {
  recorder out;
  radar_engine engine({}, false);
  engine.apply(clear(0), out);
  std::uint64_t id = 1;
  double at = 6'900;
  for (int n = 0; n < 40; ++n) {
    at += n % 2 == 0 ? 3'000 : -2'900.25;  // 12,000 ticks up, 11,601 down
    engine.apply(add(100 + n * 300, bid, at, 5, id++), out);
    engine.apply(add(101 + n * 300, ask, at + 1, 5, id++), out);
    engine.apply(cancel(300 + n * 300, bid, at, 5, id - 2), out);
    engine.apply(cancel(300 + n * 300, ask, at + 1, 5, id - 1), out);
    engine.apply(add(301 + n * 300, bid, at, 7, id++), out);
    engine.apply(add(301 + n * 300, ask, at + 1, 7, id++), out);
    engine.apply(cancel(380 + n * 300, bid, at, 7, id - 2), out);
    engine.apply(cancel(380 + n * 300, ask, at + 1, 7, id - 1), out);
  }
  engine.advance(end_of_time, out);
  for (const window_outputs& w : out.windows) expect_sane(w);
  EXPECT_EQ(engine.counters().flows_outside, 0u);
}

TEST(RadarRobustness, KeepsAnIdleSymbolUnderFourMebibytes) {
  recorder out;
  out.keep = false;
  radar_engine engine({}, false);
  EXPECT_LT(engine.memory_bytes(), 4u << 20);
  for (const book_event& e : {clear(0), add(1, bid, 6900, 5, 1), add(2, ask, 6901, 5, 2)}) engine.apply(e, out);
  engine.advance(at_ms(3'600'000), out);
  EXPECT_LT(engine.memory_bytes(), 4u << 20);
}

TEST(RadarRobustness, KeepsAHundredThousandOrdersUnder32Mebibytes) {
  recorder out;
  out.keep = false;
  radar_engine engine({}, false);
  engine.apply(clear(0), out);
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    const double away = 0.25 * static_cast<double>(1 + n / 2 % 600);
    engine.apply(add(1 + static_cast<std::int64_t>(n / 10), n % 2 == 0 ? bid : ask, 6'900 + (n % 2 == 0 ? -away : away),
                     5, 1 + n),
                 out);
  }
  engine.advance(end_of_time, out);
  EXPECT_EQ(engine.book().total_orders(bid) + engine.book().total_orders(ask), 100'000u);
  EXPECT_LT(engine.memory_bytes(), 32u << 20);
}

TEST(RadarRobustness, KeepsABoundedNumberOfMovesAWindow) {
  recorder out;
  radar_engine engine({}, false);
  for (const book_event& e : {clear(0), add(1, bid, 6900, 5, 1), add(2, ask, 6901, 5, 2), add(3, bid, 6899, 2, 3)})
    engine.apply(e, out);
  constexpr std::uint64_t moves = change_list::most + 100'000;
  for (std::uint64_t n = 0; n < moves; ++n) engine.apply(modify(1'100, bid, n % 2 == 0 ? 6898 : 6899, 2, 3), out);
  EXPECT_EQ(engine.counters().unkept_moves, 100'000u);
  EXPECT_LT(engine.memory_bytes(), 192u << 20);
  engine.advance(at_ms(3'000), out);
  // The rows have them all; the memory goes back.
  EXPECT_EQ(row_of(out.windows.at(1), bid, 6898)->added, moves);
  EXPECT_EQ(row_of(out.windows.at(1), bid, 6898)->pulled, moves);
  EXPECT_LT(engine.memory_bytes(), 16u << 20);
}

}  // namespace
}  // namespace isobar::radar_physics
