// Properties of hydration against an independent model: for random markets with late, duplicate, crossed and unknown
// events, idle spans and epoch switches.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <random>

#include "ws-hydrator/domain/hydrator.hpp"
#include "ws-hydrator/domain/testing_market.hpp"

namespace isobar::ws_hydrator {
namespace {

using namespace ws_hydrator::testing;
using market::frozen_window;
using market::option_id;

/// What three inputs say, each in its own order.
struct script {
  std::vector<feed_event> quotes;
  std::vector<std::shared_ptr<const market::chain_snapshot>> chains;
  std::vector<market::epoch> epochs;
};

script make_script(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  script s;
  const std::int64_t boards[3][2] = {{90, 110}, {100, 120}, {85, 125}};
  std::int64_t from = pick(0, 3);
  for (std::uint64_t id = 1, n = static_cast<std::uint64_t>(pick(1, 3)); id <= n; ++id, from += pick(1, 8))
    s.epochs.push_back(make_epoch(id, boards[id - 1][0], boards[id - 1][1], t0 + width * from));

  std::int64_t now = pick(0, 500);
  for (std::int64_t i = 0, n = pick(0, 120); i < n; ++i) {
    now += pick(0, 9) == 0 ? pick(0, 2000) : pick(0, 60);
    if (pick(0, 60) == 0) now += 86'400'000;
    const timestamp ts = at_ms(std::max<std::int64_t>(0, pick(0, 7) == 0 ? now - pick(0, 700) : now));
    if (pick(0, 15) == 0) {
      s.quotes.push_back(spot_event(ts, price(pick(1, 1000) * 1'000'000)));
      continue;
    }
    const option_id id = contract(80 + 5 * pick(0, 10), pick(0, 1) ? market::right::call : market::right::put);
    feed_event e = to_feed_event(pick(0, 4) ? quote(id, ts, 1 + static_cast<std::uint64_t>(i), 1, 2)
                                            : trade(id, ts, 1 + static_cast<std::uint64_t>(i), 1, pick(1, 9)));
    e.first = price(pick(-1, 20) * 100'000'000);
    if (e.what == feed_event::kind::quote) e.second = pick(0, 9) ? price(pick(0, 20) * 100'000'000) : market::no_price;
    s.quotes.push_back(e);
    if (pick(0, 9) == 0) s.quotes.push_back(e);
  }

  std::int64_t chain_ms = 0;
  for (std::int64_t i = 0, n = pick(0, 6); i < n; ++i) {
    chain_ms += pick(1, 900);
    auto chain = make_chain(s.epochs[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(s.epochs.size()) - 1))],
                            at_ms(chain_ms), static_cast<double>(pick(90, 110)));
    for (market::chain_contract& c : chain->expiries[0].contracts) {
      c.state.bid = price(pick(0, 20) * 100'000'000);
      c.state.ts_quote = pick(0, 1) ? start_of_time : at_ms(std::max<std::int64_t>(0, chain_ms - pick(0, 400)));
      c.state.open_interest = quantity(pick(0, 3));
    }
    s.chains.push_back(chain);
  }
  return s;
}

/// Feeds the three inputs in a random order and in random batches.
std::vector<frozen_window> run(const script& s, std::uint64_t seed, std::size_t batch_max,
                               hydrator_counts* counts = nullptr) {
  std::vector<frozen_window> out;
  hydrator h(*symbol::parse("SPX"), {}, [&](const frozen_window& w) { out.push_back(w); });
  std::mt19937_64 random(seed);
  std::size_t quote = 0, chain = 0, epoch = 0;
  bool quotes_ended = false, chains_ended = false, epochs_ended = false;
  while (!quotes_ended || !chains_ended || !epochs_ended) {
    switch (random() % 3) {
      case 0: {
        const std::size_t n = std::min<std::size_t>(s.quotes.size() - quote, 1 + random() % batch_max);
        h.apply(std::span(s.quotes).subspan(quote, n));
        quote += n;
        if (quote == s.quotes.size()) h.advance_quotes(end_of_time), quotes_ended = true;
        break;
      }
      case 1:
        if (chain < s.chains.size())
          h.apply(s.chains[chain++]);
        else
          h.advance_chains(end_of_time), chains_ended = true;
        break;
      default:
        if (epoch < s.epochs.size()) {
          // The contract: the watermark stands at effective_from until everybody is prepared.
          h.advance_epochs(s.epochs[epoch].effective_from);
          EXPECT_TRUE(h.apply(s.epochs[epoch++]));
        } else {
          h.advance_epochs(end_of_time), epochs_ended = true;
        }
    }
  }
  EXPECT_EQ(h.closed_until(), end_of_time);
  if (counts) *counts = h.counts();
  return out;
}

