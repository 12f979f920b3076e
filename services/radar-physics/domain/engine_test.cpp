#include "radar-physics/domain/engine.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "radar-physics/domain/engine_fixture.hpp"

// Golden G2 with the feed's true semantics: futures-medium 15.6, "corrected-mode expectations", under decisions 8 to 12
// (anchor at the mid, absent levels count as 0 in the derivatives).
namespace isobar::radar_physics {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
constexpr book_side bid = book_side::bid, ask = book_side::ask, none = book_side::none;

std::vector<book_event> golden() {
  return {
      clear(10),
      add(20, bid, 6899.75, 20, 1),
      add(30, bid, 6899.50, 30, 2),
      add(40, ask, 6900.25, 15, 3),
      add(50, ask, 6900.50, 25, 4),
      trade(300, bid, 6900.25, 2, event_flag::last),
      add(500, bid, 6899.25, 7, 6),
      add(600, ask, 6900.25, 5, 5),
      modify(1'100, ask, 6900.75, 25, 4),
      modify(1'200, bid, 6899.50, 18, 2),
      record(1'250, book_action::fill, ask, 6900.25, 5, 3, 0),
      // The feed answers the partial fill with a cancel of five; order 3 keeps ten.
      cancel(1'250, ask, 6900.25, 5, 3),
      modify(1'300, bid, 6899.75, 26, 1),
      add(1'400, bid, 6899.75, 4, 7),
      cancel(1'700, bid, 6899.75, 4, 7),
      cancel(3'100, ask, 6900.25, 5, 5),
      add(3'200, bid, 6900.25, 9, 8),
      trade(3'500, bid, 6902.75, 1, event_flag::last),
  };
}

struct wall {
  int window;
  book_side side;
  double price;
  int rel;
  std::uint64_t start, end, added, pulled, rest, pulled_rest, filled;
  std::int64_t d1, d2, d3;
};

TEST(RadarEngine, GivesTheWallOfTheGoldenScenario) {
  const recorder out = replay(golden());
  ASSERT_EQ(out.windows.size(), 4u);
  // Columns 1 to 12 of the table with the corrected fills; d1 to d3 by decisions 10; W4 keeps the anchor 6900, for its
  // book is crossed.
  const wall expected[] = {
      {1, bid, 6899.25, -3, 0, 7, 7, 0, 7, 0, 0, 7, 7, 7},
      {1, bid, 6899.50, -2, 0, 30, 30, 0, 30, 0, 0, 30, 30, 30},
      {1, bid, 6899.75, -1, 0, 20, 20, 0, 20, 0, 0, 20, 20, 20},
      {1, ask, 6900.25, 1, 0, 20, 20, 0, 15, 0, 0, 20, 20, 20},
      {1, ask, 6900.50, 2, 0, 25, 25, 0, 25, 0, 0, 25, 25, 25},
      {2, bid, 6899.25, -3, 7, 7, 0, 0, 7, 0, 0, 0, -7, -14},
      {2, bid, 6899.50, -2, 30, 18, 0, 12, 18, 12, 0, -12, -42, -72},
      {2, bid, 6899.75, -1, 20, 26, 10, 4, 26, 0, 0, 6, -14, -34},
      {2, ask, 6900.25, 1, 20, 15, 0, 0, 15, 0, 5, -5, -25, -45},
      {2, ask, 6900.50, 2, 25, 0, 0, 25, 0, 25, 0, -25, -50, -75},
      {2, ask, 6900.75, 3, 0, 25, 25, 0, 25, 0, 0, 25, 25, 25},
      {3, bid, 6899.25, -3, 7, 7, 0, 0, 7, 0, 0, 0, 0, 7},
      {3, bid, 6899.50, -2, 18, 18, 0, 0, 18, 0, 0, 0, 12, 54},
      {3, bid, 6899.75, -1, 26, 26, 0, 0, 26, 0, 0, 0, -6, 8},
      {3, ask, 6900.25, 1, 15, 15, 0, 0, 15, 0, 0, 0, 5, 30},
      {3, ask, 6900.75, 3, 25, 25, 0, 0, 25, 0, 0, 0, -25, -50},
      {4, bid, 6899.25, -3, 7, 7, 0, 0, 7, 0, 0, 0, 0, 0},
      {4, bid, 6899.50, -2, 18, 18, 0, 0, 18, 0, 0, 0, 0, -12},
      {4, bid, 6899.75, -1, 26, 26, 0, 0, 26, 0, 0, 0, 0, 6},
      {4, bid, 6900.25, 1, 0, 9, 9, 0, 9, 0, 0, 9, 9, 9},
      {4, ask, 6900.25, 1, 15, 10, 0, 5, 10, 5, 0, -5, -5, -10},
      {4, ask, 6900.75, 3, 25, 25, 0, 0, 25, 0, 0, 0, 0, 25},
  };
  std::size_t i = 0;
  for (int w = 1; w <= 4; ++w) {
    const window_outputs& window = out.windows[static_cast<std::size_t>(w - 1)];
    EXPECT_EQ(window.window.end, at_ms(1'000 * w));
    for (const medium_row& row : window.surface.rows) {
      SCOPED_TRACE("window " + std::to_string(w) + " rel " + std::to_string(row.rel_ticks));
      ASSERT_LT(i, std::size(expected));
      const wall& e = expected[i++];
      EXPECT_EQ(e.window, w);
      EXPECT_EQ(row.side, e.side);
      EXPECT_EQ(row.tick, tick_of(e.price));
      EXPECT_EQ(row.rel_ticks, e.rel);
      EXPECT_EQ(row.depth_start, e.start);
      EXPECT_EQ(row.depth_end, e.end);
      EXPECT_EQ(row.added, e.added);
      EXPECT_EQ(row.pulled, e.pulled);
      EXPECT_EQ(row.depth_rest, e.rest);
      EXPECT_EQ(row.pulled_rest, e.pulled_rest);
      EXPECT_EQ(row.filled, e.filled);
      EXPECT_EQ(row.d1_depth, e.d1);
      EXPECT_EQ(row.d2_depth, e.d2);
      EXPECT_EQ(row.d3_depth, e.d3);
    }
  }
  EXPECT_EQ(i, std::size(expected));
}

TEST(RadarEngine, GivesTheVacuumOfTheGoldenScenario) {
  const recorder out = replay(golden());
  ASSERT_EQ(out.windows.size(), 4u);
  // "W2 at A 6900.25: vacuum terms 0.5, 0, 0.427148..., 1 -> 0.481787".
  const medium_row* eaten = row_of(out.windows[1], ask, 6900.25);
  ASSERT_NE(eaten, nullptr);
  EXPECT_NEAR(eaten->erosion_norm_arg / 0.5, 0.427148, 1e-6);
  EXPECT_NEAR(eaten->vacuum_score, 0.481787, 1e-6);
  // Vacuum table, W2: rows whose flows the correction leaves alone.
  const medium_row* pulled = row_of(out.windows[1], ask, 6900.50);
  ASSERT_NE(pulled, nullptr);
  EXPECT_NEAR(pulled->pull_intensity_rest, 0.961538462, 1e-9);
  EXPECT_NEAR(pulled->pull_add_log, 3.258096538, 1e-9);
  EXPECT_NEAR(pulled->vacuum_score, 1, 1e-12);
  const medium_row* eroded = row_of(out.windows[1], bid, 6899.50);
  ASSERT_NE(eroded, nullptr);
  EXPECT_NEAR(eroded->pull_add_log, 2.564949357, 1e-9);
  EXPECT_NEAR(eroded->wall_strength_log, 2.944438979, 1e-9);
  EXPECT_NEAR(eroded->vacuum_score, 0.827212911, 1e-9);
  EXPECT_NEAR(eroded->physics_score, 0.748488909, 1e-9);
  EXPECT_NEAR(eroded->physics_score_signed, -0.748488909, 1e-9);
  const medium_row* built = row_of(out.windows[1], bid, 6899.75);
  ASSERT_NE(built, nullptr);
  EXPECT_NEAR(built->pull_add_log, -2.397895273, 1e-9);
  EXPECT_NEAR(built->d1_pull_add_log, 0.646627165, 1e-9);
  EXPECT_EQ(built->wall_erosion, 0);
  // A quiet level scores as the formula says (decisions 12): 0.25 under the bootstrap bounds.
  const medium_row* quiet = row_of(out.windows[3], bid, 6899.25);
  ASSERT_NE(quiet, nullptr);
  EXPECT_NEAR(quiet->vacuum_score, 0.25, 1e-12);
  EXPECT_NEAR(quiet->physics_score_signed, -0.243808377, 1e-9);
}

TEST(RadarEngine, DescribesTheWindowsOfTheGoldenScenario) {
  const recorder out = replay(golden());
  ASSERT_EQ(out.windows.size(), 4u);
  const auto& w = out.windows;
  EXPECT_FALSE(w[0].window.valid);  // the clear fell into it
  EXPECT_TRUE(w[0].window.rebuilt);
  EXPECT_TRUE(w[1].window.valid);
  EXPECT_TRUE(w[2].window.valid);
  EXPECT_FALSE(w[3].window.valid);  // crossed by order 8
  EXPECT_TRUE(w[3].window.crossed);
  EXPECT_TRUE(w[3].window.anchor_held);
  for (const window_outputs& o : w) {
    EXPECT_EQ(o.window.anchor, points(6900));
    EXPECT_EQ(o.window.ref_tick, 27'600);
    EXPECT_EQ(o.window.trust, market::book_trust::whole);
    EXPECT_EQ(o.window.calibration, "bootstrap");
    EXPECT_EQ(o.window.span, 1u);
  }
  EXPECT_EQ(w[1].window.best_bid, (market::book_level{tick_of(6899.75), 26, 1}));
  EXPECT_EQ(w[1].window.best_ask, (market::book_level{tick_of(6900.25), 15, 2}));
  EXPECT_EQ(w[3].window.best_ask, (market::book_level{tick_of(6900.25), 10, 1}));
  EXPECT_EQ(w[0].window.last_trade, points(6900.25));
  EXPECT_EQ(w[3].window.last_trade, points(6902.75));
  EXPECT_EQ(w[0].window.traded, 2u);
  EXPECT_EQ(w[0].window.events, 8u);
  EXPECT_EQ(w[2].window.events, 0u);
  EXPECT_EQ(w[3].window.revision(), 4'000u);
  // The best bid of W4 stands above the anchor: its physics has no sign.
  EXPECT_EQ(row_of(w[3], bid, 6900.25)->physics_score_signed, 0);
}

TEST(RadarEngine, MakesBandsOfTheRowsNearTheAnchor) {
  const recorder out = replay(golden());
  const medium_bands& bands = out.windows[1].surface.bands;
  // W2 above: 6900.25 and 6900.50 are "at" (1 and 2 ticks), 6900.75 is "near" (3).
  EXPECT_NEAR(bands.above.vacuum[0], (0.4817870 + 1) / 2, 1e-6);
  EXPECT_NEAR(bands.above.wall_strength[0], (std::log(16.0) + 0) / 2 / 10, 1e-12);
  EXPECT_NEAR(bands.above.wall_strength[1], std::log(26.0) / 10, 1e-12);
  EXPECT_EQ(bands.above.wall_strength[2], 0);
  const double erosion = std::min(1.0, (std::log(1 + 5 / 21.0) + std::log(1 + 25 / 26.0)) / 2 / 0.5);
  EXPECT_NEAR(bands.above.wall_erosion[0], erosion, 1e-12);
  const auto ease = [](const medium_bands::direction& d, std::size_t b) {
    return 0.5 * d.vacuum[b] + 0.35 * d.wall_erosion[b] + 0.15 * (1 - d.wall_strength[b]);
  };
  EXPECT_NEAR(bands.above.score, 0.6 * ease(bands.above, 0) + 0.4 * ease(bands.above, 1), 1e-12);
  EXPECT_NEAR(bands.vacuum_total_score, (bands.above.score + bands.below.score) / 2, 1e-12);
}

TEST(RadarEngine, CountsDepthAsRestingFromExactlyTheRestTime) {
  const std::vector<book_event> events = {
      clear(0),
      add(10, bid, 6899.75, 1, 1),
      add(10, ask, 6900.25, 1, 2),
      add(500, bid, 6899.50, 4, 3),     // 500 ms old at the end: rests
      add(501, bid, 6899.50, 8, 4),     // 499 ms: does not
      modify(700, bid, 6899.50, 5, 3),  // a size change leaves the age
      modify(700, bid, 6899.25, 2, 4),  // a new price does not
      trade(1'000, bid, 6900.25, 1),
  };
  const recorder out = replay(events);
  EXPECT_EQ(row_of(out.windows[0], bid, 6899.50)->depth_end, 5u);
  EXPECT_EQ(row_of(out.windows[0], bid, 6899.50)->depth_rest, 5u);
  EXPECT_EQ(row_of(out.windows[0], bid, 6899.25)->depth_rest, 0u);
  EXPECT_EQ(row_of(out.windows[1], bid, 6899.25)->depth_rest, 2u);
}

TEST(RadarEngine, CountsPullsAsRestingByTheAgeAtThePull) {
  const std::vector<book_event> events = {
      clear(0),
      add(10, bid, 6899.75, 1, 1),
      add(10, ask, 6900.25, 1, 2),
      add(100, bid, 6899.50, 4, 3),
      add(101, bid, 6899.50, 8, 4),
      cancel(600, bid, 6899.50, 4, 3),
      cancel(600, bid, 6899.50, 8, 4),
  };
  const recorder out = replay(events);
  EXPECT_EQ(row_of(out.windows[0], bid, 6899.50)->pulled, 12u);
  EXPECT_EQ(row_of(out.windows[0], bid, 6899.50)->pulled_rest, 4u);
}

TEST(RadarEngine, SignsPhysicsByTheSideOfTheAnchorBetweenTwoTicks) {
  // Bid 6900.00, ask 6900.25: the mid lies between, the reference tick is the bid's.
  const recorder out = replay({clear(0), add(1, bid, 6900, 3, 1), add(2, ask, 6900.25, 3, 2)});
  EXPECT_EQ(row_of(out.windows[0], bid, 6900)->rel_ticks, 0);
  EXPECT_LT(row_of(out.windows[0], bid, 6900)->physics_score_signed, 0);
  EXPECT_GT(row_of(out.windows[0], ask, 6900.25)->physics_score_signed, 0);
}

TEST(RadarEngine, WithoutAMidThereAreNoRows) {
  const recorder out = replay({clear(0), add(1, bid, 6900, 3, 1), add(1'500, ask, 6900.25, 3, 2)});
  ASSERT_EQ(out.windows.size(), 2u);
  EXPECT_EQ(out.windows[0].window.anchor, market::no_price);
  EXPECT_TRUE(out.windows[0].surface.rows.empty());
  EXPECT_TRUE(out.windows[0].column.rows.empty());
  EXPECT_FALSE(out.windows[0].window.anchor_held);
  EXPECT_EQ(out.windows[1].surface.rows.size(), 2u);
  EXPECT_FALSE(out.windows[1].column.rows.empty());
  EXPECT_EQ(row_of(out.windows[1], bid, 6900)->depth_start, 3u);
}

}  // namespace
}  // namespace isobar::radar_physics
