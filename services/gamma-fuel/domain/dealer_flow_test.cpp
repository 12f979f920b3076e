#include "gamma-fuel/domain/dealer_flow.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <tuple>

#include "core/archive.hpp"
#include "core/date.hpp"
#include "gamma-fuel/domain/fuel_thresholds.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + 0.5)); }
const date day = *make_date(2024, 3, 5);
const timestamp noon = market::new_york_time(day, seconds(12 * 3'600));

gamma_config spx() {
  gamma_config c;
  c.symbol = "SPX";
  return c;
}
board_row row_of(double strike, market::right right, double gamma, date expiry = day) {
  board_row r;
  r.contract = {.id = {"SPXW", expiry, right, isobar::strike(points(strike).value)},
                .settles_at = market::settlement_time(expiry, market::settlement::pm)};
  r.gamma = gamma;
  return r;
}
option_event bought(timestamp t, contract_number n, std::int64_t lots, int sign = 1) {
  return {.ts_event = t,
          .contract = n,
          .kind = option_event_kind::trade,
          .aggressor = sign > 0   ? market::book_side::bid
                       : sign < 0 ? market::book_side::ask
                                  : market::book_side::none,
          .last = points(1),
          .size = quantity(lots)};
}
/// Customer's trade of the contract, with the board's gamma at that time.
struct print {
  timestamp t;
  contract_number contract;
  std::int64_t lots;
  int sign;
  double gamma;
};

/// Everything the class says, added up trade by trade.
double naive(const std::vector<print>& prints, timestamp t, duration_ns window, double half_life_s) {
  double sum = 0;
  for (const print& p : prints) {
    if (p.t < t - window) continue;
    const double age = static_cast<double>((t - p.t).value) / 1e9;
    sum -= p.sign * static_cast<double>(p.lots) * p.gamma * 100 * std::exp2(-age / half_life_s);
  }
  return sum;
}

class DealerFlow : public ::testing::Test {
 protected:
  fuel_reading read(dealer_flow& f, timestamp t, double level = 5'000, std::string_view id = "L") {
    return f.at(id, points(level), t, board_, profile_);
  }
  option_board board_{spx()};
  gex_profile profile_;
};

// futures-medium 15.5, last fuel case: SPY 680, level 680, reach 2; gamma by trade.
TEST_F(DealerFlow, LiteralTradesOfTheGoldenCase) {
  gamma_config c = spx();
  c.rules = compat::literal;
  c.fuel.reach = points(2);
  c.fuel.amplify = share_thresholds.amplify;
  c.fuel.dampen = share_thresholds.dampen;
  dealer_flow flow(c);
  const auto call = market::right::call, put = market::right::put;
  const auto take = [&](contract_number n, double k, market::right r, std::int64_t lots, int sign, double gamma) {
    EXPECT_EQ(flow.trade(bought(noon, n, lots, sign), row_of(k, r, gamma)), sign);
  };
  take(0, 679, call, 100, 1, 0.08);
  take(1, 680, call, 300, 1, 0.10);
  take(2, 681, call, 50, 1, 0.08);
  take(3, 682, call, 500, -1, 0.05);
  take(4, 678, put, 200, 1, 0.05);
  const timestamp later = noon + seconds(3'000);  // no window, no decay
  const fuel_reading r = flow.at("L", points(680), later, board_, profile_);
  EXPECT_NEAR(r.net_dealer_gamma, -2'700, 1e-9);
  EXPECT_EQ(r.effect, regime::neutral);
  EXPECT_EQ(r.confidence, 1);
  ASSERT_TRUE(r.zero_by_flow);
  EXPECT_NEAR(to_double(*r.zero_by_flow), 681.1379310344828, 1e-9);
  std::vector<double> flows;
  for (const contract_flow& f : flow.near(points(680), later, board_, profile_)) flows.push_back(f.dealer_gamma);
  // In (expiry, root, strike, right) order.
  ASSERT_EQ(flows.size(), 5U);
  const std::vector<double> expected{-1'000, -800, -3'000, -400, 2'500};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(flows[i], expected[i], 1e-9);
}

TEST_F(DealerFlow, IsTheExactDecayedSumWheneverItIsRead) {
  gamma_config c = spx();
  dealer_flow flow(c);
  std::mt19937_64 dice(7);
  std::vector<print> prints;
  timestamp t = noon;
  for (int i = 0; i < 3'000; ++i) {
    t = t + duration_ns{static_cast<std::int64_t>(dice() % 400'000'000)};
    const print p{t, static_cast<contract_number>(dice() % 8), static_cast<std::int64_t>(1 + dice() % 50),
                  dice() % 2 == 0 ? 1 : -1, 0.001 * static_cast<double>(1 + dice() % 9)};
    prints.push_back(p);
    flow.trade(bought(p.t, p.contract, p.lots, p.sign),
               row_of(4'990 + 5.0 * (p.contract / 2), p.contract % 2 == 0 ? market::right::call : market::right::put,
                      p.gamma));
    if (i % 50 != 0) continue;
    // Whole slots count: those of which a part is inside the window.
    const timestamp cut{floor_div((t - c.fuel.window).ns, 1'000'000'000) * 1'000'000'000};
    EXPECT_NEAR(read(flow, t).net_dealer_gamma, naive(prints, t, t - cut, 120), 1e-6) << i;
  }
  EXPECT_LE(flow.slots(), 8U * 302);
}

TEST_F(DealerFlow, ReadingInBetweenChangesNothing) {
  dealer_flow often(spx()), once(spx());
  for (int i = 0; i < 200; ++i) {
    const timestamp t = noon + milliseconds(i * 137);
    const auto contract = static_cast<contract_number>(i % 3);
    const board_row row = row_of(5'000 + 5 * (i % 3), market::right::call, 0.01);
    often.trade(bought(t, contract, 10, i % 5 == 0 ? -1 : 1), row);
    once.trade(bought(t, contract, 10, i % 5 == 0 ? -1 : 1), row);
    read(often, t);
  }
  const timestamp end = noon + seconds(40);
  EXPECT_EQ(read(often, end, 5'000, "new"), read(once, end, 5'000, "new"));
}

TEST_F(DealerFlow, ForgetsWhatIsOlderThanTheWindow) {
  dealer_flow flow(spx());
  flow.trade(bought(noon, 0, 100), row_of(5'000, market::right::call, 0.01));
  EXPECT_NEAR(read(flow, noon).net_dealer_gamma, -100, 1e-9);
  EXPECT_NEAR(read(flow, noon + seconds(120)).net_dealer_gamma, -50, 1e-9);
  EXPECT_EQ(read(flow, noon + seconds(300)).volume, 100U);
  EXPECT_EQ(read(flow, noon + seconds(301)).volume, 0U);
  EXPECT_EQ(flow.slots(), 0U);
}

TEST_F(DealerFlow, TakesStrikesAsPricesOfTheSymbol) {
  gamma_config c = spx();
  c.scale = 10;
  dealer_flow flow(c);
  profile_.basis = points(42.25);
  flow.trade(bought(noon, 0, 100), row_of(500, market::right::call, 0.01));
  EXPECT_EQ(read(flow, noon, 5'062.25).volume, 100U);
  EXPECT_EQ(read(flow, noon, 5'062.5).volume, 0U);
  profile_.basis = points(42.5);
  EXPECT_EQ(read(flow, noon, 5'062.5).volume, 100U) << "the basis moved";
}

TEST_F(DealerFlow, CountsTheConfiguredExpiriesAlone) {
  const date tomorrow = day + 1;
  for (const expiry_set set : {expiry_set::all, expiry_set::zero_dte, expiry_set::nearest}) {
    gamma_config c = spx();
    c.expiries = set;
    option_board board(c);
    dealer_flow flow(c);
    const board_row near = row_of(5'000, market::right::call, 0.01);
    const board_row far = row_of(5'000, market::right::call, 0.01, tomorrow);
    const contract_number near_number = board.list(near.contract), far_number = board.list(far.contract);
    flow.trade(bought(noon, near_number, 1), near);
    flow.trade(bought(noon, far_number, 10), far);
    EXPECT_EQ(flow.at("L", points(5'000), noon, board, profile_).volume, set == expiry_set::all ? 11U : 1U);
  }
}

TEST_F(DealerFlow, KeepsAnEffectByLevel) {
  dealer_flow flow(spx());
  flow.trade(bought(noon, 0, 110), row_of(5'000, market::right::call, 0.01));
  EXPECT_EQ(read(flow, noon, 5'000, "A").effect, regime::amplify);  // -110
  const timestamp later = noon + seconds(50);                       // -82.4
  EXPECT_EQ(read(flow, later, 5'000, "A").effect, regime::amplify);
  EXPECT_EQ(read(flow, later, 5'000, "B").effect, regime::neutral);
  EXPECT_EQ(read(flow, noon + seconds(60), 5'000, "A").effect, regime::neutral);  // -77.8
}

TEST_F(DealerFlow, AnEffectIsOfAPrice) {
  dealer_flow flow(spx());
  flow.trade(bought(noon, 0, 110), row_of(5'000, market::right::call, 0.01));
  EXPECT_EQ(read(flow, noon, 5'000).effect, regime::amplify);
  EXPECT_EQ(read(flow, noon + seconds(50), 5'000.5).effect, regime::amplify) << "drifts";
  EXPECT_EQ(read(flow, noon + seconds(50), 5'002).effect, regime::neutral) << "jumps";
}

// The thresholds for SPY (10,000; a wall 50,000) on the axis of ES, 10 points a dollar: as the same trades of SPY.
TEST_F(DealerFlow, IsInTheSymbolsUnits) {
  gamma_config c = spx();
  c.scale = 10;
  for (const auto& [lots, effect, wall] :
       {std::tuple{9'999, regime::neutral, false}, std::tuple{-10'001, regime::dampen, false},
        std::tuple{-50'000, regime::dampen, true}}) {
    dealer_flow flow(c);
    flow.trade(bought(noon, 0, std::abs(lots), lots > 0 ? 1 : -1), row_of(500, market::right::call, 0.01));
    const fuel_reading r = read(flow, noon);
    EXPECT_NEAR(r.net_dealer_gamma, -lots / 100.0, 1e-9);
    EXPECT_EQ(r.effect, effect);
    EXPECT_EQ(r.call_wall.has_value(), wall);
  }
}

TEST_F(DealerFlow, SaysNothingWhileTheBasisIsNotKnown) {
  dealer_flow flow(spx());
  flow.trade(bought(noon, 0, 100), row_of(5'000, market::right::call, 0.01));
  profile_.basis_known = false;
  EXPECT_EQ(read(flow, noon), fuel_reading{});
  EXPECT_TRUE(flow.near(points(5'000), noon, board_, profile_).empty());
  profile_.basis_known = true;
  EXPECT_EQ(read(flow, noon).volume, 100U);
}

// One date may settle twice: an index in the morning, its weeklies in the evening.
TEST_F(DealerFlow, TheNearestSettlementIsTheExposures) {
  gamma_config c = spx();
  c.expiries = expiry_set::nearest;
  option_board board(c);
  dealer_flow flow(c);
  const board_row evening = row_of(5'000, market::right::call, 0.01);
  board_row morning = evening;
  morning.contract.id.root = "SPX";
  morning.contract.settles_at = market::settlement_time(day, market::settlement::am);
  const contract_number e = board.list(evening.contract), m = board.list(morning.contract);
  const timestamp early = morning.contract.settles_at - seconds(60);
  flow.trade(bought(early, e, 10), evening);
  flow.trade(bought(early, m, 1), morning);
  EXPECT_EQ(flow.at("L", points(5'000), early, board, profile_).volume, 1U);
  EXPECT_EQ(flow.at("L", points(5'000), early + seconds(60), board, profile_).volume, 10U);
}

TEST_F(DealerFlow, OldSlotsGiveWayWhenItIsFull) {
  dealer_flow flow(spx());
  const board_row row = row_of(5'000, market::right::call, 0.01);
  contract_number n = 0;
  for (; flow.slots() < dealer_flow::slots_max; ++n)
    for (int s = 0; s < 250 && flow.slots() < dealer_flow::slots_max; ++s)
      flow.trade(bought(noon + seconds(s), n, 1), row);
  flow.trade(bought(noon + seconds(260), 0, 1), row);
  EXPECT_EQ(flow.trades_dropped(), 1U) << "all of it counts still";
  flow.trade(bought(noon + seconds(2'000), 0, 1), row);
  EXPECT_EQ(flow.trades_dropped(), 1U);
  EXPECT_EQ(flow.slots(), 1U);
}

TEST_F(DealerFlow, GoesOnFromACheckpoint) {
  dealer_flow flow(spx());
  const board_row row = row_of(5'000, market::right::put, 0.02);
  for (int i = 0; i < 100; ++i) flow.trade(bought(noon + seconds(i), 2, 1 + i % 7, i % 3 - 1), row);
  read(flow, noon + seconds(99));
  std::string bytes, again;
  archive_writer out(bytes);
  out(flow);
  dealer_flow resumed(spx());
  archive_reader in(bytes);
  in(resumed);
  ASSERT_TRUE(in.finished());
  archive_writer out_again(again);
  out_again(resumed);
  EXPECT_EQ(bytes, again);
  for (dealer_flow* f : {&flow, &resumed}) f->trade(bought(noon + seconds(100), 2, 9), row);
  EXPECT_EQ(read(flow, noon + seconds(101)), read(resumed, noon + seconds(101)));
}

TEST_F(DealerFlow, RefusesACheckpointThatContradictsItself) {
  dealer_flow flow(spx());
  flow.trade(bought(noon, 2, 9), row_of(5'000, market::right::put, 0.02));
  std::string bytes;
  archive_writer out(bytes);
  out(flow);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int bit : {0, 7}) {
      std::string hurt = bytes;
      hurt[i] = static_cast<char>(hurt[i] ^ (1 << bit));
      dealer_flow resumed(spx());
      archive_reader in(hurt);
      in(resumed);
      if (in.finished()) read(resumed, noon);  // what is believed breaks nothing
    }
  }
  bytes[8] = 3;  // the contract's number; the list of active ones still says 2
  dealer_flow resumed(spx());
  archive_reader in(bytes);
  in(resumed);
  EXPECT_FALSE(in.ok());
}

TEST_F(DealerFlow, CountsTradesWhoseGammaNobodyKnows) {
  dealer_flow flow(spx());
  flow.trade(bought(noon, 0, 5), row_of(5'000, market::right::call, 0));
  EXPECT_EQ(flow.trades_without_gamma(), 1U);
  EXPECT_EQ(read(flow, noon).volume, 5U);
}

TEST_F(DealerFlow, RefusesTradesWithoutSize) {
  dealer_flow flow(spx());
  EXPECT_EQ(flow.trade(bought(noon, 0, 0), row_of(5'000, market::right::call, 0.01)), 0);
  EXPECT_EQ(flow.trade(bought(noon, no_contract, 1), row_of(5'000, market::right::call, 0.01)), 0);
  EXPECT_EQ(flow.trades_dropped(), 2U);
  EXPECT_EQ(read(flow, noon), fuel_reading{});
}

}  // namespace
}  // namespace isobar::gamma_fuel
