#include "gamma-fuel/domain/option_board.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "gamma-fuel/domain/quote_rules.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr std::uint32_t nowhere = UINT32_MAX;
constexpr std::int64_t multiplier_max = 1'000'000'000;
/// More contracts than were ever open: sums over every contract stay in 64 bits.
constexpr std::int64_t lots_max = std::int64_t{1} << 40;

bool is_sound(timestamp t) { return t.ns >= 0 && t.ns <= std::int64_t{1} << 62; }

auto order_of(const market::option_id& id) { return std::tie(id.expiry, id.root, id.strike, id.right); }

}  // namespace

std::size_t option_board::id_hash::operator()(const market::option_id& id) const noexcept {
  const std::size_t root = std::hash<std::string>{}(id.root);
  const std::size_t rest = static_cast<std::size_t>(id.strike.value) * 2 + static_cast<std::size_t>(id.right);
  return root ^ (rest * 0x9e3779b97f4a7c15ULL) ^ (static_cast<std::size_t>(id.expiry.days) << 40);
}

option_board::option_board(const gamma_config& c) : config_(c) {}

contract_number option_board::list(const option_contract& c) {
  const auto known = numbers_.find(c.id);
  const bool sound = c.id.strike.value > 0 && c.id.strike.value <= price_limit && c.multiplier > 0 &&
                     c.multiplier <= multiplier_max && c.id.right <= market::right::put && is_sound(c.settles_at);
  if (!sound) {
    ++counters_.not_listed;
    return no_contract;
  }
  if (known != numbers_.end()) {
    board_row& r = entries_[known->second].row;
    if (r.listed && r.contract == c) return known->second;
    if (arranged_) store();
    r.contract = c;
    r.listed = true;
    arranged_ = false;
    return known->second;
  }
  const contract_number number = next_number();
  if (number == no_contract) {
    ++counters_.not_listed;
    return no_contract;
  }
  if (arranged_) store();
  if (number < entries_.size()) {
    numbers_.erase(entries_[number].row.contract.id);
    entries_[number] = {};
    ++counters_.numbers_reused;
  } else {
    entries_.push_back({});
    is_touched_.push_back(0);
  }
  entries_[number].row.contract = c;
  numbers_.emplace(c.id, number);
  arranged_ = false;
  return number;
}

contract_number option_board::next_number() {
  if (entries_.size() < contracts_max) return static_cast<contract_number>(entries_.size());
  // Once round the board a day: nothing settles in between.
  for (; reuse_from_ < entries_.size(); ++reuse_from_) {
    const board_row& r = entries_[reuse_from_].row;
    if (!r.listed && r.contract.settles_at + keep_settled <= day_begin_)
      return static_cast<contract_number>(reuse_from_++);
  }
  return no_contract;
}

void option_board::unlist(board_row& r) {
  if (!r.listed) return;
  if (arranged_) store();
  arranged_ = false;
  r.listed = false;
  r.delta = r.gamma = r.vanna = r.charm = 0;
}

void option_board::drop_settled() {
  reuse_from_ = 0;
  for (entry& e : entries_) {
    if (!e.row.listed || e.row.contract.settles_at + keep_settled > day_begin_) continue;
    unlist(e.row);
    ++counters_.settled;
  }
}

std::optional<contract_number> option_board::find(const market::option_id& id) const {
  const auto known = numbers_.find(id);
  if (known == numbers_.end()) return std::nullopt;
  return known->second;
}

void option_board::touch(contract_number c) {
  if (is_touched_[c] != 0) return;
  is_touched_[c] = 1;
  touched_.push_back(c);
}

void option_board::roll_day(timestamp t) {
  if (t < day_end_) return;
  const date day = market::exchange_date(t);
  const bool first = day_end_ == start_of_time;
  day_begin_ = market::new_york_time(day, {0});
  day_end_ = market::new_york_time(day + 1, {0});
  drop_settled();
  if (first) return;
  for (std::size_t n = 0; n < entries_.size(); ++n) {
    if (entries_[n].row.volume.value == 0) continue;
    entries_[n].row.volume = quantity(0);
    touch(static_cast<contract_number>(n));
  }
}

