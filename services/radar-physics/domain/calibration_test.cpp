#include "radar-physics/domain/calibration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "radar-physics/domain/calibration_fit.hpp"
#include "radar-physics/domain/engine_streams_fixture.hpp"
#include "radar-physics/domain/streaming_calibration.hpp"

namespace isobar::radar_physics {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

TEST(Calibration, NormClipsAndWidensAPoint) {
  calibration_table t = bootstrap_calibration();
  EXPECT_EQ(t.norm(metric::pull_add_log, 0), 0.5);
  EXPECT_EQ(t.norm(metric::pull_add_log, -9), 0);
  EXPECT_EQ(t.norm(metric::pull_add_log, 9), 1);
  EXPECT_EQ(t.norm(metric::wall_strength_log, 2.5), 0.25);
  t.bound[0] = {3, 3};
  EXPECT_EQ(t.norm(metric::pull_add_log, 3.25), 0.25);  // q95 = q05 counts as q05 + 1
  EXPECT_EQ(t.norm(metric::pull_add_log, 3), 0);
}

TEST(Calibration, BootstrapIsTheTableOfTheSpecification) {
  const calibration_table& t = bootstrap_calibration();
  EXPECT_EQ(t.id, "bootstrap");
  EXPECT_EQ(t.of(metric::d2_pull_add_log), (calibration_table::bounds{-1, 1}));
  EXPECT_EQ(t.of(metric::log1p_erosion_norm), (calibration_table::bounds{0, 0.5}));
  EXPECT_EQ(t.of(metric::gex_abs), (calibration_table::bounds{0, 1'000'000}));
  EXPECT_EQ(to_string(metric::log1p_pull_intensity_rest), "log1p_pull_intensity_rest");
}

TEST(CalibrationFit, InterpolatesBetweenOrderStatistics) {
  const std::vector<double> v = {1, 2, 4, 8};
  EXPECT_EQ(quantile_of(v, 0), 1);
  EXPECT_EQ(quantile_of(v, 1), 8);
  EXPECT_DOUBLE_EQ(quantile_of(v, 0.5), 3);      // position 1.5
  EXPECT_DOUBLE_EQ(quantile_of(v, 0.05), 1.15);  // position 0.15
  EXPECT_EQ(quantile_of({}, 0.5), 0);
}

TEST(CalibrationFit, PoolsAsIfEveryValueWereKept) {
  market::generators::random dice(1);
  pooled_values pool;
  std::vector<double> all;
  for (int n = 0; n < 200'000; ++n) {
    const double v = std::log1p(static_cast<double>(dice.below(300))) - std::log1p(static_cast<double>(dice.below(9)));
    const std::uint64_t times = 1 + dice.below(3);
    pool.add(v, times);
    for (std::uint64_t i = 0; i < times; ++i) all.push_back(v);
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(pool.size(), all.size());
  for (const double q : {0.0, 0.05, 0.3333, 0.5, 0.95, 1.0}) EXPECT_EQ(pool.quantile(q), quantile_of(all, q)) << q;
  EXPECT_LT(pool.memory_bytes(), 4u << 20);  // distinct values, not values
}

TEST(CalibrationFit, IsDeterministicAndNamesItsSessions) {
  const recorder out = replay(stream(2));
  const auto fit = [&](const char* session) {
    calibration_fit f;
    f.begin_session(session);
    for (const window_outputs& w : out.windows) f.add(w.surface, &w.column, nullptr, w.window.span);
    return f.table();
  };
  const calibration_table t = fit("2023-12-25");
  EXPECT_EQ(t, fit("2023-12-25"));
  EXPECT_NE(t.id, fit("2023-12-26").id);
  EXPECT_EQ(t.id.substr(0, 22), "sessions/2023-12-25/1/");
  EXPECT_LT(t.of(metric::wall_strength_log).q05, t.of(metric::wall_strength_log).q95);
  EXPECT_EQ(t.of(metric::gex_abs), bootstrap_calibration().of(metric::gex_abs));  // none was seen
}

TEST(FadingHistogram, ComesCloseToTheQuantiles) {
  market::generators::random dice(3);
  fading_histogram h;
  std::vector<double> all;
  for (int n = 0; n < 50'000; ++n) {
    const double v =
        std::log1p(static_cast<double>(dice.below(400))) - std::log1p(static_cast<double>(dice.below(100)));
    h.add(v, 1);
    all.push_back(v);
  }
  std::sort(all.begin(), all.end());
  for (const double q : {0.05, 0.25, 0.75, 0.95})
    EXPECT_NEAR(h.quantile(q), quantile_of(all, q), 0.07 * std::abs(quantile_of(all, q)) + 0.01) << q;
  fading_histogram zeros;
  zeros.add_zeros(95);
  zeros.add(-1, 5);
  EXPECT_EQ(zeros.quantile(0.95), 0);
  EXPECT_NEAR(zeros.quantile(0.04), -1, 0.07);
}

TEST(FadingHistogram, ForgetsByHalfLives) {
  radar_column none;
  streaming_calibration learning(1, 10);
  medium_surface old_rows, new_rows;
  old_rows.rows.assign(100, {.wall_strength_log = 1});
  new_rows.rows.assign(100, {.wall_strength_log = 5});
  for (int n = 0; n < 200; ++n) learning.learn(old_rows, none, nullptr);
  // The refit after 101 windows of the new kind: the old weigh 2^-10, far under the 5 % quantile.
  for (int n = 0; n < 101; ++n) learning.learn(new_rows, none, nullptr);
  EXPECT_NEAR(learning.table()->of(metric::wall_strength_log).q05, 5, 0.3);
}

TEST(StreamingCalibration, TakesOverAfterTheStatedWindowsAndLooksBackOnly) {
  radar_config c;
  c.streaming_windows_min = 20;
  const std::vector<book_event> events = stream(6, {.steps = 4'000, .gap_one_in = 0});
  const recorder out = replay(events, c);
  // What is in force in a window is what the windows before it gave: computed here window by window.
  streaming_calibration learning(c.streaming_windows_min, c.streaming_half_life_windows);
  std::uint64_t streamed = 0;
  std::vector<std::string> ids;
  for (const window_outputs& w : out.windows) {
    const calibration_table& in_force = learning.table() != nullptr ? *learning.table() : bootstrap_calibration();
    ASSERT_EQ(w.window.calibration, in_force.id);
    for (const medium_row& r : w.surface.rows)
      ASSERT_NEAR(r.physics_score,
                  0.5 * r.vacuum_score + 0.35 * in_force.norm(metric::log1p_erosion_norm, r.erosion_norm_arg) +
                      0.15 * (1 - in_force.norm(metric::wall_strength_log, r.wall_strength_log)),
                  1e-12);
    streamed += learning.table() != nullptr;
    if (ids.empty() || ids.back() != w.window.calibration) ids.push_back(w.window.calibration);
    if (w.window.events > 0 && w.window.anchor != market::no_price) learning.learn(w.surface, w.column, nullptr);
  }
  EXPECT_GT(streamed, 30u);
  ASSERT_GE(ids.size(), 2u);
  EXPECT_EQ(ids[0], "bootstrap");
  EXPECT_EQ(ids[1].substr(0, 13), "streaming/20/");
  EXPECT_LT(ids.size(), 12u);  // changes at refits alone
}

TEST(Calibration, ATableIsInForceFromTheNextWindowAndEndsTheEstimate) {
  radar_config c;
  c.streaming_windows_min = 1;
  recorder out;
  radar_engine engine(c, false);
  calibration_table table = bootstrap_calibration();
  table.id = "sessions/x/1/0";
  const std::vector<book_event> events = {clear(0), add(1, book_side::bid, 6900, 5, 1),
                                          add(2, book_side::ask, 6901, 5, 2)};
  for (const book_event& e : events) engine.apply(e, out);
  engine.apply(add(1'500, book_side::bid, 6899, 5, 3), out);
  engine.take(table);
  for (int n = 2; n < 70; ++n)
    engine.apply(add(n * 1'000, book_side::bid, 6899, 5, static_cast<std::uint64_t>(10 + n)), out);
  engine.advance(end_of_time, out);
  EXPECT_EQ(out.windows[0].window.calibration, "bootstrap");
  EXPECT_EQ(out.windows[1].window.calibration.substr(0, 12), "streaming/1/");  // open when the table came
  for (std::size_t n = 2; n < out.windows.size(); ++n) EXPECT_EQ(out.windows[n].window.calibration, table.id);
}

TEST(RadarConfig, SaysWhatIsOutOfRange) {
  EXPECT_TRUE(check(radar_config{}));
  radar_config c;
  c.window = milliseconds(99);
  ASSERT_FALSE(check(c));
  EXPECT_EQ(check(c).error().evidence, "window 99000000 is not within 100000000 to 60000000000");
  c = {};
  c.buckets.rows = 30;
  EXPECT_FALSE(check(c));
  c = {};
  c.buckets.fragility = std::nan("");
  EXPECT_FALSE(check(c));
}

TEST(RadarConfig, TheIdChangesWithEveryRule) {
  radar_config a, b;
  EXPECT_EQ(assumptions_id(a), assumptions_id(b));
  b.buckets.erode = 0.9;
  EXPECT_NE(assumptions_id(a), assumptions_id(b));
  b = {};
  b.rest = milliseconds(501);
  EXPECT_NE(assumptions_id(a), assumptions_id(b));
  b = {};
  b.rules = compat::literal;
  EXPECT_EQ(assumptions_id(b).substr(0, 8), "literal-");
}

}  // namespace
}  // namespace isobar::radar_physics
