#pragma once
#include <cstdint>

#include "market/futures_feed.hpp"

namespace isobar::market {

/// A price as a count of ticks: floor(price / tick).
using tick_index = std::int64_t;

/// Why a record left the book as it was although it wanted to change it. Counted; never fatal.
enum class book_refusal : std::uint8_t {
  none,
  unknown_order,    ///< cancel, modify or fill of an order that the book does not have
  duplicate_order,  ///< add of an order that is there: it replaces the old one
  no_side,          ///< add without a side
  no_price,         ///< add or modify without a price
  off_tick,         ///< price between two ticks: the book lacks the order from now on
  no_size,          ///< add or modify with size 0
  full,             ///< the book's bound of orders is reached: the book lacks the order from now on
  by_price,         ///< record of a by-price feed (flag mbp) in an order-by-order one
};
inline constexpr std::size_t book_refusals = 9;

/// What one record did to the displayed book, and how decisions 11 books it. The medium, the radar features and the
/// audit are all functions of a sequence of these.
///
/// Conservation, per (side, tick) and record: size after = size before + added - pulled - filled, where `added` counts
/// at new_tick and `pulled` and `filled` at old_tick; a clear books nothing (cleared says so).
struct book_change {
  book_action action = book_action::none;
  book_side side = book_side::none;  ///< of the order; of a trade the aggressor's
  book_refusal refused = book_refusal::none;
  bool snapshot = false;   ///< the record rebuilds the book: no flow
  bool cleared = false;    ///< everything was removed before (or by) this record
  bool event_end = false;  ///< the record carries LAST: the book is whole
  timestamp ts_event;
  timestamp ts_entered;  ///< when the order came to old_tick (new orders: to new_tick)
  order_id order{};
  tick_index old_tick = 0, new_tick = 0;     ///< of the order before and after; equal unless it moved
  std::uint32_t old_size = 0, new_size = 0;  ///< displayed lots of the order before and after; 0: not in the book
  std::uint32_t added = 0, pulled = 0, filled = 0;  ///< lots
  std::uint32_t traded = 0;                         ///< lots of a trade record; the tick is new_tick
};

}  // namespace isobar::market
