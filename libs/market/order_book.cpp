#include "market/order_book.hpp"

#include <algorithm>

#include "market/book_image.hpp"

namespace isobar::market {

using detail::no_slot;

order_book::order_book(book_config c)
    : scale_(c.tick), orders_max_(std::min<std::size_t>(c.orders_max, 1u << 30)), levels_(c.ladder_ticks) {}

[[gnu::flatten]] book_change order_book::apply(const book_event& e) {
  book_change c;
  c.action = e.action;
  c.side = c.old_side = e.side;
  c.event_end = e.has(event_flag::last);
  c.ts_event = e.ts_event;
  c.order = e.order;
  if (in_snapshot_ || e.has(event_flag::snapshot | event_flag::maybe_bad_book)) [[unlikely]]
    before_action(e, c);
  switch (e.action) {
    case book_action::add:
      add(e, c);
      break;
    case book_action::modify:
      modify(e, c);
      break;
    case book_action::cancel:
      cancel(e, c);
      break;
    case book_action::fill:
      fill(e, c);
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
  if (c.snapshot) [[unlikely]]
    c.added = c.pulled = c.filled = 0;
  just_cleared_ = e.action == book_action::clear;
  inside_event_ = !c.event_end;
  if (c.event_end && !fills_.empty()) fills_.forget();
  return c;
}

void order_book::before_action(const book_event& e, book_change& c) {
  c.snapshot = e.has(event_flag::snapshot);
  // LAST closes a snapshot too: a record with the flag behind it begins the next one (files of two days, merged).
  const bool said_to_its_end = in_snapshot_ && !inside_event_ && !just_cleared_;
  if (in_snapshot_ && (!c.snapshot || said_to_its_end)) {
    in_snapshot_ = false;
    trusted_ = !spoiled_;
    spoiled_ = false;
  }
  if (c.snapshot && !in_snapshot_) {
    in_snapshot_ = true;
    c.cleared = !just_cleared_;
    if (c.cleared) clear();
  }
  if (e.has(event_flag::maybe_bad_book) && e.action != book_action::clear) distrust();
}

namespace {
/// A pool up to it (128 KiB) is near anyway, and looking ahead costs 6 ns a record of 21; one beyond the other (4 MiB)
/// fits no near cache.
constexpr std::size_t few_slots = 1 << 12, many_slots = 1 << 17;
}  // namespace

order_book::scout::scout(const order_book& book, std::span<const book_event> batch) : book_(book), batch_(batch) {
  if (book.levels_.pool().slots() <= few_slots) batch_ = {};  // nothing to look at
  hash(0);
  guess(0);
  hash(stride);
}

/// The guesses may have left the book since, or be levels now; they are only hints.
void order_book::scout::look(std::size_t at) {
  if (batch_.empty()) return;
  const detail::record_pool& pool = book_.levels_.pool();
  for (const std::uint32_t slot : slot_)
    if (slot < pool.slots()) [[likely]]
      pool.prefetch(pool.order(slot).level);
  if (pool.slots() > many_slots) [[unlikely]]
    look_beyond(at);
  guess(at + stride);
  hash(at + 2 * stride);
}

/// In a large book neighbours in the queue are far too: an order's own, and the last of the level that one will join.
void order_book::scout::look_beyond(std::size_t at) const {
  const detail::record_pool& pool = book_.levels_.pool();
  for (std::size_t i = at; i < std::min(at + stride, batch_.size()); ++i) {
    if (const std::uint32_t slot = slot_[i - at]; slot < pool.slots()) {
      pool.prefetch(pool.order(slot).prev);
      pool.prefetch(pool.order(slot).next);
    }
    const book_event& e = batch_[i];
    if (e.side == book_side::none || (e.action != book_action::add && e.action != book_action::modify)) continue;
    if (const auto tick = book_.scale_.exact(e.price))
      if (const std::uint32_t level = book_.levels_.find(e.side, *tick); level != no_slot)
        pool.prefetch(book_.levels_[level].prev);
  }
}

void order_book::scout::hash(std::size_t at) {
  for (std::size_t i = at; i < std::min(at + stride, batch_.size()); ++i) {
    key_[i - at] = book_.index_.key_of(batch_[i].order);
    book_.index_.prefetch(key_[i - at]);
  }
}

void order_book::scout::guess(std::size_t at) {
  for (std::size_t i = at; i < std::min(at + stride, batch_.size()); ++i) {
    slot_[i - at] = book_.index_.guess(key_[i - at]);
    book_.levels_.pool().prefetch(slot_[i - at]);
  }
}

void order_book::distrust() { (in_snapshot_ ? spoiled_ : trusted_) = in_snapshot_; }

inline void order_book::refuse(book_change& c, book_refusal why) {
  c.refused = why;
  ++refused_[static_cast<std::size_t>(why)];
}

inline bool order_book::by_price(const book_event& e, book_change& c) {
  if (!e.has(event_flag::mbp | event_flag::top_of_book)) [[likely]]
    return false;
  refuse(c, book_refusal::by_price);
  distrust();
  return true;
}

/// What adds and modifies must say. A modify that does not leaves an order at a place that it has left: distrust.
inline bool order_book::priced(const book_event& e, book_change& c, tick_index& tick) {
  const std::optional<tick_index> exact = scale_.exact(e.price);
  if (e.price != no_price && exact && e.size != 0) [[likely]] {
    tick = *exact;
    return true;
  }
  refuse(c, e.price == no_price ? book_refusal::unpriced : !exact ? book_refusal::off_tick : book_refusal::no_size);
  if (c.refused != book_refusal::no_size || e.action == book_action::modify) distrust();
  return false;
}

inline void order_book::describe(std::uint32_t slot, book_change& c) const {
  const detail::order_record& o = levels_.pool().order(slot);
  const detail::level_record& l = levels_[o.level];
  c.side = c.old_side = l.side;
  c.ts_entered = o.ts_entered;
  c.old_tick = c.new_tick = l.tick;
  c.old_size = c.new_size = o.size;
}

inline void order_book::add(const book_event& e, book_change& c) {
  if (by_price(e, c)) return;
  if (e.side != book_side::bid && e.side != book_side::ask) [[unlikely]] {
    refuse(c, book_refusal::no_side);
    return distrust();
  }
  tick_index tick = 0;
  if (!priced(e, c, tick)) return;
  const detail::order_index::place at = locate(e.order);
  if (at.slot != no_slot) [[unlikely]] {
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
  const std::uint32_t slot = make_order(e.order, e.ts_event, e.size);
  enqueue(slot, levels_.find_or_make(e.side, tick));
}

inline void order_book::modify(const book_event& e, book_change& c) {
  if (by_price(e, c)) return;
  const detail::order_index::place at = locate(e.order);
  if (at.slot == no_slot) [[unlikely]] {
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

inline void order_book::cancel(const book_event& e, book_change& c) {
  if (by_price(e, c)) return;
  const detail::order_index::place at = locate(e.order);
  if (at.slot == no_slot) [[unlikely]] {
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

inline void order_book::fill(const book_event& e, book_change& c) {
  if (by_price(e, c)) return;
  const detail::order_index::place at = locate(e.order);
  if (at.slot == no_slot) return refuse(c, book_refusal::unknown_order);
  describe(at.slot, c);
  if (e.side != book_side::none) {
    if (e.price == no_price) return refuse(c, book_refusal::unpriced);
    const price limit = scale_.price_of(c.old_tick);
    if (c.side == book_side::bid ? e.price > limit : e.price < limit) return;  // modified through the market
  }
  if (!c.snapshot) leave_fill(at.slot, e.size);
}

inline void order_book::trade(const book_event& e, book_change& c) {
  if (e.price == no_price) return refuse(c, book_refusal::unpriced);
  c.old_tick = c.new_tick = scale_.floor(e.price);
  if (!c.snapshot) c.traded = e.size;
}

inline std::uint32_t order_book::make_order(order_id id, timestamp ts_entered, std::uint32_t size) {
  const std::uint32_t slot = levels_.pool().take_order();
  detail::order_record& o = levels_.pool().order(slot);
  o.size = size;
  o.id = id;
  o.ts_entered = ts_entered;
  index_.insert(id, slot, id_of());
  return slot;
}

inline void order_book::enqueue(std::uint32_t slot, std::uint32_t level) {
  detail::record_pool& pool = levels_.pool();
  pool.join(slot, level);
  detail::level_record& l = pool.level(level);
  const std::uint32_t size = pool.order(slot).size;
  l.size += size;
  ++l.orders;
  total_size_[static_cast<std::size_t>(l.side)] += size;
  ++total_orders_[static_cast<std::size_t>(l.side)];
}

inline void order_book::unlink(std::uint32_t slot) {
  detail::record_pool& pool = levels_.pool();
  pool.leave(slot);
  const detail::order_record& o = pool.order(slot);
  detail::level_record& l = pool.level(o.level);
  l.size -= o.size;
  total_size_[static_cast<std::size_t>(l.side)] -= o.size;
  --total_orders_[static_cast<std::size_t>(l.side)];
  if (--l.orders == 0) levels_.remove(o.level);
}

inline void order_book::drop(const detail::order_index::place& at) {
  fills_.take(at.slot);
  unlink(at.slot);
  index_.erase(at);
  levels_.pool().give_order_back(at.slot);
}

inline void order_book::resize(std::uint32_t slot, std::uint32_t size) {
  detail::order_record& o = levels_.pool().order(slot);
  detail::level_record& l = levels_.pool().level(o.level);
  const std::uint64_t gained = std::uint64_t{size} - o.size;  // modulo 2^64
  l.size += gained;
  total_size_[static_cast<std::size_t>(l.side)] += gained;
  o.size = size;
}

void order_book::clear() {
  fills_.forget();
  // A table that was once large is not swept for a few orders.
  if (index_.size() * 8 < index_.cells()) {
    for (const book_side side : {book_side::bid, book_side::ask})
      for (std::uint32_t l = levels_.best(side); l != no_slot; l = levels_.worse(l))
        for (std::uint32_t o = levels_[l].next; o != l; o = levels_.pool().order(o).next)
          index_.erase(locate(levels_.pool().order(o).id));
  } else {
    index_.clear();
  }
  levels_.clear();
  total_size_ = {};
  total_orders_ = {};
}

void order_book::leave_fill(std::uint32_t slot, std::uint32_t lots) {
  if (lots == 0) return;
  std::uint32_t& left = fills_.at(slot);
  left += std::min(lots, levels_.pool().order(slot).size - left);
}

bool order_book::assign(const book_image& image) {
  clear();
  trusted_ = in_snapshot_ = spoiled_ = just_cleared_ = inside_event_ = false;
  refused_ = {};
  std::size_t orders = 0;
  for (const auto& levels : image.sides)
    for (const auto& level : levels) {
      orders += level.orders.size();
      if (!scale_.holds(level.tick)) return false;
    }
  if (image.tick != tick() || orders > orders_max_) return false;
  for (const book_side side : {book_side::bid, book_side::ask})
    for (const auto& level : image.sides[static_cast<std::size_t>(side)])
      for (const book_image::order& o : level.orders) {
        const std::uint32_t slot = make_order(o.id, o.ts_entered, o.size);
        enqueue(slot, levels_.find_or_make(side, level.tick));
        leave_fill(slot, o.unfilled);
      }
  trusted_ = image.trusted;
  in_snapshot_ = image.in_snapshot;
  spoiled_ = image.spoiled;
  just_cleared_ = image.just_cleared;
  inside_event_ = image.inside_event;
  refused_ = image.refused;
  return true;
}

}  // namespace isobar::market
