#include <gtest/gtest.h>

#include "radar-physics/domain/engine_streams_fixture.hpp"

// Windows: boundaries, validity, late data, watermarks, idle spans.
namespace isobar::radar_physics {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
constexpr book_side bid = book_side::bid, ask = book_side::ask;

/// A whole, uncrossed book of two orders, known from 0 ms.
std::vector<book_event> quiet_book() { return {clear(0), add(1, bid, 6900, 10, 1), add(2, ask, 6900.5, 10, 2)}; }
std::vector<book_event> with(std::vector<book_event> events, std::vector<book_event> more) {
  events.insert(events.end(), more.begin(), more.end());
  return events;
}
book_event snapshot_add(std::int64_t ms, book_side side, double price_points, std::uint32_t size, std::uint64_t order) {
  return record(ms, book_action::add, side, price_points, size, order, event_flag::snapshot);
}

TEST(RadarWindows, AnEventOnABoundaryBelongsToTheLaterWindow) {
  const recorder out = replay(with(quiet_book(), {add(999, bid, 6899, 1, 3), add(1'000, bid, 6899, 2, 4)}));
  ASSERT_EQ(out.windows.size(), 2u);
  EXPECT_EQ(out.windows[0].window.events, 4u);
  EXPECT_EQ(out.windows[1].window.events, 1u);
  EXPECT_EQ(row_of(out.windows[0], bid, 6899)->depth_end, 1u);
  EXPECT_EQ(row_of(out.windows[1], bid, 6899)->depth_start, 1u);
  EXPECT_EQ(row_of(out.windows[1], bid, 6899)->added, 2u);
}

TEST(RadarWindows, TheRollComesBeforeTheClear) {
  const recorder out = replay(with(quiet_book(), {clear(1'000), add(1'001, bid, 6900, 5, 3)}));
  ASSERT_EQ(out.windows.size(), 2u);
  EXPECT_EQ(row_of(out.windows[0], bid, 6900)->depth_end, 10u);
  EXPECT_TRUE(out.windows[0].window.best_ask.has_value());
  EXPECT_FALSE(out.windows[1].window.best_ask.has_value());
  EXPECT_TRUE(out.windows[1].window.rebuilt);
  EXPECT_FALSE(out.windows[1].window.valid);
  EXPECT_TRUE(out.windows[1].window.anchor_held);
  // The cleared ask has its last row in the window in which it went, and books nothing.
  const medium_row* gone = row_of(out.windows[1], ask, 6900.5);
  ASSERT_NE(gone, nullptr);
  EXPECT_EQ(gone->depth_start, 10u);
  EXPECT_EQ(gone->depth_end, 0u);
  EXPECT_EQ(gone->pulled + gone->filled + gone->added, 0u);
}

TEST(RadarWindows, TheWatermarkClosesAndAnEventAtTheWatermarkMayFollow) {
  recorder out;
  radar_engine engine({}, false);
  for (const book_event& e : with(quiet_book(), {add(900, bid, 6899, 1, 3)})) engine.apply(e, out);
  engine.advance(at_ms(999), out);
  EXPECT_TRUE(out.windows.empty());
  EXPECT_EQ(engine.closed_until(), start_of_time);
  engine.advance(at_ms(1'000), out);
  ASSERT_EQ(out.windows.size(), 1u);
  EXPECT_EQ(engine.closed_until(), at_ms(1'000));
  engine.apply(add(1'000, bid, 6899, 1, 4), out);
  EXPECT_EQ(engine.counters().late_events, 0u);
  engine.advance(end_of_time, out);
  ASSERT_EQ(out.windows.size(), 2u);
  EXPECT_EQ(out.windows[1].window.events, 1u);
}

TEST(RadarWindows, TheEndOfTheInputGivesThePartialWindowButNoEmptyOne) {
  recorder out;
  radar_engine engine({}, false);
  for (const book_event& e : quiet_book()) engine.apply(e, out);
  engine.advance(at_ms(1'000), out);
  engine.advance(end_of_time, out);
  EXPECT_EQ(out.windows.size(), 1u);
  engine.advance(end_of_time, out);
  EXPECT_EQ(out.windows.size(), 1u);
}

TEST(RadarWindows, SnapshotRecordsDoNotMoveTimeNorOpenWindows) {
  recorder out;
  radar_engine engine({}, false);
  engine.apply(snapshot_add(10, bid, 6900, 5, 1), out);
  engine.apply(snapshot_add(90'000, ask, 6901, 5, 2), out);
  engine.advance(at_ms(50'000), out);
  EXPECT_TRUE(out.windows.empty());
  engine.apply(add(100'500, bid, 6899, 1, 3), out);
  engine.advance(end_of_time, out);
  ASSERT_EQ(out.windows.size(), 1u);
  const window_outputs& w = out.windows[0];
  EXPECT_EQ(w.window.start, at_ms(100'000));
  EXPECT_TRUE(w.window.valid);
  EXPECT_EQ(w.window.events, 1u);
  // What the snapshot brought was there before: a quiet, rested level.
  EXPECT_EQ(row_of(w, bid, 6900)->depth_start, 5u);
  EXPECT_EQ(row_of(w, bid, 6900)->depth_rest, 5u);
  EXPECT_EQ(row_of(w, bid, 6900)->d1_depth, 0);
}

TEST(RadarWindows, ASnapshotInTheSessionMarksItsWindow) {
  const recorder out = replay(with(
      quiet_book(), {add(1'100, bid, 6899, 1, 3), snapshot_add(500, bid, 6900, 7, 1),
                     snapshot_add(600, ask, 6900.5, 7, 2), add(1'200, bid, 6899, 1, 4), add(2'100, bid, 6898, 1, 5)}));
  ASSERT_EQ(out.windows.size(), 3u);
  EXPECT_TRUE(out.windows[0].window.rebuilt);  // by its clear
  EXPECT_TRUE(out.windows[1].window.rebuilt);
  EXPECT_FALSE(out.windows[1].window.valid);
  EXPECT_TRUE(out.windows[2].window.valid);
  const medium_row* row = row_of(out.windows[1], bid, 6900);
  EXPECT_EQ(row->depth_start, 10u);
  EXPECT_EQ(row->depth_end, 7u);
  EXPECT_EQ(row->added, 0u);  // a rebuilt level is no flow
}

TEST(RadarWindows, SnapshotOrdersThatAreYoungWhenTheFirstWindowEndsDoNotRest) {
  const recorder out = replay({snapshot_add(700, bid, 6900, 7, 1), snapshot_add(0, ask, 6900.25, 7, 2),
                               snapshot_add(100, bid, 6900, 2, 3), add(800, bid, 6900, 5, 4),
                               cancel(900, bid, 6900, 7, 1), add(2'000, bid, 6890, 1, 5)});
  ASSERT_EQ(out.windows.size(), 3u);
  EXPECT_EQ(row_of(out.windows[0], bid, 6900)->depth_end, 7u);
  EXPECT_EQ(row_of(out.windows[0], bid, 6900)->depth_rest, 2u);  // not order 4
  EXPECT_EQ(row_of(out.windows[1], bid, 6900)->depth_rest, 7u);
}

TEST(RadarWindows, AnOrderRepeatedInASnapshotStandsWhereItWasSaidLast) {
  recorder out;
  radar_engine engine({}, false);
  for (const book_event& e :
       with(quiet_book(),
            {add(1'100, bid, 6899, 1, 3), snapshot_add(500, bid, 6900, 7, 1), snapshot_add(600, ask, 6901, 7, 2),
             snapshot_add(600, bid, 6900.5, 4, 4), snapshot_add(600, ask, 6900.5, 4, 4),
             snapshot_add(600, bid, 6899, 3, 5), snapshot_add(1'900, bid, 6899, 3, 5), add(1'950, bid, 6890, 1, 6)}))
    engine.apply(e, out);
  engine.advance(end_of_time, out);
  const window_outputs& w = out.windows.at(1);
  for (const medium_row& r : w.surface.rows) EXPECT_EQ(r.depth_end, engine.book().level(r.side, r.tick).size);
  ASSERT_NE(row_of(w, ask, 6900.5), nullptr);
  EXPECT_EQ(row_of(w, ask, 6900.5)->depth_end, 4u);
  EXPECT_EQ(row_of(w, bid, 6899)->depth_end, 3u);
  EXPECT_EQ(row_of(w, bid, 6899)->depth_rest, 0u);  // came anew at 1,900 ms
}

TEST(RadarWindows, RowsThatWereRebuiltAreMarkedAndTheOthersConserve) {
  const recorder out =
      replay(with(quiet_book(), {add(1'100, bid, 6899, 1, 3), add(1'110, bid, 6898, 2, 4),
                                 cancel(1'120, bid, 6898, 2, 4), clear(1'200), add(1'300, bid, 6900, 4, 5),
                                 add(1'300, bid, 6897, 4, 6), add(2'500, bid, 6897, 1, 7)}));
  const window_outputs& w = out.windows.at(1);
  EXPECT_TRUE(row_of(w, bid, 6900)->rebuilt);
  EXPECT_TRUE(row_of(w, ask, 6900.5)->rebuilt);
  EXPECT_TRUE(row_of(w, bid, 6899)->rebuilt);
  EXPECT_FALSE(row_of(w, bid, 6898)->rebuilt);
  EXPECT_FALSE(row_of(w, bid, 6897)->rebuilt);
  for (const medium_row& r : out.windows.at(2).surface.rows) EXPECT_FALSE(r.rebuilt);
  // A level that a snapshot builds where none was.
  const recorder built = replay(with(quiet_book(), {add(1'100, bid, 6899, 1, 3), snapshot_add(500, bid, 6900, 7, 1),
                                                    snapshot_add(600, ask, 6901, 7, 2), add(1'200, bid, 6895, 1, 4)}));
  EXPECT_TRUE(row_of(built.windows.at(1), ask, 6901)->rebuilt);
  EXPECT_FALSE(row_of(built.windows.at(1), bid, 6895)->rebuilt);
}

TEST(RadarWindows, OrdersFromTheFutureCostNothingAndRestInTheirTime) {
  // Known from a snapshot after the open and from one before it.
  for (const bool before : {false, true}) {
    std::vector<book_event> events;
    if (!before) events = with(quiet_book(), {add(1'100, bid, 6899, 1, 3)});
    events.push_back(snapshot_add(500, bid, 6900, 7, 1));
    events.push_back(snapshot_add(600, ask, 6901, 7, 2));
    events.push_back(snapshot_add(5'000'000, bid, 6899, 3, 5));
    events.push_back(snapshot_add(6'000'000'000'000, bid, 6899, 4, 6));
    events.push_back(add(1'950, bid, 6890, 1, 7));
    recorder out;
    radar_engine engine({}, false);
    for (const book_event& e : events) engine.apply(e, out);
    engine.advance(at_ms(100'000'000), out);
    EXPECT_EQ(engine.counters().windows, before ? 99'999u : 100'000u);
    EXPECT_LT(engine.counters().computed_windows, 500u);
    engine.advance(end_of_time, out);
    for (const window_outputs& w : out.windows) {
      const medium_row* row = row_of(w, bid, 6899);
      if (row == nullptr || w.window.end <= at_ms(2'000)) continue;
      EXPECT_EQ(row->depth_rest, w.window.end > at_ms(5'000'000) ? 3u : 0u) << w.window.end.ns;
      EXPECT_FALSE(w.window.start < at_ms(5'000'000) && w.window.end > at_ms(5'000'000));
    }
    EXPECT_GT(out.windows.back().window.end, at_ms(6'000'000));
  }
}

TEST(RadarWindows, APartialBookIsNeverValid) {
  const recorder out = replay({add(0, bid, 6900, 5, 1), add(1, ask, 6901, 5, 2), add(1'000, bid, 6900, 1, 3)});
  for (const window_outputs& w : out.windows) {
    EXPECT_EQ(w.window.trust, market::book_trust::partial);
    EXPECT_FALSE(w.window.valid);
    EXPECT_FALSE(w.surface.rows.empty());  // still given, flagged
  }
}

TEST(RadarWindows, AGapStaysOpenUntilASnapshotHealsIt) {
  recorder out;
  radar_engine engine({}, false);
  for (const book_event& e : quiet_book()) engine.apply(e, out);
  engine.apply(add(1'100, bid, 6899, 1, 3), out);
  engine.gap();
  engine.apply(add(2'100, bid, 6899, 1, 4), out);
  engine.apply(snapshot_add(500, bid, 6900, 7, 1), out);
  engine.apply(snapshot_add(600, ask, 6900.5, 7, 2), out);
  engine.apply(add(2'200, bid, 6899, 1, 5), out);
  engine.apply(add(3'200, bid, 6899, 1, 6), out);
  engine.advance(end_of_time, out);
  ASSERT_EQ(out.windows.size(), 4u);
  EXPECT_FALSE(out.windows[0].window.gap);
  EXPECT_TRUE(out.windows[1].window.gap);
  EXPECT_FALSE(out.windows[1].window.valid);
  EXPECT_EQ(out.windows[1].window.trust, market::book_trust::partial);
  EXPECT_TRUE(out.windows[2].window.rebuilt);
  EXPECT_FALSE(out.windows[2].window.gap);
  EXPECT_TRUE(out.windows[3].window.valid);
}

TEST(RadarWindows, ARecordThatMayBeBadOpensAGap) {
  book_event bad = add(1'100, bid, 6899, 1, 3);
  bad.flags |= event_flag::maybe_bad_book;
  const recorder out = replay(with(quiet_book(), {bad, add(2'000, bid, 6899, 1, 4)}));
  EXPECT_TRUE(out.windows[1].window.gap);
  EXPECT_FALSE(out.windows[2].window.valid);
}

TEST(RadarWindows, ACrossedBookHoldsTheAnchorAndIsLabelled) {
  const recorder out = replay(with(quiet_book(), {add(1'100, bid, 6901, 1, 3), cancel(2'100, bid, 6901, 1, 3)}));
  ASSERT_EQ(out.windows.size(), 3u);
  EXPECT_TRUE(out.windows[1].window.crossed);
  EXPECT_TRUE(out.windows[1].window.anchor_held);
  EXPECT_FALSE(out.windows[1].window.valid);
  EXPECT_EQ(out.windows[1].window.anchor, points(6900.25));
  EXPECT_FALSE(out.windows[2].window.crossed);
  EXPECT_FALSE(out.windows[2].window.anchor_held);
  EXPECT_TRUE(out.windows[2].window.valid);
}

TEST(RadarWindows, LateRecordsChangeTheBookAndFlowIntoTheOpenWindow) {
  recorder out;
  radar_engine engine({}, false);
  for (const book_event& e : with(quiet_book(), {add(1'500, bid, 6899, 1, 3)})) engine.apply(e, out);
  const window_outputs first = out.windows.at(0);
  engine.apply(add(900, bid, 6899, 4, 4), out);    // older than the open window
  engine.apply(add(1'400, bid, 6899, 8, 5), out);  // in it, but time goes back
  engine.advance(end_of_time, out);
  ASSERT_EQ(out.windows.size(), 2u);
  EXPECT_EQ(out.windows[0], first);
  EXPECT_EQ(out.windows[1].window.late_events, 1u);
  EXPECT_EQ(row_of(out.windows[1], bid, 6899)->added, 13u);
  EXPECT_EQ(engine.counters().late_events, 1u);
  EXPECT_EQ(engine.counters().backwards_events, 2u);
  EXPECT_EQ(engine.counters().events, 6u);
}

TEST(RadarWindows, IdenticalIdleWindowsAreOneSpan) {
  const recorder out = replay(with(quiet_book(), {add(600'000, bid, 6899, 1, 3)}));
  ASSERT_GE(out.windows.size(), 3u);
  std::uint64_t windows = 0;
  timestamp until = at_ms(0);
  for (const window_outputs& w : out.windows) {
    EXPECT_EQ(w.window.start, until);  // no hole, no overlap
    EXPECT_EQ((w.window.end - w.window.start).value, std::int64_t{w.window.span} * 1'000'000'000);
    until = w.window.end;
    windows += w.window.span;
  }
  EXPECT_EQ(windows, 601u);
  EXPECT_LT(out.windows.size(), 120u);  // until the medium has come to rest, then one
  EXPECT_GT(out.windows[out.windows.size() - 2].window.span, 480u);
  EXPECT_EQ(out.windows.back().window.events, 1u);
}

TEST(RadarWindows, LiveGivesIdleWindowsOneByOne) {
  recorder out;
  radar_engine engine({}, true);
  for (const book_event& e : quiet_book()) engine.apply(e, out);
  for (std::int64_t s = 1; s <= 100; ++s) {
    engine.advance(at_ms(s * 1'000), out);
    ASSERT_EQ(out.windows.size(), static_cast<std::size_t>(s));
    EXPECT_EQ(out.windows.back().window.span, 1u);
    EXPECT_EQ(out.windows.back().window.end, at_ms(s * 1'000));
  }
}

TEST(RadarWindows, ALongGapCostsNothing) {
  // 33 hours in windows of 100 ms, and then a century.
  radar_config c;
  c.window = milliseconds(100);
  recorder out;
  radar_engine engine(c, false);
  for (const book_event& e : quiet_book()) engine.apply(e, out);
  engine.advance(at_ms(33 * 3'600'000), out);
  EXPECT_EQ(engine.counters().windows, 33u * 36'000);
  engine.apply(add(std::int64_t{100} * 365 * 86'400'000, bid, 6899, 1, 3), out);
  EXPECT_EQ(engine.counters().windows, std::uint64_t{100} * 365 * 864'000);
  EXPECT_LT(out.windows.size(), 500u);
  for (std::size_t i = 1; i < out.windows.size(); ++i)
    EXPECT_EQ(out.windows[i].window.start, out.windows[i - 1].window.end);
}

/// Watermarks between the records of a replay say what the next record says anyway.
TEST(RadarWindows, WatermarksBetweenRecordsChangeNothing) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    stream_shape shape;
    shape.steps = 600;
    shape.late_one_in = 0;
    const std::vector<book_event> events = stream(seed, shape);
    radar_config c;
    c.streaming_windows_min = 20;
    const auto run = [&](std::uint64_t dice_seed) {
      market::generators::random dice(dice_seed);
      recorder out;
      out.keep = false;
      radar_engine engine(c, false);
      engine.take(level_set_input{start_of_time, {{"a", "round", points(5'000)}, {"b", "round", points(5'010)}}});
      gex_input gex{events.front().ts_event, {}};
      for (int k = 0; k < 5; ++k) gex.strikes.push_back({points(4'990 + 5 * k), 1e5 * k, 2e5});
      engine.take(gex);
      timestamp last = start_of_time;
      for (const book_event& e : events) {
        if (dice_seed != 0 && last != start_of_time && !e.has(event_flag::snapshot) && e.ts_event > last) {
          for (std::uint64_t n = dice.below(4); n > 0; --n) {
            last.ns += dice.between(0, e.ts_event.ns - last.ns);
            engine.advance(last, out);
          }
        }
        if (!e.has(event_flag::snapshot)) last = std::max(last, e.ts_event);
        engine.apply(e, out);
      }
      engine.advance(end_of_time, out);
      return out.bytes;
    };
    const std::string plain = run(0);
    EXPECT_GT(plain.size(), 300'000u);
    EXPECT_EQ(plain, run(seed));
    EXPECT_EQ(plain, run(seed + 1'000));
  }
}

TEST(RadarWindows, ASpanSaysWhatTheWindowsThatItStandsForSay) {
  std::uint64_t spans = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    stream_shape shape;
    shape.steps = 600;
    shape.gap_ms_max = 600'000;  // live, up to an hour of windows are given one by one
    shape.gap_one_in = 60;
    const std::vector<book_event> events = stream(seed, shape);
    recorder spanned, single;
    radar_engine replayed({}, false), live({}, true);
    for (const book_event& e : events) {
      replayed.apply(e, spanned);
      live.apply(e, single);
    }
    replayed.advance(end_of_time, spanned);
    live.advance(end_of_time, single);
    std::size_t i = 0;
    for (const window_outputs& w : spanned.windows) {
      if (w.window.span > 1) ++spans;
      for (std::uint32_t n = 0; n < w.window.span; ++n, ++i) {
        ASSERT_LT(i, single.windows.size());
        ASSERT_TRUE(w.same_but_times(single.windows[i])) << "seed " << seed << " window " << i;
        ASSERT_EQ(single.windows[i].window.start, w.window.start + seconds(n));
      }
    }
    EXPECT_EQ(i, single.windows.size());
    EXPECT_EQ(replayed.counters().windows, live.counters().windows);
    EXPECT_EQ(replayed.counters().crossed_spans, live.counters().crossed_spans);
  }
  EXPECT_GT(spans, 20u);
}

TEST(RadarWindows, BatchesChangeNothing) {
  const std::vector<book_event> events = stream(5);
  recorder one, batch;
  radar_engine a({}, false), b({}, false);
  for (const book_event& e : events) a.apply(e, one);
  b.apply(events, batch);
  a.advance(end_of_time, one);
  b.advance(end_of_time, batch);
  EXPECT_EQ(one.bytes, batch.bytes);
  EXPECT_EQ(a.counters(), b.counters());
}

}  // namespace
}  // namespace isobar::radar_physics
