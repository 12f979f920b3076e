#include "epoch-manager/domain/geometry_policy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "epoch-manager/domain/test_chain.hpp"

namespace isobar::epoch_manager {
namespace {

using namespace test;
using reasons = std::vector<epoch_reason>;

market::epoch_record record_of(new_geometry g, std::uint64_t id = 1) {
  market::epoch_record r;
  r.epoch.symbol = g.board.symbol;
  r.epoch.id = id;
  r.epoch.hash = g.board.hash();
  r.epoch.board = std::move(g.board);
  r.windows = std::move(g.windows);
  return r;
}

market::chain_snapshot two_expiries() {
  return chain_of({windowed(20251219, 6900, 100), windowed(20251222, 6900, 140)});
}

struct running : testing::Test {
  market::epoch_record now = record_of(*decide(nullptr, two_expiries(), widths));
  market::chain_snapshot chain = two_expiries();
  void expect_kept() { EXPECT_EQ(decide(&now, chain, widths), std::nullopt); }
  reasons why() {
    auto next = decide(&now, chain, widths);
    return next ? next->reasons : reasons{};
  }
};

using EpochTrigger = running;
using NoEpoch = running;
using Hysteresis = running;

// The triggers.

TEST_F(EpochTrigger, FirstChain) {
  const auto first = decide(nullptr, chain, widths);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->reasons, reasons{epoch_reason::first});
  ASSERT_EQ(first->board.planes.size(), 2u);
  EXPECT_EQ(first->board.planes[0].strikes.front(), points(6800));
  EXPECT_EQ(first->board.planes[0].strikes.back(), points(7000));
  EXPECT_EQ(first->board.planes[1].strikes.front(), points(6760));
  EXPECT_EQ(first->board.planes[0].strikes.size(), 41u);  // 200 points in steps of 5
  EXPECT_EQ(first->board.contract_count(), 2 * 41u + 2 * 57u);
  EXPECT_EQ(first->windows[1], (market::ladder_window{points(6900), strike_width(140 * point)}));
}

TEST_F(EpochTrigger, StrikeRangeExpandsOrContracts) {
  chain.expiries[0] = windowed(20251219, 6900, 130);  // 30 % more
  EXPECT_EQ(why(), reasons{epoch_reason::strike_range});
  chain.expiries[0] = windowed(20251219, 6900, 70);  // 30 % less
  EXPECT_EQ(why(), reasons{epoch_reason::strike_range});
}

TEST_F(EpochTrigger, StrikeRangeOfAChainWithoutWindowFollowsTheListing) {
  now = record_of(*decide(nullptr, chain_of({expiry(20251219, 6800, 7000)}), widths));
  chain = chain_of({expiry(20251219, 6800, 7050)});
  EXPECT_EQ(why(), reasons{epoch_reason::strike_range});
  chain = chain_of({expiry(20251219, 6850, 7000)});
  EXPECT_EQ(why(), reasons{epoch_reason::strike_range});
}

TEST_F(EpochTrigger, StrikeSpacingChanges) {
  chain.expiries[1] = windowed(20251222, 6900, 140, 10);
  EXPECT_EQ(why(), reasons{epoch_reason::strike_spacing});
}

TEST_F(EpochTrigger, OneStrikeAppearsOrVanishesInside) {
  auto& contracts = chain.expiries[0].contracts;
  contracts.erase(contracts.begin() + 60, contracts.begin() + 62);
  EXPECT_EQ(why(), reasons{epoch_reason::strike_spacing});
  chain = two_expiries();
  chain.expiries[0].contracts.erase(chain.expiries[0].contracts.begin() + 61);  // only the put
  EXPECT_EQ(why(), reasons{epoch_reason::strike_spacing});
}

TEST_F(EpochTrigger, WidthDomainChanges) {
  const auto next = decide(&now, chain, {strike_width(20 * point)});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->reasons, reasons{epoch_reason::widths});
}

