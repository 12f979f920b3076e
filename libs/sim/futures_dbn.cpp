#include "sim/futures_dbn.hpp"

#include <algorithm>
#include <cmath>

#include "sim/component.hpp"
#include "sim/futures_session.hpp"

namespace isobar::sim {

namespace dbn = wire::dbn;

namespace {

constexpr std::uint16_t glbx_publisher = 1;
constexpr std::int32_t undefined_int = INT32_MAX;
/// From the venue's sending to the capture: the real files say 10 to 20 microseconds.
constexpr std::int32_t in_delta = 14'000;
constexpr std::uint64_t arrival_stream = 17;

constexpr char letter(market::book_action a) { return "AMCRTFN"[static_cast<std::size_t>(a)]; }
constexpr char letter(market::book_side s) { return "BAN"[static_cast<std::size_t>(s)]; }
constexpr char letter(market::trading_status::answer a) { return "~YN"[static_cast<std::size_t>(a)]; }
static_assert(letter(market::book_action::none) == 'N' && letter(market::book_side::none) == 'N');

std::uint64_t ns(timestamp t) { return static_cast<std::uint64_t>(t.ns); }
/// start_of_time and end_of_time are "unsaid".
std::uint64_t ns_or_undefined(timestamp t) {
  return t == start_of_time || t == end_of_time ? dbn::undefined_time : ns(t);
}

template <class R>
R blank(dbn::rtype type, std::uint32_t instrument_id, timestamp ts_event, timestamp arrived) {
  R r{};
  r.hd = dbn::make_header<R>(type, glbx_publisher, instrument_id, ns(ts_event));
  r.ts_recv = ns(arrived);
  return r;
}

}  // namespace

dbn::mbo_record to_dbn(const market::book_event& e, std::uint32_t instrument_id, timestamp arrived) {
  auto r = blank<dbn::mbo_record>(dbn::rtype::mbo, instrument_id, e.ts_event, arrived);
  r.order_id = static_cast<std::uint64_t>(e.order);
  r.price = e.price.value;
  r.size = e.size;
  r.flags = e.flags;
  r.channel_id = e.channel;
  r.action = letter(e.action), r.side = letter(e.side);
  r.ts_in_delta = in_delta;
  r.sequence = e.sequence;
  return r;
}

dbn::definition_v3 to_dbn(const market::instrument& i, timestamp arrived) {
  auto r = blank<dbn::definition_v3>(dbn::rtype::definition, i.id, i.ts_event, arrived);
  r.min_price_increment = i.tick.value;
  r.display_factor = nanos_per_unit;
  r.expiration = ns_or_undefined(i.expiration), r.activation = ns_or_undefined(i.activation);
  r.high_limit_price = r.low_limit_price = r.max_price_variation = dbn::undefined_price;
  r.unit_of_measure_qty = i.multiplier;
  r.min_price_increment_amount =
      static_cast<std::int64_t>(std::floor(static_cast<double>(i.multiplier) * to_double(i.tick) + 0.5));
  r.price_ratio = r.leg_price = r.leg_delta = dbn::undefined_price;
  r.strike_price = i.option_strike.value == 0 ? dbn::undefined_price : i.option_strike.value;
  r.raw_instrument_id = i.id;
  r.underlying_id = i.underlying_id;
  r.inst_attrib_value = r.market_depth_implied = r.market_depth = undefined_int;
  r.max_trade_vol = 10'000, r.min_trade_vol = 1;
  r.min_lot_size = r.min_lot_size_block = r.min_lot_size_round_lot = undefined_int;
  r.contract_multiplier = r.decay_quantity = r.original_contract_size = undefined_int;
  const year_month_day expiry = to_civil(utc_date(i.expiration));
  r.maturity_year = static_cast<std::uint16_t>(expiry.year);
  r.maturity_month = static_cast<std::uint8_t>(expiry.month), r.maturity_day = static_cast<std::uint8_t>(expiry.day);
  r.decay_start_date = UINT16_MAX;
  dbn::set_text(r.currency, i.currency), dbn::set_text(r.settl_currency, i.currency);
  dbn::set_text(r.raw_symbol, i.raw_symbol), dbn::set_text(r.underlying, i.underlying);
  dbn::set_text(r.exchange, i.exchange), dbn::set_text(r.asset, i.asset), dbn::set_text(r.group, i.asset);
  dbn::set_text(r.cfi, "FFIXSX"), dbn::set_text(r.security_type, "FUT"), dbn::set_text(r.unit_of_measure, "IPNT");
  r.instrument_class = i.instrument_class;
  r.match_algorithm = 'F';
  r.security_update_action = i.deleted ? 'D' : 'A';
  r.user_defined_instrument = 'N';
  r.leg_instrument_class = '\0', r.leg_side = 'N';
  return r;
}

dbn::statistics_v3 to_dbn(const market::statistic& s, std::uint32_t instrument_id, timestamp arrived) {
  auto r = blank<dbn::statistics_v3>(dbn::rtype::statistics, instrument_id, s.ts_event, arrived);
  r.ts_ref = ns_or_undefined(s.ts_ref);
  r.price = s.price.value;
  r.quantity = s.amount;
  r.sequence = s.sequence;
  r.ts_in_delta = in_delta;
  r.stat_type = s.type;
  r.update_action = s.deleted ? 2 : 1;
  return r;
}

dbn::status_record to_dbn(const market::trading_status& s, std::uint32_t instrument_id, timestamp arrived) {
  auto r = blank<dbn::status_record>(dbn::rtype::status, instrument_id, s.ts_event, arrived);
  r.action = s.action, r.reason = s.reason, r.trading_event = s.trading_event;
  r.is_trading = letter(s.trading), r.is_quoting = letter(s.quoting);
  r.is_short_sell_restricted = letter(s.short_sell_restricted);
  return r;
}

dbn::metadata futures_dbn_metadata(const std::vector<futures_market_config>& sessions,
                                   const futures_dbn_options& options) {
  dbn::metadata m;
  m.version = options.version;
  m.symbol_cstr_len = options.version == 1 ? 22 : 71;
  m.dataset = "GLBX.MDP3";
  m.schema = options.facts ? dbn::schema::mixed : dbn::schema::mbo;
  m.stype_in = dbn::symbol_type::raw_symbol;
  timestamp first = end_of_time, last = start_of_time;
  for (const futures_market_config& c : sessions) {
    first = std::min(first, c.start), last = std::max(last, c.start + c.duration);
    const std::string name = front_contract(c).raw_symbol;
    m.symbols.push_back(name);
    m.mappings.push_back(
        {name, {{utc_date(c.start), utc_date(c.start + c.duration) + 1, std::to_string(c.instrument_id)}}});
  }
  if (!sessions.empty()) m.start = ns(first), m.end = ns(last);
  return m;
}

namespace {

/// Gives every record its arrival: those of an event together, never before an earlier record's.
class arrivals {
 public:
  arrivals(std::uint64_t seed, std::size_t feeds) : random_(seed, arrival_stream), inside_(feeds) {}
  timestamp of(const stamped_event& e) {
    const auto* order = std::get_if<market::book_event>(&e.event);
    if (!order || order->has(market::event_flag::snapshot)) return last_ = std::max(last_, e.ts_event);
    if (!inside_[e.component]) last_ = std::max(last_, e.ts_event + duration_ns{80'000 + random_.below(60'000)});
    inside_[e.component] = !order->has(market::event_flag::last);
    return last_;
  }

