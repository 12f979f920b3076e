#include <gtest/gtest.h>

#include "radar-physics/domain/engine_streams_fixture.hpp"

// What other services say (GEX, gate, levels) and when it counts.
namespace isobar::radar_physics {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
constexpr book_side bid = book_side::bid, ask = book_side::ask;

gex_input gex_at(std::int64_t ms, double gamma) { return {at_ms(ms), {{points(6900), gamma, gamma}}}; }

/// One output per window, spans spread out.
std::vector<window_outputs> every_window(const recorder& out) {
  std::vector<window_outputs> all;
  for (const window_outputs& w : out.windows)
    for (std::uint32_t n = 0; n < w.window.span; ++n) all.push_back(w);
  return all;
}

TEST(RadarInputs, AWindowUsesTheNewestGexThatEndsAtOrBeforeItsStart) {
  recorder out;
  radar_engine engine({}, false);
  for (const book_event& e : {clear(0), add(1, bid, 6899.75, 10, 1), add(2, ask, 6900.25, 10, 2)}) engine.apply(e, out);
  engine.take(gex_at(1'000, 100'000));
  engine.take(gex_at(100'000, 300'000));
  engine.take(gex_at(3'000, 200'000));
  engine.advance(at_ms(200'000), out);
  engine.advance(end_of_time, out);
  const auto w = every_window(out);
  ASSERT_EQ(w.size(), 200u);
  EXPECT_EQ(w[0].column.gex_as_of, std::nullopt);
  for (const radar_row& r : w[0].column.rows) EXPECT_EQ(r.stiffness, 0);
  for (std::size_t n = 1; n < 200; ++n) {
    const std::int64_t as_of = n < 3 ? 1'000 : n < 100 ? 3'000 : 100'000;
    ASSERT_EQ(w[n].column.gex_as_of, at_ms(as_of)) << n;
    // Older than five seconds: used and flagged. A window starts n seconds in.
    ASSERT_EQ(w[n].column.gex_stale, static_cast<std::int64_t>(n) * 1'000 - as_of > 5'000) << n;
  }
  EXPECT_LT(out.windows.size(), 190u);  // the runs between are spans
}

TEST(RadarInputs, TheGateIsTheModelsWhileThereIsOne) {
  recorder out;
  radar_engine engine({}, false);
  for (const book_event& e : {clear(0), add(1, bid, 6899.75, 10, 1), add(2, ask, 6900.25, 10, 2)}) engine.apply(e, out);
  engine.take(gate_input{at_ms(2'000), 0.75, "m1"});
  engine.take(gate_input{at_ms(4'000), 7, "broken"});  // no probability: says nothing
  engine.advance(at_ms(20'000), out);
  engine.advance(end_of_time, out);
  const auto w = every_window(out);
  ASSERT_EQ(w.size(), 20u);
  EXPECT_EQ(w[1].column.gate.source, gate_source::placeholder);
  EXPECT_EQ(w[2].column.gate.source, gate_source::model);
  EXPECT_EQ(w[2].column.gate.up, 0.75);
  EXPECT_EQ(w[2].column.gate.down, 0.25);
  EXPECT_EQ(w[4].column.gate.up, 0.5);
  EXPECT_EQ(w[9].column.gate.source, gate_source::model);
  EXPECT_EQ(w[10].column.gate.source, gate_source::stale_model);
}

TEST(RadarInputs, LevelsAreReadAtMultiplesOfTheTickPeriodBeforeTheirWindow) {
  struct order_sink final : radar_sink {
    std::vector<std::pair<char, timestamp>> seen;
    void on_window(const window_outputs& w) override { seen.emplace_back('w', w.window.end); }
    void on_levels(const level_outputs& l) override { seen.emplace_back('l', l.as_of); }
  } sink;
  radar_engine engine({}, false);
  engine.take(level_set_input{start_of_time, {{"a", "round", points(6900)}}});
  std::uint64_t id = 1;
  engine.apply(clear(0), sink);
  for (std::int64_t ms = 10; ms < 5'000; ms += 90) {
    engine.apply(add(ms, bid, 6899.75, 3, id++), sink);
    engine.apply(add(ms + 1, ask, 6900.25, 3, id++), sink);
  }
  ASSERT_GT(sink.seen.size(), 20u);
  std::size_t levels = 0;
  for (std::size_t i = 0; i < sink.seen.size(); ++i) {
    const auto [kind, when] = sink.seen[i];
    EXPECT_EQ(when.ns % (kind == 'l' ? 250'000'000 : 1'000'000'000), 0);
    if (kind == 'l') ++levels;
    if (i == 0) continue;
    EXPECT_GE(when, sink.seen[i - 1].second);
    // At one instant the levels come first.
    if (when == sink.seen[i - 1].second) {
      EXPECT_EQ(kind, 'w');
    }
  }
  EXPECT_EQ(levels, 19u);
  EXPECT_EQ(engine.counters().level_ticks, 19u);
}

TEST(RadarInputs, TicksOverALongGapAreCountedAndCostNothing) {
  recorder out;
  radar_config c;
  c.window = milliseconds(100);
  radar_engine engine(c, false);
  engine.take(level_set_input{start_of_time, {{"a", "round", points(6900)}}});
  for (const book_event& e : {clear(0), add(1, bid, 6899.75, 10, 1), add(2, ask, 6900.25, 10, 2)}) engine.apply(e, out);
  const std::int64_t gap_ms = std::int64_t{33} * 3'600'000;
  engine.apply(add(gap_ms, bid, 6899.75, 10, 3), out);
  EXPECT_EQ(engine.counters().level_ticks, static_cast<std::uint64_t>(gap_ms / 250));
  EXPECT_EQ(engine.counters().windows, static_cast<std::uint64_t>(gap_ms / 100));
  EXPECT_LT(out.windows.size(), 1'000u);
  EXPECT_LT(out.levels.size(), 100u);
}

TEST(RadarInputs, LevelsThatWaitForTheirTimeCostNothing) {
  // The set of tomorrow, with and without one in force; the gap goes beyond its time.
  for (const bool others : {false, true}) {
    recorder out;
    radar_engine engine({}, false);
    if (others) engine.take(level_set_input{start_of_time, {{"a", "round", points(6900)}}});
    const std::int64_t tomorrow = 86'400'100, gap_ms = 2 * 86'400'000;
    engine.take(level_set_input{at_ms(tomorrow), {{"b", "round", points(6901)}}});
    for (const book_event& e : {clear(0), add(1, bid, 6899.75, 10, 1), add(2, ask, 6900.25, 10, 2),
                                trade(3, bid, 6900.25, 1, event_flag::last)})
      engine.apply(e, out);
    engine.advance(at_ms(gap_ms), out);
    EXPECT_EQ(engine.counters().windows, static_cast<std::uint64_t>(gap_ms / 1'000));
    EXPECT_LT(engine.counters().computed_windows, 500u);
    EXPECT_EQ(engine.counters().level_ticks, static_cast<std::uint64_t>(gap_ms / 250));
    ASSERT_FALSE(out.levels.empty());
    EXPECT_EQ(out.levels.back().as_of, at_ms(86'400'250));
    EXPECT_EQ(out.levels.back().levels.at(0).level.id, "b");
    EXPECT_EQ(out.levels.back().levels.at(0).defending, ask);
    // As every window after it.
    for (const window_outputs& w : out.windows) {
      if (w.window.start <= at_ms(86'400'000)) {
        EXPECT_LE(w.window.end, at_ms(86'401'000));
      }
    }
  }
}

TEST(RadarInputs, WhatTheLevelsRefuseIsCounted) {
  recorder out;
  radar_engine engine({}, false);
  engine.take(level_set_input{at_ms(2'000), {{"a", "round", points(6900)}, {"b", "round", price(INT64_MAX)}}});
  for (const book_event& e : {clear(0), add(1, bid, 6899.75, 10, 1), add(2, ask, 6900.25, 10, 2)}) engine.apply(e, out);
  engine.advance(at_ms(4'000), out);
  engine.take(level_set_input{at_ms(1'000), {}});
  EXPECT_EQ(engine.counters().levels_refused, 1u);
  EXPECT_EQ(engine.counters().level_sets_dropped, 1u);
  for (int n = 0; n < 65'536 + 7; ++n) engine.apply(trade(4'001, bid, 6900.25, 1, event_flag::last), out);
  engine.advance(at_ms(5'000), out);
  EXPECT_EQ(engine.counters().level_trades_dropped, 7u);
}

TEST(RadarInputs, TheLevelsSpotIsNotThatOfAHalfRebuiltBook) {
  recorder out;
  radar_engine engine({}, false);
  engine.take(level_set_input{start_of_time, {{"a", "round", points(6900)}}});
  for (const book_event& e : {clear(0), add(1, bid, 6910, 10, 1), add(2, ask, 6911, 10, 2)}) engine.apply(e, out);
  engine.advance(at_ms(1'000), out);
  ASSERT_EQ(out.levels.back().levels.at(0).defending, bid);
  // The far end of the book comes first.
  engine.apply(record(1'100, book_action::add, bid, 6800, 5, 3, event_flag::snapshot), out);
  engine.apply(record(1'100, book_action::add, ask, 6801, 5, 4, event_flag::snapshot), out);
  engine.advance(at_ms(2'000), out);
  ASSERT_GT(out.levels.back().as_of, at_ms(1'000));
  EXPECT_FALSE(out.levels.back().valid);
  EXPECT_EQ(out.levels.back().levels.at(0).defending, bid);
}

TEST(RadarInputs, ACalibrationIsInForceFromTheNextWindowAlsoAtRest) {
  for (const bool watermark_between : {false, true}) {
    recorder out;
    radar_engine engine({}, false);
    for (const book_event& e : {clear(0), add(1, bid, 6899.75, 10, 1), add(2, ask, 6900.25, 10, 2)})
      engine.apply(e, out);
    engine.advance(at_ms(300'000), out);
    calibration_table table = bootstrap_calibration();
    table.id = "new";
    engine.take(table);
    if (watermark_between) engine.advance(at_ms(301'000), out);
    engine.apply(add(400'000, bid, 6899.75, 1, 3), out);
    engine.advance(end_of_time, out);
    const auto w = every_window(out);
    ASSERT_EQ(w.size(), 401u);
    for (std::size_t n = 0; n < w.size(); ++n) ASSERT_EQ(w[n].window.calibration == "new", n > 300) << n;
  }
}

TEST(RadarInputs, AGapOfTheFeedReachesQuietLevels) {
  recorder out;
  radar_engine engine({}, false);
  engine.take(level_set_input{start_of_time, {{"a", "round", points(6900)}}});
  for (const book_event& e : {clear(0), add(1, bid, 6899.75, 10, 1), add(2, ask, 6900.25, 10, 2)}) engine.apply(e, out);
  engine.advance(at_ms(3'600'000), out);
  ASSERT_FALSE(out.levels.empty());
  EXPECT_TRUE(out.levels.back().valid);
  engine.gap();
  engine.advance(at_ms(3'602'000), out);
  EXPECT_FALSE(out.levels.back().valid);
  EXPECT_EQ(out.levels.back().as_of, at_ms(3'600'250));
}

}  // namespace
}  // namespace isobar::radar_physics
