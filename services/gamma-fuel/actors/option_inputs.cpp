#include "gamma-fuel/actors/option_inputs.hpp"

#include <algorithm>
#include <utility>

#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr duration_ns instant{1};
constexpr std::uint8_t said_quote = 1, said_interest = 2;
constexpr std::size_t roots_max = 4'096;  ///< remembered; found anew beyond

bool is_american(const std::string& root) {
  const auto spec = market::find_root(root);
  return spec && spec->american;
}

option_event quote_of(contract_number n, price bid, price ask, timestamp ts) {
  option_event e;
  e.ts_event = ts;
  e.contract = n;
  e.kind = option_event_kind::quote;
  e.bid = bid;
  e.ask = ask;
  return e;
}

option_event interest_of(contract_number n, quantity open_interest, timestamp ts) {
  option_event e;
  e.ts_event = ts;
  e.contract = n;
  e.kind = option_event_kind::open_interest;
  e.open_interest = open_interest;
  return e;
}

}  // namespace

option_inputs::option_inputs(gamma_engine& engine, const symbol& option_symbol)
    : engine_(engine), option_symbol_(option_symbol.str()) {}

bool option_inputs::belongs(const std::string& root) {
  if (roots_.size() >= roots_max && !roots_.contains(root)) roots_.clear();
  const auto [at, fresh] = roots_.try_emplace(root, true);
  if (fresh) {
    const auto spec = market::find_root(root);
    at->second = !spec || spec->symbol == option_symbol_ || spec->vendor_underlying == option_symbol_;
  }
  return at->second;
}

option_inputs::word& option_inputs::of(std::vector<word>& words, contract_number n) {
  if (n >= words.size()) words.resize(n + 1);
  return words[n];
}

contract_number option_inputs::list(input from, timestamp at, const option_contract& c) {
  const contract_number n = engine_.list(from, at, c);
  if (const auto gone = engine_.take_forgotten(); !gone.empty()) forget(gone);
  return n;
}

/// Their numbers mean other contracts, or will.
void option_inputs::forget(const std::vector<contract_number>& gone) {
  marks numbers;
  for (const contract_number n : gone) {
    numbers.insert(n);
    if (n < chain_.size()) chain_[n] = {};
    if (n < rows_.size()) rows_[n] = {};
    if (n < feed_words_.size()) feed_words_[n] = 0;
  }
  const auto clear = [&](std::vector<contract_number>& all) {
    for (contract_number& n : all)
      if (numbers.contains(n)) n = no_contract;
  };
  for (auto& [id, board] : boards_) {
    clear(board.by_rows);
    clear(board.by_flow);
  }
  clear(feed_);
  std::erase_if(feed_said_, [&](contract_number n) { return numbers.contains(n); });
}

void option_inputs::say(input from, timestamp at, const option_event& e) {
  if (!engine_.take(from, at, {&e, 1})) ++counts_.dropped;
}

// ---- chains ----

timestamp option_inputs::chain_reach(timestamp t) const {
  if (t == end_of_time || t == start_of_time) return t;
  return window_end_of(t - instant, engine_.config().window) - instant;
}

void option_inputs::take(const market::chain_snapshot& chain) {
  const timestamp at = chain_reach(chain.ts_event);
  ++chain_generation_;
  for (const market::expiry_chain& expiry : chain.expiries) {
    if (!belongs(expiry.key.root)) {
      counts_.wrong_root += expiry.contracts.size();
      continue;
    }
    for (const market::chain_contract& c : expiry.contracts) take_contract(expiry, c, chain.ts_event, at);
  }
  for (contract_number n = 0; n < chain_.size(); ++n) {
    word& w = chain_[n];
    if (!w.listed || w.generation == chain_generation_) continue;
    w = {};
    option_event gone;
    gone.ts_event = chain.ts_event;
    gone.contract = n;
    gone.kind = option_event_kind::delisted;
    say(input::chain, at, gone);
  }
  if (chain.spot != market::no_price &&
      !engine_.take(input::chain, at, underlying_quote{chain.ts_event, chain.spot, chain.spot, true}))
    ++counts_.dropped;
}

