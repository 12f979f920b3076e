#pragma once
#include <cstddef>
#include <cstdint>

#include "market/futures_feed.hpp"

namespace isobar::market {

/// A price as a count of ticks: floor(price / tick).
using tick_index = std::int64_t;

/// Why a record did not do to the book what it said. Counted; never fatal. Unless said otherwise the book stays as it
/// was. `distrusts`: the venue's book is no longer known, so a whole book becomes partial until the next snapshot or
/// clear.
enum class book_refusal : std::uint8_t {
  none,
  unknown_order,    ///< order that the book does not have. Cancel, modify: distrusts (its add was lost); fill: ignored
  duplicate_order,  ///< add of an order that is there: it replaces the old one. Distrusts (a cancel was lost)
  no_side,          ///< add without a side. Distrusts
  unpriced,         ///< add, modify (distrust), fill or trade without a price
  off_tick,         ///< add or modify between two ticks. Distrusts
  no_size,          ///< add, modify or cancel of 0 lots. Modify and cancel distrust; an empty order displays nothing
  full,             ///< the bound of orders is reached: the book lacks the order from now on. Distrusts
  by_price,         ///< add, modify, cancel or fill with flag mbp or top_of_book: no order. Distrusts
  oversized,        ///< cancel of more lots than the order has: the order is removed. Distrusts
};
inline constexpr std::size_t book_refusals = 10;

/// What one record did to the displayed book, and how decisions 11 books it. The medium, the radar features and the
/// audit are all functions of a sequence of these.
///
/// Conservation, per (side, tick) and record: size after = size before + added - pulled - filled, where `added` counts
/// at (side, new_tick) and `pulled` and `filled` at (old_side, old_tick). State that is rebuilt is no flow: a clear
/// (cleared) and the records of a snapshot (snapshot) book nothing, and the law then reads
/// size after = size before + new_size at (side, new_tick) - old_size at (old_side, old_tick), from 0 when cleared.
struct book_change {
  book_action action = book_action::none;
  book_side side = book_side::none;  ///< of the order; of a trade the aggressor's
  book_refusal refused = book_refusal::none;
  bool snapshot = false;                 ///< the record rebuilds the book: no flow
  bool cleared = false;                  ///< everything was removed before (or by) this record
  bool event_end = false;                ///< the record carries LAST: the book is whole
  book_side old_side = book_side::none;  ///< side before; differs only for a duplicate add on the other side
  timestamp ts_event;
  timestamp ts_entered;  ///< when the order came to old_tick (new orders: to new_tick)
  order_id order{};
  tick_index old_tick = 0, new_tick = 0;     ///< of the order before and after; equal unless it moved
  std::uint32_t old_size = 0, new_size = 0;  ///< displayed lots of the order before and after; 0: not in the book
  std::uint32_t added = 0, pulled = 0, filled = 0;  ///< lots
  std::uint32_t traded = 0;                         ///< lots of a trade record; the tick is new_tick

  bool operator==(const book_change&) const = default;
  template <class Archive>
  void fields(Archive& a) {
    a(action, side, refused, snapshot, cleared, event_end, old_side, ts_event, ts_entered, order, old_tick, new_tick,
      old_size, new_size, added, pulled, filled, traded);
  }
};

}  // namespace isobar::market
