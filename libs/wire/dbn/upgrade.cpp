#include "wire/dbn/upgrade.hpp"

namespace isobar::wire::dbn {
namespace {

template <std::size_t N, std::size_t M>
void copy_text(std::array<char, N>& to, const std::array<char, M>& from) {
  set_text(to, text_of(from));
}

/// What versions 1 and 2 share, field by field in version 3's order.
template <class Old>
definition_v3 upgraded(const Old& o) {
  definition_v3 n{};
  n.hd = make_header<definition_v3>(o.hd.type, o.hd.publisher_id, o.hd.instrument_id, o.hd.ts_event);
  n.ts_recv = o.ts_recv;
  n.min_price_increment = o.min_price_increment;
  n.display_factor = o.display_factor;
  n.expiration = o.expiration;
  n.activation = o.activation;
  n.high_limit_price = o.high_limit_price;
  n.low_limit_price = o.low_limit_price;
  n.max_price_variation = o.max_price_variation;
  n.unit_of_measure_qty = o.unit_of_measure_qty;
  n.min_price_increment_amount = o.min_price_increment_amount;
  n.price_ratio = o.price_ratio;
  n.strike_price = o.strike_price;
  n.raw_instrument_id = o.raw_instrument_id;
  n.leg_price = n.leg_delta = undefined_price;
  n.inst_attrib_value = o.inst_attrib_value;
  n.underlying_id = o.underlying_id;
  n.market_depth_implied = o.market_depth_implied;
  n.market_depth = o.market_depth;
  n.market_segment_id = o.market_segment_id;
  n.max_trade_vol = o.max_trade_vol;
  n.min_lot_size = o.min_lot_size;
  n.min_lot_size_block = o.min_lot_size_block;
  n.min_lot_size_round_lot = o.min_lot_size_round_lot;
  n.min_trade_vol = o.min_trade_vol;
  n.contract_multiplier = o.contract_multiplier;
  n.decay_quantity = o.decay_quantity;
  n.original_contract_size = o.original_contract_size;
  n.appl_id = o.appl_id;
  n.maturity_year = o.maturity_year;
  n.decay_start_date = o.decay_start_date;
  n.channel_id = o.channel_id;
  n.currency = o.currency;
  n.settl_currency = o.settl_currency;
  n.secsubtype = o.secsubtype;
  copy_text(n.raw_symbol, o.raw_symbol);
  n.group = o.group;
  n.exchange = o.exchange;
  copy_text(n.asset, o.asset);
  n.cfi = o.cfi;
  n.security_type = o.security_type;
  n.unit_of_measure = o.unit_of_measure;
  n.underlying = o.underlying;
  n.strike_price_currency = o.strike_price_currency;
  n.instrument_class = o.instrument_class;
  n.match_algorithm = o.match_algorithm;
  n.main_fraction = o.main_fraction;
  n.price_display_format = o.price_display_format;
  n.sub_fraction = o.sub_fraction;
  n.underlying_product = o.underlying_product;
  n.security_update_action = o.security_update_action;
  n.maturity_month = o.maturity_month;
  n.maturity_day = o.maturity_day;
  n.maturity_week = o.maturity_week;
  n.user_defined_instrument = o.user_defined_instrument;
  n.contract_multiplier_unit = o.contract_multiplier_unit;
  n.flow_schedule_type = o.flow_schedule_type;
  n.tick_rule = o.tick_rule;
  n.leg_side = 'N';
  return n;
}

/// The struct alone, with the length that it has without a sending time.
template <class R>
R alone(const R& r) {
  R copy = r;
  copy.hd.length = static_cast<std::uint8_t>(sizeof(R) / 4);
  return copy;
}

}  // namespace

std::optional<definition_v3> as_definition(record r) {
  if (const auto* v3 = r.as<definition_v3>()) return alone(*v3);
  if (const auto* v2 = r.as<definition_v2>()) return upgraded(*v2);
  if (const auto* v1 = r.as<definition_v1>()) return upgraded(*v1);
  return std::nullopt;
}

std::optional<statistics_v3> as_statistics(record r) {
  if (const auto* v3 = r.as<statistics_v3>()) return alone(*v3);
  const auto* o = r.as<statistics_v1>();
  if (!o) return std::nullopt;
  statistics_v3 n{};
  n.hd = make_header<statistics_v3>(o->hd.type, o->hd.publisher_id, o->hd.instrument_id, o->hd.ts_event);
  n.ts_recv = o->ts_recv;
  n.ts_ref = o->ts_ref;
  n.price = o->price;
  n.quantity = o->quantity == undefined_quantity_v1 ? undefined_quantity : o->quantity;
  n.sequence = o->sequence;
  n.ts_in_delta = o->ts_in_delta;
  n.stat_type = o->stat_type;
  n.channel_id = o->channel_id;
  n.update_action = o->update_action;
  n.stat_flags = o->stat_flags;
  return n;
}

std::optional<error_v2> as_error(record r) {
  if (const auto* v2 = r.as<error_v2>()) return alone(*v2);
  const auto* o = r.as<error_v1>();
  if (!o) return std::nullopt;
  error_v2 n{};
  n.hd = make_header<error_v2>(o->hd.type, o->hd.publisher_id, o->hd.instrument_id, o->hd.ts_event);
  copy_text(n.text, o->text);
  n.code = n.is_last = 0xFF;
  return n;
}

std::optional<system_v2> as_system(record r) {
  if (const auto* v2 = r.as<system_v2>()) return alone(*v2);
  const auto* o = r.as<system_v1>();
  if (!o) return std::nullopt;
  system_v2 n{};
  n.hd = make_header<system_v2>(o->hd.type, o->hd.publisher_id, o->hd.instrument_id, o->hd.ts_event);
  copy_text(n.text, o->text);
  n.code = 0xFF;
  return n;
}

std::optional<symbol_mapping_v2> as_symbol_mapping(record r) {
  if (const auto* v2 = r.as<symbol_mapping_v2>()) return alone(*v2);
  const auto* o = r.as<symbol_mapping_v1>();
  if (!o) return std::nullopt;
  symbol_mapping_v2 n{};
  n.hd = make_header<symbol_mapping_v2>(o->hd.type, o->hd.publisher_id, o->hd.instrument_id, o->hd.ts_event);
  n.stype_in = n.stype_out = symbol_type::unsaid;
  copy_text(n.stype_in_symbol, o->stype_in_symbol);
  copy_text(n.stype_out_symbol, o->stype_out_symbol);
  n.start_ts = o->start_ts;
  n.end_ts = o->end_ts;
  return n;
}

}  // namespace isobar::wire::dbn
