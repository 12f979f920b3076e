#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "market/book/occupancy.hpp"
#include "market/book/record_pool.hpp"
#include "market/book_change.hpp"

namespace isobar::market::detail {

/// The levels of both sides. A ladder of `width` contiguous ticks per side holds the numbers of the levels around the
/// market, with a bitmap for the next one; farther levels are in ordered maps whose nodes are reused. The ladder is
/// made with the first level and moves when enough levels have fallen beside it to pay for the move.
///
/// A level's number is its slot in the pool, stable until remove(). Levels must not stay empty: whoever takes the last
/// order removes it.
class level_store {
 public:
  /// `width` is rounded up to a power of two between 64 and 2^20.
  explicit level_store(std::size_t width);

  /// Levels and the orders that the book queues in them.
  record_pool& pool() { return pool_; }
  const record_pool& pool() const { return pool_; }
  const level_record& operator[](std::uint32_t level) const { return pool_.level(level); }

  /// Number of the level or no_slot.
  std::uint32_t find(book_side side, tick_index tick) const {
    const std::uint64_t at = offset(tick);
    if (at < ladder_size_) [[likely]]
      return ladder(side)[at];
    return find_outside(side, tick);
  }
  /// As find(), made when absent (empty: the caller queues an order).
  [[gnu::always_inline]] std::uint32_t find_or_make(book_side side, tick_index tick) {
    const std::uint64_t at = offset(tick);
    if (at >= ladder_size_) [[unlikely]]
      return find_or_make_outside(side, tick);
    std::uint32_t& cell = ladder(side)[at];
    if (cell == no_slot) {
      cell = make(side, tick);
      occupied_[number(side)].insert(at);
    }
    return cell;
  }
  void remove(std::uint32_t level) {
    const book_side side = pool_.level(level).side;
    const tick_index tick = pool_.level(level).tick;
    const std::uint64_t at = offset(tick);
    if (at < ladder_size_) [[likely]] {
      ladder(side)[at] = no_slot;
      occupied_[number(side)].erase(at);
    } else {
      remove_outside(side, tick);
    }
    pool_.give_level_back(level);
    --count_[number(side)];
    if (best_[number(side)] == level) best_[number(side)] = next_best(side, tick);
  }
  /// Forgets every level and order; the next level decides where the ladder goes.
  void clear();

  /// Number of the best level, no_slot when the side is empty.
  std::uint32_t best(book_side side) const { return best_[number(side)]; }
  /// Least level at or above `tick`, greatest at or below; no_slot when there is none.
  std::uint32_t at_or_above(book_side side, tick_index tick) const;
  std::uint32_t at_or_below(book_side side, tick_index tick) const;
  /// The level after this one, away from the market.
  std::uint32_t worse(std::uint32_t level) const { return next_best((*this)[level].side, (*this)[level].tick); }

  std::size_t count(book_side side) const { return count_[number(side)]; }
  /// Levels of both sides beside the ladder.
  std::size_t outside() const { return outer_[0].size() + outer_[1].size(); }
  /// How often the ladder moved.
  std::uint64_t recentred() const { return recentred_; }
  std::size_t memory_bytes() const;

 private:
  using outer_map = std::map<tick_index, std::uint32_t>;

  static std::size_t number(book_side side) { return static_cast<std::size_t>(side); }
  std::uint64_t offset(tick_index tick) const {
    return static_cast<std::uint64_t>(tick) - static_cast<std::uint64_t>(base_);
  }
  std::uint32_t* ladder(book_side side) { return ladder_.data() + number(side) * width_; }
  const std::uint32_t* ladder(book_side side) const { return ladder_.data() + number(side) * width_; }

  std::uint32_t make(book_side side, tick_index tick) {
    const std::uint32_t level = pool_.take_level();
    pool_.level(level) = {.prev = level, .next = level, .orders = 0, .side = side, .size = 0, .tick = tick};
    ++count_[number(side)];
    std::uint32_t& best = best_[number(side)];
    // No level has this tick yet, so greater decides both ways.
    if (best == no_slot || (tick > pool_.level(best).tick) == (side == book_side::bid)) best = level;
    return level;
  }
  std::uint32_t next_best(book_side side, tick_index gone) const {
    if (side == book_side::bid) return gone == INT64_MIN ? no_slot : at_or_below(side, gone - 1);
    return gone == INT64_MAX ? no_slot : at_or_above(side, gone + 1);
  }

  std::uint32_t find_outside(book_side side, tick_index tick) const;
  std::uint32_t find_or_make_outside(book_side side, tick_index tick);
  void remove_outside(book_side side, tick_index tick);
  void put_outside(book_side side, tick_index tick, std::uint32_t level);
  outer_map::iterator take_outside(book_side side, outer_map::iterator at);
  tick_index base_around(tick_index tick) const;
  void maybe_recentre();
  void recentre(tick_index base);

  std::size_t width_;
  std::size_t ladder_size_ = 0;        ///< width_ once the ladder is placed
  tick_index base_ = 0;                ///< tick of the ladder's first cell
  std::vector<std::uint32_t> ladder_;  ///< bids, then asks
  std::array<occupancy, 2> occupied_;
  record_pool pool_;
  std::array<std::uint32_t, 2> best_{no_slot, no_slot};
  std::array<std::size_t, 2> count_{};
  std::array<outer_map, 2> outer_;
  std::vector<outer_map::node_type> spare_;  ///< nodes of outer_ to use again
  std::vector<std::uint32_t> moving_;        ///< scratch of recentre()
  std::size_t misses_ = 0;                   ///< queueings beside the ladder since it last moved
  std::uint64_t recentred_ = 0;
};

}  // namespace isobar::market::detail