/// The rebuild: one map per window, filled from everything that belongs to it, nothing incremental, nothing shared with
/// the code under test but the value types.
struct model {
  struct written {
    std::tuple<std::int64_t, std::uint64_t, int> quote{INT64_MIN, 0, -1}, trade{INT64_MIN, 0, -1};
    std::int64_t reference = INT64_MIN;
    market::contract_state state;
  };
  using table = std::map<option_id, written>;

  explicit model(const script& of) : s(of) {
    timestamp seen = start_of_time;
    for (const feed_event& e : s.quotes) {
      if (e.first.value < 0 && e.first != market::no_price) {
        quote_window.push_back(start_of_time);
        continue;
      }
      seen = std::max(seen, e.ts_event);
      quote_window.push_back(window_end_of(seen, width));
    }
  }

  bool listed(const market::epoch& e, const option_id& id) const {
    const auto c = e.board.find(id);
    return c && e.board.is_listed(*c);
  }
  void put_chain(table& t, const market::epoch& board, const market::chain_snapshot& c) const {
    for (const market::expiry_chain& x : c.expiries)
      for (const market::chain_contract& k : x.contracts) {
        const option_id id{x.key.root, x.key.expiry, k.right, k.strike};
        if (!listed(board, id)) continue;
        written& w = t[id];
        const timestamp as_of = k.state.ts_quote == start_of_time ? c.ts_event : k.state.ts_quote;
        const std::tuple order{as_of.ns, std::uint64_t{0}, 0};
        if (order > w.quote) {
          w.quote = order;
          w.state.bid = k.state.bid, w.state.ask = k.state.ask;
          w.state.bid_size = k.state.bid_size, w.state.ask_size = k.state.ask_size;
          w.state.ts_quote = as_of, w.state.quote_sequence = 0;
        }
        if (c.ts_event.ns > w.reference) {
          w.reference = c.ts_event.ns;
          w.state.open_interest = k.state.open_interest;
        }
      }
  }
  void put_event(table& t, const market::epoch& board, const feed_event& e) const {
    if (e.what == feed_event::kind::spot) return;
    const option_id id = id_of(e.contract);
    if (!listed(board, id)) return;
    written& w = t[id];
    const std::tuple order{e.ts_event.ns, e.sequence, 1};
    if (e.what == feed_event::kind::quote && order > w.quote) {
      w.quote = order;
      w.state.bid = e.first, w.state.ask = e.second;
      w.state.bid_size = e.first_size, w.state.ask_size = e.second_size;
      w.state.ts_quote = e.ts_event, w.state.quote_sequence = e.sequence;
    }
    if (e.what == feed_event::kind::trade && order > w.trade) {
      w.trade = order;
      w.state.last = e.first, w.state.last_size = e.first_size, w.state.ts_trade = e.ts_event;
    }
  }
  /// Every row with any state at the end of the window, by replaying history from the first epoch.
  std::map<option_id, market::contract_state> rebuild(timestamp end, std::uint64_t& epoch) const {
    table t;
    std::size_t quote = 0, chain = 0;
    std::shared_ptr<const market::chain_snapshot> latest;
    for (std::size_t i = 0; i < s.epochs.size() && s.epochs[i].effective_from < end; ++i) {
      const market::epoch& board = s.epochs[i];
      epoch = board.id;
      std::erase_if(t, [&](const auto& entry) { return !listed(board, entry.first); });
      if (latest) put_chain(t, board, *latest);
      const timestamp until = i + 1 < s.epochs.size() ? std::min(end, s.epochs[i + 1].effective_from) : end;
      for (; quote < s.quotes.size() && quote_window[quote] <= until; ++quote)
        if (quote_window[quote] != start_of_time) put_event(t, board, s.quotes[quote]);
      for (; chain < s.chains.size() && window_end_of(s.chains[chain]->ts_event, width) <= until; ++chain)
        put_chain(t, board, *(latest = s.chains[chain]));
    }
    std::map<option_id, market::contract_state> out;
    for (const auto& [id, w] : t)
      if (w.state != market::contract_state{}) out[id] = w.state;
    return out;
  }

