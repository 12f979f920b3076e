#include "heatmap-builder/domain/board.hpp"

#include <gtest/gtest.h>

#include <set>

#include "heatmap-builder/domain/board_fixture.hpp"

namespace isobar::heatmap_builder {
namespace {

using fixture::listing;
using fixture::make_board;
using fixture::make_epoch;

TEST(Board, NumbersTilesAsTheProtocolSays) {
  // tile.proto: strike position x (2 x (1 + 2 W)) + right x (1 + 2 W) + column.
  const auto b = make_board(make_epoch(1, {{.strikes = {100, 105, 110, 115, 120}}}, {5, 10}));
  const plane_board& p = b->planes[0];
  EXPECT_EQ(p.columns, 5u);
  const tile_place fly{2, market::right::put, strategy::butterfly, 1};
  EXPECT_EQ(p.tile_at(fly), 2u * 10 + 1 * 5 + (1 + 2 + 1));
  for (std::uint32_t tile = 0; tile < p.tile_count(); ++tile) EXPECT_EQ(p.tile_at(p.place_of(tile)), tile);
}

TEST(Board, FindsNeighboursOnlyAtListedStrikes) {
  const auto b = make_board(make_epoch(1, {{.strikes = {100, 105, 110, 120, 130}}}, {10, 20}));
  const plane_board& p = b->planes[0];
  EXPECT_EQ(p.above_of(0, 0), 2u);
  EXPECT_EQ(p.above_of(1, 0), no_position);  // 115 is not listed
  EXPECT_EQ(p.above_of(2, 1), 4u);
  EXPECT_EQ(p.below_of(2, 0), 0u);
  EXPECT_EQ(p.below_of(0, 0), no_position);
}

TEST(Board, ATileExistsWhenItsOwnLegsAreListed) {
  // The put at 110 is missing: call tiles stand (the six-leg rule of the reference is an error: spec 12.1-10).
  const auto b = make_board(make_epoch(1, {{.strikes = {100, 110, 120}, .listed = {3, 1, 3}}}, {10}));
  const plane_board& p = b->planes[0];
  EXPECT_TRUE(p.tile_exists(p.tile_at({1, market::right::call, strategy::butterfly, 0})));
  EXPECT_FALSE(p.tile_exists(p.tile_at({1, market::right::put, strategy::butterfly, 0})));
  EXPECT_FALSE(p.tile_exists(p.tile_at({2, market::right::put, strategy::vertical, 0})));
  EXPECT_TRUE(p.tile_exists(p.tile_at({0, market::right::call, strategy::vertical, 0})));
  EXPECT_EQ(p.listed_tiles, 3u + 2u + 2u + 1u);  // call singles, put singles, call verticals, call fly
  EXPECT_EQ(b->listed_tiles, p.listed_tiles);
}

TEST(Board, NamesLegsLongFirst) {
  const auto b = make_board(make_epoch(1, {{.strikes = {100, 110, 120}}}, {10}));
  const plane_board& p = b->planes[0];
  const tile_legs put_vertical = p.legs_of(p.tile_at({1, market::right::put, strategy::vertical, 0}));
  ASSERT_EQ(put_vertical.count, 2u);
  EXPECT_EQ(put_vertical.leg[0], (tile_leg{3, 1}));   // long P(110)
  EXPECT_EQ(put_vertical.leg[1], (tile_leg{1, -1}));  // short P(100)
  const tile_legs fly = p.legs_of(p.tile_at({1, market::right::call, strategy::butterfly, 0}));
  ASSERT_EQ(fly.count, 3u);
  EXPECT_EQ(fly.leg[1], (tile_leg{2, -2}));
}

TEST(Board, TouchesExactlyTheTilesThatHaveTheContractAsALeg) {
  const auto b = make_board(make_epoch(1, {{.strikes = {90, 95, 100, 105, 110, 120, 130, 150}}}, {5, 10, 20}));
  const plane_board& p = b->planes[0];
  for (std::uint32_t row = 0; row < p.rows(); ++row) {
    std::set<std::uint32_t> expected, touched;
    for (std::uint32_t tile = 0; tile < p.tile_count(); ++tile) {
      if (!p.tile_exists(tile)) continue;
      const tile_legs legs = p.legs_of(tile);
      for (std::size_t i = 0; i < legs.count; ++i)
        if (legs.leg[i].row == row) expected.insert(tile);
    }
    p.touched_by(row, [&](std::uint32_t r, row_mask columns) {
      for (std::uint32_t c = 0; c < p.columns; ++c)
        if (((columns & p.exists[r]) >> c) & 1) touched.insert(r * p.columns + c);
    });
    EXPECT_EQ(touched, expected) << "row " << row;
  }
}

TEST(Board, TouchesThirtySixTilesInTheMiddleOfASevenWidthLadder) {
  // Spec 4.3: 1 + 2 |W| + 3 |W| = 36 for seven widths.
  std::vector<double> strikes;
  for (int i = 0; i < 60; ++i) strikes.push_back(6000 + 5 * i);
  const auto b = make_board(make_epoch(1, {{.strikes = strikes}}, {20, 25, 30, 35, 40, 45, 50}));
  const plane_board& p = b->planes[0];
  int tiles = 0;
  p.touched_by(2 * 30, [&](std::uint32_t r, row_mask c) { tiles += __builtin_popcountll(c & p.exists[r]); });
  EXPECT_EQ(tiles, 36);
}

TEST(Board, RefusesLaddersThatDoNotAscend) {
  market::epoch e = make_epoch(1, {{.strikes = {100, 110}}}, {10});
  std::swap(e.board.planes[0].strikes[0], e.board.planes[0].strikes[1]);
  ASSERT_FALSE(board::make(e).has_value());
  EXPECT_EQ(board::make(e).error().code, board_errc::bad_ladder);
}

TEST(Board, RefusesWidthsItCannotMask) {
  market::epoch e = make_epoch(1, {{.strikes = {100, 110}}}, {10});
  for (int i = 0; i < 40; ++i) e.board.widths.push_back(strike_width((20 + i) * nanos_per_unit));
  ASSERT_FALSE(board::make(e).has_value());
  EXPECT_EQ(board::make(e).error().code, board_errc::bad_widths);
}

}  // namespace
}  // namespace isobar::heatmap_builder
