// Sign models against dealers whose positions are known: who trades, and how, is the simulator's secret.
#include <gtest/gtest.h>

#include <cstdio>

#include "dealer_truth.hpp"

namespace isobar::replay {
namespace {

using gamma_fuel::sign_model;
using sim::customer_flow;

constexpr duration_ns length = seconds(30);

struct scenario {
  sim::dealer_session session;
  std::unique_ptr<truth_pipeline> pipeline;
  std::array<nearness, gamma_fuel::sign_models> whole;  ///< against everything that dealers hold
  nearness flow;                                        ///< the flow model against what trading has added
  std::vector<sim::strike_amount> change;               ///< what trading has added
  const nearness& of(sign_model m) const { return whole[static_cast<std::size_t>(m)]; }
};

/// A day before a third Friday, half an hour into the session; strikes within 100 points.
scenario play(customer_flow flow, double inside_ratio = 0.1, double opening_share = 0.5) {
  sim::config c;
  c.start = *parse_iso_timestamp("2025-12-18T15:00:00Z");
  c.trade_ratio = 0.1;
  c.customers.flow = flow;
  c.customers.inside_ratio = inside_ratio;
  c.customers.opening_share = opening_share;
  gamma_fuel::gamma_config g;
  g.symbol = g.option_symbol = "SPX";
  g.grid.half_range = price(100 * nanos_per_unit);
  g.fuel.half_life = seconds(0);  // the truth forgets nothing
  scenario s{sim::run_dealer_session(c, length), nullptr, {}, {}, {}};
  s.pipeline = std::make_unique<truth_pipeline>(s.session, g);
  const auto whole = sim::by_strike(s.session.truth, false), change = sim::by_strike(s.session.truth, true);
  for (std::size_t m = 0; m < gamma_fuel::sign_models; ++m)
    s.whole[m] = compare(s.pipeline->profile(), static_cast<sign_model>(m), whole);
  s.flow = compare(s.pipeline->profile(), sign_model::flow, change);
  s.change = change;
  return s;
}

void print(const char* name, const scenario& s) {
  const signing& k = s.pipeline->signs();
  std::printf("%s: %llu trades, %lld lots: signed right %.2f %%, wrong %.2f %%, unknown %.2f %%\n", name,
              static_cast<unsigned long long>(s.pipeline->prints()), static_cast<long long>(k.lots()),
              100 * static_cast<double>(k.right) / static_cast<double>(k.lots()),
              100 * static_cast<double>(k.wrong) / static_cast<double>(k.lots()),
              100 * static_cast<double>(k.unknown) / static_cast<double>(k.lots()));
  std::printf("  %-28s correlation   error       model       truth  (deltas per point, %zu strikes)\n", "",
              s.pipeline->profile().grid.size());
  const auto line = [](const std::string& what, const nearness& n) {
    std::printf("  %-28s %+11.4f %7.3f %+11.0f %+11.0f\n", what.c_str(), n.correlation, n.error, n.total, n.truth);
  };
  for (std::size_t m = 0; m < gamma_fuel::sign_models; ++m)
    line(std::string(name_of(static_cast<sign_model>(m))) + " / held", s.whole[m]);
  line("flow / traded", s.flow);
}

/// Every trade came through with its quote, and was signed.
void expect_whole(const scenario& s) {
  EXPECT_EQ(s.pipeline->prints(), s.session.trades.size());
  EXPECT_GT(s.pipeline->prints(), 10'000u);
  EXPECT_GT(s.pipeline->profile().priced, 500u);
  EXPECT_GT(static_cast<double>(s.pipeline->signs().right), 0.95 * static_cast<double>(s.pipeline->signs().lots()));
}

/// Fuel at levels about the market is what trading added to the strikes within its reach. Near the market gamma hardly
/// moves in half a minute; a twentieth of the lots is signed wrongly, which counts twice.
void expect_fuel(const scenario& s) {
  EXPECT_LT(s.pipeline->trades_without_gamma(), s.pipeline->prints() / 8) << "of contracts without a usable mid";
  const std::int64_t step = 5 * nanos_per_unit, reach = gamma_fuel::fuel_config{}.reach.value;
  const std::int64_t centre = s.session.closing.spot.value / step * step;
  for (const std::int64_t level : {centre - 4 * step, centre, centre + 4 * step}) {
    double net = 0, size = 0;
    for (const sim::strike_amount& k : s.change) {
      if (std::abs(k.strike.value - level) > reach) continue;
      net += k.amount;
      size += std::abs(k.amount);
    }
    const gamma_fuel::fuel_reading fuel = s.pipeline->fuel_at(price(level));
    std::printf("  fuel at %.0f: %+.0f, truth %+.0f of %.0f\n", static_cast<double>(level) * 1e-9,
                fuel.net_dealer_gamma, net, size);
    EXPECT_GT(size, 0);
    EXPECT_NEAR(fuel.net_dealer_gamma, net, 0.25 * size);
  }
}

TEST(DealerTruth, ClassicFlowIsWhatTheUsualConventionSays) {
  const scenario s = play(customer_flow::classic);
  print("classic", s);
  expect_whole(s);
  expect_fuel(s);
  EXPECT_GT(s.flow.correlation, 0.95);
  EXPECT_LT(s.flow.error, 0.3);
  EXPECT_GT(s.of(sign_model::calls_positive).correlation, 0.9);
  EXPECT_LT(s.of(sign_model::puts_positive).correlation, -0.9);
}

TEST(DealerTruth, InverseFlowContradictsIt) {
  const scenario s = play(customer_flow::inverse);
  print("inverse", s);
  expect_whole(s);
  expect_fuel(s);
  EXPECT_GT(s.flow.correlation, 0.95);
  EXPECT_LT(s.flow.error, 0.3);
  EXPECT_LT(s.of(sign_model::calls_positive).correlation, -0.9);
  EXPECT_GT(s.of(sign_model::puts_positive).correlation, 0.9);
  EXPECT_LT(s.of(sign_model::calls_positive).total * s.of(sign_model::calls_positive).truth, 0);
}

TEST(DealerTruth, BuyersOfSameDayOptionsLeaveDealersShortEverywhere) {
  const scenario s = play(customer_flow::buy_zero_dte);
  print("buy-zero-dte", s);
  expect_whole(s);
  expect_fuel(s);
  EXPECT_GT(s.flow.correlation, 0.95);
  EXPECT_LT(s.flow.error, 0.3);
  EXPECT_LT(s.of(sign_model::all_short).truth, 0);
  EXPECT_GT(s.of(sign_model::all_short).correlation, 0.7);
  EXPECT_LT(std::abs(s.of(sign_model::calls_positive).correlation), 0.9);
}

TEST(DealerTruth, WithoutAViewNoConventionHoldsAndTradesStillTell) {
  const scenario s = play(customer_flow::balanced);
  print("balanced", s);
  expect_whole(s);
  EXPECT_GT(s.flow.correlation, 0.95);
  for (const sign_model m : {sign_model::calls_positive, sign_model::puts_positive, sign_model::all_short})
    EXPECT_LT(std::abs(s.of(m).correlation), 0.7);
  EXPECT_GT(s.of(sign_model::flow).correlation, 0.95);  // dealers began with nothing: what they hold is what traded
}

TEST(DealerTruth, WhatWasHeldBeforeTheFirstTradeNoTradeTells) {
  const scenario nothing = play(customer_flow::classic, 0.1, 0), much = play(customer_flow::classic, 0.1, 0.9);
  print("classic, dealers begin with nothing", nothing);
  print("classic, dealers begin with 90 % of open interest", much);
  EXPECT_GT(nothing.of(sign_model::flow).correlation, 0.95);
  EXPECT_LT(nothing.of(sign_model::flow).error, 0.3);
  EXPECT_GT(much.of(sign_model::flow).error, 0.5);
  EXPECT_GT(much.of(sign_model::calls_positive).correlation, nothing.of(sign_model::calls_positive).correlation);
}

TEST(DealerTruth, TradesInsideTheQuoteCostTheQuoteRuleAndNotItsSign) {
  const scenario none = play(customer_flow::classic, 0), many = play(customer_flow::classic, 0.5);
  print("classic, none inside", none);
  print("classic, half inside", many);
  EXPECT_EQ(none.pipeline->signs().wrong + none.pipeline->signs().unknown, 0);
  EXPECT_GT(none.flow.correlation, 0.999);
  EXPECT_GT(many.pipeline->signs().wrong, 0);
  EXPECT_GT(many.flow.correlation, 0.9);
}

}  // namespace
}  // namespace isobar::replay
