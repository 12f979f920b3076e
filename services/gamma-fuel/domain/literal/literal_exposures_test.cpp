#include "gamma-fuel/domain/literal/literal_exposures.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/board_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

/// futures-medium 15.4: the six options of 14:30Z, r = 0.05, expiry 2026-01-06T21:00Z, multiplier 50.
option_board golden_board(const gamma_config& config) {
  struct golden {
    double k;
    market::right r;
    double mid;
    std::int64_t lots;
  };
  option_board b{config};
  for (const golden& g : std::vector<golden>{{6900, call, 12.00, 1'000},
                                             {6900, put, 12.00, 800},
                                             {6925, call, 4.25, 1'500},
                                             {6875, put, 5.00, 2'500},
                                             {6950, call, 0.55, 3'000},
                                             {6840, put, 0.15, 500}}) {
    option_contract c = contract(g.k, g.r);
    c.multiplier = 50;
    const auto n = b.list(c);
    b.apply(quote(n, g.mid - 0.05, g.mid + 0.05));
    b.apply(interest(n, g.lots));
  }
  return b;
}

gamma_config literal_config() {
  gamma_config c;
  c.rules = compat::literal;
  c.live_basis = false;
  return c;
}

const strike_exposure& row_at(const gex_profile& p, double k) {
  for (const strike_exposure& s : p.grid)
    if (s.strike == points(k)) return s;
  static const strike_exposure none{};
  ADD_FAILURE() << "no strike " << k;
  return none;
}

TEST(LiteralExposures, GiveTheGoldenSurface) {
  option_board b = golden_board(literal_config());
  landscape l(literal_config());
  gex_profile p;
  l.build(morning - seconds(1), morning, view(6900, 6900), b, p);
  ASSERT_EQ(p.grid.size(), 25u);
  EXPECT_EQ(p.grid.front().strike, points(6840));
  EXPECT_EQ(p.grid.back().strike, points(6960));
  const auto gamma = [&](double k) { return row_at(p, k).by_model[0].gamma; };
  // The section's "Surface check for 14:30Z"; figures given to nine decimals.
  EXPECT_NEAR(row_at(p, 6900).gross(), 1193.569724941, 2e-9 * 1193);
  EXPECT_NEAR(gamma(6900), 132.618858327, 2e-7);
  EXPECT_NEAR(row_at(p, 6900).imbalance, 0.111111111, 1e-9);
  EXPECT_NEAR(gamma(6925), 683.590529198, 2e-6);
  EXPECT_NEAR(gamma(6875), -1093.997537735, 2e-6);
  EXPECT_NEAR(row_at(p, 6875).imbalance, -1 + 9e-10, 1e-10);
  EXPECT_NEAR(gamma(6950), 502.415895645, 2e-6);
  EXPECT_NEAR(gamma(6840), -45.645758498, 2e-7);
  EXPECT_EQ(p.priced, 6u);
}

TEST(LiteralExposures, SnapTheReferenceHalfToEvenAndStartDifferencesAtZero) {
  option_board b = golden_board(literal_config());
  landscape l(literal_config());
  gex_profile p;
  l.build(morning - seconds(1), morning, view(6902.5, 6902.5), b, p);
  EXPECT_EQ(p.grid[12].strike, points(6900));
  EXPECT_EQ(row_at(p, 6900).gross_change, differences{}) << "the first row of a strike";
  l.build(morning, morning + seconds(1), view(6907.5, 6907.5), b, p);
  EXPECT_EQ(p.grid[12].strike, points(6910));
  const differences d = row_at(p, 6900).gross_change;
  EXPECT_NE(d.d1, 0);
  EXPECT_EQ(d.d1, d.d2);
  EXPECT_EQ(d.d1, d.d3);
}

TEST(LiteralExposures, LeaveOutLockedQuotesOtherDaysAndWhatHasNoInterest) {
  option_board b = golden_board(literal_config());
  b.apply(quote(0, 12, 12));
  b.apply(interest(1, 0));
  const auto tomorrow = b.list(contract(6900, call, today + 1));
  b.apply(quote(tomorrow, 12, 13));
  b.apply(interest(tomorrow, 10));
  landscape l(literal_config());
  gex_profile p;
  l.build(morning - seconds(1), morning, view(6900, 6900), b, p);
  EXPECT_EQ(p.priced, 4u);
  EXPECT_EQ(p.left_out.crossed, 1u);
  EXPECT_EQ(p.left_out.no_open_interest, 1u);
  EXPECT_EQ(p.left_out.not_in_set, 1u);
}

}  // namespace
}  // namespace isobar::gamma_fuel
