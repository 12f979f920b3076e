#include "heatmap-builder/domain/surface.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "heatmap-builder/domain/board_fixture.hpp"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;

market::heatmap_row quote_row(const plane_board& p, double k, market::right r, double bid, double ask,
                              std::int64_t ts = 0) {
  return {p.first_contract + 2 * *p.find(points(k)) + static_cast<std::uint32_t>(r), at(bid), at(ask), timestamp{ts}};
}

/// Options-surface 10.2, "Market tiles from quotes".
class SurfaceGolden : public ::testing::Test {
 protected:
  SurfaceGolden() : board_(make_board(make_epoch(1, {{.strikes = {6870, 6900, 6930}}}, {30}))), surface_({}) {
    surface_.prepare(board_);
    const plane_board& p = board_->planes[0];
    using market::right;
    EXPECT_EQ(
        surface_.apply(window(1, 1, true,
                              {quote_row(p, 6870, right::call, 33.0, 33.4), quote_row(p, 6870, right::put, 0.9, 1.0),
                               quote_row(p, 6900, right::call, 10.9, 11.3), quote_row(p, 6900, right::put, 8.6, 8.9),
                               quote_row(p, 6930, right::call, 1.5, 1.6), quote_row(p, 6930, right::put, 29.0, 29.4)})),
        apply_outcome::applied);
  }
  tile_value tile(double k, market::right r, strategy s) const {
    const plane_board& p = board_->planes[0];
    return evaluate(p, *surface_.snapshot()->planes[0], p.tile_at({*p.find(points(k)), r, s, 0}));
  }
  std::shared_ptr<const board> board_;
  surface surface_;
};

TEST_F(SurfaceGolden, ButterfliesOfTheSpecification) {
  EXPECT_EQ(tile(6900, market::right::call, strategy::butterfly).mid, at(12.55).value);
  EXPECT_EQ(tile(6900, market::right::put, strategy::butterfly).mid, at(12.65).value);
  EXPECT_EQ(tile(6900, market::right::call, strategy::butterfly).natural_debit, at(13.20).value);
  EXPECT_EQ(tile(6900, market::right::call, strategy::butterfly).natural_credit, at(11.90).value);
}

TEST_F(SurfaceGolden, VerticalsOfTheSpecification) {
  EXPECT_EQ(tile(6870, market::right::call, strategy::vertical).mid, at(22.10).value);
  EXPECT_EQ(tile(6900, market::right::call, strategy::vertical).mid, at(9.55).value);
  EXPECT_EQ(tile(6900, market::right::put, strategy::vertical).mid, at(7.80).value);
  EXPECT_EQ(tile(6930, market::right::put, strategy::vertical).mid, at(20.45).value);
}

TEST_F(SurfaceGolden, SinglesOfTheSpecification) {
  EXPECT_EQ(tile(6870, market::right::call, strategy::single).mid, at(33.2).value);
  EXPECT_EQ(tile(6870, market::right::put, strategy::single).mid, at(0.95).value);
  EXPECT_EQ(tile(6900, market::right::call, strategy::single).mid, at(11.1).value);
  EXPECT_EQ(tile(6900, market::right::put, strategy::single).mid, at(8.75).value);
  EXPECT_EQ(tile(6930, market::right::call, strategy::single).mid, at(1.55).value);
  EXPECT_EQ(tile(6930, market::right::put, strategy::single).mid, at(29.2).value);
}

TEST_F(SurfaceGolden, HoldsSevenTilesOfTheReference) {
  // The reference counts both sides as one tile: three singles, a fly at 6900, verticals at 6870, 6900 and 6930.
  std::set<std::tuple<int, std::int64_t>> both_sides;
  for (const auto& [name, value] : named(board_->planes[0], *surface_.snapshot()->planes[0]))
    both_sides.insert({std::get<1>(name), std::get<2>(name)});
  EXPECT_EQ(both_sides.size(), 7u);
  EXPECT_EQ(surface_.snapshot()->valid_tiles(), 12u);  // 6 singles, 4 verticals, 2 butterflies
}

