#include "heatmap-builder/domain/gradient.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "heatmap-builder/domain/board_fixture.hpp"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;

TEST(AdjacentChange, IsTheSpecificationsPercentage) {
  // Spec 5.7: |D(K) - D(K+)| / |D(K+)| x 100; 12.5 against 10 is 25 %.
  EXPECT_EQ(adjacent_change(12'500'000'000, 10'000'000'000), 2500);
  EXPECT_EQ(adjacent_change(7'500'000'000, 10'000'000'000), 2500);
  EXPECT_EQ(adjacent_change(1, 3), 6666);
  EXPECT_EQ(adjacent_change(INT64_MAX, 1), INT64_MAX);
}

/// Brute force: for every valid tile the next higher valid strike of the same side, strategy and width.
std::map<oracle::name, std::int64_t> expected_gradient(const std::map<oracle::name, oracle::value>& tiles) {
  std::map<oracle::name, std::int64_t> out;
  for (const auto& [name, value] : tiles) {
    const auto& [side, kind, k, w] = name;
    const oracle::value* best = nullptr;
    std::int64_t best_strike = 0;
    for (const auto& [other, other_value] : tiles) {
      if (std::get<0>(other) != side || std::get<1>(other) != kind || std::get<3>(other) != w ||
          std::get<2>(other) <= k)
        continue;
      if (best && std::get<2>(other) >= best_strike) continue;
      best = &other_value;
      best_strike = std::get<2>(other);
    }
    out[name] = best ? std::abs(value.mid - best->mid) * 10'000 / best->mid : 0;
  }
  return out;
}

TEST(GradientProperty, EmittedCellsReplayedEqualBruteForce) {
  EXPECT_TRUE(rc::check([] {
    std::vector<double> strikes;
    const int n = *rc::gen::inRange(2, 90);
    for (int i = 0; i < n; ++i) strikes.push_back(5 * (i + 1));
    const auto b = make_board(make_epoch(1, {{.strikes = strikes}}, {5, 10}));
    const plane_board& p = b->planes[0];
    surface s({});
    s.prepare(b);
    gradient_plane g(p, 0);
    std::map<oracle::name, std::int64_t> replayed;
    for (int w = 1; w <= 5; ++w) {
      const bool base = w == 1 || w == 4;
      std::vector<market::heatmap_row> rows;
      for (std::uint32_t row = 0; row < p.rows(); ++row) {
        if (*rc::gen::inRange(0, w == 1 ? 2 : 10) != 0) continue;
        const std::int64_t bid = *rc::gen::inRange(0, 60) * 50'000'000LL;
        const bool gone = *rc::gen::inRange(0, 4) == 0;
        rows.push_back({row, price(bid), gone ? market::no_price : price(bid + 100'000'000), timestamp{0}});
      }
      s.apply(window(1, w, base, rows));
      for (const plane_delta* d : s.delta().planes) {
        const gradient_delta* out = g.apply(*d, s.published_of(0));
        if (!out) continue;
        if (out->base) replayed.clear();
        for (const std::uint32_t tile : out->removed) RC_ASSERT(replayed.erase(name_of(p, tile)) == 1u);
        for (std::size_t i = 0; i < out->changed.size(); ++i) {
          auto& cell = replayed.try_emplace(name_of(p, out->changed[i]), -1).first->second;
          RC_ASSERT(cell != out->value[i]);  // sparse
          cell = out->value[i];
        }
      }
      RC_ASSERT(replayed == expected_gradient(named(p, *s.snapshot()->planes[0])));
    }
  }));
}

}  // namespace
}  // namespace isobar::heatmap_builder
