#include "feed-ingest/sources/dbn_translation.hpp"

#include <algorithm>

#include "wire/dbn/convert.hpp"

namespace isobar::feed_ingest {
namespace {

namespace dbn = wire::dbn;

refusal reason_of(dbn::refusal r) {
  switch (r) {
    case dbn::refusal::none:
      return refusal::none;
    case dbn::refusal::action:
      return refusal::bad_action;
    case dbn::refusal::side:
      return refusal::bad_side;
    case dbn::refusal::time:
      return refusal::bad_time;
    case dbn::refusal::other:
      return refusal::not_a_trade;
    default:
      return refusal::bad_value;
  }
}

/// ts_recv where the layout has one; else nothing.
template <class R>
timestamp received(const R& r) {
  return static_cast<std::int64_t>(r.ts_recv) < 0 ? start_of_time : timestamp{static_cast<std::int64_t>(r.ts_recv)};
}

void take_mbo(const dbn::mbo_record& from, input_record& to) {
  to.kind = record_kind::mbo;
  to.delivered = received(from);
  to.refused = reason_of(dbn::to_book_event(from, to.event));
  if (to.refused != refusal::none) return;
  if (!is_time(to.event.ts_event)) {
    to.refused = refusal::bad_time;
    return;
  }
  const auto& e = to.event;
  if (!e.has(market::event_flag::snapshot)) to.event_time = e.ts_event;
  if (e.action != market::book_action::trade) return;
  to.is_trade = true;
  to.trade = {e.ts_event, e.price, e.size, e.sequence, e.side, e.flags};
}

/// The trade of a by-price record that tells of one; true otherwise too, unless the record is refused.
bool take_trade(record_kind kind, dbn::record from, timestamp delivered, input_record& to) {
  to.kind = kind;
  to.delivered = delivered;
  to.refused = reason_of(dbn::to_trade_event(from, to.trade));
  if (to.refused == refusal::none && !is_time(to.trade.ts_event)) to.refused = refusal::bad_time;
  if (to.refused != refusal::none) return false;
  to.is_trade = true;
  to.event_time = to.trade.ts_event;
  return true;
}

/// The best prices of a by-price record. `alone`: it says so whatever stands beside it.
template <class Level>
void take_quote(const Level& level, std::uint64_t ts_event, std::uint8_t flags, bool alone, input_record& to) {
  to.refused = refusal::none;
  const timestamp at{static_cast<std::int64_t>(ts_event)};
  if (!is_time(at)) {
    to.refused = refusal::bad_time;
    return;
  }
  to.event_time = at;
  to.is_quote = true;
  to.quote_ends = alone || to.is_trade || (flags & market::event_flag::last) != 0;
  to.quote = {.ts_event = at,
              .bid = price(level.bid_px),
              .ask = price(level.ask_px),
              .bid_size = level.bid_sz,
              .ask_size = level.ask_sz,
              .trusted = (flags & market::event_flag::maybe_bad_book) == 0};
}

template <class R, class Level>
void take_by_price(record_kind kind, dbn::record from, const R& r, const Level& level, bool alone, input_record& to) {
  if (take_trade(kind, from, received(r), to) || to.refused == refusal::not_a_trade)
    take_quote(level, r.hd.ts_event, r.flags, alone, to);
}

/// Best prices at the end of an interval: that is their time (the header's is that of the last trade).
template <class R>
void take_interval(const R& r, input_record& to) {
  to.kind = record_kind::bbo;
  to.delivered = received(r);
  take_quote(r.level, r.ts_recv, r.flags, true, to);
}

void take_definition(dbn::record from, input_record& to) {
  to.kind = record_kind::definition;
  const auto definition = dbn::as_definition(from);
  if (!definition) {
    to.refused = refusal::bad_value;
    return;
  }
  to.delivered = received(*definition);
  to.refused = reason_of(dbn::to_instrument(*definition, to.instrument));
  if (to.refused == refusal::none && !is_time(to.instrument.ts_event)) to.refused = refusal::bad_time;
  if (to.refused != refusal::none) return;
  auto& i = to.instrument;
  for (auto* text : {&i.raw_symbol, &i.asset, &i.exchange, &i.currency, &i.underlying}) *text = printable(*text);
  if (i.instrument_class < ' ' || i.instrument_class > '~') i.instrument_class = 0;
  i.tick = std::max(i.tick, price(0));
  i.multiplier = std::max<std::int64_t>(i.multiplier, 0);
  to.event_time = i.ts_event;
  // ISO 10962: an option, its right, its style.
  const auto code = dbn::text_of(definition->cfi);
  to.exercise_style = code.size() > 2 && code[0] == 'O' && (code[2] == 'A' || code[2] == 'E') ? code[2] : 0;
}

void take_statistic(dbn::record from, input_record& to) {
  to.kind = record_kind::statistics;
  const auto statistic = dbn::as_statistics(from);
  if (!statistic) {
    to.refused = refusal::bad_value;
    return;
  }
  to.delivered = received(*statistic);
  to.refused = reason_of(dbn::to_statistic(*statistic, to.statistic));
  if (to.refused == refusal::none && !is_time(to.statistic.ts_event)) to.refused = refusal::bad_time;
  if (to.refused == refusal::none) to.event_time = to.statistic.ts_event;
}

void take_status(const dbn::status_record& from, input_record& to) {
  to.kind = record_kind::status;
  to.delivered = received(from);
  to.refused = reason_of(dbn::to_trading_status(from, to.status));
  if (to.refused == refusal::none && !is_time(to.status.ts_event)) to.refused = refusal::bad_time;
  if (to.refused == refusal::none) to.event_time = to.status.ts_event;
}

void take_mapping(dbn::record from, input_record& to) {
  to.kind = record_kind::symbol_mapping;
  const auto mapping = dbn::as_symbol_mapping(from);
  if (!mapping) {
    to.refused = refusal::bad_value;
    return;
  }
  // Live streams map what was asked for (in) to the raw symbol (out).
  const auto out = dbn::text_of(mapping->stype_out_symbol);
  to.instrument.id = to.instrument_id;
  to.instrument.raw_symbol = printable(out.empty() ? dbn::text_of(mapping->stype_in_symbol) : out);
}

void take(dbn::record from, input_record& to) {
  to.refused = refusal::none;
  to.is_trade = false;
  to.is_quote = false;
  to.marker = false;
  to.instrument_id = from.header().instrument_id;
  to.delivered = start_of_time;
  to.event_time = start_of_time;
  switch (from.type()) {
    case dbn::rtype::mbo:
      return take_mbo(*from.as<dbn::mbo_record>(), to);
    case dbn::rtype::mbp_0:
      (void)take_trade(record_kind::trades, from, received(*from.as<dbn::trade_record>()), to);
      return;
    case dbn::rtype::mbp_1:
      return take_by_price(record_kind::mbp_1, from, from.as<dbn::mbp1_record>()->event,
                           from.as<dbn::mbp1_record>()->level, false, to);
    case dbn::rtype::mbp_10:
      return take_by_price(record_kind::mbp_10, from, from.as<dbn::mbp10_record>()->event,
                           from.as<dbn::mbp10_record>()->levels[0], false, to);
    case dbn::rtype::cmbp_1:
    case dbn::rtype::tcbbo:
      return take_by_price(record_kind::cmbp_1, from, *from.as<dbn::cmbp1_record>(),
                           from.as<dbn::cmbp1_record>()->level, true, to);
    case dbn::rtype::bbo_1s:
    case dbn::rtype::bbo_1m:
      return take_interval(*from.as<dbn::bbo_record>(), to);
    case dbn::rtype::cbbo_1s:
    case dbn::rtype::cbbo_1m:
      return take_interval(*from.as<dbn::cbbo_record>(), to);
    case dbn::rtype::definition:
      return take_definition(from, to);
    case dbn::rtype::statistics:
      return take_statistic(from, to);
    case dbn::rtype::status:
      return take_status(*from.as<dbn::status_record>(), to);
    case dbn::rtype::symbol_mapping:
      return take_mapping(from, to);
    case dbn::rtype::system:
      to.kind = record_kind::system;
      return;
    case dbn::rtype::error:
      to.kind = record_kind::other;
      to.refused = refusal::gateway_error;
      return;
    default:
      to.kind = record_kind::other;
      to.refused = refusal::unused_schema;
      return;
  }
}

}  // namespace

bool is_time(timestamp t) { return t != end_of_time && t.ns >= 0; }

void doubt_time(input_record& r) {
  // One absurd time would move the watermark, and a paced replay's clock, for good.
  const bool capture_wrong = r.kind == record_kind::mbo && r.event.has(market::event_flag::bad_ts_recv);
  if (r.refused != refusal::none || r.delivered == start_of_time || r.event_time == start_of_time || capture_wrong)
    return;
  if (r.event_time.ns / 2 - r.delivered.ns / 2 <= later_than_capture_max.value / 2) return;
  r.refused = refusal::bad_time;
  r.event_time = start_of_time;
}

void translate(dbn::record from, input_record& to) {
  take(from, to);
  doubt_time(to);
}

std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace isobar::feed_ingest