TEST_F(SurfaceGolden, AQuietWindowSaysNothing) {
  const plane_board& p = board_->planes[0];
  ASSERT_EQ(surface_.apply(window(1, 2, false, {quote_row(p, 6900, market::right::call, 10.9, 11.3, 5)})),
            apply_outcome::applied);
  EXPECT_TRUE(surface_.delta().planes.empty());
  EXPECT_EQ(surface_.snapshot()->planes[0]->ts_quote[2], 5);  // the age is known, though no value changed
}

TEST_F(SurfaceGolden, NamesOnlyTilesThatChanged) {
  const plane_board& p = board_->planes[0];
  surface_.apply(window(1, 2, false, {quote_row(p, 6930, market::right::call, 1.5, 1.7)}));
  ASSERT_EQ(surface_.delta().planes.size(), 1u);
  const plane_delta& d = *surface_.delta().planes[0];
  EXPECT_EQ(d.sequence, 2u);
  EXPECT_FALSE(d.base);
  const std::vector<std::uint32_t> expected = {p.tile_at({1, market::right::call, strategy::vertical, 0}),
                                               p.tile_at({1, market::right::call, strategy::butterfly, 0}),
                                               p.tile_at({2, market::right::call, strategy::single, 0})};
  EXPECT_EQ(d.changed, expected);
  EXPECT_EQ(surface_.delta().tiles_evaluated, 3u);
}

TEST_F(SurfaceGolden, AnInvalidTileIsARemovalWithItsReason) {
  const plane_board& p = board_->planes[0];
  market::heatmap_row gone = quote_row(p, 6870, market::right::call, 0, 0);
  gone.ask = market::no_price;
  surface_.apply(window(1, 2, false, {gone}));
  const plane_delta& d = *surface_.delta().planes[0];
  EXPECT_TRUE(d.changed.empty());
  EXPECT_EQ(d.removed.size(), 3u);
  EXPECT_EQ(d.removed_reasons, std::vector<reason_mask>(3, mask_of(reason::missing_leg)));
}

TEST_F(SurfaceGolden, CrossedAndBoundsAreReasons) {
  const plane_board& p = board_->planes[0];
  surface_.apply(window(1, 2, false, {quote_row(p, 6870, market::right::call, 60, 50)}));
  EXPECT_EQ(tile(6870, market::right::call, strategy::single).reasons, mask_of(reason::crossed_leg));
  EXPECT_EQ(tile(6870, market::right::call, strategy::vertical).reasons,
            mask_of(reason::crossed_leg) | mask_of(reason::above_width));  // 55 - 11.1 > 30
  surface_.apply(window(1, 3, false, {quote_row(p, 6870, market::right::call, 11, 11.2)}));
  EXPECT_EQ(tile(6870, market::right::call, strategy::vertical).reasons,
            mask_of(reason::no_net_debit));  // exactly zero
  EXPECT_EQ(tile(6900, market::right::call, strategy::butterfly).reasons, mask_of(reason::no_net_debit));
}