void option_board::quote(board_row& r, const option_event& e) {
  const auto believed = [this](isobar::price p) {
    if (p == market::no_price || (p.value >= 0 && p.value <= price_limit)) return p;
    ++counters_.absurd_prices;
    return market::no_price;
  };
  r.bid = believed(e.bid);
  r.ask = believed(e.ask);
  r.ts_quote = e.ts_event;
}

void option_board::state_interest(entry& e, quantity interest) {
  if (interest.value < 0 || interest.value > lots_max) interest = market::no_quantity;
  e.row.open_interest = interest;
  if (interest == market::no_quantity || interest == e.stated) return;
  if (e.stated != market::no_quantity && e.stated_on < day_begin_) {
    const std::int64_t grown = (interest - e.stated).value, implied = (e.opened - e.closed).value;
    std::int64_t& position = e.row.dealer_position;
    const std::int64_t excess = std::clamp<std::int64_t>(implied - grown, 0, e.opened.value);
    const std::int64_t left = std::min(std::max<std::int64_t>(0, std::abs(position) - excess), interest.value);
    position = position < 0 ? -left : left;
    e.opened = e.closed = quantity(0);
  }
  e.stated = interest;
  e.stated_on = day_begin_;
}

void option_board::apply(const option_event& e) {
  ++counters_.events;
  const bool trade_without_size = e.kind == option_event_kind::trade && e.size.value <= 0;
  if (e.contract >= entries_.size() || e.kind > option_event_kind::delisted || trade_without_size ||
      !is_sound(e.ts_event)) {
    ++counters_.refused;
    return;
  }
  roll_day(e.ts_event);
  entry& known = entries_[e.contract];
  switch (e.kind) {
    case option_event_kind::quote:
      ++counters_.quotes;
      quote(known.row, e);
      break;
    case option_event_kind::trade:
      ++counters_.trades;
      if (e.ts_event >= day_begin_)
        known.row.volume = quantity(std::min(known.row.volume.value + std::min(e.size.value, lots_max), lots_max));
      break;
    case option_event_kind::open_interest:
      ++counters_.interests;
      state_interest(known, e.open_interest);
      break;
    case option_event_kind::delisted:
      ++counters_.delistings;
      unlist(known.row);
      break;
  }
  touch(e.contract);
}

void option_board::take_customer_trade(contract_number c, std::int64_t lots) {
  if (c >= entries_.size() || lots == 0) return;
  lots = std::clamp(lots, -lots_max, lots_max);
  entry& e = entries_[c];
  std::int64_t& position = e.row.dealer_position;
  const std::int64_t dealers = -lots;
  const bool closes = (position > 0) != (dealers > 0) && position != 0;
  const std::int64_t closed = closes ? std::min(std::abs(dealers), std::abs(position)) : 0;
  e.closed = std::min(e.closed + quantity(closed), quantity(lots_max));
  e.opened = std::min(e.opened + quantity(std::abs(dealers) - closed), quantity(lots_max));
  position = std::clamp(position + dealers, -lots_max, lots_max);
  touch(c);
}

void option_board::store() const {
  for (std::size_t p = 0; p < columns_.size(); ++p) {
    entry& e = entries_[columns_.number[p]];
    e.solved_mid = columns_.solved_mid[p];
    e.solved_forward = columns_.solved_forward[p];
    board_row& r = e.row;
    r.sigma = columns_.sigma[p];
    r.delta = columns_.delta[p];
    r.gamma = columns_.gamma[p];
    r.vanna = columns_.vanna[p];
    r.charm = columns_.charm[p];
    r.why = columns_.why[p];
    r.state = columns_.state[p];
  }
}

