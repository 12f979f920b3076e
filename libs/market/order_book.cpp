#include "market/order_book.hpp"

#include <algorithm>

#include "market/book_image.hpp"
#include "market/order_book_apply.hpp"

namespace isobar::market {

using detail::no_slot;

order_book::order_book(book_config c)
    : scale_(c.tick), orders_max_(std::min<std::size_t>(c.orders_max, 1u << 30)), levels_(c.ladder_ticks) {}

book_change order_book::apply(const book_event& e, hash h) {
  book_change c;
  apply(e, h, c, [](const book_change&) {});
  return c;
}

order_book::rebuilding order_book::before_action(const book_event& e) {
  rebuilding now{.snapshot = e.has(event_flag::snapshot)};
  // LAST closes a snapshot too: a record with the flag behind it begins the next one (files of two days, merged).
  const bool said_to_its_end = in_snapshot_ && !inside_event_ && !just_cleared_;
  if (in_snapshot_ && (!now.snapshot || said_to_its_end)) {
    in_snapshot_ = false;
    trusted_ = !spoiled_;
    spoiled_ = false;
  }
  if (now.snapshot && !in_snapshot_) {
    in_snapshot_ = true;
    now.cleared = !just_cleared_;
    if (now.cleared) clear();
  }
  if (e.has(event_flag::maybe_bad_book) && e.action != book_action::clear) distrust();
  return now;
}

order_book::scout::reach order_book::scout::reach_of(const order_book& book, std::size_t near_slots) {
  constexpr std::size_t far_slots = 1 << 17;  // 4 MiB; they and their levels fit no second-level cache
  const std::size_t slots = book.levels_.pool().slots();
  return slots <= near_slots ? reach::near : slots <= far_slots ? reach::middle : reach::far;
}

order_book::scout::scout(const order_book& book, std::span<const book_event> batch, std::size_t near_slots)
    : book_(book), batch_(batch), reach_(reach_of(book, near_slots)) {
  if (reach_ == reach::near) return;
  if (reach_ == reach::far) ask(0);
  guess(0);
  if (reach_ == reach::far) ask(stride);
}

void order_book::scout::look(std::size_t at) {
  if (reach_ == reach::near) return hash(at);
  if (reach_ == reach::far) look_beyond(at);
  guess(at + stride);
  if (reach_ == reach::far) ask(at + 2 * stride);
}

/// In a large book levels are far too, and neighbours in the queue: an order's own, and the last of the level that one
/// will join.
void order_book::scout::look_beyond(std::size_t at) const {
  const detail::record_pool& pool = book_.levels_.pool();
  for (std::size_t i = at; i < std::min(at + stride, batch_.size()); ++i) {
    if (const std::uint32_t slot = slot_[i - at]; slot < pool.slots()) {
      pool.prefetch(pool.order(slot).level);
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
  const std::size_t end = std::min(at + stride, batch_.size());
  for (std::size_t i = at; i < end; ++i) hash_[i % hashes] = hash_of(batch_[i].order);
}

/// A stride of loads that do not wait for each other, then what they lead to. The guesses may have left the book when
/// their records come, or be levels then; they are only hints.
void order_book::scout::guess(std::size_t at) {
  const std::size_t end = std::min(at + stride, batch_.size());
  for (std::size_t i = at; i < end; ++i) {
    const order_book::hash h = hash_of(batch_[i].order);
    const std::uint32_t slot = book_.index_.guess(h);
    book_.levels_.pool().prefetch(slot);
    hash_[i % hashes] = h;
    slot_[i % stride] = slot;
  }
}

void order_book::scout::ask(std::size_t at) const {
  const std::size_t end = std::min(at + stride, batch_.size());
  for (std::size_t i = at; i < end; ++i) book_.index_.prefetch(hash_of(batch_[i].order));
}

void order_book::distrust() { (in_snapshot_ ? spoiled_ : trusted_) = in_snapshot_; }

void order_book::clear() {
  fills_.forget();
  // A table that was once large is not swept for a few orders.
  if (index_.size() * 8 < index_.cells()) {
    for (const book_side side : {book_side::bid, book_side::ask})
      for (std::uint32_t l = levels_.best(side); l != no_slot; l = levels_.worse(l))
        for (std::uint32_t o = levels_[l].next; o != l; o = levels_.pool().order(o).next) {
          const order_id id = levels_.pool().order(o).id;
          index_.erase(locate(id, hash_of(id)));
        }
  } else {
    index_.clear();
  }
  levels_.clear();
  total_size_ = {};
  total_orders_ = {};
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
        const std::uint32_t slot = make_order(o.id, hash_of(o.id), o.ts_entered, o.size);
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