 private:
  random random_;
  std::vector<char> inside_;  ///< per feed: its last record did not close an event
  timestamp last_ = start_of_time;
};

result<void, dbn::errc> write_one(dbn::writer& out, const stamped_event& e, std::uint32_t id, timestamp arrived) {
  if (const auto* order = std::get_if<market::book_event>(&e.event)) return out.write(to_dbn(*order, id, arrived));
  return std::visit(
      [&](const auto& fact) {
        if constexpr (std::is_same_v<std::decay_t<decltype(fact)>, market::instrument>)
          return out.write(to_dbn(fact, arrived));
        else
          return out.write(to_dbn(fact, id, arrived));
      },
      *std::get<std::shared_ptr<const futures_fact>>(e.event));
}

}  // namespace

result<futures_dbn_totals, dbn::errc> write_futures_dbn(dbn::writer& out,
                                                        const std::vector<futures_market_config>& sessions,
                                                        const futures_dbn_options& options,
                                                        const futures_dbn_progress& progress) {
  if (options.facts && options.version != 3)
    return fail(dbn::errc::version, "definitions and statistics are written in version 3 only");
  merged_market markets;
  timestamp at = end_of_time, end = start_of_time;
  for (const futures_market_config& c : sessions) {
    ISOBAR_ASSERT(c.duration.value > 0);
    at = std::min(at, c.start), end = std::max(end, c.start + c.duration);
    markets.add(std::make_unique<futures_component>(c));
  }
  arrivals arrival(sessions.empty() ? 0 : sessions.front().seed, sessions.size());
  futures_dbn_totals totals;
  std::vector<stamped_event> events;
  while (at < end) {
    at = std::min(at + futures_dbn_stride, end);
    events.clear();
    markets.advance(at, events);
    for (const stamped_event& e : events) {
      const bool order = std::holds_alternative<market::book_event>(e.event);
      if (!order && !options.facts) continue;
      const timestamp arrived = arrival.of(e);
      if (auto r = write_one(out, e, sessions[e.component].instrument_id, arrived); !r)
        return std::unexpected(r.error());
      ++(order ? totals.orders : totals.facts);
      totals.first = std::min(totals.first, arrived), totals.last = arrived;
    }
    if (progress) progress(totals, at);
  }
  if (auto r = out.finish(); !r) return std::unexpected(r.error());
  return totals;
}

}  // namespace isobar::sim
