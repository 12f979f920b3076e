#include "sim/futures_book.hpp"

#include <algorithm>

namespace isobar::sim {

using market::book_side;
using market::tick_index;

futures_book::futures_book(tick_index low, tick_index high) : base_(low) {
  ISOBAR_ASSERT(low <= high);
  for (auto& side : ladder_) side.resize(static_cast<std::size_t>(high - low + 1));
}

void futures_book::widen(tick_index tick) {
  const tick_index low = std::min(base_, tick - width()), high = std::max(base_ + width() - 1, tick + width());
  const tick_index new_base = tick < base_ ? low : base_, new_high = tick < base_ ? base_ + width() - 1 : high;
  for (auto& side : ladder_) {
    std::vector<order_queue> wider(static_cast<std::size_t>(new_high - new_base + 1));
    std::copy(side.begin(), side.end(), wider.begin() + (base_ - new_base));
    side = std::move(wider);
  }
  base_ = new_base;
}

void futures_book::link(order_slot s) {
  resting_order& o = orders_[s];
  if (o.tick < base_ || o.tick >= base_ + width()) widen(o.tick);
  order_queue& q = at(o.side, o.tick);
  o.next = no_slot;
  o.previous = q.last;
  (q.last == no_slot ? q.first : orders_[q.last].next) = s;
  q.last = s;
  ++q.orders;
  q.lots += o.size;
  if (o.wall) q.wall_lots += o.size;
  tick_index& best = best_[index(o.side)];
  const bool first = live_[index(o.side)]++ == 0;
  if (first || (o.side == book_side::bid ? o.tick > best : o.tick < best)) best = o.tick;
}

void futures_book::unlink(order_slot s) {
  const resting_order& o = orders_[s];
  order_queue& q = at(o.side, o.tick);
  (o.previous == no_slot ? q.first : orders_[o.previous].next) = o.next;
  (o.next == no_slot ? q.last : orders_[o.next].previous) = o.previous;
  --q.orders;
  q.lots -= o.size;
  if (o.wall) q.wall_lots -= o.size;
  tick_index& best = best_[index(o.side)];
  if (--live_[index(o.side)] != 0 && q.orders == 0 && best == o.tick) best = next_level(o.side, best);
}

order_slot futures_book::insert(const resting_order& o) {
  order_slot s;
  if (free_.empty()) {
    s = static_cast<order_slot>(orders_.size());
    orders_.push_back(o);
  } else {
    s = free_.back();
    free_.pop_back();
    orders_[s] = o;
  }
  link(s);
  return s;
}

void futures_book::move(order_slot s, tick_index tick, std::uint32_t size) {
  unlink(s);
  relink(s, tick, size);
}

void futures_book::relink(order_slot s, tick_index tick, std::uint32_t size) {
  orders_[s].tick = tick;
  orders_[s].size = size;
  link(s);
}

void futures_book::resize(order_slot s, std::uint32_t size) {
  resting_order& o = orders_[s];
  order_queue& q = at(o.side, o.tick);
  q.lots = q.lots - o.size + size;
  if (o.wall) q.wall_lots = q.wall_lots - o.size + size;
  o.size = size;
}

tick_index futures_book::next_level(book_side side, tick_index tick) const {
  const auto& levels = ladder_[index(side)];
  const tick_index step = side == book_side::bid ? -1 : 1;
  do tick += step;
  while (tick >= base_ && tick < base_ + width() && levels[static_cast<std::size_t>(tick - base_)].orders == 0);
  return tick;
}

}  // namespace isobar::sim
