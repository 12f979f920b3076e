#include "sim/option_market.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "core/digest.hpp"
#include "market/root.hpp"
#include "sim/random.hpp"

namespace isobar::sim {
namespace {

using market::no_price;
using market::option_event;

void add(digest64& d, const option_event& e) {
  d.update(market::to_ticker(e.id));
  for (const std::int64_t v :
       {static_cast<std::int64_t>(e.kind), e.ts_event.ns, static_cast<std::int64_t>(e.sequence), e.bid.value,
        e.ask.value, e.bid_size.value, e.ask_size.value, e.last.value, e.size.value})
    d.update(v);
}
std::uint64_t digest_of(const std::vector<option_event>& events) {
  digest64 d;
  for (const option_event& e : events) add(d, e);
  return d.value();
}
std::uint64_t digest_of(const market::chain_snapshot& chain) {
  digest64 d;
  d.update(chain.ts_event.ns);
  d.update(chain.spot.value);
  for (const auto& e : chain.expiries)
    for (const auto& c : e.contracts) {
      d.update(market::to_ticker({e.key.root, e.key.expiry, c.right, c.strike}));
      for (const std::int64_t v : std::initializer_list<std::int64_t>{
               c.state.bid.value, c.state.ask.value, c.state.bid_size.value, c.state.ts_quote.ns, c.state.last.value,
               c.state.volume.value, c.state.open_interest.value, std::llround(c.state.gamma * 1e9)})
        d.update(v);
    }
  return d.value();
}

config eventful() {
  config c;
  c.start = *parse_iso_timestamp("2025-12-18T20:59:58Z");  // two seconds before a settlement
  c.burst_every = milliseconds(300);
  c.missing_quote_ratio = 0.05;
  c.geometry_change_every = milliseconds(700);
  c.random_geometry_changes_per_hour = 3600;
  return c;
}
std::vector<option_event> run(option_market& m, duration_ns span) {
  std::vector<option_event> out;
  m.advance(m.now() + span, out);
  return out;
}

TEST(OptionMarket, SameSeedSameBytesOtherSeedOthers) {
  option_market a(eventful()), b(eventful());
  const auto digest = digest_of(run(a, seconds(4)));
  EXPECT_EQ(digest, digest_of(run(b, seconds(4))));
  EXPECT_EQ(digest_of(a.snapshot()), digest_of(b.snapshot()));
  config c = eventful();
  c.seed = 2;
  option_market other(c);
  EXPECT_NE(digest, digest_of(run(other, seconds(4))));
}

TEST(OptionMarket, OutputDoesNotDependOnHowTimeIsDivided) {
  const duration_ns span = milliseconds(2500);
  option_market whole(eventful());
  const auto expected = digest_of(run(whole, span));
  for (std::uint64_t trial = 0; trial < 6; ++trial) {
    random r(trial, 99);
    option_market parts(eventful());
    const timestamp end = parts.now() + span;
    std::vector<option_event> got;
    while (parts.now() < end) {
      // From a single nanosecond to 400 ms; at times exactly to a step's beginning.
      const std::int64_t chunk = r.chance(0.2) ? 1 + r.below(3) : 1 + r.below(r.chance(0.5) ? 3'000'000 : 400'000'000);
      timestamp until = parts.now() + duration_ns{chunk};
      if (r.chance(0.3)) until = window_end_of(until, milliseconds(1));
      parts.advance(std::min(end, until), got);
      if (r.chance(0.05)) (void)parts.snapshot();
    }
    EXPECT_EQ(digest_of(got), expected) << trial;
    EXPECT_EQ(digest_of(parts.snapshot()), digest_of(whole.snapshot())) << trial;
    EXPECT_EQ(parts.spot(), whole.spot());
    EXPECT_EQ(parts.counters().quotes, whole.counters().quotes);
  }
}

TEST(OptionMarket, EventsAreOrderedInTheSpanAndSequencesGrow) {
  option_market m(eventful());
  const timestamp begin = m.now();
  const auto events = run(m, seconds(3));
  std::map<market::option_id, std::uint64_t> last;
  timestamp before = begin;
  for (const option_event& e : events) {
    ASSERT_GE(e.ts_event, before);
    ASSERT_LT(e.ts_event, begin + seconds(3));
    before = e.ts_event;
    ASSERT_GT(e.sequence, last[e.id]);
    last[e.id] = e.sequence;
  }
  EXPECT_EQ(m.counters().quotes + m.counters().trades, events.size());
  std::vector<option_event> none;
  m.advance(begin, none);  // the past
  EXPECT_TRUE(none.empty());
}

TEST(OptionMarket, AnEventOnTheBoundaryBelongsToTheLaterSpan) {
  option_market whole(config{});
  const auto events = run(whole, milliseconds(50));
  for (const std::size_t at : {std::size_t{0}, std::size_t{33}, std::size_t{101}}) {
    option_market m(config{});
    std::vector<option_event> early, late;
    m.advance(events[at].ts_event, early);
    for (const option_event& e : early) EXPECT_LT(e.ts_event, events[at].ts_event);
    m.advance(events[at].ts_event + duration_ns{1}, late);
    ASSERT_FALSE(late.empty());
    EXPECT_EQ(late.front().ts_event, events[at].ts_event);
  }
}

TEST(OptionMarket, EveryQuoteSaysSomethingNewAndTheSnapshotHoldsTheLast) {
  option_market m(eventful());
  std::map<market::option_id, option_event> last;
  std::uint64_t missing = 0, zero_bids = 0;
  for (const option_event& e : run(m, seconds(3))) {
    if (e.kind != option_event::kind::quote) continue;
    if (const auto old = last.find(e.id); old != last.end()) {
      const option_event& o = old->second;
      EXPECT_FALSE(o.bid == e.bid && o.ask == e.ask && o.bid_size == e.bid_size && o.ask_size == e.ask_size);
    }
    EXPECT_TRUE(e.bid == no_price || e.ask == no_price || e.bid < e.ask);
    missing += (e.bid == no_price) + (e.ask == no_price);
    zero_bids += e.bid == price(0);
    last[e.id] = e;
  }
  EXPECT_GT(missing, 0u);
  EXPECT_EQ(missing, m.counters().missing_sides);
  EXPECT_GT(zero_bids, 0u);
  std::size_t checked = 0;
  for (const auto& e : m.snapshot().expiries)
    for (const auto& c : e.contracts) {
      const auto found = last.find({e.key.root, e.key.expiry, c.right, c.strike});
      if (found == last.end()) continue;
      EXPECT_EQ(found->second.bid, c.state.bid);
      EXPECT_EQ(found->second.ask_size, c.state.ask_size);
      EXPECT_EQ(found->second.ts_event, c.state.ts_quote);
      ++checked;
    }
  EXPECT_EQ(checked, last.size());
}

TEST(OptionMarket, TradesPrintAtBidOrAskAndAddVolume) {
  config c;
  c.trade_ratio = 0.2;
  c.customers.inside_ratio = 0;
  option_market m(c);
  std::map<market::option_id, option_event> last;
  std::map<market::option_id, std::int64_t> volume;
  for (const option_event& e : run(m, seconds(2))) {
    if (e.kind == option_event::kind::quote) {
      last[e.id] = e;
      continue;
    }
    ASSERT_TRUE(last.contains(e.id));
    EXPECT_TRUE(e.last == last[e.id].bid || e.last == last[e.id].ask);
    EXPECT_GT(e.size.value, 0);
    volume[e.id] += e.size.value;
  }
  EXPECT_NEAR(static_cast<double>(m.counters().trades), 0.19 * static_cast<double>(m.counters().quotes),
              0.03 * static_cast<double>(m.counters().quotes));
  for (const auto& e : m.snapshot().expiries)
    for (const auto& contract : e.contracts)
      EXPECT_EQ(contract.state.volume.value, (volume[{e.key.root, e.key.expiry, contract.right, contract.strike}]));
}

TEST(OptionMarket, SnapshotIsCanonicalAndComplete) {
  const option_market m(config{});
  const market::chain_snapshot chain = m.snapshot();
  EXPECT_EQ(chain.contract_count(), m.listed_count());
  EXPECT_EQ(chain.spot, m.spot());
  std::vector<market::option_id> ids;
  for (std::size_t i = 0; i < chain.expiries.size(); ++i) {
    const auto& e = chain.expiries[i];
    EXPECT_TRUE(i == 0 || chain.expiries[i - 1].key < e.key);
    for (const auto& c : e.contracts) {
      ids.push_back({e.key.root, e.key.expiry, c.right, c.strike});
      EXPECT_GE(c.state.open_interest.value, 0);
      EXPECT_NE(c.state.ts_quote, start_of_time);
    }
    for (std::size_t k = 1; k < e.contracts.size(); ++k)
      EXPECT_LT(std::tuple(e.contracts[k - 1].strike, e.contracts[k - 1].right),
                std::tuple(e.contracts[k].strike, e.contracts[k].right));
  }
  auto listed = m.listed();
  EXPECT_EQ(std::set(ids.begin(), ids.end()), std::set(listed.begin(), listed.end()));
  // Third Friday: both roots of one date, the settled one without greeks.
  EXPECT_EQ(market::to_string(chain.expiries[0].key), "SPX-20251219");
  EXPECT_EQ(market::to_string(chain.expiries[1].key), "SPXW-20251219");
  EXPECT_EQ(chain.expiries[0].contracts[0].state.gamma, 0);
  EXPECT_GT(chain.expiries[1].contracts[0].state.implied_volatility, 0.1);
}

/// With a frozen spot every quote is of the same market, so that relations between contracts are exact.
TEST(OptionMarket, ChainsAreFreeOfArbitrage) {
  config c;
  c.start = *parse_iso_timestamp("2025-12-18T15:00:00Z");
  c.volatility_scale = 0;
  c.missing_quote_ratio = 0;
  option_market m(c);
  (void)run(m, seconds(5));
  for (const auto& e : m.snapshot().expiries) {
    const double years = market::years_to(e.settles_at, m.now());
    const double forward = c.spot * std::exp(c.rate * years), discount = std::exp(-c.rate * years);
    const auto& k = e.contracts;
    for (std::size_t i = 0; i + 1 < k.size(); i += 2) {
      const auto &call = k[i].state, &put = k[i + 1].state;
      ASSERT_LT(call.bid, call.ask);
      ASSERT_LT(put.bid, put.ask);
      // Seconds of decay between the quotes' time and now.
      const double parity = discount * (forward - to_double(k[i].strike));
      EXPECT_GE(parity, to_double(call.bid - put.ask) - 0.01);
      EXPECT_LE(parity, to_double(call.ask - put.bid) + 0.01);
      if (i == 0) continue;
      // Mids may be off by the rounding of both sides: one tick of 0.10 each.
      EXPECT_LE(mid_of(call), mid_of(k[i - 2].state) + price(100'000'000));
      EXPECT_GE(mid_of(put) + price(100'000'000), mid_of(k[i - 1].state));
    }
  }
}

TEST(OptionMarket, MovingMarketsKeepParityWithinSpreads) {
  config c;
  c.start = *parse_iso_timestamp("2025-12-18T15:00:00Z");
  c.missing_quote_ratio = 0;
  option_market m(c);
  (void)run(m, seconds(5));
  std::size_t pairs = 0, broken = 0;
  for (const auto& e : m.snapshot().expiries) {
    const double years = market::years_to(e.settles_at, m.now());
    const double forward = to_double(m.spot()) * std::exp(c.rate * years), discount = std::exp(-c.rate * years);
    for (std::size_t i = 0; i + 1 < e.contracts.size(); i += 2) {
      const auto &call = e.contracts[i].state, &put = e.contracts[i + 1].state;
      const double parity = discount * (forward - to_double(e.contracts[i].strike));
      // A quote may be a second old: the spot moves about half a point in that time.
      broken += parity < to_double(call.bid - put.ask) - 1.5 || parity > to_double(call.ask - put.bid) + 1.5;
      ++pairs;
    }
  }
  EXPECT_GT(pairs, 300u);
  EXPECT_EQ(broken, 0u);
}

TEST(OptionMarket, SendsAtTheAskedRate) {
  for (const double rate : {1.0, 333.0, 5'000.0, 60'000.0}) {
    config c;
    c.quotes_per_second = rate;
    c.burst_every = {0};
    option_market m(c);
    (void)run(m, seconds(3));
    EXPECT_NEAR(static_cast<double>(m.counters().quotes), 3 * rate, 1) << rate;
  }
}

TEST(OptionMarket, BurstsReachTwoHundredThousandPerSecond) {
  config c;
  c.burst_quotes_per_second = 200'000;
  c.burst_every = milliseconds(200);
  option_market m(c);
  const timestamp begin = m.now();
  std::map<std::int64_t, std::size_t> per_10ms;
  for (const option_event& e : run(m, seconds(2)))
    per_10ms[(e.ts_event - begin).value / 10'000'000] += e.kind == option_event::kind::quote;
  std::size_t most = 0;
  for (const auto& [slot, count] : per_10ms) most = std::max(most, count);
  EXPECT_NEAR(static_cast<double>(most), 2'000, 2);
  EXPECT_GT(m.counters().bursts, 3u);
}

TEST(OptionMarket, ABurstComesWhenItIsAskedFor) {
  config c;
  c.burst_quotes_per_second = 200'000;
  c.burst_every = duration_ns{0};
  c.burst_at = milliseconds(500);
  c.burst_length = milliseconds(300);
  option_market m(c);
  const timestamp begin = m.now();
  std::map<std::int64_t, std::size_t> per_100ms;
  for (const option_event& e : run(m, seconds(1)))
    per_100ms[(e.ts_event - begin).value / 100'000'000] += e.kind == option_event::kind::quote;
  for (std::int64_t slot = 0; slot < 10; ++slot)
    EXPECT_NEAR(static_cast<double>(per_100ms[slot]), slot >= 5 && slot < 8 ? 20'000 : 500, 20) << slot;
}

TEST(OptionMarket, SlowsDownOutsideTheSession) {
  config c;
  c.start = *parse_iso_timestamp("2025-12-19T01:00:00Z");
  option_market m(c);
  (void)run(m, seconds(2));
  EXPECT_NEAR(static_cast<double>(m.counters().quotes), 2 * 250, 1);
}

TEST(OptionMarket, ListsNewStrikesOnScheduleAndNeverOtherwise) {
  config c;
  c.geometry_changes = {milliseconds(300), milliseconds(100), milliseconds(200)};
  c.volatility_scale = 0;
  option_market m(c);
  std::vector<std::pair<int, std::size_t>> changes;
  std::size_t before = m.listed_count();
  for (int ms = 1; ms <= 1000; ++ms) {
    (void)run(m, milliseconds(1));
    if (m.listed_count() == before) continue;
    changes.emplace_back(ms, m.listed_count() - before);
    before = m.listed_count();
  }
  // In force from the step that begins at the stated time; two ends twice, then one gap.
  EXPECT_EQ(changes, (decltype(changes){{101, 4}, {201, 4}, {301, 2}}));
  EXPECT_EQ(m.counters().geometry_changes, 3u);
  EXPECT_EQ(m.snapshot().contract_count(), m.listed_count());
}

TEST(OptionMarket, ListsStrikesAtRandomAtTheStatedRate) {
  config c;
  c.quotes_per_second = 1;
  c.random_geometry_changes_per_hour = 7'200;
  option_market m(c);
  (void)run(m, seconds(60));
  EXPECT_NEAR(static_cast<double>(m.counters().geometry_changes), 120, 5 * std::sqrt(120));
}

TEST(OptionMarket, FollowsASpotThatRunsAway) {
  config c;
  c.quotes_per_second = 1;
  c.volatility_scale = 12;
  option_market m(c);
  (void)run(m, seconds(1200));
  // Half the same-day range is 78 points; the money must stay inside the dense part.
  const market::expiry_chain today = m.snapshot().expiries[1];
  std::set<strike> strikes;
  for (const auto& k : today.contracts) strikes.insert(k.strike);
  for (int step = -10; step <= 10; ++step)
    EXPECT_TRUE(strikes.contains(today.atm + strike_width(5 * nanos_per_unit) * step)) << to_double(today.atm);
  EXPECT_GT(m.counters().geometry_changes, 0u);
}

TEST(OptionMarket, StopsQuotingAtSettlementAndRollsAtMidnight) {
  config c;
  c.start = *parse_iso_timestamp("2025-12-18T20:59:59Z");
  option_market m(c);
  const date today = *make_date(2025, 12, 18);
  const auto events = run(m, seconds(3));
  std::size_t before = 0;
  for (const option_event& e : events) {
    if (e.id.expiry != today) continue;
    EXPECT_LT(e.ts_event, *parse_iso_timestamp("2025-12-18T21:00:00Z"));
    ++before;
  }
  EXPECT_GT(before, 100u);
  EXPECT_EQ(m.snapshot().expiries[0].key.expiry, today);
  EXPECT_EQ(m.snapshot().expiries.size(), 6u);

  config night = c;
  night.start = *parse_iso_timestamp("2025-12-19T04:59:59.500Z");
  option_market rolled(night);
  EXPECT_EQ(rolled.snapshot().expiries[0].key.expiry, today);
  (void)run(rolled, seconds(1));
  const auto chain = rolled.snapshot();
  EXPECT_EQ(chain.expiries.front().key.expiry, *make_date(2025, 12, 19));
  EXPECT_EQ(chain.expiries.back().key.expiry, *make_date(2025, 12, 26));
  EXPECT_EQ(rolled.counters().expired_planes, 1u);
}

TEST(OptionMarket, EndsAfterItsDuration) {
  config c;
  c.duration = milliseconds(500);
  option_market m(c);
  EXPECT_FALSE(m.finished());
  const auto events = run(m, seconds(10));
  EXPECT_TRUE(m.finished());
  EXPECT_EQ(m.now(), c.start + milliseconds(500));
  EXPECT_LT(events.back().ts_event, m.now());
  EXPECT_TRUE(run(m, seconds(1)).empty());
}

TEST(OptionMarket, ConfigurationsAreChecked) {
  config c;
  EXPECT_TRUE(check(c));
  c.vix = std::nan("");
  EXPECT_EQ(check(c).error().evidence, "vix");
  c = {};
  c.expirations = 0;
  EXPECT_EQ(check(c).error().code, errc::out_of_range);
  c = {};
  c.spot = 1e6, c.vix = 200, c.strike_range_scale = 20;
  EXPECT_EQ(check(c).error().evidence, "strike_range_scale");
  c = {};
  c.symbol = *symbol::parse("DOGE");
  EXPECT_EQ(check(c).error().code, errc::unknown_symbol);
}

TEST(OptionMarket, ListsTwelveThousandContractsWhenAsked) {
  config c;
  c.expirations = 10;
  c.strike_range_scale = 4;
  option_market m(c);
  EXPECT_GT(m.listed_count(), 12'000u);
}

}  // namespace
}  // namespace isobar::sim