  /// The trades of the window that ends at `end`: a trade meets what stood at the window's start and what its feed
  /// brought before it.
  std::vector<market::option_print> prints(timestamp end) const {
    const timestamp start = end - width;
    table t;
    std::size_t quote = 0, chain = 0, in_force = 0;
    for (std::size_t i = 0; i < s.epochs.size() && s.epochs[i].effective_from <= start; ++i) {
      in_force = i;
      const market::epoch& board = s.epochs[i];
      std::erase_if(t, [&](const auto& entry) { return !listed(board, entry.first); });
      if (chain > 0) put_chain(t, board, *s.chains[chain - 1]);
      const timestamp until = i + 1 < s.epochs.size() ? std::min(start, s.epochs[i + 1].effective_from) : start;
      for (; quote < s.quotes.size() && quote_window[quote] <= until; ++quote)
        if (quote_window[quote] != start_of_time) put_event(t, board, s.quotes[quote]);
      // Chains of before the first epoch count when its first window closes: they may come after that window's quotes.
      if (start == s.epochs[0].effective_from) continue;
      for (; chain < s.chains.size() && window_end_of(s.chains[chain]->ts_event, width) <= until; ++chain)
        put_chain(t, board, *s.chains[chain]);
    }
    const market::epoch& board = s.epochs[in_force];
    std::map<std::tuple<timestamp, market::contract_index, std::uint64_t>, market::option_print> out;
    for (; quote < s.quotes.size() && quote_window[quote] <= end; ++quote) {
      const feed_event& e = s.quotes[quote];
      if (quote_window[quote] == start_of_time || e.what == feed_event::kind::spot) continue;
      const option_id id = id_of(e.contract);
      if (e.what == feed_event::kind::trade && listed(board, id)) {
        const written& w = t[id];
        const bool stood = std::get<0>(w.quote) <= e.ts_event.ns;
        const market::contract_index c = *board.board.find(id);
        out.try_emplace({e.ts_event, c, e.sequence}, market::option_print{c, e.ts_event, e.first, e.first_size,
                                                                          stood ? w.state.bid : market::no_price,
                                                                          stood ? w.state.ask : market::no_price});
      }
      put_event(t, board, e);
    }
    std::vector<market::option_print> list;
    for (const auto& [key, print] : out) list.push_back(print);
    return list;
  }

  const script& s;
  std::vector<timestamp> quote_window;
};

RC_GTEST_PROP(hydrator_property, result_does_not_depend_on_interleaving_or_batch_size, ()) {
  const script s = make_script(*rc::gen::arbitrary<std::uint64_t>());
  const auto expected = run(s, 1, 1);
  for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{1000}})
    RC_ASSERT(run(s, *rc::gen::arbitrary<std::uint64_t>(), batch) == expected);
}

RC_GTEST_PROP(hydrator_property, windows_replayed_equal_a_full_rebuild_at_each_window, ()) {
  const script s = make_script(*rc::gen::arbitrary<std::uint64_t>());
  const auto windows = run(s, *rc::gen::arbitrary<std::uint64_t>(), 16);
  const model m(s);
  std::map<option_id, market::contract_state> replayed;
  std::uint64_t sequence = 0;
  timestamp before = start_of_time;
  const auto same_as_rebuild = [&](timestamp end, std::uint64_t epoch) {
    std::uint64_t rebuilt_epoch = 0;
    RC_ASSERT(m.rebuild(end, rebuilt_epoch) == replayed);
    RC_ASSERT(rebuilt_epoch == epoch);
  };
  std::uint64_t epoch = 0;
  for (const frozen_window& w : windows) {
    RC_ASSERT(w.sequence == ++sequence);
    RC_ASSERT(w.end == w.start + width);
    RC_ASSERT(w.end > before);
    // Nothing changed in the windows that were not emitted: the last of them is enough to see it.
    if (epoch != 0 && w.start > before) same_as_rebuild(w.start, epoch);
    before = w.end;
    if (w.base) replayed.clear();
    RC_ASSERT(w.base == (w.epoch != epoch));
    epoch = w.epoch;
    const market::geometry& board = s.epochs[epoch - 1].board;
    for (const market::contract_row& r : w.rows) {
      const option_id id = board.id_of(r.contract);
      if (!w.base) {
        RC_ASSERT(replayed[id] != r.state || r.traded != quantity(0));
      }
      replayed[id] = r.state;
    }
    same_as_rebuild(w.end, epoch);
  }
  RC_ASSERT(sequence >= 1);
}

