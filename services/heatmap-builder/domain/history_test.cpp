#include "heatmap-builder/domain/history.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "heatmap-builder/domain/board_fixture.hpp"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;

void expect_same(const surface_snapshot& a, const surface_snapshot& b) {
  RC_ASSERT(a.board == b.board);
  RC_ASSERT(a.revision == b.revision);
  RC_ASSERT(a.window_end == b.window_end);
  RC_ASSERT(a.planes.size() == b.planes.size());
  for (std::size_t i = 0; i < a.planes.size(); ++i) RC_ASSERT(*a.planes[i] == *b.planes[i]);
}

/// Random rows over two planes, with quotes that age, a plane that settles and a base in between.
market::heatmap_rows random_window(const board& b, std::int64_t number, bool base) {
  std::vector<market::heatmap_row> rows;
  for (std::uint32_t c = 0; c < b.contracts; ++c) {
    if (*rc::gen::inRange(0, base ? 2 : 6) != 0) continue;
    const std::int64_t bid = *rc::gen::inRange(0, 60) * 50'000'000LL;
    rows.push_back({c, price(bid), price(bid + 50'000'000),
                    timestamp{number * 200'000'000 - *rc::gen::inRange(0, 500) * 1'000'000}});
  }
  return window(b.epoch, number, base, rows);
}

TEST(HistoryProperty, KeyframeAndChangesGiveEveryKeptWindowExactly) {
  EXPECT_TRUE(rc::check([] {
    const duration_ns stale = milliseconds(*rc::gen::element(0, 600));
    const auto first =
        make_board(make_epoch(1,
                              {{.strikes = {100, 105, 110}},
                               {.yyyymmdd = 20251222, .strikes = {100, 110}, .settles_at = timestamp{2'000'000'000}}},
                              {5, 10}));
    const auto second = make_board(make_epoch(2, {{.strikes = {100, 105, 110, 115}}}, {5}));
    surface s({.stale_after = stale});
    s.prepare(first);
    s.prepare(second);
    history h({.bytes_max = 1u << 20, .age_max = seconds(100), .keyframe_every = *rc::gen::element(1u, 3u, 64u)},
              stale);
    std::vector<std::shared_ptr<const surface_snapshot>> truth;
    for (int w = 1; w <= 25; ++w) {
      const board& b = w < 18 ? *first : *second;
      const auto rows = random_window(b, w, w == 1 || w == 9 || w == 18);
      RC_ASSERT(s.apply(rows) == apply_outcome::applied);
      h.append(s.snapshot(), rows);
      truth.push_back(s.snapshot());
    }
    RC_ASSERT(h.windows() == 25u);
    for (const auto& expected : truth) {
      const auto exact = h.at_revision(expected->revision),
                 between = h.as_of(timestamp{expected->window_end.ns + 199'999'999});
      RC_ASSERT(exact != nullptr);
      RC_ASSERT(between != nullptr);
      expect_same(*exact, *expected);
      expect_same(*between, *expected);
    }
    RC_ASSERT(h.as_of(timestamp{199'999'999}) == nullptr);
    RC_ASSERT(h.at_revision(201) == nullptr);
  }));
}

TEST(HistoryProperty, DifferenceLeadsFromAnyWindowToAnyLater) {
  EXPECT_TRUE(rc::check([] {
    const auto b = make_board(make_epoch(1, {{.strikes = {100, 105, 110, 115, 120}}}, {5, 10}));
    const plane_board& p = b->planes[0];
    surface s({});
    s.prepare(b);
    std::vector<std::shared_ptr<const surface_snapshot>> truth;
    for (int w = 1; w <= 6; ++w) {
      s.apply(random_window(*b, w, w == 1));
      truth.push_back(s.snapshot());
    }
    const auto from = *rc::gen::inRange<std::size_t>(0, 6), to = *rc::gen::inRange<std::size_t>(0, 6);
    tile_columns d;
    difference(p, *truth[from]->planes[0], *truth[to]->planes[0], d);
    auto state = named(p, *truth[from]->planes[0]);
    for (const std::uint32_t tile : d.removed) RC_ASSERT(state.erase(name_of(p, tile)) == 1u);
    for (const auto& [name, value] : named(p, d)) state[name] = value;
    RC_ASSERT(state == named(p, *truth[to]->planes[0]));
  }));
}

TEST(History, IsBoundedByBytesAndByAge) {
  const auto b = make_board(make_epoch(1, {{.strikes = {100, 105, 110}}}, {5}));
  for (const bool by_age : {false, true}) {
    surface s({});
    s.prepare(b);
    history h({.bytes_max = by_age ? (1u << 30) : 6000u,
               .age_max = by_age ? seconds(2) : seconds(100'000),
               .keyframe_every = 4},
              {0});
    std::size_t most = 0;
    for (int w = 1; w <= 500; ++w) {
      const auto rows = window(1, w, w == 1, {{0, at(10 + w % 7), at(11 + w % 7), timestamp{w}}});
      ASSERT_EQ(s.apply(rows), apply_outcome::applied);
      h.append(s.snapshot(), rows);
      most = std::max(most, h.bytes());
      ASSERT_EQ(h.as_of(s.snapshot()->window_end), s.snapshot());
      ASSERT_NE(h.as_of(h.oldest()), nullptr);
    }
    if (by_age) {
      EXPECT_EQ(h.windows(), 11u);  // 2 s of 200 ms windows and the newest
    } else {
      EXPECT_LE(most, 6000u);
      EXPECT_GT(h.windows(), 5u);
    }
  }
}

}  // namespace
}  // namespace isobar::heatmap_builder
