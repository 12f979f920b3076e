#include "radar-physics/app.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "radar-physics/app_fixture.hpp"
#include "radar-physics/domain/engine.hpp"
#include "radar-physics/transport/calibration_file.hpp"
#include "radar-physics/transport/radar_encoder.hpp"
#include "radar-physics/transport/radar_recording.hpp"
#include "wire/side_input_codec.hpp"

namespace isobar::radar_physics {
namespace {

using namespace fixture;
namespace pb = radar::v1;

wire::definition_frame definition(price tick) {
  market::instrument i;
  i.id = 17'077;
  i.raw_symbol = "ESH4";
  i.asset = "ES";
  i.instrument_class = 'F';
  i.tick = tick;
  i.multiplier = 50'000'000'000;
  return {es(), {i}};
}

TEST(RadarFeed, ADefinitionThatContradictsCountsAndHoldsOnlyBeforeTheFirstRecord) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  const auto define = [&](price tick, std::uint64_t sequence) {
    radar.publish(subjects::feed_definition("sim", es()),
                  wire::encode_definitions(definition(tick), {.producer = "feed-ingest", .sequence = sequence}));
  };
  define(price(250'000'000), 1);
  define(price(500'000'000), 2);
  ASSERT_TRUE(eventually([&] { return radar.metric("definition_contradictions_total") == 1; }));
  // Frames say 0.5 as well: the engine was made again with it.
  feed source(radar.on(), frames_of(session(5), 64, price(0)));
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  pb::RadarColumn last;
  ASSERT_TRUE(last.ParseFromString(radar.out().of(columns).rbegin()->second));
  EXPECT_EQ(last.window().tick_nanos(), 500'000'000);
  define(price(250'000'000), 3);
  ASSERT_TRUE(eventually([&] { return radar.metric("definition_contradictions_total") == 2; }));
  EXPECT_TRUE(eventually([&] { return radar.metric("rejected_total", "reason=\"off_tick\",") > 0; }));
}

TEST(RadarFeed, TheProductTableIsAboveADefinitionsMultiplierWheneverThatComes) {
  const auto frames = frames_of(session(5), 64);
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  auto other = definition(price(250'000'000));
  other.instruments[0].multiplier = 5'000'000'000;
  radar.publish(subjects::feed_definition("sim", es()),
                wire::encode_definitions(other, {.producer = "feed-ingest", .sequence = 1}));
  ASSERT_TRUE(eventually([&] { return radar.metric("definition_contradictions_total") == 1; }));
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_TRUE(radar.out().frames() == undisturbed(frames, {}));
}

/// A table knows its sessions: it is used behind the last of them only.
TEST(RadarCalibration, IsUsedBehindItsLastSessionOnly) {
  auto events = session(6);
  const date today = session_rule{}.of(events.back().ts_event);
  const auto ids = [&](const std::vector<book_event>& of, date last) {
    isobar::testing::temp_dir data;
    calibration_table table = bootstrap_calibration();
    table.id = "sessions/test";
    const auto file = data.write("c.json", format_calibration(table, {to_iso(last)}));
    running_radar radar(data.path(), {"--radar-physics.calibration=" + file.string()});
    feed source(radar.on(), frames_of(of, 64));
    source.send_all();
    source.end();
    EXPECT_TRUE(radar.ended());
    std::string out;
    for (const auto& [sequence, bytes] : radar.out().of(columns)) {
      pb::RadarColumn c;
      EXPECT_TRUE(c.ParseFromString(bytes));
      out += c.window().calibration() == table.id ? "T" : "-";
    }
    return out + " " + std::to_string(static_cast<int>(radar.metric("calibrations_refused_total")));
  };
  EXPECT_EQ(ids(events, today + -1), "TTTTTT 0");
  EXPECT_EQ(ids(events, today), "------ 1");
  EXPECT_EQ(ids(events, today + 3), "------ 1");
  // The session ends in the middle: the window after the one that is open then is the first.
  const timestamp end = session_rule{}.begin_of(today + 1);
  const duration_ns shift = end - (window_end_of(events.back().ts_event, seconds(1)) - seconds(3));
  for (book_event& e : events)
    if (!e.has(market::event_flag::snapshot)) e.ts_event = e.ts_event + shift;
  EXPECT_EQ(ids(events, today), "----TT 1");
}

TEST(RadarSideInputs, InReplayWindowsWaitForTheGate) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.side-gate=true"});
  feed source(radar.on(), frames_of(session(6), 64));
  source.send_all();
  source.end();
  std::uint64_t answered = 0;
  const auto windows = [&] { return radar.out().of(columns).size(); };
  ASSERT_TRUE(eventually([&] { return windows() == 1; }));  // the first needs no answer
  EXPECT_LT(radar.reported().input_sequence, source.size());
  while (answered < 6) {
    ASSERT_TRUE(eventually([&] { return windows() == answered + 1; })) << answered;
    pb::RadarColumn c;
    ASSERT_TRUE(c.ParseFromString(radar.out().of(columns).at(answered + 1)));
    EXPECT_EQ(c.gate_source(), answered < 1 ? pb::GATE_SOURCE_PLACEHOLDER : pb::GATE_SOURCE_MODEL);
    if (answered >= 1) {
      EXPECT_DOUBLE_EQ(c.gate_up(), 0.5 + 0.01 * static_cast<double>(answered));
    }
    ++answered;
    const timestamp end{c.window().window_end_ns()};
    const double up = 0.5 + 0.01 * static_cast<double>(answered);
    radar.publish(
        subjects::gate_next("sim", es()),
        wire::encode_gate({es(), {end, up, "test"}}, {.producer = "ml-gate", .sequence = answered, .watermark = end}));
  }
  EXPECT_TRUE(radar.ended());
  EXPECT_EQ(windows(), 6u);
}

