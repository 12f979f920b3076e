#pragma once
// The records of DBN byte by byte: packed, little-endian, fixed. Version 1 files put records at any address, so that no
// field may be read as if it were aligned; may_alias lets a record be read where bytes of a file lie.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "wire/dbn/kinds.hpp"

#define ISOBAR_DBN_WIRE [[gnu::packed, gnu::may_alias]]

namespace isobar::wire::dbn {

static_assert(std::endian::native == std::endian::little, "records are read in place");

struct ISOBAR_DBN_WIRE record_header {
  std::uint8_t length;  ///< of the whole record, in 4-byte words
  rtype type;
  std::uint16_t publisher_id;
  std::uint32_t instrument_id;
  std::uint64_t ts_event;  ///< ns since 1970
};
static_assert(sizeof(record_header) == 16);

/// One order event.
struct ISOBAR_DBN_WIRE mbo_record {
  record_header hd;
  std::uint64_t order_id;
  std::int64_t price;  ///< 1e-9
  std::uint32_t size;
  std::uint8_t flags;
  std::uint8_t channel_id;
  char action;  ///< A M C R T F N
  char side;    ///< A B N
  std::uint64_t ts_recv;
  std::int32_t ts_in_delta;  ///< ns from the venue's sending to ts_recv
  std::uint32_t sequence;
};
static_assert(sizeof(mbo_record) == 56);

/// What every by-price record begins with; alone: one trade.
struct ISOBAR_DBN_WIRE trade_record {
  record_header hd;
  std::int64_t price;
  std::uint32_t size;
  char action;
  char side;
  std::uint8_t flags;
  std::uint8_t depth;  ///< level that changed
  std::uint64_t ts_recv;
  std::int32_t ts_in_delta;
  std::uint32_t sequence;
};
static_assert(sizeof(trade_record) == 48);

struct ISOBAR_DBN_WIRE bid_ask {
  std::int64_t bid_px, ask_px;
  std::uint32_t bid_sz, ask_sz;
  std::uint32_t bid_ct, ask_ct;  ///< orders
};
static_assert(sizeof(bid_ask) == 32);

/// Level of a consolidated book: publishers instead of order counts.
struct ISOBAR_DBN_WIRE consolidated_bid_ask {
  std::int64_t bid_px, ask_px;
  std::uint32_t bid_sz, ask_sz;
  std::uint16_t bid_pb, reserved_1, ask_pb, reserved_2;
};
static_assert(sizeof(consolidated_bid_ask) == 32);

struct ISOBAR_DBN_WIRE mbp1_record {
  trade_record event;
  bid_ask level;
};
static_assert(sizeof(mbp1_record) == 80);

struct ISOBAR_DBN_WIRE mbp10_record {
  trade_record event;
  std::array<bid_ask, 10> levels;
};
static_assert(sizeof(mbp10_record) == 368);

/// Best bid and offer at the end of an interval, with the last trade.
struct ISOBAR_DBN_WIRE bbo_record {
  record_header hd;    ///< ts_event: of the last trade
  std::int64_t price;  ///< of the last trade
  std::uint32_t size;
  std::uint8_t reserved_1;
  char side;
  std::uint8_t flags;
  std::uint8_t reserved_2;
  std::uint64_t ts_recv;  ///< end of the interval
  std::uint32_t reserved_3;
  std::uint32_t sequence;
  bid_ask level;
};
static_assert(sizeof(bbo_record) == 80);

/// cmbp-1 and tcbbo.
struct ISOBAR_DBN_WIRE cmbp1_record {
  record_header hd;
  std::int64_t price;
  std::uint32_t size;
  char action;
  char side;
  std::uint8_t flags;
  std::uint8_t reserved_1;
  std::uint64_t ts_recv;
  std::int32_t ts_in_delta;
  std::uint32_t reserved_2;
  consolidated_bid_ask level;
};
static_assert(sizeof(cmbp1_record) == 80);

struct ISOBAR_DBN_WIRE cbbo_record {
  record_header hd;
  std::int64_t price;
  std::uint32_t size;
  std::uint8_t reserved_1;
  char side;
  std::uint8_t flags;
  std::uint8_t reserved_2;
  std::uint64_t ts_recv;
  std::uint64_t reserved_3;
  consolidated_bid_ask level;
};
static_assert(sizeof(cbbo_record) == 80);

struct ISOBAR_DBN_WIRE ohlcv_record {
  record_header hd;  ///< ts_event: start of the interval
  std::int64_t open, high, low, close;
  std::uint64_t volume;
};
static_assert(sizeof(ohlcv_record) == 56);

struct ISOBAR_DBN_WIRE status_record {
  record_header hd;
  std::uint64_t ts_recv;
  std::uint16_t action, reason, trading_event;
  char is_trading, is_quoting, is_short_sell_restricted;  ///< Y N ~
  std::array<char, 7> reserved;
};
static_assert(sizeof(status_record) == 40);

struct ISOBAR_DBN_WIRE imbalance_record {
  record_header hd;
  std::uint64_t ts_recv;
  std::int64_t ref_price;
  std::uint64_t auction_time;
  std::int64_t cont_book_clr_price, auct_interest_clr_price, ssr_filling_price, ind_match_price;
  std::int64_t upper_collar, lower_collar;
  std::uint32_t paired_qty, total_imbalance_qty, market_imbalance_qty, unpaired_qty;
  char auction_type;
  char side;
  std::uint8_t auction_status, freeze_status, num_extensions;
  char unpaired_side;
  char significant_imbalance;
  char reserved;
};
static_assert(sizeof(imbalance_record) == 112);

/// Versions 1 and 2.
struct ISOBAR_DBN_WIRE statistics_v1 {
  record_header hd;
  std::uint64_t ts_recv, ts_ref;
  std::int64_t price;
  std::int32_t quantity;
  std::uint32_t sequence;
  std::int32_t ts_in_delta;
  std::uint16_t stat_type;
  std::uint16_t channel_id;
  std::uint8_t update_action;  ///< 1 new, 2 deleted
  std::uint8_t stat_flags;
  std::array<char, 6> reserved;
};
static_assert(sizeof(statistics_v1) == 64);

struct ISOBAR_DBN_WIRE statistics_v3 {
  record_header hd;
  std::uint64_t ts_recv, ts_ref;
  std::int64_t price;
  std::int64_t quantity;
  std::uint32_t sequence;
  std::int32_t ts_in_delta;
  std::uint16_t stat_type;
  std::uint16_t channel_id;
  std::uint8_t update_action;
  std::uint8_t stat_flags;
  std::array<char, 18> reserved;
};
static_assert(sizeof(statistics_v3) == 80);

struct ISOBAR_DBN_WIRE error_v1 {
  record_header hd;
  std::array<char, 64> text;
};
static_assert(sizeof(error_v1) == 80);

/// Versions 2 and 3.
struct ISOBAR_DBN_WIRE error_v2 {
  record_header hd;
  std::array<char, 302> text;
  std::uint8_t code;     ///< 255: unsaid
  std::uint8_t is_last;  ///< 255: unsaid
};
static_assert(sizeof(error_v2) == 320);

struct ISOBAR_DBN_WIRE system_v1 {
  record_header hd;
  std::array<char, 64> text;
};
static_assert(sizeof(system_v1) == 80);

/// Versions 2 and 3.
struct ISOBAR_DBN_WIRE system_v2 {
  record_header hd;
  std::array<char, 303> text;
  std::uint8_t code;  ///< 0 heartbeat, 255 unsaid
};
static_assert(sizeof(system_v2) == 320);

struct ISOBAR_DBN_WIRE symbol_mapping_v1 {
  record_header hd;
  std::array<char, 22> stype_in_symbol, stype_out_symbol;
  std::array<char, 4> reserved;
  std::uint64_t start_ts, end_ts;
};
static_assert(sizeof(symbol_mapping_v1) == 80);

/// Versions 2 and 3.
struct ISOBAR_DBN_WIRE symbol_mapping_v2 {
  record_header hd;
  symbol_type stype_in;
  std::array<char, 71> stype_in_symbol;
  symbol_type stype_out;
  std::array<char, 71> stype_out_symbol;
  std::uint64_t start_ts, end_ts;
};
static_assert(sizeof(symbol_mapping_v2) == 176);

}  // namespace isobar::wire::dbn
