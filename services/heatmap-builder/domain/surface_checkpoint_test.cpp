#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "heatmap-builder/domain/board_fixture.hpp"
#include "heatmap-builder/domain/gradient.hpp"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;

/// What one window says, plane by plane, as far as it leaves the service.
struct said {
  std::vector<std::vector<std::uint32_t>> changed, removed;
  std::vector<std::vector<std::int64_t>> mid;
  std::vector<std::vector<reason_mask>> reasons;
  std::vector<std::uint64_t> sequence;
  std::vector<std::vector<std::uint32_t>> cells;
  std::vector<std::vector<std::int64_t>> values;
  std::vector<std::uint64_t> cell_sequence;
  std::uint64_t revision = 0, valid = 0;
  bool operator==(const said&) const = default;
};

/// A surface and its gradient, as the worker has them.
struct line {
  surface tiles{{.stale_after = milliseconds(700)}};
  std::vector<gradient_plane> gradients;

  said step(const market::heatmap_rows& rows) {
    said out;
    if (tiles.apply(rows) != apply_outcome::applied) return out;
    if (gradients.empty())
      for (std::uint32_t i = 0; i < tiles.active()->planes.size(); ++i)
        gradients.emplace_back(tiles.active()->planes[i], i);
    for (const plane_delta* d : tiles.delta().planes) {
      out.changed.push_back(d->changed);
      out.removed.push_back(d->removed);
      out.mid.push_back(d->mid);
      out.reasons.push_back(d->removed_reasons);
      out.sequence.push_back(d->sequence);
      if (const auto* g = gradients[d->plane].apply(*d, tiles.published_of(d->plane))) {
        out.cells.push_back(g->changed);
        out.values.push_back(g->value);
        out.cell_sequence.push_back(g->sequence);
      }
    }
    out.revision = tiles.snapshot()->revision;
    out.valid = tiles.snapshot()->valid_tiles();
    return out;
  }
  /// The same on another machine.
  line moved(const std::shared_ptr<const board>& b) const {
    std::string bytes;
    tiles.save(bytes);
    line out;
    EXPECT_TRUE(out.tiles.restore(bytes, b));
    for (std::uint32_t i = 0; i < b->planes.size(); ++i) {
      out.gradients.emplace_back(b->planes[i], i);
      out.gradients.back().resume(gradients[i].sequence(), out.tiles.published_of(i));
    }
    return out;
  }
};

std::shared_ptr<const board> two_planes() {
  return make_board(make_epoch(
      1,
      {{.strikes = {6870, 6880, 6890, 6900, 6910, 6930}},
       {.yyyymmdd = 20251222, .strikes = {6800, 6900, 7000}, .settles_at = timestamp{std::int64_t{20} * 200'000'000}}},
      {10, 30, 100}));
}

RC_GTEST_PROP(SurfaceCheckpoint, WhoGoesOnSaysWhatTheOneBeforeWouldHaveSaid, ()) {
  std::minstd_rand random(*rc::gen::inRange<unsigned>(1, 1u << 30));
  const auto dice = [&](int sides) { return static_cast<int>(random() % static_cast<unsigned>(sides)); };
  const auto b = two_planes();
  line stays, moves;
  stays.tiles.prepare(b);
  moves.tiles.prepare(b);
  for (std::int64_t number = 1; number <= 30; ++number) {
    std::vector<market::heatmap_row> rows;
    for (std::uint32_t contract = 0; contract < b->contracts; ++contract) {
      if (number > 1 && dice(3) != 0) continue;
      const double bid = dice(400) / 10.0;
      market::heatmap_row r{contract, at(bid), at(bid + dice(5) - 0.5), timestamp{(number - dice(3)) * 200'000'000}};
      if (dice(8) == 0) r.bid = r.ask = market::no_price;
      rows.push_back(r);
    }
    const auto w = window(1, number, number == 1 || dice(12) == 0, rows);
    RC_ASSERT(stays.step(w) == moves.step(w));
    if (dice(3) == 0) moves = moves.moved(b);
  }
}

TEST(SurfaceCheckpoint, WhatIsNotOfThisBoardIsRefused) {
  const auto b = two_planes();
  line one;
  one.tiles.prepare(b);
  one.step(window(1, 1, true, {{0, at(1), at(2), timestamp{100}}}));
  std::string bytes;
  one.tiles.save(bytes);
  surface other{{}};
  EXPECT_FALSE(other.restore(bytes, make_board(make_epoch(2, {{.strikes = {6870}}}, {10}))));
  EXPECT_FALSE(
      other.restore(bytes, make_board(make_epoch(1, {{.strikes = {6870}}, {.root = "X", .strikes = {1}}}, {10}))));
  for (std::size_t n = 0; n < bytes.size(); n += 7) EXPECT_FALSE(other.restore(bytes.substr(0, n), b)) << n;
  EXPECT_FALSE(other.restore(bytes + "x", b));
  EXPECT_FALSE(other.snapshot());
  EXPECT_TRUE(other.restore(bytes, b));
  EXPECT_EQ(other.snapshot()->revision, one.tiles.snapshot()->revision);
}

}  // namespace
}  // namespace isobar::heatmap_builder