/// The gate that a service would say of the windows up to `end`.
std::string gate_of(timestamp end, std::uint64_t sequence) {
  const double up = 0.25 + 0.01 * static_cast<double>(end.ns / 1'000'000'000 % 50);
  return wire::encode_gate({es(), {end, up, "test"}}, {.producer = "ml-gate", .sequence = sequence, .watermark = end});
}

TEST(RadarSideInputs, OverAnIdleGapLateAnswersGiveWhatPromptOnesGive) {
  auto events = session(6);
  const timestamp begin = window_end_of(events.back().ts_event, seconds(1)) - seconds(6);
  for (book_event& e : events)
    if (e.ts_event >= begin + seconds(3)) e.ts_event = e.ts_event + seconds(20);
  const auto frames = frames_of(events, 64);
  std::map<std::string, std::map<std::uint64_t, std::string>> first;
  for (const bool prompt : {true, false}) {
    isobar::testing::temp_dir data;
    running_radar radar(data.path(), {"--radar-physics.side-gate=true"});
    feed source(radar.on(), frames);
    std::uint64_t answers = 0;
    const auto answer = [&](timestamp end) {
      radar.publish(subjects::gate_next("sim", es()), gate_of(end, ++answers));
    };
    while (prompt && answers < 26) answer(begin + seconds(static_cast<std::int64_t>(answers) + 1));
    source.send_all();
    source.end();
    // A service that is heard of a window only when that is known to be over, and one window at a time.
    while (!prompt && answers < 26) {
      const timestamp next = begin + seconds(static_cast<std::int64_t>(answers) + 1);
      ASSERT_TRUE(eventually([&] { return radar.out().watermark(columns) >= next; })) << answers;
      answer(next);
    }
    ASSERT_TRUE(radar.ended());
    if (prompt)
      first = radar.out().frames();
    else
      EXPECT_TRUE(first == radar.out().frames());
  }
  // Windows of the gap have their own answer each.
  std::size_t with_own = 0;
  for (const auto& [sequence, bytes] : first[columns]) {
    pb::RadarColumn c;
    ASSERT_TRUE(c.ParseFromString(bytes));
    const std::int64_t start = c.window().window_start_ns() / 1'000'000'000;
    with_own +=
        c.gate_source() == pb::GATE_SOURCE_MODEL && c.gate_up() == 0.25 + 0.01 * static_cast<double>(start % 50);
  }
  EXPECT_EQ(with_own, 25u);
}

TEST(RadarLive, IdleWindowsCloseByTheClockWhileTheFeedLives) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.window-ms=100", "--radar-physics.lateness-ms=50"}, "live");
  auto events = session(2);
  // As if it happened now.
  const auto now =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const std::int64_t shift = now - events.back().ts_event.ns;
  for (book_event& e : events) e.ts_event.ns += shift;
  feed source(radar.on(), frames_of(events, 64));
  source.send_all();
  ASSERT_TRUE(radar.applied(source.size()));
  const std::size_t with_records = radar.out().of(columns).size();
  EXPECT_TRUE(eventually([&] {
    source.heartbeat(timestamp{events.back().ts_event.ns});
    return radar.out().of(columns).size() > with_records + 5;
  }));
  pb::RadarColumn last;
  ASSERT_TRUE(last.ParseFromString(radar.out().of(columns).rbegin()->second));
  EXPECT_EQ(last.window().span_windows(), 1u);
  EXPECT_EQ(last.window().events(), 0u);
}

}  // namespace
}  // namespace isobar::radar_physics
