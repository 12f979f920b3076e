#include "feed-ingest/domain/option_desk.hpp"

#include <algorithm>

#include "feed-ingest/domain/option_listing.hpp"

namespace isobar::feed_ingest {
namespace {

using market::option_feed_event;
using market::option_record;

}  // namespace

option_segment& option_desk::open_segment() {
  if (pending_.empty() || segment_closed_) {
    pending_.push_back({.base = !started_, .continues = false, .contracts = {}, .events = {}});
    started_ = true;
    segment_closed_ = false;
  }
  return pending_.back();
}

void option_desk::say(const option_feed_event& e) {
  auto& to = open_segment();
  auto& c = contracts_[e.number];
  // Also where the same frame has named it: what a stream says must not hang on where frames end.
  if (!std::exchange(c.used, true)) to.contracts.push_back(c.what);
  to.events.push_back(e);
}

void option_desk::list(contract& c) {
  if (!c.listed) {
    c.listed = true;
    ++counts_.listed;
  }
  c.used = false;
  settling_.emplace(c.what.settles_at, c.what.number);
  open_segment().contracts.push_back(c.what);
  plan();
}

void option_desk::delist(contract& c, timestamp at) {
  settling_.erase({c.what.settles_at, c.what.number});
  if (!c.listed) return;
  c.listed = false;
  c.best = quote_maker(price(0), options_.ladder_ticks, true);
  c.quote = c.interest = {.ts_event = start_of_time};
  --counts_.listed;
  ++counts_.delisted;
  say({.ts_event = at, .number = c.what.number, .kind = option_record::delisted});
}

refusal option_desk::define(const input_record& r) {
  by_id_.erase(r.instrument.id);  // what it meant before it means no more, whatever comes of this definition
  auto made = list_option(r.instrument, r.exercise_style);
  if (!made) return refusal::bad_value;
  const auto known = by_name_.find(made->raw_symbol);
  if (r.instrument.deleted) {
    if (known == by_name_.end()) return refusal::none;
    by_id_[r.instrument.id] = known->second;
    delist(contracts_[known->second], r.instrument.ts_event);
    return refusal::none;
  }
  if (made->settles_at <= std::max(now_, r.instrument.ts_event)) return refusal::expired;
  if (known == by_name_.end()) {
    if (contracts_.size() >= options_.contracts_max) return refusal::too_many_options;
    made->number = static_cast<std::uint32_t>(contracts_.size());
    by_name_[made->raw_symbol] = made->number;
    contracts_.push_back({.what = std::move(*made),
                          .best = quote_maker(r.instrument.tick, options_.ladder_ticks, true),
                          .trade_schema = {},
                          .quote = {.ts_event = start_of_time},
                          .interest = {.ts_event = start_of_time}});
    by_id_[r.instrument.id] = contracts_.back().what.number;
    list(contracts_.back());
    return refusal::none;
  }
  auto& c = contracts_[known->second];
  by_id_[r.instrument.id] = known->second;
  made->number = known->second;
  if (c.listed && c.what == *made) return refusal::none;
  settling_.erase({c.what.settles_at, c.what.number});
  c.what = std::move(*made);
  list(c);
  return refusal::none;
}

refusal option_desk::take(const input_record& r) {
  // The router sends a number here as soon as a definition named it, also one that was refused.
  const auto known = by_id_.find(r.instrument_id);
  if (known == by_id_.end()) return refusal::unknown_instrument;
  auto& c = contracts_[known->second];
  if (!c.listed) return refusal::expired;
  switch (r.kind) {
    case record_kind::mbo:
      if (r.is_trade) (void)take_trade(c, r);
      if (const auto row = c.best.take(r.event)) say_quote(c, *row);
      return refusal::none;
    case record_kind::trades:
    case record_kind::mbp_1:
    case record_kind::mbp_10:
    case record_kind::cmbp_1:
    case record_kind::bbo:
      return take_by_price(c, r);
    case record_kind::statistics:
      return take_statistic(c, r.statistic);
    default:
      return refusal::unused_schema;
  }
}

refusal option_desk::take_by_price(contract& c, const input_record& r) {
  bool quote = false;
  if (r.is_quote)
    if (const auto row = c.best.take(r, quote)) say_quote(c, *row);
  const auto trade = r.is_trade ? take_trade(c, r) : refusal::not_a_trade;
  return quote ? refusal::none : trade;
}

refusal option_desk::take_trade(contract& c, const input_record& r) {
  if (!c.trade_schema) c.trade_schema = r.kind;
  if (*c.trade_schema != r.kind) return refusal::repeated_trade;
  ++counts_.trades;
  say({.ts_event = r.trade.ts_event,
       .number = c.what.number,
       .kind = option_record::trade,
       .aggressor = r.trade.aggressor,
       .last = r.trade.price,
       .size = r.trade.size});
  return refusal::none;
}

refusal option_desk::take_statistic(contract& c, const market::statistic& s) {
  if (s.type != market::statistic::open_interest) return refusal::unused_schema;
  const bool none = s.deleted || s.amount == INT64_MAX || s.amount < 0;
  c.interest = {.ts_event = s.ts_event,
                .number = c.what.number,
                .kind = option_record::open_interest,
                .open_interest = none ? market::no_quantity : quantity(s.amount)};
  ++counts_.open_interests;
  say(c.interest);
  return refusal::none;
}

void option_desk::say_quote(contract& c, const market::top_quote& row) {
  // A book that cannot be believed has no best price; negative prices do not exist in option rows.
  option_feed_event e{.ts_event = row.ts_event, .number = c.what.number};
  if (row.trusted && row.bid.value >= 0 && row.bid != market::no_price) e.bid = row.bid, e.bid_size = row.bid_size;
  if (row.trusted && row.ask.value >= 0 && row.ask != market::no_price) e.ask = row.ask, e.ask_size = row.ask_size;
  if (e.bid == c.quote.bid && e.ask == c.quote.ask) return;
  c.quote = e;
  ++counts_.quotes;
  say(e);
}

void option_desk::come_to(timestamp now) {
  while (!settling_.empty() && settling_.begin()->first <= now) {
    auto& c = contracts_[settling_.begin()->second];
    delist(c, c.what.settles_at);
  }
  if (options_.base_every.value > 0 && now >= next_base_) {
    if (next_base_ != start_of_time && counts_.listed > 0) say_base();
    const auto width = options_.base_every.value;
    next_base_ = {(floor_div(now.ns, width) + 1) * width};
  }
  plan();
}

void option_desk::plan() {
  next_ = options_.base_every.value > 0 ? next_base_ : end_of_time;
  if (!settling_.empty()) next_ = std::min(next_, settling_.begin()->first);
}

void option_desk::say_base() {
  ++counts_.bases;
  bool first = true;
  segment_closed_ = true;
  for (auto& c : contracts_) {
    if (!c.listed) continue;
    if (segment_closed_ || pending_.back().contracts.size() >= base_contracts_max) {
      if (!first) pending_.back().continues = true;
      pending_.push_back({.base = first, .continues = false, .contracts = {}, .events = {}});
      segment_closed_ = first = false;
    }
    auto& to = pending_.back();
    to.contracts.push_back(c.what);
    c.used = c.quote.ts_event != start_of_time || c.interest.ts_event != start_of_time;
    if (c.quote.ts_event != start_of_time) to.events.push_back(c.quote);
    if (c.interest.ts_event != start_of_time) to.events.push_back(c.interest);
  }
  started_ = true;
  segment_closed_ = true;
}

std::size_t option_desk::memory_bytes() const {
  std::size_t out = sizeof *this + contracts_.capacity() * sizeof(contract);
  for (const auto& c : contracts_) out += c.best.memory_bytes() - sizeof c.best + c.what.raw_symbol.capacity();
  return out;
}

}  // namespace isobar::feed_ingest