TEST_F(EpochTrigger, ExpiriesEnterOrLeave) {
  chain.expiries.push_back(windowed(20251223, 6900, 150));
  EXPECT_EQ(why(), reasons{epoch_reason::dte_set});
  chain.expiries.pop_back();
  chain.expiries.pop_back();
  EXPECT_EQ(why(), reasons{epoch_reason::dte_set});
}

TEST_F(EpochTrigger, SettledExpiryLeavesThoughStillListed) {
  chain.ts_event = chain.expiries[0].settles_at;
  const auto next = decide(&now, chain, widths);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->reasons, reasons{epoch_reason::dte_set});
  ASSERT_EQ(next->board.planes.size(), 1u);
  EXPECT_EQ(next->board.planes[0].key.expiry, *from_yyyymmdd(20251222));
}

TEST_F(EpochTrigger, AmAndPmRootsOfOneDateAreTwoExpiries) {
  auto am = windowed(20251219, 6900, 100);
  am.key.root = "SPX";
  am.settles = market::settlement::am;
  chain.expiries.insert(chain.expiries.begin(), am);
  EXPECT_EQ(why(), reasons{epoch_reason::dte_set});
}

TEST_F(EpochTrigger, SeveralReasonsHoldAtOnce) {
  chain = chain_of({windowed(20251219, 7000, 100, 10), windowed(20251223, 7000, 140)});
  const auto next = decide(&now, chain, {strike_width(20 * point)});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->reasons, (reasons{epoch_reason::strike_range, epoch_reason::strike_spacing, epoch_reason::widths,
                                    epoch_reason::dte_set}));
}

// What must not begin an epoch: eight of the seed (5.2) and three of ours; the four that are no input of the policy are
// shown on the machine (epoch_machine_test.cpp).

TEST_F(NoEpoch, PriceChanges) {
  each_state(chain, [](auto& s) { s.bid = price(7 * point), s.ask = price(8 * point), s.last = price(7 * point); });
  chain.spot = price(6950 * point);
  expect_kept();
}
TEST_F(NoEpoch, ImpliedVolatilityChanges) {
  each_state(chain, [](auto& s) { s.implied_volatility = 0.31; });
  expect_kept();
}
TEST_F(NoEpoch, GreeksChange) {
  each_state(chain, [](auto& s) { s.gamma = 0.002; });
  expect_kept();
}
TEST_F(NoEpoch, VolumeChanges) {
  each_state(chain, [](auto& s) { s.volume = quantity(123), s.last_size = quantity(4); });
  expect_kept();
}
TEST_F(NoEpoch, OpenInterestChanges) {
  each_state(chain, [](auto& s) { s.open_interest = quantity(999); });
  expect_kept();
}
TEST_F(NoEpoch, QuotesComeAndGo) {  // dirty to clean and back
  each_state(chain, [](auto& s) { s.bid = s.ask = market::no_price; });
  expect_kept();
  each_state(chain, [](auto& s) { s.ask = price(1 * point), s.ts_quote = open_time; });
  expect_kept();
}
TEST_F(NoEpoch, MoneyMovesInsideTheInnerBand) {
  for (std::int64_t atm = 6850; atm <= 6950; atm += 5) {
    chain = chain_of({windowed(20251219, atm, 100), windowed(20251222, atm, 140)});
    expect_kept();
  }
}
TEST_F(NoEpoch, RequestedRangeFollowsVolatilityByAQuarter) {
  for (std::int64_t half = 75; half <= 125; half += 5) {
    chain.expiries[0] = windowed(20251219, 6900, half);
    expect_kept();
  }
}
TEST_F(NoEpoch, SourceAndTimeOfTheChainChange) {
  chain.source = "massive";
  chain.ts_event = open_time + seconds(3600);
  expect_kept();
}
TEST_F(NoEpoch, ChainWithoutAnyUsableExpiry) {
  chain.expiries.clear();
  expect_kept();
  chain = two_expiries();
  for (auto& e : chain.expiries) e.contracts.clear();
  expect_kept();
  EXPECT_EQ(decide(nullptr, chain, widths), std::nullopt);
}

