#include "feed-ingest/domain/normaliser.hpp"

#include <algorithm>

namespace isobar::feed_ingest {
namespace {

using market::book_action;
using market::no_price;

timestamp later(timestamp t, duration_ns by) { return t.ns > INT64_MAX - by.value ? end_of_time : t + by; }

/// By how much options may be ahead of the symbol's own records in the order of delivery.
constexpr duration_ns option_lead = seconds(1);

std::string at_record(std::uint64_t ordinal) { return "record " + std::to_string(ordinal); }

}  // namespace

bool normaliser::splits(const input_record& r) const {
  if (size_ == 0 || r.refused != refusal::none) return false;
  if (r.instrument_id != instrument_id_) return true;
  if (!any_events_) return false;
  if (r.kind == record_kind::definition) return r.instrument.tick > price(0) && r.instrument.tick != tick_;
  return r.kind == record_kind::mbo && r.event.has(market::event_flag::snapshot) != last_snapshot_;
}

bool normaliser::add(const input_record& r, std::uint64_t ordinal, timestamp now) {
  ordinal_ = ordinal;
  return take(r) && joined(now);
}

bool normaliser::add_option(const input_record& r, std::uint64_t ordinal, timestamp now) {
  ordinal_ = ordinal;
  return take_option(r) && joined(now);
}

bool normaliser::joined(timestamp now) {
  if (size_++ == 0) began_ = now;
  due_ = later(began_, event_open_ ? options_.open_event_span : options_.frame_span);
  batch_->paced_until = now;
  return size_ >= frame_records_max || (size_ >= options_.frame_records && !event_open_);
}

bool normaliser::refuse(refusal why) {
  ++counts_.refused[static_cast<std::size_t>(why)];
  return false;
}

bool normaliser::take_option(const input_record& r) {
  if (r.refused != refusal::none) return refuse(r.refused);
  if (r.kind == record_kind::symbol_mapping || r.kind == record_kind::system) {
    ++counts_.taken[static_cast<std::size_t>(r.kind)];
    return false;
  }
  if (r.kind != record_kind::definition && r.event_time != start_of_time) pass_option_time(r.event_time);
  const auto why = r.kind == record_kind::definition ? desk_.define(r) : desk_.take(r);
  if (why != refusal::none) return refuse(why);
  ++counts_.taken[static_cast<std::size_t>(r.kind)];
  return true;
}

/// Other channels of the venue than the symbol's own: their records may come a little before it.
void normaliser::pass_option_time(timestamp t) {
  desk_.pass_time(t);
  watermark_ = std::max(watermark_, options_.options_only ? t : t - option_lead);
  if (options_.options_only) last_time_ = std::max(last_time_, t);
}

bool normaliser::take(const input_record& r) {
  if (r.refused != refusal::none) return refuse(r.refused);
  switch (r.kind) {
    case record_kind::mbo:
      take_event(r.event);
      if (r.is_trade) (void)take_trade(r);
      if (options_.quotes)
        if (const auto row = best_.take(r.event)) say(*row);
      break;
    case record_kind::trades:
    case record_kind::mbp_1:
    case record_kind::mbp_10:
    case record_kind::cmbp_1:
    case record_kind::bbo:
      if (const auto why = take_by_price(r); why != refusal::none) return refuse(why);
      break;
    case record_kind::definition:
      batch_->definitions.push_back(r.instrument);
      if (r.instrument.tick > price(0)) tick_ = r.instrument.tick;
      best_.set_tick(r.instrument.tick);
      break;
    case record_kind::statistics:
      batch_->statistics.push_back(r.statistic);
      break;
    case record_kind::status:
      batch_->changes.push_back(r.status);
      break;
    case record_kind::symbol_mapping:
    case record_kind::system:
      ++counts_.taken[static_cast<std::size_t>(r.kind)];
      return false;
    case record_kind::other:
      return refuse(refusal::unused_schema);
  }
  ++counts_.taken[static_cast<std::size_t>(r.kind)];
  instrument_id_ = r.instrument_id;
  return true;
}

void normaliser::judge_time(timestamp t) {
  if (t < last_time_) {
    ++odd_.backwards;
    report({t, "backwards",
            at_record(ordinal_) + ": " + std::to_string(last_time_.ns - t.ns) + " ns before the record before"});
  }
  last_time_ = t;
  watermark_ = std::max(watermark_, t);
  desk_.pass_time(t);
}

void normaliser::judge_price(price p, bool required) {
  if (p == no_price) {
    odd_.undefined_prices += required ? 1 : 0;
  } else if (tick_ > price(0) && p.value % tick_.value != 0) {
    ++odd_.off_tick;
  }
}

void normaliser::take_event(const market::book_event& e) {
  namespace flag = market::event_flag;
  const bool snapshot = e.has(flag::snapshot), bad_book = e.has(flag::maybe_bad_book);
  odd_.snapshot += snapshot ? 1 : 0;
  odd_.bad_ts_recv += e.has(flag::bad_ts_recv) ? 1 : 0;
  odd_.maybe_bad_book += bad_book ? 1 : 0;
  if (bad_book && !last_bad_book_) report({e.ts_event, "maybe_bad_book", at_record(ordinal_)});
  judge_price(e.price, e.action != book_action::clear && e.action != book_action::none);
  if (!snapshot) {
    judge_time(e.ts_event);
    if (any_sequence_ && e.sequence < last_sequence_) {
      ++odd_.sequence_resets;
      report({e.ts_event, "sequence_reset",
              at_record(ordinal_) + ": " + std::to_string(last_sequence_) + " then " + std::to_string(e.sequence)});
    }
    odd_.sequence_jumps += any_sequence_ && e.sequence > last_sequence_ && e.sequence - last_sequence_ > 1 ? 1 : 0;
    last_sequence_ = e.sequence;
    any_sequence_ = true;
  }
  last_snapshot_ = snapshot;
  last_bad_book_ = bad_book;
  any_events_ = true;
  event_open_ = !e.has(flag::last);
  batch_->events.push_back(e);
}

void normaliser::say(const market::top_quote& row) {
  batch_->quotes.push_back(row);
  ++quotes_made_;
}

refusal normaliser::take_by_price(const input_record& r) {
  const bool quote = options_.quotes && r.is_quote && take_quote(r);
  const bool trade = r.is_trade && take_trade(r);
  if (quote || trade) return refusal::none;
  if (r.is_trade) return refusal::repeated_trade;
  return r.kind == record_kind::bbo ? refusal::unused_schema : refusal::not_a_trade;
}

bool normaliser::take_quote(const input_record& r) {
  bool taken = false;
  const auto row = best_.take(r, taken);
  if (!taken) return false;
  // A trade of the same record is judged once, as the trade.
  if (!r.is_trade) judge_time(r.quote.ts_event);
  if (row) say(*row);
  return true;
}

bool normaliser::take_trade(const input_record& r) {
  if (!trade_schema_) trade_schema_ = r.kind;
  if (*trade_schema_ != r.kind) return false;
  batch_->trades.push_back(r.trade);
  if (r.kind == record_kind::mbo) return true;
  judge_price(r.trade.price, true);
  judge_time(r.trade.ts_event);
  return true;
}

std::unique_ptr<batch> normaliser::cut(std::uint64_t ordinal, bool event_ends) {
  if (size_ == 0 && !desk_.pending() && batch_->gaps.empty() && watermark_ == told_ && counts_ == told_counts_)
    return nullptr;
  if (event_ends) event_open_ = false;
  if (size_ > 0 || desk_.pending()) ++batches_;
  batch_->ordinal = batches_;
  batch_->records = ordinal;
  batch_->instrument_id = instrument_id_;
  batch_->tick = tick_;
  batch_->event_open = event_open_ && any_events_;
  batch_->watermark = told_ = watermark_;
  batch_->ts_last = last_time_;
  batch_->counts = told_counts_ = counts_;
  batch_->odd = odd_;
  batch_->options = desk_.cut();
  batch_->quotes_made = quotes_made_;
  batch_->option_totals = desk_.counts();
  auto out = std::move(batch_);
  batch_ = std::make_unique<batch>();
  size_ = 0;
  any_events_ = false;
  return out;
}

void normaliser::report(gap g) { batch_->gaps.push_back(std::move(g)); }

void normaliser::pass_time(timestamp until) { watermark_ = std::max(watermark_, until); }

}  // namespace isobar::feed_ingest
