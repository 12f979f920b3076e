#include "gamma-fuel/domain/gamma_core.hpp"

#include <algorithm>

// What comes in, and what it does to the state when its time has come.
namespace isobar::gamma_fuel {

gamma_core::gamma_core(gamma_config c, bool is_live, merge_limits queue_limits)
    : config(std::move(c)),
      live(is_live),
      limits(queue_limits),
      board(config),
      shape(config),
      flow(config),
      session(config),
      volume(config),
      universe(config),
      context(config),
      signals(config),
      own_(config.symbol == config.option_symbol),
      merge_(queue_limits),
      basis_(config) {
  watermarks_.fill(start_of_time);
  qualities_.fill(market::quality::ok);
}

// ---- taken ----

bool gamma_core::push(input from, merge_item item) {
  switch (merge_.push(from, std::move(item))) {
    case window_merge::outcome::full:
      ++counters.dropped;
      return false;
    case window_merge::outcome::backwards:
      ++counters.backwards;
      return true;
    case window_merge::outcome::taken:
      return true;
  }
  return true;
}

contract_number gamma_core::list(input from, timestamp at, const option_contract& c) {
  const auto known = numbers_.find(c.id);
  contract_number n = no_contract;
  if (known != numbers_.end()) {
    n = known->second;
  } else {
    const bool full = free_.empty() && contracts_.size() >= limits.contracts;
    if (now_ != end_of_time && now_ != start_of_time && now_ - option_board::keep_settled > start_of_time &&
        (full ? now_ > swept_at_ : now_ > swept_at_ + seconds(86'400)))
      forget_settled();
    if (free_.empty() && contracts_.size() >= limits.contracts) {
      ++counters.contracts_refused;
      return no_contract;
    }
    if (free_.empty()) {
      n = static_cast<contract_number>(contracts_.size());
      contracts_.push_back({.contract = c});
    } else {
      n = free_.back();
      free_.pop_back();
      contracts_[n] = {.contract = c};
    }
    numbers_.emplace(c.id, n);
  }
  // What it says takes effect in its time: inputs that are ahead must not show.
  return push(from, {.at = at, .what = listing{n, c}}) ? n : no_contract;
}

/// Contracts that settled days ago leave, as they do on the board. What waits to be applied may still speak of some.
void gamma_core::forget_settled() {
  swept_at_ = now_;
  std::vector<std::uint8_t> stays(contracts_.size(), 0);
  merge_.each([&](const merge_item& item) {
    if (const auto* e = std::get_if<option_event>(&item.what)) stays[e->contract] = 1;
    if (const auto* l = std::get_if<listing>(&item.what)) stays[l->contract] = 1;
  });
  std::map<std::string, root_facts> roots;
  for (contract_number n = 0; n < contracts_.size(); ++n) {
    known_contract& known = contracts_[n];
    if (known.free) continue;
    bool on_board = false;
    if (known.on_board != no_contract) {
      const board_row row = board.row(known.on_board);
      on_board = row.listed && row.contract.id == known.contract.id;
    }
    if (stays[n] != 0 || on_board || known.contract.settles_at > now_ - option_board::keep_settled) {
      if (const auto root = roots_.find(known.contract.id.root); root != roots_.end()) roots.insert(*root);
      continue;
    }
    numbers_.erase(known.contract.id);
    known = {.contract = {}, .free = true};
    free_.push_back(n);
    forgotten_.push_back(n);
    ++counters.contracts_settled;
  }
  roots_ = std::move(roots);
}

contract_number gamma_core::find(const market::option_id& id) const {
  const auto known = numbers_.find(id);
  return known == numbers_.end() ? no_contract : known->second;
}

bool gamma_core::take(input from, timestamp at, std::span<const option_event> events) {
  bool room = true;
  for (const option_event& e : events) {
    ++counters.option_events;
    if (e.contract >= contracts_.size() || contracts_[e.contract].free) {
      ++counters.option_events_refused;
    } else if (!push(from, {.at = at, .what = e})) {
      ++counters.option_events_refused;
      room = false;
    }
  }
  return room;
}

bool gamma_core::take(level_states s) {
  ++counters.level_states;
  if (s.as_of <= states_newest_) {
    ++counters.backwards;
    return true;
  }
  if (states_.size() >= limits.level_states) {
    ++counters.dropped;
    return false;
  }
  states_newest_ = s.as_of;
  states_.push_back(std::move(s));
  return true;
}

void gamma_core::lose_levels(timestamp at) {
  if (states_.size() >= limits.level_states) return;
  states_.push_back({.as_of = std::max(at, states_newest_ + duration_ns{1}),
                     .trusted = false,
                     .quality = market::quality::gap,
                     .assumptions = {},
                     .lost = true,
                     .levels = {}});
}

bool gamma_core::add(user_level l) {
  const bool taken = universe.add(std::move(l));
  if (!taken) ++counters.user_levels_refused;
  changed_ = changed_ || taken;
  asked_ = asked_ || taken;
  return taken;
}

bool gamma_core::remove(std::string_view id) {
  const bool gone = universe.remove(id);
  changed_ = changed_ || gone;
  asked_ = asked_ || gone;
  return gone;
}

void gamma_core::watermark(input from, timestamp t) {
  timestamp& at = watermarks_[index(from)];
  at = std::max(at, t);
}

// ---- applied ----

void gamma_core::apply(input from, merge_item& item) {
  if (item.at < end_ - config.window) ++counters.late;
  last_item_ = std::max(last_item_, item.at);
  touched_ = true;
  if (auto* e = std::get_if<option_event>(&item.what)) {
    apply(*e, from);
  } else if (auto* l = std::get_if<listing>(&item.what)) {
    apply(*l, from);
  } else if (auto* u = std::get_if<underlying_price>(&item.what)) {
    apply_underlying(u->quote);
  } else if (auto* s = std::get_if<symbol_price>(&item.what)) {
    apply_symbol(s->quote);
  } else if (auto* t = std::get_if<underlying_trade>(&item.what)) {
    apply(*t);
  } else if (auto* v = std::get_if<traded_volume>(&item.what)) {
    apply(*v, item.at);
  } else if (auto* q = std::get_if<market::quality>(&item.what)) {
    apply(from, *q, item.at);
  }
}

void gamma_core::apply(input from, market::quality q, timestamp at) {
  market::quality& now = qualities_[index(from)];
  changed_ = changed_ || now != q;
  const bool trades = from == input::flow || from == input::option_feed;
  // Trades that were missed do not come again: they leave the window in their time.
  if (trades && now >= market::quality::gap && q < market::quality::gap) {
    flow_whole_ = at + config.fuel.window;
    flow_missed_ = from;
  }
  now = q;
}

/// As of `t`, radar-physics apart.
input_quality gamma_core::qualities(timestamp t) const {
  input_quality out;
  for (std::size_t i = 0; i < inputs; ++i) {
    out.blame(i, qualities_[i]);
    if ((lagging_ >> i & 1u) != 0) out.blame(i, market::quality::stale);
  }
  if (underlying_ != market::no_price && t - underlying_at_ > config.underlying_stale)
    out.blame(underlying_cause, market::quality::stale);
  if (silent(t)) out.blame(own_ ? underlying_cause : index(input::quotes), market::quality::stale);
  if (symbol_crossed_) out.blame(input::quotes, market::quality::crossed_in_feed);
  if (!symbol_trusted_) out.blame(input::quotes, market::quality::gap);
  return out;
}

void gamma_core::apply(const listing& l, input from) {
  known_contract& known = contracts_[l.contract];
  const auto bit = static_cast<std::uint8_t>(1u << index(from));
  const auto root = roots_.try_emplace(l.what.id.root, facts_of(l.what)).first;
  // One instant of settlement to a contract, give or take what sources call the close: days apart it is another's.
  const bool other_day = known.on_board != no_contract &&
                         std::abs((l.what.settles_at - known.contract.settles_at).value) > seconds(86'400).value;
  if (root->second != facts_of(l.what) || other_day) {
    ++counters.contracts_refused;
    known.refused |= bit;
    return;
  }
  const contract_number listed = board.list(l.what);
  if (listed == no_contract) {
    ++counters.contracts_refused;
    return;
  }
  known.refused &= static_cast<std::uint8_t>(~bit);
  known.contract = l.what;
  known.on_board = listed;
  changed_ = true;
}

void gamma_core::apply(option_event e, input from) {
  const known_contract& known = contracts_[e.contract];
  e.contract = known.on_board;
  if (e.contract == no_contract || (known.refused & (1u << index(from))) != 0) {
    ++counters.option_events_refused;
    return;
  }
  const board_row& row = board.row(e.contract);
  // The board gave the number to another contract since.
  if (row.contract.id != known.contract.id) {
    ++counters.option_events_refused;
    return;
  }
  // A feed speaks in its own order; chain and rows may both know of one quote.
  if (e.kind == option_event_kind::quote && from != input::option_feed && e.ts_event < row.ts_quote) {
    ++counters.option_events_superseded;
    return;
  }
  ++counters.option_events_applied;
  changed_ = true;
  if (e.kind != option_event_kind::trade) return board.apply(e);
  // A feed says its quotes by themselves: the one that stood is the board's.
  if (from == input::option_feed && e.bid == market::no_price && e.ask == market::no_price) {
    e.bid = row.bid;
    e.ask = row.ask;
  }
  const int sign = flow.trade(e, row);
  ++counters.option_trades;
  counters.option_lots += static_cast<std::uint64_t>(e.size.value);
  board.apply(e);
  if (sign == 0)
    ++counters.unsigned_trades;
  else
    board.take_customer_trade(e.contract, sign * e.size.value);
}

namespace {

/// Trusted, both sides, and not crossed.
bool whole(const underlying_quote& q) {
  return q.trusted && q.bid != market::no_price && q.ask != market::no_price && q.bid <= q.ask;
}
price mid_of(const underlying_quote& q) { return price(q.bid.value + floor_div((q.ask - q.bid).value, 2)); }

}  // namespace

void gamma_core::apply_underlying(const underlying_quote& q) {
  if (!whole(q)) {
    ++counters.bad_prices;
    return;
  }
  // A chain tells at the end of its window what was known when it was taken: rows may know better.
  if (q.ts_event < underlying_at_) {
    ++counters.underlying_superseded;
    return;
  }
  const price level = mid_of(q);
  changed_ = changed_ || level != underlying_;
  underlying_ = level;
  underlying_at_ = q.ts_event;
  if (own_) see_symbol(q);
}

void gamma_core::apply_symbol(const underlying_quote& q) {
  const bool crossed = q.bid != market::no_price && q.ask != market::no_price && q.bid > q.ask;
  changed_ = changed_ || q.trusted != symbol_trusted_ || crossed != symbol_crossed_;
  symbol_trusted_ = q.trusted;
  symbol_crossed_ = crossed;
  if (!whole(q)) {
    ++counters.bad_prices;
    return;
  }
  if (own_) {
    underlying_ = mid_of(q);
    underlying_at_ = std::max(underlying_at_, q.ts_event);
  }
  see_symbol(q);
}

void gamma_core::see_symbol(const underlying_quote& q) {
  const price mid = mid_of(q);
  changed_ = changed_ || mid != mid_;
  symbol_ = q;
  mid_ = mid;
  context.see(mid);
  // Where trades come, they alone make extremes and averages.
  if (required_[index(input::trades)]) return;
  session.quote(q);
  if (config.rules == compat::literal) literal_session.quote(mid);
}

void gamma_core::apply(const underlying_trade& t) {
  changed_ = true;
  session.trade(t);
  if (config.rules == compat::literal) literal_session.trade(t);
  if (config.volume == volume_source::trades) add_volume(t.ts_event, t.price, t.size);
}

void gamma_core::apply(const traded_volume& v, timestamp at) {
  if (config.volume != volume_source::options) return;
  changed_ = true;
  add_volume(at, v.price, v.lots);
}

void gamma_core::add_volume(timestamp at, price p, std::uint64_t lots) {
  volume.add(at, p, lots);
  counters.volume_lots += lots;
  counters.volume_lots_dropped = volume.dropped();
}

}  // namespace isobar::gamma_fuel