RC_GTEST_PROP(hydrator_property, every_trade_is_listed_once_with_the_quote_that_stood, ()) {
  const script s = make_script(*rc::gen::arbitrary<std::uint64_t>());
  hydrator_counts counts;
  const auto windows = run(s, *rc::gen::arbitrary<std::uint64_t>(), 16, &counts);
  const model m(s);
  std::uint64_t listed = 0;
  for (const frozen_window& w : windows) {
    RC_ASSERT(w.prints == m.prints(w.end));
    listed += w.prints.size();
    std::map<market::contract_index, std::int64_t> traded, printed;
    for (const market::contract_row& r : w.rows)
      if (r.traded.value != 0) traded[r.contract] = r.traded.value;
    for (const market::option_print& p : w.prints) printed[p.contract] += p.size.value;
    RC_ASSERT(traded == printed);
  }
  RC_ASSERT(counts.prints == listed);
  RC_ASSERT(counts.prints_dropped == 0u);
}

RC_GTEST_PROP(hydrator_property, counters_account_for_every_event, ()) {
  const script s = make_script(*rc::gen::arbitrary<std::uint64_t>());
  hydrator_counts c;
  run(s, *rc::gen::arbitrary<std::uint64_t>(), 5, &c);
  std::uint64_t refused = 0;
  for (const std::uint64_t n : c.refused) refused += n;
  RC_ASSERT(c.events == s.quotes.size());
  RC_ASSERT(c.events == c.applied + c.superseded + c.unknown + c.dropped + refused);
  // Nor do the counts depend on the interleaving, save that a chain may overtake a quote inside one window.
  hydrator_counts other;
  run(s, *rc::gen::arbitrary<std::uint64_t>(), 50, &other);
  RC_ASSERT(other.applied + other.superseded == c.applied + c.superseded);
  RC_ASSERT(other.unknown == c.unknown);
  RC_ASSERT(other.late == c.late);
}

RC_GTEST_PROP(hydrator_property, admission_is_commutative_inside_a_window, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  std::vector<feed_event> events;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const option_id id = contract(90 + 5 * static_cast<std::int64_t>(random() % 5));
    const timestamp ts = at_ms(static_cast<std::int64_t>(random() % 200));
    const double p = 1 + static_cast<double>(random() % 50) / 10;
    events.push_back(to_feed_event(random() % 3 ? quote(id, ts, i + 1, p, p + 1) : trade(id, ts, i + 1, p, 3)));
    if (random() % 5 == 0) events.push_back(events[random() % events.size()]);
  }
  const auto run_in_order = [](const std::vector<feed_event>& order) {
    std::vector<frozen_window> out;
    hydrator h(*symbol::parse("SPX"), {}, [&](const frozen_window& w) { out.push_back(w); });
    RC_ASSERT(h.apply(make_epoch(1, 90, 110, t0)).has_value());
    h.advance_epochs(end_of_time);
    h.advance_chains(end_of_time);
    h.apply(std::span(order));
    h.advance_quotes(end_of_time);
    // Which quote a trade met is what the feed's order says.
    for (frozen_window& w : out)
      for (market::option_print& p : w.prints) p.bid = p.ask = market::no_price;
    return out;
  };
  auto shuffled = events;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  RC_ASSERT(run_in_order(shuffled) == run_in_order(events));
}

/// A contract that both boards list ends with the same state as if there had been no switch.
RC_GTEST_PROP(hydrator_property, a_switch_loses_nothing_that_belongs_to_both_epochs, ()) {
  script s = make_script(*rc::gen::arbitrary<std::uint64_t>());
  std::erase_if(s.quotes, [](const feed_event& e) { return e.what == feed_event::kind::spot; });
  s.epochs.resize(1);
  s.epochs[0] = make_epoch(1, 90, 110, t0);
  script switched = s;
  switched.epochs.push_back(make_epoch(2, 100, 120, t0 + width * 5));
  const auto last_states = [](const script& of) {
    std::map<option_id, market::contract_state> last;
    std::map<option_id, std::int64_t> traded;
    for (const frozen_window& w : run(of, 3, 9)) {
      const market::geometry& board = of.epochs[w.epoch - 1].board;
      for (const market::contract_row& r : w.rows) {
        const option_id id = board.id_of(r.contract);
        last[id] = r.state;
        traded[id] += r.traded.value;
      }
    }
    return std::pair(last, traded);
  };
  const auto [plain, plain_traded] = last_states(s);
  const auto [after, after_traded] = last_states(switched);
  for (const auto& [id, state] : plain) {
    if (id.strike < strike(100 * nanos_per_unit)) continue;
    RC_ASSERT(after.contains(id));
    RC_ASSERT(after.at(id) == state);
    RC_ASSERT(after_traded.at(id) == plain_traded.at(id));
  }
}

}  // namespace
}  // namespace isobar::ws_hydrator
