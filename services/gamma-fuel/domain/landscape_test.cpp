#include "gamma-fuel/domain/landscape.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/board_fixture.hpp"
#include "gamma-fuel/domain/profile_archive.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

struct landscape_at_work {
  gamma_config config;
  option_board board;
  gamma_fuel::landscape landscape;
  gex_profile profile;
  explicit landscape_at_work(const gamma_config& c = spx_config()) : config(c), board(c), landscape(c) {}
  const gex_profile& window(std::int64_t n, double at = 6'900) { return window(n, view(at, at)); }
  const gex_profile& window(std::int64_t n, const market_view& at) {
    landscape.build(morning + seconds(n), morning + seconds(n + 1), at, board, profile);
    return profile;
  }
  const strike_exposure& row(double k) const {
    for (const strike_exposure& s : profile.grid)
      if (s.strike == points(k)) return s;
    ADD_FAILURE() << "no strike " << k;
    return profile.grid.front();
  }
};

TEST(Landscape, WithoutAMarketIsAGapWithoutAGrid) {
  landscape_at_work w;
  fill(w.board, 6'850, 6'950, 5, 6'900);
  for (const market_view& at :
       {market_view{}, market_view{.reference = points(6'900)}, market_view{.underlying = points(6'900)}}) {
    const gex_profile& p = w.window(0, at);
    EXPECT_EQ(p.quality, market::quality::gap);
    EXPECT_TRUE(p.grid.empty());
    EXPECT_TRUE(w.landscape.radar_input(p).strikes.empty());
  }
}

TEST(Landscape, WithoutOptionsHasAnEmptyGrid) {
  landscape_at_work w;
  const gex_profile& p = w.window(0);
  EXPECT_EQ(p.grid.size(), 25u);
  EXPECT_EQ(p.contracts, 0u);
  EXPECT_EQ(p.models[0].walls, walls{});
}

TEST(Landscape, FlagsAnUnderlyingThatStands) {
  landscape_at_work w;
  fill(w.board, 6'850, 6'950, 5, 6'900);
  market_view at = view(6'900, 6'900);
  at.underlying_stale = true;
  EXPECT_EQ(w.window(0, at).quality, market::quality::stale);
  EXPECT_TRUE(w.profile.underlying_stale);
}

TEST(Landscape, CountsGammaTimesInterestTimesMultiplier) {
  landscape_at_work w;
  const auto c = add(w.board, contract(6'925, call), 6'900, 0.17, 1'500);
  const auto p = add(w.board, contract(6'875, put), 6'900, 0.18, 2'500);
  w.window(0);
  EXPECT_NEAR(w.row(6'925).call, w.board.row(c).gamma * 1'500 * 100, 1e-9);
  EXPECT_NEAR(w.row(6'875).put, w.board.row(p).gamma * 2'500 * 100, 1e-9);
  EXPECT_NEAR(w.row(6'875).by_model[0].charm, -w.board.row(p).charm * 2'500 * 100 / 365, 1e-6) << "per day";
  EXPECT_EQ(w.row(6'925).call_interest.value, 1'500);
  EXPECT_EQ(w.row(6'925).put_interest, market::no_quantity);
  EXPECT_EQ(w.row(6'925).imbalance, w.row(6'925).call / (w.row(6'925).call + 1e-6));
  EXPECT_NEAR(w.row(6'925).spread, 2 * w.row(6'925).call, 1e-9) << "long by one convention, short by another";
}

TEST(Landscape, PutsOffRangeStrikesInTotalsOnly) {
  landscape_at_work w;
  add(w.board, contract(6'900, call), 6'900, 0.15, 100);
  const double on_grid = w.window(0).models[0].gamma;
  const auto far = add(w.board, contract(7'000, call, today + 30), 6'900, 0.15, 1'000);
  w.window(1);
  double sum = 0;
  for (const strike_exposure& s : w.profile.grid) sum += s.call;
  EXPECT_NEAR(sum, on_grid, 1e-3 * on_grid);
  EXPECT_NEAR(w.profile.models[0].gamma, sum + w.board.row(far).gamma * 100'000, 1e-9 * sum);
  EXPECT_EQ(w.landscape.ladder().size(), 2u);
}

TEST(Landscape, SaysWhatHasNoInterestAndKeepsItsTrades) {
  landscape_at_work w;
  const auto n = add(w.board, contract(6'900, call), 6'900, 0.15, -1);
  w.board.apply(trade(n, 10));
  w.board.take_customer_trade(n, 10);
  w.window(0);
  EXPECT_EQ(w.profile.priced, 0u);
  EXPECT_EQ(w.profile.left_out.no_open_interest, 1u);
  EXPECT_EQ(w.row(6'900).call, 0);
  EXPECT_GT(w.row(6'900).volume_gamma, 0);
  EXPECT_LT(w.row(6'900).by_model[3].gamma, 0) << "customers bought: dealers are short";
  EXPECT_EQ(w.profile.models[0].walls.high_volume, points(6'900));
}

TEST(Landscape, FollowsASmallContractsScale) {
  // The same book as a tenth of the index: strikes, prices and forwards / 10, contracts x 10 for the same money per
  // point of the symbol twice over (delta and point).
  gamma_config tenth = spx_config();
  tenth.scale = 10;
  landscape_at_work whole, small(tenth);
  for (double k = 6'850; k <= 6'950; k += 10)
    for (const market::right r : {call, put}) {
      const option_contract big = contract(k, r);
      option_contract little = contract(k / 10, r);
      const double years = market::years_to(big.settles_at, morning);
      const double value = market::black_76_price(r, {6'900, k, years, 0.05, 0.2});
      const auto a = whole.board.list(big), b = small.board.list(little);
      whole.board.apply(quote(a, value - 0.1, value + 0.1));
      small.board.apply(quote(b, value / 10 - 0.01, value / 10 + 0.01));
      whole.board.apply(interest(a, 1'000));
      small.board.apply(interest(b, 10'000));
    }
  whole.window(0, view(6'900, 6'900));
  small.window(0, view(6'900, 690));
  for (std::size_t i = 0; i < whole.profile.grid.size(); ++i) {
    const strike_exposure &w = whole.profile.grid[i], &s = small.profile.grid[i];
    EXPECT_EQ(w.strike, s.strike);
    EXPECT_NEAR(w.call, s.call, 1e-6 * (1 + w.call));
    EXPECT_NEAR(w.by_model[2].vanna, s.by_model[2].vanna, 1e-5 * (1 + std::abs(w.by_model[2].vanna)));
  }
}

TEST(Landscape, DifferencesFollowAStrikeOnAndOffTheGrid) {
  landscape_at_work w;
  const auto n = add(w.board, contract(6'900, call), 6'900, 0.15, 100);
  const double first = w.window(0).grid[12].call;
  EXPECT_EQ(w.row(6'900).gross_change, (differences{first, first, first})) << "was not there: 0 before";
  w.board.apply(interest(n, 200));
  const double second = w.window(1, 7'000).models[0].gamma;  // off the grid now
  w.board.apply(interest(n, 300));
  const double third = w.window(2).grid[12].call;
  const differences d = w.row(6'900).gross_change;
  EXPECT_NEAR(d.d1, third - second, 1e-9 * third) << "from its own last window, not from 0";
  EXPECT_NEAR(d.d2, (third - second) - (second - first), 1e-9 * third);
  EXPECT_NEAR(d.d3, (third - second) - 2 * (second - first) + first, 1e-9 * third);
  EXPECT_EQ(w.row(6'900).by_model[1].gamma_change.d1, -w.row(6'900).by_model[0].gamma_change.d1);
}

TEST(Landscape, WindowsThatWereNotBuiltChangedNothing) {
  landscape_at_work w;
  add(w.board, contract(6'900, call), 6'900, 0.15, 100);
  const double first = w.window(0).grid[12].call;
  const double second = w.window(2).grid[12].call;  // one was left out
  const differences d = w.row(6'900).gross_change;
  EXPECT_NEAR(d.d1, second - first, 1e-12);
  EXPECT_NEAR(d.d2, second - first, 1e-12) << "the difference before was 0";
  EXPECT_NEAR(d.d3, second - first + first, 1e-9) << "and the one before that had come from nothing";
  const double third = w.window(100'000'000 / 86'400).grid[12].call;
  EXPECT_EQ(w.row(6'900).gross_change, (differences{third - second, third - second, third - second}));
}

TEST(Landscape, TakesTheExpiriesThatAreConfigured) {
  gamma_config c = spx_config();
  for (const auto& [set, expected] :
       {std::pair{expiry_set::all, 3u}, {expiry_set::zero_dte, 1u}, {expiry_set::nearest, 1u}}) {
    c.expiries = set;
    landscape_at_work w(c);
    add(w.board, contract(6'900, call), 6'900, 0.15, 100);
    add(w.board, contract(6'900, call, today + 1), 6'900, 0.15, 100);
    add(w.board, contract(6'900, call, today + 30), 6'900, 0.15, 100);
    EXPECT_EQ(w.window(0).expiries.size(), expected);
    EXPECT_EQ(w.profile.priced, expected);
    EXPECT_EQ(w.profile.left_out.not_in_set, 3 - expected);
    EXPECT_EQ(w.window(86'400).expiries.front().key.expiry, set == expiry_set::all ? today : today + 1);
  }
}

TEST(Landscape, GivesTheRadarTheChosenModel) {
  gamma_config c = spx_config();
  landscape_at_work open_interest(c);
  c.radar_model = sign_model::flow;
  landscape_at_work flow(c);
  for (landscape_at_work* w : {&open_interest, &flow}) {
    const auto n = add(w->board, contract(6'900, put), 6'900, 0.15, 100);
    w->board.take_customer_trade(n, 7);
    w->window(0);
  }
  const gex_input by_interest = open_interest.landscape.radar_input(open_interest.profile);
  const gex_input by_flow = flow.landscape.radar_input(flow.profile);
  EXPECT_EQ(by_interest.window_end, morning + seconds(1));
  ASSERT_EQ(by_flow.strikes.size(), 25u);
  EXPECT_NEAR(by_flow.strikes[12].put, 0.07 * by_interest.strikes[12].put, 1e-9);
  EXPECT_GT(by_flow.strikes[12].put, 0);
  EXPECT_EQ(by_flow.strikes[12].call, 0);
}

TEST(Landscape, FollowsZeroGammaFarFromTheMarket) {
  landscape_at_work w;
  for (double k = 5'600; k <= 7'000; k += 50)
    add(w.board, contract(k, k < 6'200 ? put : call, today + 30), 6'900, 0.18, 1'000);
  const auto zero = w.window(0).models[0].walls.zero_gamma;
  ASSERT_TRUE(zero.has_value());
  EXPECT_LT(*zero, points(6'900 * 0.95));
  for (int i = 1; i < 100; ++i) {
    const auto next = w.window(i).models[0].walls.zero_gamma;
    ASSERT_TRUE(next.has_value());
    EXPECT_NEAR(to_double(*next), to_double(*zero), 0.5);
  }
}

TEST(Landscape, WallsAreOnTheirSideByTheirOwnStrikes) {
  // 6895 lies at 6912.25 of the symbol and in the row of 6910: above a market of 6912.
  landscape_at_work w;
  add(w.board, contract(6'895, call), 6'895, 0.15, 100);
  add(w.board, contract(6'895, put), 6'895, 0.15, 100);
  market_view at = view(6'912, 6'894.75);
  at.basis = points(17.25);
  EXPECT_EQ(w.window(0, at).models[0].walls.call_wall, points(6'910));
  EXPECT_EQ(w.profile.models[0].walls.put_wall, std::nullopt);
  at.reference = points(6'912.5);
  EXPECT_EQ(w.window(1, at).models[0].walls.call_wall, std::nullopt);
  EXPECT_EQ(w.profile.models[0].walls.put_wall, points(6'910));
}

TEST(Landscape, ATickOfTheBasisMovesNoStrikeAlsoBehindACheckpoint) {
  landscape_at_work w;
  add(w.board, contract(6'900, call), 6'900, 0.15, 100);
  market_view at = view(6'917, 6'900);
  at.basis = points(17.25);
  w.window(0, at);
  EXPECT_GT(w.row(6'915).call, 0);
  const std::string bytes = saved(w.landscape);
  w.landscape = gamma_fuel::landscape(w.config);
  archive_reader in(bytes);
  in(w.landscape);
  at.basis = points(17.50);
  w.window(1, at);
  EXPECT_GT(w.row(6'915).call, 0);
  EXPECT_EQ(w.row(6'920).call, 0);
}

TEST(Landscape, AProfileComesBackWhole) {
  landscape_at_work w;
  fill(w.board, 6'850, 6'950, 5, 6'900);
  for (contract_number n = 0; n < w.board.size(); ++n) {
    w.board.apply(trade(n, 3 + n % 5));
    w.board.take_customer_trade(n, n % 7 - 3);
  }
  const gex_profile& p = w.window(0);
  ASSERT_NE(w.row(6'900).flow_call, 0);
  ASSERT_NE(w.row(6'900).flow_put, 0);
  std::string bytes;
  archive_writer out(bytes);
  profile_archive<archive_writer>{out}(w.profile);
  gex_profile again;
  archive_reader in(bytes);
  profile_archive<archive_reader>{in}(again);
  ASSERT_TRUE(in.finished());
  EXPECT_EQ(again.grid, p.grid);
  EXPECT_EQ(again.models, p.models);
  EXPECT_EQ(again.expiries, p.expiries);
  EXPECT_EQ(again.left_out, p.left_out);
  EXPECT_EQ(again.pins, p.pins);
  EXPECT_EQ(again.end, p.end);
}

TEST(Landscape, CheckpointIsTheStateAndNothingElse) {
  landscape_at_work w;
  fill(w.board, 6'850, 6'950, 5, 6'900);
  w.window(0);
  const std::string bytes = saved(w.landscape);
  gamma_fuel::landscape again(w.config);
  archive_reader in(bytes);
  in(again);
  EXPECT_TRUE(in.finished());
  EXPECT_EQ(saved(again), bytes);
}

}  // namespace
}  // namespace isobar::gamma_fuel