// Hysteresis.

TEST_F(Hysteresis, MoneyBeyondTheInnerBandMovesEveryExpiryAtOnce) {
  chain = chain_of({windowed(20251219, 6955, 100), windowed(20251222, 6955, 140)});
  const auto next = decide(&now, chain, widths);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->reasons, reasons{epoch_reason::strike_range});
  EXPECT_EQ(next->windows[0].anchor, points(6955));
  EXPECT_EQ(next->windows[1].anchor, points(6955));  // 55 is inside its own band of 70
  now = record_of(*next, 2);
  expect_kept();
}

TEST_F(Hysteresis, AtTheEdgeOfTheBandNothingFlaps) {
  for (int i = 0; i < 6; ++i) {
    const auto atm = i % 2 ? 6955 : 6945;
    chain = chain_of({windowed(20251219, atm, 100), windowed(20251222, atm, 140)});
    if (auto next = decide(&now, chain, widths)) now = record_of(*next, now.epoch.id + 1);
  }
  EXPECT_EQ(now.epoch.id, 2u);
}

TEST_F(Hysteresis, StrikesBeyondTheChainsReachStay) {
  // 50 points up and a range of 80: the chain reaches down to 6830 only, the ladder to 6800.
  chain.expiries[0] = windowed(20251219, 6950, 80);
  expect_kept();
}

TEST_F(Hysteresis, NewExpiryGetsItsOwnAnchor) {
  chain = chain_of({windowed(20251219, 6920, 100), windowed(20251222, 6920, 140), windowed(20251223, 6920, 150)});
  const auto next = decide(&now, chain, widths);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->reasons, reasons{epoch_reason::dte_set});
  EXPECT_EQ(next->windows[0].anchor, points(6900));
  EXPECT_EQ(next->windows[2].anchor, points(6920));
}

// Laws.

market::chain_snapshot any_chain() {
  const auto in = [](std::int64_t a, std::int64_t b) { return *rc::gen::resize(100, rc::gen::inRange(a, b)); };
  std::vector<market::expiry_chain> out;
  for (const auto day : {20251219, 20251222, 20251223}) {
    if (in(0, 3) == 0) continue;
    const auto atm = 6900 + 5 * in(-20, 21), half = in(0, 4) ? 50 + 10 * in(0, 6) : 0;
    auto e = half ? windowed(day, atm, half, in(0, 4) ? 5 : 10) : expiry(day, atm - 100, atm + 100);
    if (in(0, 3) == 0) e.contracts.erase(e.contracts.begin() + static_cast<std::ptrdiff_t>(in(0, 20)));
    out.push_back(std::move(e));
  }
  return chain_of(std::move(out));
}

RC_GTEST_PROP(GeometryPolicy, HashesDifferExactlyWhenReasonsAreNamed, ()) {
  const auto a = decide(nullptr, any_chain(), widths), b = decide(nullptr, any_chain(), widths);
  RC_PRE(a.has_value() && b.has_value());
  RC_ASSERT((a->board.hash() == b->board.hash()) == reasons_between(a->board, b->board).empty());
}

RC_GTEST_PROP(GeometryPolicy, TheSameChainTwiceNeverMakesASecondEpoch, ()) {
  const auto before = decide(nullptr, any_chain(), widths);
  RC_PRE(before.has_value());
  const auto now = record_of(*before);
  const auto chain = any_chain();
  const auto next = decide(&now, chain, widths);
  if (!next) return;
  RC_ASSERT(!next->reasons.empty());
  RC_ASSERT(next->board.hash() != now.epoch.hash);
  const auto then = record_of(*next, 2);
  RC_ASSERT(!decide(&then, chain, widths).has_value());
}

}  // namespace
}  // namespace isobar::epoch_manager
