#include "sim/futures_market.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "market/order_book.hpp"
#include "sim/futures_book.hpp"

namespace isobar::sim {
namespace {

using market::book_action;
using market::book_event;
using market::book_side;
namespace flag = market::event_flag;

futures_market_config session(std::uint64_t seed = 7) {
  futures_market_config c;
  c.seed = seed;
  c.path.seed = seed;
  c.path.start = c.start;
  c.auction = seconds(5);
  c.orders = 3'000;
  return c;
}

/// A session in which everything happens often.
futures_market_config lively(std::uint64_t seed = 7) {
  futures_market_config c = session(seed);
  c.events_per_second = 2'500;
  c.walls_per_minute = 60;
  c.stop_runs_per_hour = 1'200;
  c.path.jumps_per_hour = 120;
  c.burst_every = seconds(5);
  return c;
}

std::vector<book_event> run(futures_market& m, duration_ns length) {
  std::vector<book_event> out;
  m.advance(m.configuration().start + length, out);
  return out;
}

std::vector<book_event> run(const futures_market_config& c, duration_ns length) {
  futures_market m(c);
  return run(m, length);
}

TEST(FuturesMarket, DoesNotDependOnHowAdvanceIsCalled) {
  const futures_market_config c = lively();
  const auto whole = run(c, seconds(12));
  ASSERT_GT(whole.size(), 10'000u);
  futures_market m(c);
  std::vector<book_event> parts;
  random r(1, 1);
  while (m.now() < c.start + seconds(12)) {
    // Whole steps, parts of steps, nothing at all.
    const duration_ns stride{static_cast<std::int64_t>(r.below(2) == 0 ? r.below(3'000'000) : r.below(400'000'000))};
    const timestamp from = m.now();
    const std::size_t before = parts.size();
    m.advance(std::min(from + stride, c.start + seconds(12)), parts);
    for (std::size_t i = before; i < parts.size(); ++i) {
      ASSERT_GE(delivered_at(parts[i], c.start), from);
      ASSERT_LT(delivered_at(parts[i], c.start), m.now());
    }
  }
  EXPECT_EQ(parts, whole);
  std::vector<book_event> nothing;
  m.advance(c.start, nothing);
  EXPECT_TRUE(nothing.empty());
}

TEST(FuturesMarket, EqualSeedsGiveEqualBytesAndOthersDoNot) {
  EXPECT_EQ(run(session(3), seconds(7)), run(session(3), seconds(7)));
  EXPECT_NE(run(session(3), seconds(7)), run(session(4), seconds(7)));
}

/// An order_book that is told what the market says, and what a venue would never say about it.
struct follower {
  explicit follower(price tick) : book({.tick = tick}) {}

  market::book_change apply(const book_event& e) {
    const auto known = book.find(e.order);
    if (e.action == book_action::cancel)  // names the whole order
      odd += !known || e.size != known->size || e.side != known->side;
    const market::book_change c = book.apply(e);
    odd += c.refused != market::book_refusal::none;
    live |= !e.has(flag::snapshot);
    went_back += live && e.ts_event < last;
    last = e.ts_event;
    crossed += c.event_end && book.crossed();
    filled += c.filled;
    traded += c.traded;
    return c;
  }

  market::order_book book;
  std::uint64_t odd = 0, went_back = 0, crossed = 0, filled = 0, traded = 0;
  timestamp last;
  bool live = false;
};

TEST(FuturesMarket, RecordsRebuildTheTruth) {
  for (const std::uint64_t seed : {7, 8, 9}) {
    futures_market m(lively(seed));
    follower seen(m.configuration().tick);
    std::vector<book_event> out;
    for (int i = 1; i <= 150; ++i) {
      out.clear();
      m.advance(m.configuration().start + milliseconds(100 * i), out);
      for (const book_event& e : out) seen.apply(e);
      ASSERT_EQ(seen.odd + seen.went_back, 0u) << i;
      ASSERT_EQ(seen.book.trust(), market::book_trust::whole);
      ASSERT_FALSE(seen.book.inside_event());
      for (const book_side side : {book_side::bid, book_side::ask}) {
        ASSERT_EQ(seen.book.best(side)->tick, m.book().best(side)) << i;
        ASSERT_EQ(seen.book.total_orders(side), m.book().live(side)) << i;
        std::vector<market::book_level> levels;
        seen.book.depth(side, SIZE_MAX, levels);
        for (const market::book_level& l : levels) {
          ASSERT_EQ(l.size, m.book().level(side, l.tick).lots) << i << ' ' << l.tick;
          ASSERT_EQ(l.orders, m.book().level(side, l.tick).orders) << i << ' ' << l.tick;
        }
      }
    }
    EXPECT_EQ(seen.traded, m.counters().traded_lots);
    // Decisions 11: fills are trades, less what was hidden, plus the auction's second side.
    EXPECT_EQ(seen.filled, m.counters().traded_lots - m.counters().hidden_lots + m.counters().auction_lots);
    EXPECT_GT(seen.filled, 1'000u);
  }
}

TEST(FuturesMarket, NothingIsLostBetweenAddsPullsAndFills) {
  const futures_market_config c = lively();
  follower seen(c.tick);
  std::map<std::pair<book_side, market::tick_index>, std::int64_t> lots;
  for (const book_event& e : run(c, seconds(20))) {
    const market::book_change change = seen.apply(e);
    const std::int64_t in = change.snapshot ? change.new_size : change.added;
    const std::int64_t out = change.snapshot ? change.old_size : change.pulled + change.filled;
    if (in != 0) lots[{change.side, change.new_tick}] += in;
    if (out != 0) lots[{change.old_side, change.old_tick}] -= out;
  }
  for (const auto& [place, size] : lots)
    ASSERT_EQ(static_cast<std::uint64_t>(size), seen.book.level(place.first, place.second).size) << place.second;
}

TEST(FuturesMarket, IsCrossedBeforeTheAuctionOnly) {
  const futures_market_config c = session();
  follower seen(c.tick);
  bool printed = false;
  std::uint64_t before = 0;
  for (const book_event& e : run(c, seconds(15))) {
    if (e.action == book_action::trade && !printed) {
      printed = true;
      EXPECT_EQ(e.side, book_side::none);
      EXPECT_EQ(e.ts_event, c.start + c.auction);
      before = seen.crossed;
    }
    seen.apply(e);
  }
  ASSERT_TRUE(printed);
  EXPECT_GT(before, 10u);
  EXPECT_EQ(seen.crossed, before);
}

TEST(FuturesMarket, AuctionFillsBothSidesAtOnePrice) {
  const futures_market_config c = session();
  const auto out = run(c, seconds(6));
  const auto print = std::find_if(out.begin(), out.end(), [](const auto& e) { return e.action == book_action::trade; });
  ASSERT_NE(print, out.end());
  EXPECT_EQ(print->order, market::order_id{});
  std::uint64_t filled = 0;
  auto at = print + 1;
  for (; at->action == book_action::fill; ++at) {
    EXPECT_EQ(at->side, book_side::none);
    EXPECT_EQ(at->price, print->price);
    filled += at->size;
  }
  EXPECT_EQ(filled, 2u * print->size);
  for (;; ++at) {
    EXPECT_TRUE(at->action == book_action::cancel || at->action == book_action::modify);
    EXPECT_TRUE(at->side == book_side::bid ? at->price >= print->price : at->price <= print->price);
    if (at->has(flag::last)) break;
  }
}

TEST(FuturesMarket, OpensAsRealFilesDo) {
  futures_market_config c = session();
  const auto with = run(c, seconds(1));
  ASSERT_GT(with.size(), 3'000u);
  EXPECT_EQ(with[0].action, book_action::clear);
  EXPECT_EQ(with[0].flags, 40);
  EXPECT_EQ(with[0].price, market::no_price);
  EXPECT_EQ(with[0].side, book_side::none);
  for (std::size_t i = 1; i <= 3'000; ++i) {
    ASSERT_EQ(with[i].action, book_action::add);
    ASSERT_EQ(with[i].flags, i == 3'000 ? 168 : 40);
    ASSERT_LT(with[i].ts_event, c.start);
    ASSERT_GE(with[i].ts_event, with[i - 1].ts_event);
  }
  EXPECT_LT(with[1].ts_event, c.start - seconds(32 * 3'600));
  EXPECT_GE(with[3'001].ts_event, c.start);

  c.clear = false;  // as ESH4: neither R nor LAST
  const auto without = run(c, milliseconds(1));
  EXPECT_EQ(without[0].action, book_action::add);
  EXPECT_EQ(without[2'999].flags, 40);
  c.snapshot = false;
  for (const book_event& e : run(c, seconds(1))) ASSERT_FALSE(e.has(flag::snapshot));
}

TEST(FuturesMarket, SequencesAndOrderIdsGrowWithJumps) {
  const auto out = run(lively(), seconds(10));
  std::uint32_t sequence = 0, jumps = 0, steps = 0;
  std::uint64_t id = 0, strides[3] = {};
  for (const book_event& e : out) {
    ASSERT_GE(e.sequence, sequence);
    steps += e.sequence == sequence + 1;
    jumps += e.sequence > sequence + 1;
    sequence = e.sequence;
    if (e.action != book_action::add || e.has(flag::snapshot)) continue;
    const auto next = static_cast<std::uint64_t>(e.order);
    if (next <= id) continue;  // an aggressor's rest is as old as its trade
    ++strides[std::min<std::uint64_t>(next - id, 3) - 1];
    id = next;
  }
  EXPECT_GT(jumps, steps / 20);
  EXPECT_LT(jumps, steps / 2);
  EXPECT_GT(strides[0], strides[1]);
  EXPECT_GT(strides[1], 0u);
}

TEST(FuturesMarket, SaysTradesFillsAndChangesInTheVenuesOrder) {
  std::vector<book_event> event;
  for (const book_event& e : run(lively(), seconds(20))) {
    if (e.has(flag::snapshot)) continue;
    event.push_back(e);
    if (!e.has(flag::last)) continue;
    ASSERT_TRUE(e.flags == 130 || e.flags == 128);
    std::size_t at = 0;
    std::uint64_t traded = 0, resting = 0;
    const bool auction = event[0].side == book_side::none;
    for (; event[at].action == book_action::trade || event[at].action == book_action::fill; ++at) {
      (event[at].action == book_action::trade ? traded : resting) +=
          event[at].action == book_action::trade || event[at].side != event[0].side || auction ? event[at].size : 0;
      ASSERT_EQ(event[at].flags, 0);
    }
    ASSERT_EQ(resting, (auction ? 2 : 1) * traded);  // every lot of a trade fills one resting lot
    if (at == 0) {
      ASSERT_EQ(event.size(), 1u);  // without a trade one change is one event
    }
    for (std::size_t i = at; i < event.size(); ++i) {
      ASSERT_EQ(event[i].sequence, event[at].sequence);
      ASSERT_EQ(event[i].ts_event, event[0].ts_event);
      ASSERT_TRUE(event[i].action != book_action::trade && event[i].action != book_action::fill);
      ASSERT_FALSE(i > at && event[i - 1].side == book_side::ask && event[i].side == book_side::bid);
    }
    event.clear();
  }
}

TEST(FuturesMarket, FillsMeetTheHeadOfTheQueue) {
  const futures_market_config c = lively();
  follower seen(c.tick);
  std::uint64_t first_fills = 0, at_head = 0;
  book_event trade;
  for (const book_event& e : run(c, seconds(20))) {
    if (e.action == book_action::trade) trade = e;
    if (e.action == book_action::fill && e.side == opposite(trade.side) && trade.size > 0) {
      const auto place = seen.book.place(e.order);
      ASSERT_TRUE(place);
      ++first_fills;
      at_head += place->orders_ahead == 0;
      trade.size = 0;  // the next fills are behind it
    }
    seen.apply(e);
  }
  ASSERT_GT(first_fills, 1'000u);
  // Several orders of one trade may refill; the records do not say in which order they queue then.
  EXPECT_GT(static_cast<double>(at_head), 0.98 * static_cast<double>(first_fills));
}

TEST(FuturesMarket, FollowsTheSpotPath) {
  const futures_market_config c = session();
  futures_market m(c);
  spot_path path(c.path, milliseconds(1));
  std::vector<book_event> out;
  double off = 0;
  int seen = 0;
  for (std::int64_t ms = 0; ms < 60'000; ++ms) {
    path.advance(c.start + milliseconds(ms));
    out.clear();
    m.advance(c.start + milliseconds(ms + 1), out);
    if (ms < 10'000 || ms % 100 != 0) continue;
    const double mid = 0.5 * static_cast<double>(m.book().best(book_side::bid) + m.book().best(book_side::ask));
    off += std::abs(mid - path.spot() / to_double(c.tick));
    ++seen;
  }
  EXPECT_LT(off / seen, 1.5);  // ticks
}

TEST(FuturesMarket, ShowsEveryPhenomenon) {
  futures_market m(lively());
  const auto out = run(m, seconds(60));
  const futures_counters& k = m.counters();
  EXPECT_EQ(k.records, out.size());
  for (const std::uint64_t count :
       {k.adds,         k.cancels,       k.moved,       k.shrunk,   k.grown,        k.aggressors,
        k.sweeps,       k.partial_fills, k.full_fills,  k.refills,  k.rested,       k.through_market,
        k.self_matches, k.hidden_fills,  k.pulls_ahead, k.walls,    k.walls_pulled, k.walls_held,
        k.walls_taken,  k.stop_runs,     k.bursts,      k.auctions, k.auction_lots, k.hidden_lots})
    EXPECT_GT(count, 0u);
  EXPECT_EQ(k.booked_lots, k.traded_lots - k.hidden_lots + k.auction_lots);
}

TEST(FuturesMarket, KeepsTheConfiguredRate) {
  for (const double rate : {200.0, 500.0, 5'000.0}) {
    futures_market_config c = session();
    c.auction = duration_ns{0};
    c.burst_every = duration_ns{0};
    c.events_per_second = rate;
    const auto records = static_cast<double>(run(c, seconds(60)).size()) - static_cast<double>(c.orders);
    EXPECT_NEAR(records / 60, rate, 0.15 * rate);
  }
}

TEST(FuturesMarket, ABurstComesWhenItIsAskedFor) {
  futures_market_config c = session();
  c.auction = duration_ns{0};
  c.burst_every = duration_ns{0};
  c.events_per_second = 100;
  const auto calm = static_cast<double>(run(c, seconds(20)).size());
  c.burst_events_per_second = 5'000;
  c.burst_at = seconds(5);
  c.burst_length = seconds(10);
  EXPECT_NEAR(static_cast<double>(run(c, seconds(20)).size()) - calm, 10 * 4'900, 7'000);
}

TEST(FuturesMarket, ConfigurationsOutsideTheirBoundsAreRefused) {
  futures_market_config c = session();
  EXPECT_TRUE(check(c));
  c.path.spot = 1;
  EXPECT_EQ(check(c).error().evidence, "price");
  c = session(), c.orders = 10;
  EXPECT_EQ(check(c).error().evidence, "orders");
  c = session(), c.path.start = c.start + seconds(1);
  EXPECT_EQ(check(c).error().evidence, "path.start");
  c = session(), c.auction = duration_ns{1};
  EXPECT_EQ(check(c).error().evidence, "auction");
}

TEST(FuturesMarket, EndsWhenItsDurationIsOver) {
  futures_market_config c = session();
  c.duration = milliseconds(6'500);
  futures_market m(c);
  const auto out = run(m, seconds(100));
  EXPECT_TRUE(m.finished());
  EXPECT_LT(out.back().ts_event, c.start + c.duration);
}

TEST(FuturesMarket, SaysDefinitionStatisticsAndStatuses) {
  const futures_market_config c = session();
  futures_market m(c);
  run(m, seconds(6));
  EXPECT_EQ(m.instrument().raw_symbol, "ESH6");  // 2025-12-19 is the last day of ESZ5
  EXPECT_EQ(m.instrument().tick, c.tick);
  std::vector<std::uint16_t> types, actions;
  timestamp last = start_of_time;
  for (const futures_fact& f : m.facts(c.start, c.start + seconds(6))) {
    EXPECT_GE(time_of(f), last);
    last = time_of(f);
    if (const auto* s = std::get_if<market::statistic>(&f)) types.push_back(s->type);
    if (const auto* s = std::get_if<market::trading_status>(&f)) actions.push_back(s->action);
  }
  EXPECT_EQ(types, (std::vector<std::uint16_t>{3, 6, 9, 1}));
  EXPECT_EQ(actions, (std::vector<std::uint16_t>{1, 2, 7}));
  EXPECT_TRUE(m.facts(c.start + seconds(6), end_of_time).empty());
}

}  // namespace
}  // namespace isobar::sim
