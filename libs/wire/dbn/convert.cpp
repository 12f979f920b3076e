#include "wire/dbn/convert.hpp"

namespace isobar::wire::dbn {
namespace {

/// False for no time and for times beyond what a timestamp holds.
bool take_time(std::uint64_t ns, timestamp& out) {
  if (static_cast<std::int64_t>(ns) < 0) return false;
  out = {static_cast<std::int64_t>(ns)};
  return true;
}

timestamp time_or(std::uint64_t ns, timestamp otherwise) {
  timestamp t;
  return take_time(ns, t) ? t : otherwise;
}

std::int64_t number_or_zero(std::int64_t v) { return v == undefined_price ? 0 : v; }

template <class R>
refusal take_trade(const R& r, std::uint32_t sequence, market::trade_event& out) {
  if (r.action != 'T') {
    const bool known = detail::actions.of[static_cast<unsigned char>(r.action)] != detail::no_letter;
    return known ? refusal::other : refusal::action;
  }
  const auto side = detail::sides.of[static_cast<unsigned char>(r.side)];
  if (side == detail::no_letter) return refusal::side;
  if (!take_time(r.hd.ts_event, out.ts_event)) return refusal::time;
  out.price = price(r.price);
  out.size = r.size;
  out.sequence = sequence;
  out.aggressor = static_cast<market::book_side>(side);
  out.flags = r.flags;
  return refusal::none;
}

bool take_answer(char letter, market::trading_status::answer& out) {
  using answer = market::trading_status::answer;
  if (letter != 'Y' && letter != 'N' && letter != '~') return false;
  out = letter == 'Y' ? answer::yes : letter == 'N' ? answer::no : answer::unknown;
  return true;
}

}  // namespace

std::string_view name_of(refusal r) {
  static constexpr std::array<std::string_view, refusals> names = {"none", "action", "side", "time", "answer", "other"};
  return names[static_cast<std::size_t>(r)];
}

refusal to_trade_event(record r, market::trade_event& out) {
  switch (r.type()) {
    case rtype::mbo: {
      const auto& m = *r.as<mbo_record>();
      return take_trade(m, m.sequence, out);
    }
    case rtype::mbp_0:
    case rtype::mbp_1:
    case rtype::mbp_10: {
      // All three begin with the trade.
      const auto& t = *reinterpret_cast<const trade_record*>(r.bytes().data());
      return take_trade(t, t.sequence, out);
    }
    case rtype::cmbp_1:
    case rtype::tcbbo:
      return take_trade(*r.as<cmbp1_record>(), 0, out);
    default:
      return refusal::other;
  }
}

refusal to_instrument(const definition_v3& r, market::instrument& out) {
  const char action = r.security_update_action;
  if (action != 'A' && action != 'M' && action != 'D' && action != '~') return refusal::action;
  if (!take_time(r.hd.ts_event, out.ts_event)) return refusal::time;
  out.id = r.hd.instrument_id;
  out.raw_symbol = text_of(r.raw_symbol);
  out.asset = text_of(r.asset);
  out.exchange = text_of(r.exchange);
  out.currency = text_of(r.currency);
  out.instrument_class = r.instrument_class;
  out.tick = price(number_or_zero(r.min_price_increment));
  // On CME the unit of measure is currency per index point: 50 for ES, 20 for NQ.
  out.multiplier = number_or_zero(r.unit_of_measure_qty);
  out.activation = time_or(r.activation, start_of_time);
  out.expiration = time_or(r.expiration, end_of_time);
  out.underlying_id = r.underlying_id;
  out.underlying = text_of(r.underlying);
  out.option_strike = strike(number_or_zero(r.strike_price));
  out.deleted = action == 'D';
  return refusal::none;
}

refusal to_statistic(const statistics_v3& r, market::statistic& out) {
  if (r.update_action != 1 && r.update_action != 2) return refusal::action;
  if (!take_time(r.hd.ts_event, out.ts_event) && !take_time(r.ts_recv, out.ts_event)) return refusal::time;
  out.ts_ref = time_or(r.ts_ref, start_of_time);
  out.type = r.stat_type;
  out.price = price(r.price);
  out.amount = r.quantity;
  out.sequence = r.sequence;
  out.deleted = r.update_action == 2;
  return refusal::none;
}

refusal to_trading_status(const status_record& r, market::trading_status& out) {
  if (!take_time(r.hd.ts_event, out.ts_event)) return refusal::time;
  if (!take_answer(r.is_trading, out.trading) || !take_answer(r.is_quoting, out.quoting) ||
      !take_answer(r.is_short_sell_restricted, out.short_sell_restricted))
    return refusal::answer;
  out.action = r.action;
  out.reason = r.reason;
  out.trading_event = r.trading_event;
  return refusal::none;
}

}  // namespace isobar::wire::dbn