void option_inputs::take_contract(const market::expiry_chain& expiry, const market::chain_contract& c, timestamp ts,
                                  timestamp at) {
  const market::option_id id{expiry.key.root, expiry.key.expiry, c.right, c.strike};
  contract_number n = engine_.find(id);
  if (n == no_contract || n >= chain_.size() || !chain_[n].listed)
    n = list(input::chain, at, {id, expiry.settles_at, expiry.multiplier, is_american(expiry.key.root)});
  if (n == no_contract) return;
  word& w = of(chain_, n);
  w.listed = true;
  w.generation = chain_generation_;
  const market::contract_state& s = c.state;
  const bool quoted = s.bid != market::no_price || s.ask != market::no_price;
  if (quoted && (w.bid != s.bid || w.ask != s.ask || w.ts_quote != s.ts_quote))
    say(input::chain, at, quote_of(n, s.bid, s.ask, std::min(s.ts_quote == start_of_time ? ts : s.ts_quote, at)));
  if (w.open_interest != s.open_interest) say(input::chain, at, interest_of(n, s.open_interest, ts));
  w.bid = s.bid;
  w.ask = s.ask;
  w.ts_quote = s.ts_quote;
  w.open_interest = s.open_interest;
}

// ---- windows ----

void option_inputs::learn(const market::epoch& e) {
  if (boards_.contains(e.id)) return;
  const std::size_t slots = e.board.contract_count();
  boards_.emplace(e.id, board_numbers{.geometry = e.board,
                                      .by_rows = std::vector<contract_number>(slots, no_contract),
                                      .by_flow = std::vector<contract_number>(slots, no_contract)});
  while (boards_.size() > boards_max) boards_.erase(boards_.begin());
}

bool option_inputs::board_numbers::sound() const {
  std::size_t slots = 0;
  for (const market::expiry_plane& p : geometry.planes) {
    if (p.listed.size() != p.strikes.size() || p.first_contract != slots) return false;
    slots += 2 * p.strikes.size();
  }
  return by_rows.size() == slots && by_flow.size() == slots;
}

timestamp option_inputs::rows_reach(timestamp t) const {
  if (t == end_of_time || t == start_of_time || row_width_.value == 0) return t;
  return t + row_width_ - instant;
}

contract_number option_inputs::resolve(board_numbers& b, std::vector<contract_number>& numbers, input from,
                                       timestamp at, market::contract_index index) {
  if (index >= numbers.size() || !b.geometry.is_listed(index)) {
    ++counts_.unknown_contract;
    return no_contract;
  }
  contract_number& n = numbers[index];
  if (n != no_contract) return n;
  const market::expiry_plane& plane = b.geometry.plane_of(index);
  if (!belongs(plane.key.root)) {
    ++counts_.wrong_root;
    return no_contract;
  }
  n = list(from, at, {b.geometry.id_of(index), plane.settles_at, plane.multiplier, is_american(plane.key.root)});
  return n;
}

void option_inputs::take(const market::gex_rows& rows) {
  const auto board = boards_.find(rows.header.epoch);
  if (board == boards_.end()) return;
  board_numbers& b = board->second;
  row_width_ = rows.header.window_end - rows.header.window_start;
  const timestamp at = rows.header.window_end - instant;
  present_.clear();
  for (const market::gex_row& row : rows.rows) {
    const contract_number n = resolve(b, b.by_rows, input::rows, at, row.contract);
    if (n == no_contract) continue;
    if (rows.header.base) present_.insert(n);
    take_row(n, row, at);
  }
  if (rows.header.base) clear_absent(b, at);
  if (rows.header.spot == market::no_price || rows.header.spot == rows_spot_) return;
  rows_spot_ = rows.header.spot;
  if (!engine_.take(input::rows, at, underlying_quote{at, rows_spot_, rows_spot_, true})) ++counts_.dropped;
}

void option_inputs::take_row(contract_number n, const market::gex_row& row, timestamp at) {
  word& w = of(rows_, n);
  const bool quoted = row.bid != market::no_price || row.ask != market::no_price;
  if (quoted || w.bid != market::no_price || w.ask != market::no_price) {
    // A quote that went away went away now.
    const timestamp ts = row.ts_quote == start_of_time || !quoted ? at : std::min(row.ts_quote, at);
    say(input::rows, at, quote_of(n, row.bid, row.ask, ts));
    w.ts_quote = ts;
  }
  if (!w.listed || w.open_interest != row.open_interest) say(input::rows, at, interest_of(n, row.open_interest, at));
  w.listed = true;
  w.bid = row.bid;
  w.ask = row.ask;
  w.open_interest = row.open_interest;
}

/// What rows had said of contracts of this board, and a base says no more, is void.
void option_inputs::clear_absent(const board_numbers& b, timestamp at) {
  for (const contract_number n : b.by_rows) {
    if (n == no_contract || n >= rows_.size() || !rows_[n].listed || present_.contains(n)) continue;
    say(input::rows, at, quote_of(n, market::no_price, market::no_price, at));
    say(input::rows, at, interest_of(n, market::no_quantity, at));
    rows_[n] = {};
  }
}