void option_board::load(std::size_t p) const {
  const entry& e = entries_[columns_.number[p]];
  const board_row& r = e.row;
  const quoted_mid quoted = mid_of(r.bid, r.ask, r.contract.id.root, config_.pricing.zero_bid_spread_ticks);
  columns_.quote[p] = quoted.state;
  columns_.mid[p] = quoted.mid;
  columns_.has_bid[p] = r.bid != market::no_price && r.bid.value > 0 ? 1 : 0;
  columns_.ts_quote[p] = r.ts_quote;
  columns_.open_interest[p] = r.open_interest.value;
  columns_.volume[p] = r.volume.value;
  columns_.dealer_position[p] = r.dealer_position;
}

void option_board::arrange() const {
  if (arranged_) return;
  arranged_ = true;
  std::vector<contract_number> order;
  for (std::size_t n = 0; n < entries_.size(); ++n)
    if (entries_[n].row.listed) order.push_back(static_cast<contract_number>(n));
  std::sort(order.begin(), order.end(), [this](contract_number a, contract_number b) {
    return order_of(entries_[a].row.contract.id) < order_of(entries_[b].row.contract.id);
  });

  board_columns& c = columns_;
  c.resize(order.size());
  c.strikes.clear();
  for (const contract_number n : order) c.strikes.push_back(entries_[n].row.contract.id.strike);
  std::sort(c.strikes.begin(), c.strikes.end());
  c.strikes.erase(std::unique(c.strikes.begin(), c.strikes.end()), c.strikes.end());

  c.expiries.clear();
  position_.assign(entries_.size(), nowhere);
  for (std::uint32_t p = 0; p < order.size(); ++p) {
    const entry& e = entries_[order[p]];
    const option_contract& of = e.row.contract;
    position_[order[p]] = p;
    if (c.expiries.empty() || c.expiries.back().key.expiry != of.id.expiry || c.expiries.back().key.root != of.id.root)
      c.expiries.push_back(
          {.key = {of.id.expiry, of.id.root}, .settles_at = of.settles_at, .first = p, .last = p, .parity_strike = {}});
    c.expiries.back().last = p + 1;
    c.expiries.back().settles_at = std::max(c.expiries.back().settles_at, of.settles_at);
    c.number[p] = order[p];
    c.strike_index[p] = static_cast<std::uint32_t>(std::lower_bound(c.strikes.begin(), c.strikes.end(), of.id.strike) -
                                                   c.strikes.begin());
    c.right[p] = of.id.right;
    c.american[p] = of.american ? 1 : 0;
    c.strike[p] = to_double(of.id.strike);
    c.log_strike[p] = std::log(c.strike[p]);
    c.multiplier[p] = static_cast<double>(of.multiplier);
    c.solved_mid[p] = e.solved_mid;
    c.solved_forward[p] = e.solved_forward;
    c.sigma[p] = e.row.sigma;
    c.delta[p] = e.row.delta;
    c.gamma[p] = e.row.gamma;
    c.vanna[p] = e.row.vanna;
    c.charm[p] = e.row.charm;
    c.why[p] = e.row.why;
    c.state[p] = e.row.state;
    c.total_deviation[p] = 0;
    load(p);
  }
}

void option_board::refresh() {
  for (const contract_number n : touched_) {
    is_touched_[n] = 0;
    if (position_[n] != nowhere) load(position_[n]);
  }
  touched_.clear();
}

std::span<const contract_number> option_board::in_order() const {
  arrange();
  return columns_.number;
}

board_row option_board::row(contract_number c) const {
  ISOBAR_ASSERT(c < entries_.size());
  board_row r = entries_[c].row;
  if (!arranged_ || position_[c] == nowhere) return r;
  const std::size_t p = position_[c];
  r.sigma = columns_.sigma[p];
  r.delta = columns_.delta[p];
  r.gamma = columns_.gamma[p];
  r.vanna = columns_.vanna[p];
  r.charm = columns_.charm[p];
  r.why = columns_.why[p];
  r.state = columns_.state[p];
  return r;
}

}  // namespace isobar::gamma_fuel
