#include "sim/customers.hpp"

#include <gtest/gtest.h>

#include <map>

#include "market/option_chain.hpp"
#include "sim/dealer_session.hpp"

namespace isobar::sim {
namespace {

using market::option_event;
using market::right;

config short_session() {
  config c;
  c.trade_ratio = 0.2;
  c.geometry_change_every = seconds(1);
  return c;
}

TEST(Customers, ViewsGiveDealersTheOtherSide) {
  const customer_view above{right::call, 7'000, 6'900, true}, below{right::put, 6'800, 6'900, true};
  const customer_view later{right::put, 6'800, 6'900, false}, deep{right::call, 6'800, 6'900, true};
  EXPECT_EQ(view_of(customer_flow::classic, above), -1);
  EXPECT_EQ(view_of(customer_flow::classic, below), 1);
  EXPECT_EQ(view_of(customer_flow::classic, deep), 0);
  EXPECT_EQ(view_of(customer_flow::inverse, above), 1);
  EXPECT_EQ(view_of(customer_flow::inverse, below), -1);
  EXPECT_EQ(view_of(customer_flow::buy_zero_dte, deep), 1);
  EXPECT_EQ(view_of(customer_flow::buy_zero_dte, later), 0);
  EXPECT_EQ(view_of(customer_flow::balanced, above), 0);
  const customer_config classic;
  EXPECT_EQ(opening_holdings(classic, above, 101).dealers(), 50);
  EXPECT_EQ(opening_holdings(classic, below, 101).dealers(), -50);
  EXPECT_EQ(opening_holdings(classic, deep, 101).dealers(), 0);
  for (const auto& v : {above, below, deep}) {
    const holdings h = opening_holdings(classic, v, 101);
    EXPECT_EQ(std::max(h.customers_long, h.customers_short), 101);
    EXPECT_GE(std::min(h.customers_long, h.customers_short), 0);
  }
}

TEST(Customers, NamesAreReadAsTheyAreWritten) {
  for (const customer_flow f :
       {customer_flow::balanced, customer_flow::classic, customer_flow::inverse, customer_flow::buy_zero_dte})
    EXPECT_EQ(parse_customer_flow(to_string(f)), f);
  EXPECT_FALSE(parse_customer_flow("bullish"));
}

TEST(Customers, NeverCloseMoreThanTheyHold) {
  customer_config c;
  c.close_ratio = 0.7;
  customers crowd(1, c);
  holdings h;
  for (int i = 0; i < 5'000; ++i) {
    crowd.next({right::put, 6'800, 6'900, true}, 1 + i % 7, 0, h);
    ASSERT_GE(h.customers_long, 0);
    ASSERT_GE(h.customers_short, 0);
  }
}

TEST(Customers, PricesInsideLieBetweenTheQuotesOrAreTheQuotes) {
  const market::root_spec& root = market::roots_of("SPX").back();
  const auto cents = [](std::int64_t c) { return price(c * 10'000'000); };
  const auto at = [&](bool buys, bool mid, std::int64_t bid, std::int64_t ask) {
    return price_of({.buys = buys, .opens = true, .inside = true, .at_mid = mid}, cents(bid), cents(ask), root);
  };
  EXPECT_EQ(at(true, true, 100, 120), cents(110));
  EXPECT_EQ(at(true, true, 100, 115), cents(110));   // rounded towards the ask
  EXPECT_EQ(at(false, true, 100, 115), cents(105));  // towards the bid
  EXPECT_EQ(at(true, false, 100, 120), cents(115));
  EXPECT_EQ(at(false, false, 100, 120), cents(105));
  EXPECT_EQ(at(true, false, 100, 105), cents(105));  // no room
  EXPECT_EQ(at(false, true, 100, 105), cents(100));
  EXPECT_EQ(price_of({.buys = true}, cents(100), cents(120), root), cents(120));
  EXPECT_EQ(price_of({.buys = false}, cents(100), cents(120), root), cents(100));
}

TEST(DealerSession, PositionsAreTheOpeningsLessWhatCustomersBought) {
  const dealer_session s = run_dealer_session(short_session(), seconds(4));
  std::map<market::option_id, std::int64_t> bought;
  std::uint64_t lots = 0;
  for (const customer_trade& t : s.trades) {
    bought[t.id] += t.buys ? t.size.value : -t.size.value;
    lots += static_cast<std::uint64_t>(t.size.value);
  }
  ASSERT_GT(bought.size(), 200u);
  EXPECT_EQ(lots, s.counters.bought_lots + s.counters.sold_lots);
  EXPECT_EQ(lots, s.counters.opened_lots + s.counters.closed_lots);
  EXPECT_GT(s.counters.closed_lots, 0u);
  for (const dealer_strike& k : s.truth) {
    EXPECT_EQ(k.calls - k.calls_opened, -(bought[{k.expiry.root, k.expiry.expiry, right::call, k.strike}]));
    EXPECT_EQ(k.puts - k.puts_opened, -(bought[{k.expiry.root, k.expiry.expiry, right::put, k.strike}]));
  }
}

TEST(DealerSession, PositionsHoldExactlyTheEventsBeforeNow) {
  option_market whole(short_session()), parts(short_session());
  std::vector<option_event> events, seen;
  whole.advance(whole.now() + milliseconds(400), events);
  timestamp before = start_of_time;
  for (const option_event& e : events) {
    if (e.kind != option_event::kind::trade || e.ts_event == before) continue;
    before = e.ts_event;
    parts.advance(e.ts_event, seen);
    const std::int64_t held = parts.dealer_position(e.id);
    parts.advance(e.ts_event + duration_ns{1}, seen);
    EXPECT_EQ(std::abs(parts.dealer_position(e.id) - held), e.size.value);
  }
  parts.advance(whole.now(), seen);
  for (const market::option_id& id : whole.listed()) ASSERT_EQ(whole.dealer_position(id), parts.dealer_position(id));
  EXPECT_EQ(whole.dealer_position({"SPXW", {}, right::call, {}}), 0);
}

TEST(DealerSession, TradesPrintOnTheCustomersSideOrInside) {
  config c = short_session();
  c.customers.inside_ratio = 0.3;
  const dealer_session s = run_dealer_session(c, seconds(4));
  std::map<market::option_id, option_event> quotes;
  std::size_t next = 0, inside = 0;
  for (const option_event& e : s.events) {
    if (e.kind == option_event::kind::quote) {
      quotes[e.id] = e;
      continue;
    }
    const customer_trade& t = s.trades.at(next++);
    ASSERT_EQ(t.id, e.id);
    ASSERT_EQ(t.sequence, e.sequence);
    const option_event& q = quotes.at(e.id);
    if (e.last == (t.buys ? q.ask : q.bid)) continue;
    EXPECT_LT(e.last, q.ask);
    EXPECT_GT(e.last, q.bid);
    const price mid{(q.bid.value + q.ask.value) / 2};
    EXPECT_TRUE(t.buys ? e.last >= mid : e.last <= mid);
    ++inside;
  }
  EXPECT_EQ(next, s.trades.size());
  EXPECT_EQ(inside, s.counters.inside_trades);
  // Spreads of one tick leave no room.
  EXPECT_GT(static_cast<double>(inside), 0.15 * static_cast<double>(s.trades.size()));
  EXPECT_GT(s.counters.mid_trades, inside / 4);
}

/// Whoever trades, the quotes and the sizes and times of trades are the same.
TEST(DealerSession, CustomersDoNotMoveQuotes) {
  config other = short_session();
  other.customers = {customer_flow::buy_zero_dte, 0.1, 0.9, 0.9, 0};
  const dealer_session a = run_dealer_session(short_session(), seconds(2)), b = run_dealer_session(other, seconds(2));
  ASSERT_EQ(a.events.size(), b.events.size());
  std::size_t differ = 0;
  for (std::size_t i = 0; i < a.events.size(); ++i) {
    option_event x = a.events[i];
    differ += x.last != b.events[i].last;
    x.last = b.events[i].last;
    ASSERT_EQ(x, b.events[i]);
  }
  EXPECT_GT(differ, 100u);
}

TEST(DealerSession, TheSignOfGammaFollowsTheFlow) {
  const auto total = [](customer_flow flow, bool calls) {
    config c = short_session();
    c.customers.flow = flow;
    double above = 0, below = 0;
    const dealer_session s = run_dealer_session(c, seconds(5));
    for (const dealer_strike& k : s.truth)
      (to_double(k.strike) > to_double(s.closing.spot) ? above : below) += k.change();
    return calls ? above : below;
  };
  EXPECT_GT(total(customer_flow::classic, true), 0);
  EXPECT_LT(total(customer_flow::classic, false), 0);
  EXPECT_LT(total(customer_flow::inverse, true), 0);
  EXPECT_GT(total(customer_flow::inverse, false), 0);
  EXPECT_LT(total(customer_flow::buy_zero_dte, true), 0);
  EXPECT_LT(total(customer_flow::buy_zero_dte, false), 0);
}

}  // namespace
}  // namespace isobar::sim
