#include "market/book/level_store.hpp"

#include <algorithm>
#include <bit>

namespace isobar::market::detail {

level_store::level_store(std::size_t width) : width_(std::bit_ceil(std::clamp<std::size_t>(width, 64, 1 << 20))) {}

std::uint32_t level_store::at_or_above(book_side side, tick_index tick) const {
  std::uint32_t found = no_slot;
  if (ladder_size_ != 0) {
    const std::uint64_t from = tick < base_ ? 0 : offset(tick);
    const std::size_t at = from < ladder_size_ ? occupied_[number(side)].at_or_above(from) : occupancy::none;
    if (at != occupancy::none) found = ladder(side)[at];
  }
  const outer_map& outer = outer_[number(side)];
  if (outer.empty()) return found;
  const auto beside = outer.lower_bound(tick);
  if (beside == outer.end() || (found != no_slot && (*this)[found].tick < beside->first)) return found;
  return beside->second;
}

std::uint32_t level_store::at_or_below(book_side side, tick_index tick) const {
  std::uint32_t found = no_slot;
  if (ladder_size_ != 0 && tick >= base_) {
    const std::size_t at = occupied_[number(side)].at_or_below(std::min<std::uint64_t>(offset(tick), ladder_size_ - 1));
    if (at != occupancy::none) found = ladder(side)[at];
  }
  const outer_map& outer = outer_[number(side)];
  if (outer.empty()) return found;
  const auto above = outer.upper_bound(tick);
  if (above == outer.begin()) return found;
  const auto beside = std::prev(above);
  return found != no_slot && (*this)[found].tick > beside->first ? found : beside->second;
}

void level_store::clear() {
  for (const book_side side : {book_side::bid, book_side::ask}) {
    occupancy& occupied = occupied_[number(side)];
    if (ladder_size_ != 0)
      for (std::size_t at = occupied.at_or_above(0); at != occupancy::none; at = occupied.at_or_above(at + 1)) {
        ladder(side)[at] = no_slot;
        occupied.erase(at);
      }
    for (auto at = outer_[number(side)].begin(); at != outer_[number(side)].end();) at = take_outside(side, at);
  }
  pool_.clear();
  best_ = {no_slot, no_slot};
  count_ = {};
  ladder_size_ = 0;
  misses_ = 0;
}

std::size_t level_store::memory_bytes() const {
  constexpr std::size_t node_bytes = 64;  // a tree node with its allocation
  return ladder_.capacity() * sizeof(std::uint32_t) + pool_.memory_bytes() +
         moving_.capacity() * sizeof(std::uint32_t) + occupied_[0].memory_bytes() + occupied_[1].memory_bytes() +
         (outside() + spare_.size()) * node_bytes + spare_.capacity() * sizeof(outer_map::node_type);
}

std::uint32_t level_store::find_outside(book_side side, tick_index tick) const {
  const outer_map& outer = outer_[number(side)];
  const auto at = outer.find(tick);
  return at == outer.end() ? no_slot : at->second;
}

std::uint32_t level_store::find_or_make_outside(book_side side, tick_index tick) {
  if (ladder_size_ == 0) {
    if (ladder_.empty()) {
      ladder_.assign(2 * width_, no_slot);
      for (occupancy& o : occupied_) o.resize(width_);
    }
    ladder_size_ = width_;
    base_ = base_around(tick);
    return find_or_make(side, tick);
  }
  std::uint32_t level = find_outside(side, tick);
  if (level == no_slot) {
    level = make(side, tick);
    put_outside(side, tick, level);
  }
  ++misses_;
  maybe_recentre();
  return level;
}

void level_store::remove_outside(book_side side, tick_index tick) {
  take_outside(side, outer_[number(side)].find(tick));
}

void level_store::put_outside(book_side side, tick_index tick, std::uint32_t level) {
  outer_map& outer = outer_[number(side)];
  if (spare_.empty()) {
    outer.emplace(tick, level);
    return;
  }
  outer_map::node_type node = std::move(spare_.back());
  spare_.pop_back();
  node.key() = tick;
  node.mapped() = level;
  outer.insert(std::move(node));
}

level_store::outer_map::iterator level_store::take_outside(book_side side, outer_map::iterator at) {
  const auto next = std::next(at);
  spare_.push_back(outer_[number(side)].extract(at));
  return next;
}

tick_index level_store::base_around(tick_index tick) const {
  const auto width = static_cast<tick_index>(width_);
  if (tick < INT64_MIN + width / 2) return INT64_MIN;
  return std::min(tick - width / 2, INT64_MAX - width + 1);
}

// A move costs the levels that it touches, so it waits for as many misses: constant per record, whatever a feed does.
void level_store::maybe_recentre() {
  if (4 * misses_ < count_[0] + count_[1] + 256) return;
  misses_ = 0;
  const std::uint32_t bid = best(book_side::bid), ask = best(book_side::ask);
  const tick_index low = (*this)[bid != no_slot ? bid : ask].tick, high = (*this)[ask != no_slot ? ask : bid].tick;
  const tick_index target = base_around(low / 2 + high / 2);
  const std::uint64_t distance = target > base_ ? offset(target) : 0 - offset(target);
  if (distance >= width_ / 4) recentre(target);
}

void level_store::recentre(tick_index base) {
  ++recentred_;
  moving_.clear();
  for (const book_side side : {book_side::bid, book_side::ask}) {
    occupancy& occupied = occupied_[number(side)];
    for (std::size_t at = occupied.at_or_above(0); at != occupancy::none; at = occupied.at_or_above(at + 1)) {
      moving_.push_back(ladder(side)[at]);
      ladder(side)[at] = no_slot;
      occupied.erase(at);
    }
  }
  base_ = base;
  for (const book_side side : {book_side::bid, book_side::ask}) {
    outer_map& outer = outer_[number(side)];
    for (auto at = outer.lower_bound(base); at != outer.end() && offset(at->first) < width_;) {
      moving_.push_back(at->second);
      at = take_outside(side, at);
    }
  }
  for (const std::uint32_t level : moving_) {
    const level_record& l = (*this)[level];
    if (const std::uint64_t at = offset(l.tick); at < width_) {
      ladder(l.side)[at] = level;
      occupied_[number(l.side)].insert(at);
    } else {
      put_outside(l.side, l.tick, level);
    }
  }
}

}  // namespace isobar::market::detail