void option_inputs::take(const market::flow_rows& rows) {
  const auto board = boards_.find(rows.header.epoch);
  if (board == boards_.end()) return;
  row_width_ = rows.header.window_end - rows.header.window_start;
  const timestamp at = rows.header.window_end - instant;
  counts_.prints_dropped += rows.dropped;
  for (const market::option_print& print : rows.rows) {
    option_event e;
    e.contract = resolve(board->second, board->second.by_flow, input::flow, at, print.contract);
    if (e.contract == no_contract) continue;
    e.ts_event = print.ts_event;
    e.kind = option_event_kind::trade;
    e.bid = print.bid;
    e.ask = print.ask;
    e.last = print.price;
    e.size = print.size;
    say(input::flow, at, e);
  }
}

void option_inputs::take(const market::volume_profile_rows& rows) {
  row_width_ = rows.header.window_end - rows.header.window_start;
  std::uint64_t lots = 0;
  for (const market::volume_row& row : rows.rows) lots += static_cast<std::uint64_t>(row.traded.value);
  if (lots == 0) return;
  if (rows.header.spot == market::no_price)
    counts_.volume_without_spot += lots;
  else if (!engine_.take_volume(rows.header.window_end - instant, rows.header.spot, lots))
    ++counts_.dropped;
}

// ---- feed.options ----

void option_inputs::forget_feed_numbers() {
  for (const contract_number n : feed_)
    if (n != no_contract) feed_said_.push_back(n);
  std::sort(feed_said_.begin(), feed_said_.end());
  feed_said_.erase(std::unique(feed_said_.begin(), feed_said_.end()), feed_said_.end());
  feed_.clear();
}

/// The open interest of what the base names again stands until it says another.
void option_inputs::void_feed(const wire::option_frame& base) {
  forget_feed_numbers();
  present_.clear();
  for (const market::listed_option& c : base.contracts)
    if (const contract_number n = engine_.find(c.id); n != no_contract) present_.insert(n);
  const timestamp at = std::max(feed_at_, base.events.empty() ? start_of_time : base.events.front().ts_event);
  for (const contract_number n : feed_said_) {
    // What other inputs say of it is not the feed's to take back.
    const std::uint8_t words = n < feed_words_.size() ? std::exchange(feed_words_[n], std::uint8_t{0}) : 0;
    if ((words & said_quote) != 0) say(input::option_feed, at, quote_of(n, market::no_price, market::no_price, at));
    if ((words & said_interest) == 0) continue;
    if (present_.contains(n))
      feed_words_[n] = said_interest;
    else
      say(input::option_feed, at, interest_of(n, market::no_quantity, at));
  }
  feed_said_.clear();
}

contract_number option_inputs::listed(const market::listed_option& c) {
  if (!belongs(c.id.root)) {
    ++counts_.wrong_root;
    return no_contract;
  }
  const std::int64_t multiplier =
      c.multiplier > 0 ? c.multiplier / nanos_per_unit : engine_.config().contract_multiplier;
  return list(input::option_feed, feed_at_, {c.id, c.settles_at, multiplier, c.american});
}

contract_number option_inputs::feed_contract(const market::option_feed_event& e, const wire::option_frame& frame) {
  if (e.number >= feed_.size()) feed_.resize(e.number + 1, no_contract);
  contract_number& n = feed_[e.number];
  if (n != no_contract) return n;
  if (!named_.contains(e.number)) {
    ++counts_.unknown_contract;
    return no_contract;
  }
  return n = listed(frame.contracts[named_at_[e.number]]);
}

void option_inputs::take(const wire::option_frame& frame) {
  if (frame.base) void_feed(frame);
  named_.clear();
  for (std::uint32_t i = 0; i < frame.contracts.size(); ++i) {
    const std::uint32_t number = frame.contracts[i].number;
    named_.insert(number);
    if (number >= named_at_.size()) named_at_.resize(number + 1);
    named_at_[number] = i;
  }
  for (const market::option_feed_event& f : frame.events) {
    feed_at_ = std::max(feed_at_, f.ts_event);
    option_event e;
    e.contract = feed_contract(f, frame);
    if (e.contract == no_contract) continue;
    e.ts_event = f.ts_event;
    e.kind = static_cast<option_event_kind>(f.kind);
    if (e.contract >= feed_words_.size()) feed_words_.resize(e.contract + 1);
    if (e.kind == option_event_kind::quote) feed_words_[e.contract] |= said_quote;
    if (e.kind == option_event_kind::open_interest) feed_words_[e.contract] |= said_interest;
    e.aggressor = f.aggressor;
    e.bid = f.bid;
    e.ask = f.ask;
    e.last = f.last;
    e.size = quantity(f.size);
    e.open_interest = f.open_interest;
    say(input::option_feed, feed_at_, e);
  }
}

}  // namespace isobar::gamma_fuel
