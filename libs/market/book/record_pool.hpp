#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "market/book/order_index.hpp"
#include "market/book_change.hpp"

namespace isobar::market::detail {

/// One live order. Side and tick are its level's.
struct order_record {
  std::uint32_t prev, next;  ///< in the ring of its level
  std::uint32_t level;
  std::uint32_t size;  ///< displayed lots
  order_id id;
  timestamp ts_entered;
};

/// One price level: the fixed point of a ring of orders, next being the first in the queue and prev the last. A level
/// among its orders makes joining and leaving the queue free of cases.
struct level_record {
  std::uint32_t prev, next;
  std::uint32_t orders;
  book_side side;
  std::uint64_t size;  ///< lots
  tick_index tick;
};

/// Orders and levels in one array, numbered by slot: 32 bytes each, two to a cache line, freed slots first to be used
/// again (they are warm). Levels, which every record asks for, lie together. The links lie at the same place in both
/// and may be read through either (common initial sequence).
class record_pool {
 public:
  order_record& order(std::uint32_t slot) { return records_[slot].order; }
  const order_record& order(std::uint32_t slot) const { return records_[slot].order; }
  level_record& level(std::uint32_t slot) { return records_[slot].level; }
  const level_record& level(std::uint32_t slot) const { return records_[slot].level; }

  [[gnu::always_inline]] std::uint32_t take_order() {
    if (free_orders_ == no_slot) {
      records_.emplace_back();
      return static_cast<std::uint32_t>(records_.size() - 1);
    }
    return take(free_orders_);
  }
  std::uint32_t take_level() {
    if (free_levels_ == no_slot) {
      const auto first = static_cast<std::uint32_t>(records_.size());
      records_.resize(first + levels_together);
      for (std::uint32_t i = levels_together; i > 0; --i) give_level_back(first + i - 1);
    }
    return take(free_levels_);
  }
  void give_order_back(std::uint32_t slot) { give_back(free_orders_, slot); }
  void give_level_back(std::uint32_t slot) { give_back(free_levels_, slot); }
  /// Forgets everything, keeps the memory.
  void clear() {
    records_.clear();
    free_orders_ = free_levels_ = no_slot;
  }

  /// Puts an order at the end of a level's queue.
  [[gnu::always_inline]] void join(std::uint32_t slot, std::uint32_t level_slot) {
    level_record& l = level(level_slot);
    order_record& o = order(slot);
    o.level = level_slot;
    o.next = level_slot;
    o.prev = l.prev;
    order(l.prev).next = slot;
    l.prev = slot;
  }
  [[gnu::always_inline]] void leave(std::uint32_t slot) {
    const order_record& o = order(slot);
    order(o.prev).next = o.next;
    order(o.next).prev = o.prev;
  }

  /// Always inline, as order_index::prefetch.
  [[gnu::always_inline]] void prefetch(std::uint32_t slot) const { __builtin_prefetch(records_.data() + slot); }
  /// Slots ever used since the last clear().
  std::size_t slots() const { return records_.size(); }
  std::size_t memory_bytes() const { return records_.capacity() * sizeof(record); }

 private:
  union alignas(32) record {
    order_record order;
    level_record level;
    record() : order{} {}
  };
  static_assert(sizeof(record) == 32 && sizeof(order_record) == 32 && sizeof(level_record) == 32);

  static constexpr std::uint32_t levels_together = 64;

  std::uint32_t take(std::uint32_t& free) { return std::exchange(free, records_[free].order.next); }
  void give_back(std::uint32_t& free, std::uint32_t slot) {
    records_[slot].order.next = free;
    free = slot;
  }

  std::vector<record> records_;
  std::uint32_t free_orders_ = no_slot, free_levels_ = no_slot;  ///< lists of slots to use again
};

}  // namespace isobar::market::detail
