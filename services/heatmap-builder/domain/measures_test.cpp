#include "heatmap-builder/domain/measures.hpp"

#include <gtest/gtest.h>

#include "heatmap-builder/domain/board_fixture.hpp"
#include "heatmap-builder/domain/theory.hpp"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;

TEST(Convexity, ScoresOfTheSpecification) {
  // Options-surface 10.2, last line: debits 1.0, 1.2, 1.6, 1.5, 1.1 -> 0, .4, -1, -.6, 0.
  std::vector<std::optional<std::int64_t>> debits;
  for (const double d : {1.0, 1.2, 1.6, 1.5, 1.1}) debits.push_back(at(d).value);
  const std::vector<double> expected = {0, 0.4, -1, -0.6, 0};
  const std::vector<double> scores = convexity_scores(debits);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(scores[i], expected[i], 1e-12) << i;
}

TEST(Convexity, MissingNeighboursGiveZero) {
  const std::vector<double> none = convexity_scores({{1}, std::nullopt, {3}, {7}, {9}});
  EXPECT_EQ(none, (std::vector<double>{0, 0, 0, -1, 0}));
  EXPECT_EQ(convexity_scores({}), std::vector<double>{});
  EXPECT_EQ(convexity_scores({{5}, {5}, {5}}), (std::vector<double>{0, 0, 0}));
}

/// The quotes of options-surface 10.2.
struct golden_quotes {
  std::shared_ptr<const board> b = make_board(make_epoch(1, {{.strikes = {6870, 6900, 6930}}}, {30}));
  quote_columns q;
  golden_quotes() {
    q.reset(6);
    const double bid[] = {33.0, 0.9, 10.9, 8.6, 1.5, 29.0}, ask[] = {33.4, 1.0, 11.3, 8.9, 1.6, 29.4};
    for (std::size_t i = 0; i < 6; ++i) {
      q.bid[i] = at(bid[i]).value;
      q.ask[i] = at(ask[i]).value;
      q.status[i] = 0;
    }
  }
  std::uint32_t tile(double k, market::right r, strategy s) const {
    const plane_board& p = b->planes[0];
    return p.tile_at({*p.find(points(k)), r, s, 0});
  }
};

TEST(Measures, OfTheSpecificationsTiles) {
  const golden_quotes g;
  const plane_measures plane(g.b->planes[0], g.q);
  using market::right;
  const tile_measures fly = plane.measures(g.tile(6900, right::call, strategy::butterfly));
  EXPECT_EQ(fly.max_profit, at(17.45).value);  // 30 - 12.55
  EXPECT_EQ(fly.max_loss, at(12.55).value);
  EXPECT_EQ(fly.break_even, (std::vector<std::int64_t>{at(6882.55).value, at(6917.45).value}));
  EXPECT_NEAR(*fly.reward_to_risk, 17.45 / 12.55, 1e-12);
  EXPECT_NEAR(*fly.debit_percent_of_width, 100 * 12.55 / 30, 1e-12);

  const tile_measures vertical = plane.measures(g.tile(6930, right::put, strategy::vertical));
  EXPECT_EQ(vertical.break_even, std::vector<std::int64_t>{at(6909.55).value});  // 6930 - 20.45
  EXPECT_EQ(*vertical.adjacent_change_percent, 0);                               // nothing above

  const tile_measures call = plane.measures(g.tile(6870, right::call, strategy::single));
  EXPECT_FALSE(call.max_profit);
  EXPECT_FALSE(call.reward_to_risk);
  EXPECT_EQ(call.break_even, std::vector<std::int64_t>{at(6903.2).value});
  EXPECT_NEAR(*call.adjacent_change_percent, 100 * (33.2 - 11.1) / 11.1, 1e-9);
  const tile_measures put = plane.measures(g.tile(6930, right::put, strategy::single));
  EXPECT_EQ(put.max_profit, at(6900.8).value);
}

TEST(Measures, OfAnInvalidTileAreUnset) {
  golden_quotes g;
  g.q.status[0] = mask_of(reason::missing_leg);
  const plane_measures plane(g.b->planes[0], g.q);
  const tile_measures m = plane.measures(g.tile(6870, market::right::call, strategy::single));
  EXPECT_FALSE(m.max_loss);
  EXPECT_FALSE(m.adjacent_change_percent);
  EXPECT_TRUE(m.break_even.empty());
}

TEST(Theory, TilesOfTheSpecification) {
  // Options-surface 10.2, theo tiles: S = 6900, base .15, T = 1/365, VIX 16. Columns: fly, vertical call, vertical put.
  struct row {
    double k, w, fly, call, put;
  };
  const theory_input in{.spot = 6900, .years = 1.0 / 365, .base = 0.15, .vix = 16, .rate = 0.05};
  for (const row& r : {row{6900, 20, 3.016717, 8.631798, 8.348745}, row{6900, 50, 17.384753, 16.616969, 15.991429},
                       row{6950, 30, 4.326548, 3.658623, 22.010720}, row{6850, 30, 4.183970, 22.353207, 3.458714}}) {
    const auto b = make_board(make_epoch(1, {{.strikes = {r.k - r.w, r.k, r.k + r.w}}}, {r.w}));
    const plane_board& p = b->planes[0];
    using market::right;
    EXPECT_NEAR(theoretical_debit(p, p.tile_at({1, right::call, strategy::butterfly, 0}), in), r.fly, 1e-6);
    EXPECT_NEAR(theoretical_debit(p, p.tile_at({1, right::put, strategy::butterfly, 0}), in), r.fly, 1e-6);
    EXPECT_NEAR(theoretical_debit(p, p.tile_at({1, right::call, strategy::vertical, 0}), in), r.call, 1e-6);
    EXPECT_NEAR(theoretical_debit(p, p.tile_at({1, right::put, strategy::vertical, 0}), in), r.put, 1e-6);
  }
}

TEST(Theory, RecoversTheVolatilityThatPricedTheQuotes) {
  // 17.765429: options-surface 10.2, 6900/6900, one day, .12.
  EXPECT_NEAR(*implied_volatility(market::right::call, 6900, 6900, 1.0 / 365, 0.05, 17.765429), 0.12, 1e-7);
  EXPECT_FALSE(implied_volatility(market::right::call, 6900, 6000, 1.0 / 365, 0.05, 899));  // under the bound
  EXPECT_FALSE(implied_volatility(market::right::call, 6900, 6900, 0, 0.05, 5));
}

TEST(Theory, WithoutQuotesNearTheMoneyFallsBack) {
  const golden_quotes g;
  const timestamp as_of = far_settlement - duration_ns{86'400'000'000'000};
  const theory_options defaults;
  EXPECT_FALSE(theory_of(g.b->planes[0], g.q, market::no_price, as_of, defaults));
  EXPECT_DOUBLE_EQ(theory_of(g.b->planes[0], g.q, at(8000), as_of, defaults)->base, 0.20);
  EXPECT_DOUBLE_EQ(theory_of(g.b->planes[0], g.q, at(8000), as_of, {.vix = 18})->base, 0.18);
  EXPECT_NEAR(theory_of(g.b->planes[0], g.q, at(8000), as_of, defaults)->years, 1.0 / 365, 1e-12);
  EXPECT_GT(theory_of(g.b->planes[0], g.q, at(6900), as_of, defaults)->base, 0.03);
}

}  // namespace
}  // namespace isobar::heatmap_builder