TEST_F(SurfaceGolden, RejectsRowsOutsideTheBoard) {
  surface_.apply(window(1, 2, false, {{6, at(1), at(2), timestamp{0}}, {4'000'000'000u, at(1), at(2), timestamp{0}}}));
  EXPECT_EQ(surface_.delta().rows_rejected, 2u);
}

TEST_F(SurfaceGolden, DropsWindowsThatAreNotLater) {
  EXPECT_EQ(surface_.apply(window(1, 1, true, {})), apply_outcome::late);
  EXPECT_EQ(surface_.snapshot()->valid_tiles(), 12u);
}

TEST_F(SurfaceGolden, AfterAGapWaitsForABase) {
  surface_.lose_input();
  EXPECT_EQ(surface_.apply(window(1, 2, false, {})), apply_outcome::base_needed);
  EXPECT_EQ(surface_.apply(window(1, 3, true, {})), apply_outcome::applied);
  EXPECT_TRUE(surface_.delta().planes[0]->base);
  EXPECT_EQ(surface_.delta().planes[0]->sequence, 2u);
  EXPECT_EQ(surface_.snapshot()->valid_tiles(), 0u);  // a base voids what came before
}

TEST(Surface, QuotesGetStaleWithoutAnyQuote) {
  const auto b = make_board(make_epoch(1, {{.strikes = {100, 110}}}, {10}));
  surface s({.stale_after = milliseconds(500)});
  s.prepare(b);
  const plane_board& p = b->planes[0];
  const std::int64_t ms = 1'000'000;
  s.apply(window(1, 1, true,
                 {quote_row(p, 100, market::right::call, 12, 12.2, 100 * ms),
                  quote_row(p, 110, market::right::call, 5, 5.2, 190 * ms)}));
  EXPECT_EQ(s.snapshot()->valid_tiles(), 3u);
  s.apply(window(1, 3, false, {}));  // ends at 600 ms: the first quote is exactly 500 ms old, which is allowed
  EXPECT_TRUE(s.delta().planes.empty());
  s.apply(window(1, 4, false, {}));  // 800 ms: both are older
  ASSERT_EQ(s.delta().planes.size(), 1u);
  EXPECT_EQ(s.delta().planes[0]->removed.size(), 3u);
  EXPECT_EQ(s.delta().planes[0]->removed_reasons[0], mask_of(reason::stale_leg));
  s.apply(window(1, 5, false, {quote_row(p, 100, market::right::call, 12, 12.2, 900 * ms)}));
  EXPECT_EQ(s.snapshot()->valid_tiles(), 1u);
}

TEST(Surface, ASettledPlaneHasNoValidTile) {
  const timestamp settles{500'000'000};
  const auto b = make_board(make_epoch(1, {{.strikes = {100, 110}, .settles_at = settles}}, {10}));
  surface s({});
  s.prepare(b);
  const plane_board& p = b->planes[0];
  s.apply(window(1, 1, true, {quote_row(p, 100, market::right::call, 12, 12.2)}));
  EXPECT_EQ(s.snapshot()->valid_tiles(), 1u);
  s.apply(window(1, 3, false, {}));
  EXPECT_EQ(s.delta().planes[0]->removed_reasons[0], mask_of(reason::expired));
  s.apply(window(1, 4, false, {quote_row(p, 100, market::right::call, 13, 13.2)}));
  EXPECT_TRUE(s.delta().planes.empty());
}

TEST(Surface, AnEpochBeginsWithABaseOfEveryPlaneAndNoTileOfTheLast) {
  const auto first = make_board(make_epoch(1, {{.strikes = {100, 110}}}, {10}));
  const auto second = make_board(
      make_epoch(2, {{.yyyymmdd = 20251222, .strikes = {100, 120}}, {.yyyymmdd = 20251223, .strikes = {100}}}, {20}));
  surface s({});
  EXPECT_EQ(s.prepare(first), prepare_outcome::prepared);
  EXPECT_EQ(s.prepare(first), prepare_outcome::known);
  s.apply(window(1, 1, true, {quote_row(first->planes[0], 100, market::right::call, 12, 12.2)}));
  EXPECT_EQ(s.apply(window(2, 2, true, {})), apply_outcome::unknown_epoch);
  EXPECT_EQ(s.prepare(second), prepare_outcome::prepared);
  s.apply(window(1, 2, false, {quote_row(first->planes[0], 110, market::right::call, 4, 4.2)}));
  EXPECT_EQ(s.snapshot()->board->epoch, 1u);
  EXPECT_EQ(s.apply(window(2, 3, false, {})), apply_outcome::base_needed);
  EXPECT_EQ(s.apply(window(2, 3, true, {quote_row(second->planes[0], 100, market::right::call, 12, 12.2)})),
            apply_outcome::applied);
  ASSERT_EQ(s.delta().planes.size(), 2u);  // the empty plane says so too
  EXPECT_EQ(s.delta().planes[1]->sequence, 1u);
  EXPECT_TRUE(s.delta().planes[1]->base);
  EXPECT_EQ(s.snapshot()->board, second);
  EXPECT_EQ(s.snapshot()->planes.size(), 2u);
  EXPECT_EQ(s.apply(window(1, 4, false, {})), apply_outcome::retired_epoch);
  EXPECT_EQ(s.prepare(first), prepare_outcome::retired);
}

TEST(Surface, AfterARestartContinuesSequencesAndRefusesOldWindows) {
  const auto b = make_board(make_epoch(1, {{.strikes = {100, 110}}}, {10}));
  surface before({});
  before.prepare(b);
  before.apply(window(1, 1, true, {}));
  before.apply(window(1, 2, false, {quote_row(b->planes[0], 100, market::right::call, 12, 12.2)}));
  surface after({});
  after.resume(before.snapshot());
  after.prepare(make_board(make_epoch(1, {{.strikes = {100, 110}}}, {10})));
  EXPECT_EQ(after.apply(window(1, 2, true, {})), apply_outcome::late);
  EXPECT_EQ(after.apply(window(1, 3, false, {})), apply_outcome::base_needed);
  EXPECT_EQ(after.apply(window(1, 4, true, {})), apply_outcome::applied);
  EXPECT_EQ(after.delta().planes[0]->sequence, 3u);
}

TEST(Surface, PreparedEpochsAreBoundedAndTheNewestStay) {
  surface s({.stale_after = {}, .prepared_max = 2});
  const auto prepare = [&](std::uint64_t id) { return s.prepare(make_board(make_epoch(id, {{.strikes = {1}}}, {1}))); };
  EXPECT_EQ(prepare(2), prepare_outcome::prepared);
  EXPECT_EQ(prepare(3), prepare_outcome::prepared);
  EXPECT_EQ(prepare(1), prepare_outcome::full);
  // None of them came into force here, as when windows were lost: the newest is the one whose windows will come.
  EXPECT_EQ(prepare(4), prepare_outcome::prepared);
  EXPECT_EQ(s.apply(window(2, 1, true, {})), apply_outcome::unknown_epoch);
  EXPECT_EQ(s.apply(window(4, 1, true, {})), apply_outcome::applied);
}

/// Random boards and quotes: what was emitted, replayed, equals the state, equals brute force, window after window.
TEST(SurfaceProperty, IncrementalEqualsBruteForceAndReplay) {
  EXPECT_TRUE(rc::check([] {
    const auto planes = *rc::gen::inRange(1, 4);
    std::vector<listing> listings;
    for (int i = 0; i < planes; ++i) {
      auto ladder = *rc::gen::unique<std::vector<int>>(rc::gen::inRange(1, 25));
      std::sort(ladder.begin(), ladder.end());
      listing l;
      l.root = std::string(1, static_cast<char>('A' + i));
      for (const int k : ladder) {
        l.strikes.push_back(k * 5);
        l.listed.push_back(static_cast<std::uint8_t>(*rc::gen::inRange(1, 4)));
      }
      if (l.listed.empty()) continue;
      listings.push_back(l);
    }
    RC_PRE(!listings.empty());
    const std::vector<double> widths = {5, 15, 20};
    const auto b = make_board(make_epoch(1, listings, widths));
    surface s({});
    s.prepare(b);
    std::vector<oracle> truth(b->planes.size());
    std::vector<std::map<oracle::name, oracle::value>> replayed(b->planes.size());
    std::vector<std::uint64_t> sequence(b->planes.size(), 0);
    for (int w = 1; w <= 6; ++w) {
      const bool base = w == 1 || *rc::gen::weightedElement<bool>({{5, false}, {1, true}});
      if (base)
        for (oracle& o : truth) o.quotes.clear();
      std::vector<market::heatmap_row> rows;
      for (std::size_t i = 0; i < b->planes.size(); ++i) {
        const plane_board& p = b->planes[i];
        for (std::uint32_t row = 0; row < p.rows(); ++row) {
          if (!p.listed[row] || *rc::gen::inRange(0, 3) != 0) continue;
          const std::int64_t bid = *rc::gen::inRange(0, 40) * 50'000'000LL + *rc::gen::element(0, 1);
          const std::int64_t ask = bid + *rc::gen::inRange(-1, 12) * 50'000'000LL;
          const bool one_sided = *rc::gen::inRange(0, 8) == 0;
          rows.push_back({p.first_contract + row, price(bid), one_sided ? market::no_price : price(ask), timestamp{0}});
          const auto leg = std::pair(static_cast<market::right>(row & 1), p.strikes[row >> 1].value);
          if (one_sided)
            truth[i].quotes.erase(leg);
          else
            truth[i].quotes[leg] = {bid, ask};
        }
      }
      RC_ASSERT(s.apply(window(1, w, base, rows)) == apply_outcome::applied);
      for (const plane_delta* d : s.delta().planes) {
        const plane_board& p = b->planes[d->plane];
        auto& mine = replayed[d->plane];
        RC_ASSERT(d->sequence == ++sequence[d->plane]);
        RC_ASSERT(std::is_sorted(d->changed.begin(), d->changed.end()));
        if (d->base)
          mine.clear();
        else {
          for (const auto& [name, value] : named(p, *d)) {
            const auto before = mine.find(name);
            // Sparse: nothing that did not change. (RC_ASSERT would evaluate both sides of ||.)
            const bool changed = before == mine.end() || !(before->second == value);
            RC_ASSERT(changed);
          }
        }
        for (const std::uint32_t tile : d->removed) RC_ASSERT(mine.erase(name_of(p, tile)) == 1u);
        for (const auto& [name, value] : named(p, *d)) mine[name] = value;
      }
      for (std::size_t i = 0; i < b->planes.size(); ++i) {
        const plane_board& p = b->planes[i];
        const auto expected = truth[i].all(p.width_nanos);
        RC_ASSERT(replayed[i] == expected);
        RC_ASSERT(named(p, *s.snapshot()->planes[i]) == expected);
        RC_ASSERT(s.snapshot()->planes[i]->valid_tiles == expected.size());
      }
    }
  }));
}

/// With one two-sided price per strike that satisfies put-call parity, call and put butterflies are equal; with convex
/// prices every butterfly is inside (0, width].
TEST(SurfaceProperty, ButterflyParityAndBounds) {
  EXPECT_TRUE(rc::check([] {
    const int n = *rc::gen::inRange(3, 40);
    std::vector<double> strikes;
    std::vector<std::int64_t> call(static_cast<std::size_t>(n)), slope(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) strikes.push_back(1000 + 5 * i);
    // Slopes rise from -1 to 0 per point in steps of at least one nano: strictly convex.
    std::int64_t sum = 0;
    for (int i = 0; i < n; ++i) sum += (slope[static_cast<std::size_t>(i)] = 1 + *rc::gen::inRange(0, 100'000));
    std::int64_t step = 5 * nanos_per_unit, used = 0;
    call[0] = 400 * nanos_per_unit;
    for (std::size_t i = 1; i < call.size(); ++i) {
      used += slope[i - 1];
      call[i] = call[i - 1] - (step - step / sum * used);
    }
    const auto b = make_board(make_epoch(1, {{.strikes = strikes}}, {5, 10}));
    const plane_board& p = b->planes[0];
    std::vector<market::heatmap_row> rows;
    const std::int64_t spot = 1100 * nanos_per_unit;
    for (std::uint32_t i = 0; i < call.size(); ++i) {
      const std::int64_t put = call[i] + p.strikes[i].value - spot;
      rows.push_back({2 * i, price(call[i]), price(call[i]), timestamp{0}});
      rows.push_back({2 * i + 1, price(put), price(put), timestamp{0}});
    }
    surface s({});
    s.prepare(b);
    s.apply(window(1, 1, true, rows));
    const quote_columns& q = *s.snapshot()->planes[0];
    for (std::uint32_t position = 0; position < call.size(); ++position) {
      for (std::uint32_t w = 0; w < 2; ++w) {
        const std::uint32_t c = p.tile_at({position, market::right::call, strategy::butterfly, w});
        const std::uint32_t t = p.tile_at({position, market::right::put, strategy::butterfly, w});
        if (!p.tile_exists(c)) continue;
        RC_ASSERT(evaluate(p, q, c).mid == evaluate(p, q, t).mid);
        RC_ASSERT(evaluate(p, q, c).valid());
      }
    }
  }));
}

}  // namespace
}  // namespace isobar::heatmap_builder
