#pragma once
// The instrument definition of each version of DBN; see layout.hpp.
#include "wire/dbn/layout.hpp"

namespace isobar::wire::dbn {

struct ISOBAR_DBN_WIRE definition_v1 {
  record_header hd;
  std::uint64_t ts_recv;
  std::int64_t min_price_increment, display_factor;
  std::uint64_t expiration, activation;
  std::int64_t high_limit_price, low_limit_price, max_price_variation, trading_reference_price;
  std::int64_t unit_of_measure_qty, min_price_increment_amount, price_ratio;
  std::int32_t inst_attrib_value;
  std::uint32_t underlying_id, raw_instrument_id;
  std::int32_t market_depth_implied, market_depth;
  std::uint32_t market_segment_id, max_trade_vol;
  std::int32_t min_lot_size, min_lot_size_block, min_lot_size_round_lot;
  std::uint32_t min_trade_vol;
  std::array<char, 4> reserved_2;
  std::int32_t contract_multiplier, decay_quantity, original_contract_size;
  std::array<char, 4> reserved_3;
  std::uint16_t trading_reference_date;
  std::int16_t appl_id;
  std::uint16_t maturity_year, decay_start_date, channel_id;
  std::array<char, 4> currency, settl_currency;
  std::array<char, 6> secsubtype;
  std::array<char, 22> raw_symbol;
  std::array<char, 21> group;
  std::array<char, 5> exchange;
  std::array<char, 7> asset, cfi, security_type;
  std::array<char, 31> unit_of_measure;
  std::array<char, 21> underlying;
  std::array<char, 4> strike_price_currency;
  char instrument_class;
  std::array<char, 2> reserved_4;
  std::int64_t strike_price;
  std::array<char, 6> reserved_5;
  char match_algorithm;
  std::uint8_t md_security_trading_status, main_fraction, price_display_format, settl_price_type, sub_fraction,
      underlying_product;
  char security_update_action;  ///< A added, M modified, D deleted, ~ legacy
  std::uint8_t maturity_month, maturity_day, maturity_week;
  char user_defined_instrument;
  std::int8_t contract_multiplier_unit, flow_schedule_type;
  std::uint8_t tick_rule;
  std::array<char, 3> reserved_6;
};
static_assert(sizeof(definition_v1) == 360);

struct ISOBAR_DBN_WIRE definition_v2 {
  record_header hd;
  std::uint64_t ts_recv;
  std::int64_t min_price_increment, display_factor;
  std::uint64_t expiration, activation;
  std::int64_t high_limit_price, low_limit_price, max_price_variation, trading_reference_price;
  std::int64_t unit_of_measure_qty, min_price_increment_amount, price_ratio, strike_price;
  std::int32_t inst_attrib_value;
  std::uint32_t underlying_id, raw_instrument_id;
  std::int32_t market_depth_implied, market_depth;
  std::uint32_t market_segment_id, max_trade_vol;
  std::int32_t min_lot_size, min_lot_size_block, min_lot_size_round_lot;
  std::uint32_t min_trade_vol;
  std::int32_t contract_multiplier, decay_quantity, original_contract_size;
  std::uint16_t trading_reference_date;
  std::int16_t appl_id;
  std::uint16_t maturity_year, decay_start_date, channel_id;
  std::array<char, 4> currency, settl_currency;
  std::array<char, 6> secsubtype;
  std::array<char, 71> raw_symbol;
  std::array<char, 21> group;
  std::array<char, 5> exchange;
  std::array<char, 7> asset, cfi, security_type;
  std::array<char, 31> unit_of_measure;
  std::array<char, 21> underlying;
  std::array<char, 4> strike_price_currency;
  char instrument_class, match_algorithm;
  std::uint8_t md_security_trading_status, main_fraction, price_display_format, settl_price_type, sub_fraction,
      underlying_product;
  char security_update_action;
  std::uint8_t maturity_month, maturity_day, maturity_week;
  char user_defined_instrument;
  std::int8_t contract_multiplier_unit, flow_schedule_type;
  std::uint8_t tick_rule;
  std::array<char, 10> reserved;
};
static_assert(sizeof(definition_v2) == 400);

/// Version 3 lost the trading reference and gained the leg of a spread (one record per leg).
struct ISOBAR_DBN_WIRE definition_v3 {
  record_header hd;
  std::uint64_t ts_recv;
  std::int64_t min_price_increment, display_factor;
  std::uint64_t expiration, activation;
  std::int64_t high_limit_price, low_limit_price, max_price_variation;
  std::int64_t unit_of_measure_qty, min_price_increment_amount, price_ratio, strike_price;
  std::uint64_t raw_instrument_id;
  std::int64_t leg_price, leg_delta;
  std::int32_t inst_attrib_value;
  std::uint32_t underlying_id;
  std::int32_t market_depth_implied, market_depth;
  std::uint32_t market_segment_id, max_trade_vol;
  std::int32_t min_lot_size, min_lot_size_block, min_lot_size_round_lot;
  std::uint32_t min_trade_vol;
  std::int32_t contract_multiplier, decay_quantity, original_contract_size;
  std::uint32_t leg_instrument_id;
  std::int32_t leg_ratio_price_numerator, leg_ratio_price_denominator;
  std::int32_t leg_ratio_qty_numerator, leg_ratio_qty_denominator;
  std::uint32_t leg_underlying_id;
  std::int16_t appl_id;
  std::uint16_t maturity_year, decay_start_date, channel_id;
  std::uint16_t leg_count, leg_index;
  std::array<char, 4> currency, settl_currency;
  std::array<char, 6> secsubtype;
  std::array<char, 71> raw_symbol;
  std::array<char, 21> group;
  std::array<char, 5> exchange;
  std::array<char, 11> asset;
  std::array<char, 7> cfi, security_type;
  std::array<char, 31> unit_of_measure;
  std::array<char, 21> underlying;
  std::array<char, 4> strike_price_currency;
  std::array<char, 71> leg_raw_symbol;
  char instrument_class, match_algorithm;
  std::uint8_t main_fraction, price_display_format, sub_fraction, underlying_product;
  char security_update_action;
  std::uint8_t maturity_month, maturity_day, maturity_week;
  char user_defined_instrument;
  std::int8_t contract_multiplier_unit, flow_schedule_type;
  std::uint8_t tick_rule;
  char leg_instrument_class, leg_side;
  std::array<char, 17> reserved;
};
static_assert(sizeof(definition_v3) == 520);

}  // namespace isobar::wire::dbn
