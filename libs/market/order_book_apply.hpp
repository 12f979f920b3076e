#pragma once
#include <algorithm>

#include "market/order_book.hpp"

/// What each action does to an order_book, for whoever wants it inlined into a loop of its own; others call the plain
/// order_book::apply.
namespace isobar::market {

template <class Then>
[[gnu::always_inline]] inline void order_book::apply(const book_event& e, hash h, book_change& c, Then&& then) {
  c.action = e.action;
  c.side = c.old_side = e.side;
  c.event_end = e.has(event_flag::last);
  c.ts_event = e.ts_event;
  c.order = e.order;
  if (in_snapshot_ || e.has(event_flag::snapshot | event_flag::maybe_bad_book)) [[unlikely]] {
    const rebuilding now = before_action(e);
    c.snapshot = now.snapshot;
    c.cleared = now.cleared;
  }
  // Each action goes on alone to the end: what it cannot have done need not be asked again.
  switch (e.action) {
    case book_action::add:
      add(e, h, c);
      finish(e, c);
      return then(c);
    case book_action::modify:
      modify(e, h, c);
      finish(e, c);
      return then(c);
    case book_action::cancel:
      cancel(e, h, c);
      finish(e, c);
      return then(c);
    case book_action::fill:
      fill(e, h, c);
      break;
    case book_action::trade:
      trade(e, c);
      break;
    case book_action::clear:
      clear();
      c.cleared = true;
      (in_snapshot_ ? spoiled_ : trusted_) = !in_snapshot_;
      break;
    case book_action::none:
      break;
  }
  finish(e, c);
  then(c);
}

[[gnu::always_inline]] inline void order_book::finish(const book_event& e, book_change& c) {
  if (c.snapshot) [[unlikely]]
    c.added = c.pulled = c.filled = 0;
  just_cleared_ = e.action == book_action::clear;
  inside_event_ = !c.event_end;
  if (c.event_end && !fills_.empty()) fills_.forget();
}

[[gnu::always_inline]] inline void order_book::refuse(book_change& c, book_refusal why) {
  c.refused = why;
  ++refused_[static_cast<std::size_t>(why)];
}

[[gnu::always_inline]] inline bool order_book::by_price(const book_event& e, book_change& c) {
  if (!e.has(event_flag::mbp | event_flag::top_of_book)) [[likely]]
    return false;
  refuse(c, book_refusal::by_price);
  distrust();
  return true;
}

/// What adds and modifies must say. A modify that does not leaves an order at a place that it has left: distrust.
[[gnu::always_inline]] inline bool order_book::priced(const book_event& e, book_change& c, tick_index& tick) {
  const std::optional<tick_index> exact = scale_.exact(e.price);
  if (e.price != no_price && exact && e.size != 0) [[likely]] {
    tick = *exact;
    return true;
  }
  refuse(c, e.price == no_price ? book_refusal::unpriced : !exact ? book_refusal::off_tick : book_refusal::no_size);
  if (c.refused != book_refusal::no_size || e.action == book_action::modify) distrust();
  return false;
}

[[gnu::always_inline]] inline void order_book::describe(std::uint32_t slot, book_change& c) const {
  const detail::order_record& o = levels_.pool().order(slot);
  const detail::level_record& l = levels_[o.level];
  c.side = c.old_side = l.side;
  c.ts_entered = o.ts_entered;
  c.old_tick = c.new_tick = l.tick;
  c.old_size = c.new_size = o.size;
}

[[gnu::always_inline]] inline void order_book::add(const book_event& e, hash h, book_change& c) {
  if (by_price(e, c)) return;
  if (e.side != book_side::bid && e.side != book_side::ask) [[unlikely]] {
    refuse(c, book_refusal::no_side);
    return distrust();
  }
  tick_index tick = 0;
  if (!priced(e, c, tick)) return;
  const detail::order_index::place at = locate(e.order, h);
  if (at.slot != detail::no_slot) [[unlikely]] {
    describe(at.slot, c);
    c.pulled = c.old_size;
    drop(at);
    refuse(c, book_refusal::duplicate_order);
    distrust();
  } else if (index_.size() >= orders_max_) [[unlikely]] {
    refuse(c, book_refusal::full);
    return distrust();
  } else {
    c.ts_entered = e.ts_event;
    c.old_tick = tick;
  }
  c.side = e.side;
  c.new_tick = tick;
  c.new_size = c.added = e.size;
  const std::uint32_t slot = make_order(e.order, h, e.ts_event, e.size);
  enqueue(slot, levels_.find_or_make(e.side, tick));
}

[[gnu::always_inline]] inline void order_book::modify(const book_event& e, hash h, book_change& c) {
  if (by_price(e, c)) return;
  const detail::order_index::place at = locate(e.order, h);
  if (at.slot == detail::no_slot) [[unlikely]] {
    refuse(c, book_refusal::unknown_order);
    return distrust();
  }
  describe(at.slot, c);
  if (!priced(e, c, c.new_tick)) return;
  const std::uint32_t left = fills_.take(at.slot);
  c.new_size = e.size;
  const bool moved = c.new_tick != c.old_tick;
  const std::uint32_t lost = moved ? c.old_size : c.old_size - std::min(c.old_size, c.new_size);
  c.filled = std::min(left, lost != 0 ? lost : c.old_size);
  c.pulled = lost != 0 ? lost - c.filled : 0;
  c.added = lost != 0 ? (moved ? c.new_size : 0) : c.new_size - c.old_size + c.filled;
  if (c.added == 0) return resize(at.slot, e.size);
  detail::order_record& o = levels_.pool().order(at.slot);
  if (!moved && o.next == o.level) return resize(at.slot, e.size);
  const std::uint32_t level = o.level;
  unlink(at.slot);  // others are behind it, or it moves: the level it goes to is there or made
  o.size = e.size;
  if (moved) o.ts_entered = e.ts_event;
  enqueue(at.slot, moved ? levels_.find_or_make(c.side, c.new_tick) : level);
}

[[gnu::always_inline]] inline void order_book::cancel(const book_event& e, hash h, book_change& c) {
  if (by_price(e, c)) return;
  const detail::order_index::place at = locate(e.order, h);
  if (at.slot == detail::no_slot) [[unlikely]] {
    refuse(c, book_refusal::unknown_order);
    return distrust();
  }
  describe(at.slot, c);
  if (e.size == 0 || e.size > c.old_size) [[unlikely]] {
    refuse(c, e.size == 0 ? book_refusal::no_size : book_refusal::oversized);
    distrust();
    if (e.size == 0) return;
  }
  const std::uint32_t lost = std::min(e.size, c.old_size);
  c.filled = std::min(fills_.take(at.slot), lost);
  c.pulled = lost - c.filled;
  c.new_size = c.old_size - lost;
  if (c.new_size == 0)
    drop(at);
  else
    resize(at.slot, c.new_size);
}

[[gnu::always_inline]] inline void order_book::fill(const book_event& e, hash h, book_change& c) {
  if (by_price(e, c)) return;
  const detail::order_index::place at = locate(e.order, h);
  if (at.slot == detail::no_slot) return refuse(c, book_refusal::unknown_order);
  describe(at.slot, c);
  if (e.side != book_side::none) {
    if (e.price == no_price) return refuse(c, book_refusal::unpriced);
    const price limit = scale_.price_of(c.old_tick);
    if (c.side == book_side::bid ? e.price > limit : e.price < limit) return;  // modified through the market
  }
  if (!c.snapshot) leave_fill(at.slot, e.size);
}

[[gnu::always_inline]] inline void order_book::trade(const book_event& e, book_change& c) {
  if (e.price == no_price) return refuse(c, book_refusal::unpriced);
  c.old_tick = c.new_tick = scale_.floor(e.price);
  if (!c.snapshot) c.traded = e.size;
}

[[gnu::always_inline]] inline std::uint32_t order_book::make_order(order_id id, hash h, timestamp ts_entered,
                                                                   std::uint32_t size) {
  const std::uint32_t slot = levels_.pool().take_order();
  detail::order_record& o = levels_.pool().order(slot);
  o.size = size;
  o.id = id;
  o.ts_entered = ts_entered;
  index_.insert(h, slot, id_of());
  return slot;
}

[[gnu::always_inline]] inline void order_book::enqueue(std::uint32_t slot, std::uint32_t level) {
  detail::record_pool& pool = levels_.pool();
  pool.join(slot, level);
  detail::level_record& l = pool.level(level);
  const std::uint32_t size = pool.order(slot).size;
  l.size += size;
  ++l.orders;
  total_size_[static_cast<std::size_t>(l.side)] += size;
  ++total_orders_[static_cast<std::size_t>(l.side)];
}

[[gnu::always_inline]] inline void order_book::unlink(std::uint32_t slot) {
  detail::record_pool& pool = levels_.pool();
  pool.leave(slot);
  const detail::order_record& o = pool.order(slot);
  detail::level_record& l = pool.level(o.level);
  l.size -= o.size;
  total_size_[static_cast<std::size_t>(l.side)] -= o.size;
  --total_orders_[static_cast<std::size_t>(l.side)];
  if (--l.orders == 0) levels_.remove(o.level);
}

[[gnu::always_inline]] inline void order_book::drop(const detail::order_index::place& at) {
  fills_.take(at.slot);
  unlink(at.slot);
  index_.erase(at);
  levels_.pool().give_order_back(at.slot);
}

[[gnu::always_inline]] inline void order_book::resize(std::uint32_t slot, std::uint32_t size) {
  detail::order_record& o = levels_.pool().order(slot);
  detail::level_record& l = levels_.pool().level(o.level);
  const std::uint64_t gained = std::uint64_t{size} - o.size;  // modulo 2^64
  l.size += gained;
  total_size_[static_cast<std::size_t>(l.side)] += gained;
  o.size = size;
}

inline void order_book::leave_fill(std::uint32_t slot, std::uint32_t lots) {
  if (lots == 0) return;
  std::uint32_t& left = fills_.at(slot);
  left += std::min(lots, levels_.pool().order(slot).size - left);
}

}  // namespace isobar::market
