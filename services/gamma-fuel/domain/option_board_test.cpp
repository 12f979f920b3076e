#include "gamma-fuel/domain/option_board.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "gamma-fuel/domain/board_fixture.hpp"
#include "market/implied_volatility.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

standing state_of(option_board& b, contract_number n, double underlying = 6900, timestamp t = morning) {
  b.price(t, underlying);
  return b.row(n).state;
}

TEST(OptionBoard, IteratesByExpiryRootStrikeRightWhateverTheListing) {
  option_board b{spx_config()};
  const auto d = b.list(contract(6900, put, today, "SPXW"));
  const auto a = b.list(contract(6900, put, today, "SPX"));
  const auto e = b.list(contract(6800, call, today + 1));
  const auto c = b.list(contract(6900, call, today, "SPXW"));
  const std::vector<contract_number> expected{a, c, d, e};
  EXPECT_TRUE(std::ranges::equal(b.in_order(), expected));
  const auto first = b.list(contract(6700, call, today, "SPX"));
  EXPECT_EQ(b.in_order().front(), first);
  EXPECT_EQ(b.find(contract(6800, call, today + 1).id), e);
  EXPECT_EQ(b.find(contract(6805, call).id), std::nullopt);
}

TEST(OptionBoard, ListsAContractOnceAndRefreshesWhatIsSaidOfIt) {
  option_board b{spx_config()};
  option_contract c = contract(6900, call);
  const auto n = b.list(c);
  c.multiplier = 50;
  EXPECT_EQ(b.list(c), n);
  EXPECT_EQ(b.row(n).contract.multiplier, 50);
  EXPECT_EQ(b.size(), 1u);
}

TEST(OptionBoard, RefusesContractsThatCannotBe) {
  option_board b{spx_config()};
  option_contract c = contract(0, call);
  EXPECT_EQ(b.list(c), no_contract);
  c = contract(6900, call);
  c.multiplier = 0;
  EXPECT_EQ(b.list(c), no_contract);
  c = contract(6900, call);
  c.id.strike = strike(INT64_MAX);
  EXPECT_EQ(b.list(c), no_contract);
  EXPECT_EQ(b.counters().not_listed, 3u);
}

