#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/symbol.hpp"
#include "core/types.hpp"
#include "market/option.hpp"

/// What order-by-order futures feeds say, in the words of DBN (Databento Binary Encoding) and with its integers.
namespace isobar::market {

/// The venue's number of one order; 0: none.
enum class order_id : std::uint64_t {};

/// What a record did. Trades and fills leave the displayed book alone (decisions 11).
enum class book_action : std::uint8_t { add, modify, cancel, clear, trade, fill, none };
/// Side of the order; of a trade the aggressor's: bid for a buyer. none: auctions, clears.
enum class book_side : std::uint8_t { bid, ask, none };
constexpr book_side opposite(book_side s) {
  return s == book_side::bid ? book_side::ask : s == book_side::ask ? book_side::bid : book_side::none;
}

/// Bits of book_event::flags, as in DBN.
namespace event_flag {
inline constexpr std::uint8_t last = 128;          ///< closes the venue's event: the book is whole again
inline constexpr std::uint8_t top_of_book = 64;    ///< from a top-of-book feed
inline constexpr std::uint8_t snapshot = 32;       ///< from a replay of the book's state, not news
inline constexpr std::uint8_t mbp = 16;            ///< aggregated by price: order_id is no order
inline constexpr std::uint8_t bad_ts_recv = 8;     ///< the capture's clock was wrong
inline constexpr std::uint8_t maybe_bad_book = 4;  ///< the vendor met a gap it could not repair
}  // namespace event_flag

/// One record of an order-by-order feed. 40 bytes, trivially copyable: hot paths move millions a second.
struct book_event {
  timestamp ts_event;              ///< the venue's time; of a snapshot record: when the order was entered
  isobar::price price = no_price;  ///< no_price: the venue gave none (clears)
  order_id order{};
  std::uint32_t size = 0;      ///< lots
  std::uint32_t sequence = 0;  ///< the venue's; may jump and reset
  book_action action = book_action::none;
  book_side side = book_side::none;
  std::uint8_t flags = 0;
  std::uint8_t channel = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  bool operator==(const book_event&) const = default;
};
static_assert(sizeof(book_event) == 40);

/// One trade, from any schema that carries them.
struct trade_event {
  timestamp ts_event;
  isobar::price price = no_price;
  std::uint32_t size = 0;  ///< lots
  std::uint32_t sequence = 0;
  book_side aggressor = book_side::none;  ///< none: auction or unknown
  std::uint8_t flags = 0;
  bool operator==(const trade_event&) const = default;
};

/// What is known of one listed instrument. Any number may be missing (tick 0, no_price) until its definition arrives.
struct instrument {
  std::uint32_t id = 0;    ///< the venue's, unique for a day
  std::string raw_symbol;  ///< "ESH4"
  std::string asset;       ///< product: "ES"
  std::string exchange;    ///< "XCME"
  std::string currency;
  char instrument_class = 0;    ///< as in DBN: 'F' future, 'C' call, 'P' put, 'S' spread, ...
  price tick{0};                ///< smallest price step; 0: unknown
  std::int64_t multiplier = 0;  ///< currency units per point, 1e-9; 0: unknown
  timestamp activation = start_of_time;
  timestamp expiration = end_of_time;
  std::uint32_t underlying_id = 0;
  std::string underlying;
  strike option_strike{0};  ///< options only
  timestamp ts_event;       ///< of the definition
  bool deleted = false;     ///< the venue withdrew it
  bool operator==(const instrument&) const = default;
};

/// One statistic of one instrument. `type` as in DBN: 1 opening price, 3 settlement, 6 cleared volume, 9 open interest.
struct statistic {
  static constexpr std::uint16_t open_interest = 9;
  timestamp ts_event;
  timestamp ts_ref = start_of_time;  ///< the instant or day that it speaks of; start_of_time: unsaid
  std::uint16_t type = 0;
  isobar::price price = no_price;
  std::int64_t amount = INT64_MAX;  ///< lots; INT64_MAX: none
  std::uint32_t sequence = 0;
  bool deleted = false;  ///< the venue took it back
  bool operator==(const statistic&) const = default;
};

/// Trading status of one instrument; numbers as in DBN (action 7: trading, 8: halt, 1: pre-open, 2: pre-cross, ...).
struct trading_status {
  enum class answer : std::uint8_t { unknown, yes, no };
  timestamp ts_event;
  std::uint16_t action = 0, reason = 0, trading_event = 0;
  answer trading = answer::unknown, quoting = answer::unknown, short_sell_restricted = answer::unknown;
  bool operator==(const trading_status&) const = default;
};

}  // namespace isobar::market
