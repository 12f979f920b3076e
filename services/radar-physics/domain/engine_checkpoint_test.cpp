#include <gtest/gtest.h>

#include "radar-physics/domain/engine_streams_fixture.hpp"

// Checkpoints: an engine that comes back from one goes on as if nothing had been.
namespace isobar::radar_physics {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

radar_config test_config(std::int64_t window_ms) {
  radar_config c;
  c.window = milliseconds(window_ms);
  c.streaming_windows_min = 10;
  return c;
}

void take_sides(radar_engine& engine, timestamp start) {
  engine.take(level_set_input{start_of_time, {{"a", "round", points(5'000)}, {"b", "round", points(5'010)}}});
  for (int n = 0; n < 3; ++n) {
    gex_input gex{start + seconds(10 * n), {}};
    for (int k = 0; k < 5; ++k) gex.strikes.push_back({points(4'990 + 5 * k), 1e5 * k, 2e5 * n});
    engine.take(gex);
    engine.take(gate_input{start + seconds(7 * n), 0.4 + 0.1 * n, "test"});
  }
}

TEST(RadarCheckpoint, GoesOnByteForByteFromAnyPlace) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    stream_shape shape;
    shape.steps = 300;
    const std::vector<book_event> events = stream(seed, shape);
    const radar_config config = test_config(seed % 2 == 0 ? 1'000 : 200);
    recorder whole;
    radar_engine engine(config, false);
    take_sides(engine, events.front().ts_event);
    for (const book_event& e : events) engine.apply(e, whole);
    engine.advance(end_of_time, whole);

    market::generators::random dice(seed);
    recorder parts;
    auto resumed = std::make_unique<radar_engine>(config, false);
    take_sides(*resumed, events.front().ts_event);
    timestamp newest = start_of_time;
    for (std::size_t i = 0; i < events.size(); ++i) {
      resumed->apply(events[i], parts);
      if (!events[i].has(event_flag::snapshot)) newest = std::max(newest, events[i].ts_event);
      if (!dice.one_in(20)) continue;
      // Also in an idle run that is not given yet: as far as the next record allows.
      if (i + 1 < events.size() && !events[i + 1].has(event_flag::snapshot) && events[i + 1].ts_event > newest &&
          dice.one_in(2))
        resumed->advance({newest.ns + dice.between(0, events[i + 1].ts_event.ns - newest.ns)}, parts);
      std::string bytes, again;
      resumed->save(bytes);
      resumed = std::make_unique<radar_engine>(config, false);
      ASSERT_TRUE(resumed->restore(bytes));
      resumed->save(again);
      ASSERT_EQ(bytes, again);
    }
    resumed->advance(end_of_time, parts);
    EXPECT_EQ(parts.bytes, whole.bytes) << "seed " << seed;
    EXPECT_EQ(resumed->counters(), engine.counters());
    EXPECT_EQ(resumed->closed_until(), engine.closed_until());
  }
}

TEST(RadarCheckpoint, RefusesWhatIsNoCheckpointOfTheseRules) {
  const std::vector<book_event> events = stream(3, {.steps = 60});
  recorder out;
  radar_engine engine(test_config(1'000), false);
  for (const book_event& e : events) engine.apply(e, out);
  std::string bytes;
  engine.save(bytes);

  radar_engine other(test_config(500), false);
  EXPECT_FALSE(other.restore(bytes));
  radar_engine same(test_config(1'000), false);
  EXPECT_FALSE(same.restore("nonsense"));
  EXPECT_FALSE(same.restore(bytes + "x"));
  for (std::size_t n = 0; n < bytes.size(); n += 1 + n / 37)
    EXPECT_FALSE(same.restore(std::string_view(bytes).substr(0, n)));
  // After a refusal the engine is as new.
  recorder fresh;
  for (const book_event& e : events) same.apply(e, fresh);
  std::string now;
  same.save(now);
  EXPECT_EQ(now, bytes);
  EXPECT_TRUE(same.restore(bytes));
}

TEST(RadarCheckpoint, SurvivesDamagedBytes) {
  const std::vector<book_event> events = stream(4, {.steps = 60});
  recorder out;
  radar_engine engine(test_config(1'000), false);
  for (const book_event& e : events) engine.apply(e, out);
  std::string bytes;
  engine.save(bytes);
  market::generators::random dice(9);
  for (int n = 0; n < 60; ++n) {
    std::string damaged = bytes;
    damaged[dice.below(damaged.size())] ^= static_cast<char>(1 + dice.below(255));
    radar_engine victim(test_config(1'000), false);
    // Whether it is refused or not: no crash, neither now nor when it goes on.
    (void)victim.restore(damaged);
  }
}

}  // namespace
}  // namespace isobar::radar_physics