TEST(OptionBoard, NamesWhyAContractHasNoGreeks) {
  gamma_config config = spx_config();
  config.pricing.forward = forward_rule::carry;
  config.pricing.quote_stale = seconds(60);
  option_board b{config};
  const auto n = b.list(contract(6900, call));
  EXPECT_EQ(state_of(b, n), standing::no_quote);
  b.apply(quote(n, 12, 11));
  EXPECT_EQ(state_of(b, n), standing::crossed);
  option_event one = quote(n, 12, 13);
  one.bid = market::no_price;
  b.apply(one);
  EXPECT_EQ(state_of(b, n), standing::one_sided);
  b.apply(quote(n, 0, 13));
  EXPECT_EQ(state_of(b, n), standing::zero_bid_wide);
  b.apply(quote(n, 0, 0));
  EXPECT_EQ(state_of(b, n), standing::no_quote);
  b.apply(quote(n, 11.9, 12.1));
  EXPECT_EQ(state_of(b, n), standing::priced);
  EXPECT_EQ(state_of(b, n, 6900, morning + seconds(61)), standing::stale);
  EXPECT_EQ(b.row(n).gamma, 0);
  EXPECT_EQ(state_of(b, n, 6900, morning + seconds(60)), standing::priced);
  EXPECT_EQ(state_of(b, n, 0), standing::no_forward);
  EXPECT_EQ(state_of(b, n, std::numeric_limits<double>::quiet_NaN()), standing::no_forward);
  EXPECT_EQ(state_of(b, n, std::numeric_limits<double>::infinity()), standing::no_forward);
  b.apply(quote(n, 6950, 6951));
  EXPECT_EQ(state_of(b, n), standing::no_volatility);
  EXPECT_EQ(b.row(n).why, market::no_volatility::above_maximum);
  EXPECT_EQ(state_of(b, n, 6900, morning + seconds(86'400)), standing::expired);
}

TEST(OptionBoard, TakesAZeroBidOnlyWithinTwoTicks) {
  option_board b{spx_config()};
  const auto n = b.list(contract(7000, call));
  b.apply(quote(n, 0, 0.10));
  EXPECT_EQ(state_of(b, n), standing::priced);
  b.apply(quote(n, 0, 0.15));
  EXPECT_EQ(state_of(b, n), standing::zero_bid_wide);
}

TEST(OptionBoard, SolvesTheMidsVolatilityAndItsGreeks) {
  gamma_config config = spx_config();
  config.pricing.forward = forward_rule::carry;
  config.pricing.rate = 0;
  option_board b{config};
  const auto n = add(b, contract(6925, call), 6900, 0.17, 1'500);
  b.price(morning, 6900);
  const board_row r = b.row(n);
  const double years = market::years_to(r.contract.settles_at, morning);
  const double mid = (to_double(r.bid) + to_double(r.ask)) / 2;
  const market::pricing_input at{6900, 6925, years, 0, r.sigma};
  EXPECT_NEAR(market::black_76_price(call, at), mid, 1e-9);
  const auto g = market::black_76_greeks(call, at);
  EXPECT_NEAR(r.delta, g.delta, 1e-12);
  EXPECT_NEAR(r.gamma, g.gamma, 1e-12 * g.gamma);
  EXPECT_NEAR(r.vanna, g.vanna, 1e-9 * std::abs(g.vanna));
  EXPECT_NEAR(r.charm, g.charm, 1e-9 * std::abs(g.charm));
}

TEST(OptionBoard, SolvesAgainOnlyWhatWasQuotedOrWhoseForwardMoved) {
  option_board b{spx_config()};
  fill(b, 6800, 7000, 25, 6900);
  b.price(morning, 6900);
  const auto solved = b.counters().solved;
  EXPECT_EQ(solved, b.size());
  b.price(morning + seconds(1), 6901);  // the same parity pair: the same forward
  EXPECT_EQ(b.counters().solved, solved);
  const double gamma = b.row(0).gamma;
  b.price(morning + seconds(3'600), 6901);
  EXPECT_EQ(b.counters().solved, solved);
  EXPECT_NE(b.row(0).gamma, gamma) << "greeks follow time";
  b.apply(quote(0, 99, 102));
  b.price(morning + seconds(3'600), 6901);
  EXPECT_EQ(b.counters().solved, solved + 1);
}

TEST(OptionBoard, TakesTheForwardOfTheNearestPairThatHasBothLegs) {
  option_board b{spx_config()};
  const auto pair = [&](double k, double c, double p) {
    b.apply(quote(b.list(contract(k, call)), c - 0.05, c + 0.05));
    b.apply(quote(b.list(contract(k, put)), p - 0.05, p + 0.05));
  };
  pair(6890, 20, 8);  // forward 6902
  pair(6910, 9, 16);  // forward 6903
  const auto lonely = b.list(contract(6900, call));
  b.apply(quote(lonely, 13, 13.1));
  b.price(morning, 6900);
  ASSERT_EQ(b.columns().expiries.size(), 1u);
  EXPECT_EQ(b.columns().expiries[0].parity_strike, at_strike(6890)) << "ties go to the lower strike";
  EXPECT_NEAR(b.columns().expiries[0].forward, 6902, 0.01);
  b.price(morning, 6905);
  EXPECT_EQ(b.columns().expiries[0].parity_strike, at_strike(6910));
  option_event gone = quote(*b.find(contract(6910, put).id), 1, 2);
  gone.bid = market::no_price;
  b.apply(gone);
  b.price(morning, 6905);
  EXPECT_EQ(b.columns().expiries[0].parity_strike, at_strike(6890));
}

TEST(OptionBoard, CarriesTheUnderlyingWhereThereIsNoPair) {
  gamma_config config = spx_config();
  config.pricing.dividend_yield = 0.02;
  option_board b{config};
  b.apply(quote(b.list(contract(6900, call, today + 365)), 500, 501));
  b.price(morning, 6900);
  const board_expiry& e = b.columns().expiries[0];
  EXPECT_EQ(e.parity_strike, std::nullopt);
  EXPECT_NEAR(e.forward, 6900 * std::exp(0.03 * e.years), 1e-9);
}

/// A board of one contract, told what is open and what customers did.
struct one_contract {
  option_board board{spx_config()};
  contract_number n = board.list(contract(6900, call, today + 60));
  int day = 0;
  /// Stated on the next day.
  std::int64_t after_interest(std::int64_t lots) {
    ++day;
    return after_another(lots);
  }
  std::int64_t after_another(std::int64_t lots) {
    board.apply(interest(n, lots, morning + seconds(86'400 * day)));
    return position();
  }
  std::int64_t after_trade(std::int64_t lots) {
    board.take_customer_trade(n, lots);
    return position();
  }
  std::int64_t position() const { return board.row(n).dealer_position; }
};

TEST(OptionBoard, DealersTakeTheOtherSide) {
  one_contract c;
  EXPECT_EQ(c.after_trade(30), -30);
  EXPECT_EQ(c.after_trade(-50), 20) << "30 closed, 20 opened";
  EXPECT_EQ(c.after_interest(10), 20) << "the first says nothing of what these trades did";
  EXPECT_EQ(c.after_trade(-5), 25);
  c.board.take_customer_trade(no_contract, 5);
  EXPECT_EQ(c.after_trade(INT64_MIN), (std::int64_t{1} << 40));
}

TEST(OptionBoard, ANewOpenInterestSaysHowManyTradesOpened) {
  // All 40 opened, and others besides.
  one_contract all;
  all.after_interest(1'000);
  all.after_trade(40);
  EXPECT_EQ(all.after_interest(1'040), -40);
  EXPECT_EQ(all.after_interest(1'100), -40);

  // Only 25 are more open than before: 15 were bought back by customers who had been short all along.
  one_contract some;
  some.after_interest(1'000);
  some.after_trade(40);
  EXPECT_EQ(some.after_interest(1'025), -25);
  EXPECT_EQ(some.after_interest(1'000), -25) << "no trade since: others closed";

  // Opened 60, closed 20 again: 40 more if nothing else were; 1030 were stated.
  one_contract both;
  both.after_interest(1'000);
  both.after_trade(-60);
  EXPECT_EQ(both.after_trade(20), 40);
  EXPECT_EQ(both.after_interest(1'030), 30);

  // Never more than was opened since: what was known before stands.
  one_contract known;
  known.after_interest(1'000);
  known.after_trade(40);
  known.after_interest(1'040);
  known.after_trade(10);
  EXPECT_EQ(known.after_interest(500), -40);
  known.after_trade(-10);
  EXPECT_EQ(known.after_interest(400), -30) << "closing trades open nothing";
}

TEST(OptionBoard, TwoSourcesThatDifferEraseNothing) {
  one_contract c;
  c.after_interest(1'000);
  c.after_trade(40);
  EXPECT_EQ(c.after_another(500), -40);
  EXPECT_EQ(c.after_another(1'000), -40);
  EXPECT_EQ(c.after_interest(1'030), -30) << "the next day's counts";
}

TEST(OptionBoard, APositionIsNoLargerThanWhatIsOpen) {
  one_contract c;
  c.after_interest(1'000);
  c.after_trade(300);
  EXPECT_EQ(c.after_interest(1'300), -300);
  EXPECT_EQ(c.after_interest(200), -200);
  EXPECT_EQ(c.after_interest(0), 0);
}

TEST(OptionBoard, OpenInterestTakenBackAndSaidAgainErasesNothing) {
  one_contract c;
  c.after_interest(10);
  c.after_trade(25);
  EXPECT_EQ(c.after_interest(10), -25) << "the same number again";
  EXPECT_EQ(c.after_interest(market::no_quantity.value), -25);
  EXPECT_EQ(c.board.row(c.n).open_interest, market::no_quantity);
  EXPECT_EQ(c.after_interest(10), -25) << "a base frame says it anew";
  EXPECT_EQ(c.board.row(c.n).open_interest.value, 10);
  c.after_interest(market::no_quantity.value);
  EXPECT_EQ(c.after_interest(22), -12) << "what is new counts from the last number: 12 of 25 opened";
}

TEST(OptionBoard, SettledContractsLeaveAfterSomeDaysAndKeepTheirNumbers) {
  option_board b{spx_config()};
  const auto old = b.list(contract(6900, call)), young = b.list(contract(6900, call, today + 7));
  const auto on = [&](std::int64_t days) {
    b.apply(quote(young, 1, 2, morning + seconds(days * 86'400)));
    return b.in_order().size();
  };
  EXPECT_EQ(on(0), 2u);
  EXPECT_EQ(on(3), 2u) << "settled at 21:00 three days ago: not whole days yet";
  EXPECT_EQ(on(4), 1u);
  EXPECT_EQ(b.counters().settled, 1u);
  EXPECT_EQ(b.row(old).contract.id, contract(6900, call).id);
  EXPECT_EQ(b.find(contract(6900, call).id), old);
  EXPECT_EQ(b.list(contract(6905, call, today + 7)), 2u) << "there is room: no number is given anew";
}

TEST(OptionBoard, GivesTheNumbersOfSettledContractsAnewWhenAllAreOut) {
  option_board b{spx_config()};
  for (std::size_t i = 0; i < option_board::contracts_max; ++i) {
    const date expiry = i % 1'000 == 7 ? today : today + 30;
    ASSERT_EQ(b.list(contract(1'000 + 0.05 * static_cast<double>(i), call, expiry)), i);
  }
  const auto fresh = [](int k) { return contract(k, put, today + 30); };
  b.take_customer_trade(7, 5);
  b.apply(quote(1, 1, 2));
  EXPECT_EQ(b.list(fresh(100)), no_contract) << "none has settled";
  b.apply(quote(1, 1, 2, morning + seconds(4 * 86'400)));
  EXPECT_EQ(b.list(fresh(100)), 7u);
  EXPECT_EQ(b.row(7).dealer_position, 0) << "nothing of the one before";
  EXPECT_EQ(b.row(7).contract, fresh(100));
  EXPECT_EQ(b.find(contract(1'000.35, call).id), std::nullopt);
  EXPECT_EQ(b.list(fresh(101)), 1'007u);
  for (int i = 2; i < 200; ++i) ASSERT_NE(b.list(fresh(100 + i)), no_contract);
  EXPECT_EQ(b.list(fresh(500)), no_contract);
  EXPECT_EQ(b.list(fresh(100)), 7u) << "known ones need no room";
  EXPECT_EQ(b.size(), option_board::contracts_max);
  EXPECT_EQ(b.in_order().size(), option_board::contracts_max);
  EXPECT_EQ(b.counters().numbers_reused, 200u);
  EXPECT_EQ(b.counters().not_listed, 2u);
}

TEST(OptionBoard, CountsVolumeByExchangeDay) {
  option_board b{spx_config()};
  const auto n = b.list(contract(6900, call, today + 7));
  b.apply(trade(n, 5));
  b.apply(trade(n, 7, morning + seconds(60)));
  EXPECT_EQ(b.row(n).volume.value, 12);
  b.apply(trade(n, 3, morning + seconds(86'400)));
  EXPECT_EQ(b.row(n).volume.value, 3);
  b.apply(trade(n, 1, morning));
  EXPECT_EQ(b.row(n).volume.value, 3) << "of the day before";
}

TEST(OptionBoard, CountsEveryEventOnce) {
  option_board b{spx_config()};
  const auto n = b.list(contract(6900, call));
  b.apply(quote(n, 1, 2));
  b.apply(trade(n, 5));
  b.apply(trade(n, 0));
  b.apply(interest(n, 5));
  b.apply(quote(99, 1, 2));
  option_event odd = quote(n, 1, 2);
  odd.kind = option_event_kind{77};
  b.apply(odd);
  b.apply(quote(n, -1, 2));
  b.apply(delist(n));
  const board_counters& c = b.counters();
  EXPECT_EQ(c.events, 8u);
  EXPECT_EQ(c.events, c.quotes + c.trades + c.interests + c.delistings + c.refused);
  EXPECT_EQ(c.refused, 3u);
  EXPECT_EQ(c.absurd_prices, 1u);
}

TEST(OptionBoard, KeepsAbsurdCountsAndTimesOut) {
  option_board b{spx_config()};
  const auto n = b.list(contract(6900, call));
  b.apply(interest(n, INT64_MAX));
  EXPECT_EQ(b.row(n).open_interest, market::no_quantity);
  b.apply(interest(n, 5, {-1}));
  b.apply(interest(n, 5, {INT64_MAX}));
  EXPECT_EQ(b.counters().refused, 2u);
  for (int i = 0; i < 3; ++i) {
    b.apply(trade(n, INT64_MAX));
    b.take_customer_trade(n, INT64_MIN);
  }
  EXPECT_EQ(b.row(n).volume.value, std::int64_t{1} << 40);
  EXPECT_EQ(b.row(n).dealer_position, std::int64_t{1} << 40);
  option_contract c = contract(6950, call);
  c.settles_at = {INT64_MIN};
  EXPECT_EQ(b.list(c), no_contract);
}

TEST(OptionBoard, DelistedContractsLeaveAndMayComeBack) {
  option_board b{spx_config()};
  fill(b, 6890, 6910, 5, 6900);
  b.price(morning, 6900);
  const double gamma = b.row(2).gamma;
  b.apply(delist(2));
  EXPECT_EQ(b.in_order().size(), b.size() - 1);
  b.price(morning, 6900);
  EXPECT_EQ(b.row(2).gamma, 0);
  EXPECT_EQ(b.list(b.row(2).contract), 2u);
  b.price(morning, 6900);
  EXPECT_EQ(b.row(2).gamma, gamma);
}

TEST(OptionBoard, PricesAmericanOptionsAsSuch) {
  gamma_config config = spx_config();
  config.pricing.forward = forward_rule::carry;
  config.pricing.rate = 0.05;
  config.pricing.dividend_yield = 0.05;
  option_board b{config};
  option_contract european = contract(5000, put, today + 200, "ES"), american = european;
  american.id.root = "EZ";
  american.american = true;
  american.settles_at = european.settles_at;
  const auto e = b.list(european), a = b.list(american);
  b.apply(quote(e, 210, 211));
  b.apply(quote(a, 210, 211));
  b.price(morning, 4900);
  EXPECT_EQ(b.row(a).state, standing::priced);
  EXPECT_LT(b.row(a).sigma, b.row(e).sigma) << "the right to exercise early is worth something";
  EXPECT_GT(b.row(a).gamma, 0);
}

TEST(OptionBoard, ComesBackFromACheckpointToTheSameBytes) {
  option_board b{spx_config()};
  fill(b, 6800, 7000, 10, 6900);
  fill(b, 6800, 7000, 25, 6910, today + 30, "SPX");
  b.take_customer_trade(3, 12);
  b.apply(trade(5, 9));
  b.price(morning, 6900);
  b.apply(quote(7, 80, 81));
  const std::string bytes = saved(b);

  option_board again{spx_config()};
  archive_reader in(bytes);
  in(again);
  ASSERT_TRUE(in.finished());
  for (contract_number n = 0; n < b.size(); ++n) ASSERT_EQ(b.row(n), again.row(n));
  for (option_board* both : {&b, &again}) {
    both->apply(quote(9, 70, 71));
    both->price(morning + seconds(5), 6903);
  }
  for (contract_number n = 0; n < b.size(); ++n) ASSERT_EQ(b.row(n), again.row(n));
  EXPECT_EQ(saved(b), saved(again));

  for (const std::size_t cut : {std::size_t{0}, std::size_t{9}, bytes.size() / 2, bytes.size() - 1}) {
    option_board torn{spx_config()};
    archive_reader part(std::string_view(bytes).substr(0, cut));
    part(torn);
    EXPECT_FALSE(part.finished());
  }
}

}  // namespace
}  // namespace isobar::gamma_fuel
