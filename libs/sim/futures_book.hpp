#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "core/error.hpp"
#include "market/book_change.hpp"

namespace isobar::sim {

/// Position of an order in the simulator's own store. Stable while the order lives, then reused.
using order_slot = std::uint32_t;
inline constexpr order_slot no_slot = UINT32_MAX;

/// One resting order of the simulated market.
struct resting_order {
  market::order_id id{};
  market::tick_index tick = 0;
  std::uint32_t size = 0;                         ///< displayed lots
  std::uint32_t reserve = 0;                      ///< lots that nobody sees
  std::uint32_t peak = 0;                         ///< displayed anew from the reserve; 0: no iceberg
  order_slot next = no_slot, previous = no_slot;  ///< queue of its level
  std::uint32_t touch = 0;  ///< 1 + its place among the orders of the event being written; 0: none
  std::uint32_t wall = 0;   ///< 1 + the wall it belongs to; 0: none
  market::book_side side = market::book_side::none;
};

/// One price level of one side.
struct order_queue {
  order_slot first = no_slot, last = no_slot;
  std::uint32_t orders = 0;
  std::uint32_t wall_lots = 0;  ///< of `lots`
  std::uint64_t lots = 0;       ///< displayed
};

/// The simulator's truth: every resting order, FIFO per level, in a ladder of ticks that widens as needed. Plain
/// integers, no rules: what an exchange knows of itself.
class futures_book {
 public:
  /// Levels within [low, high] need no widening.
  futures_book(market::tick_index low, market::tick_index high);

  /// Appends to the level's queue. The order's id, side, tick, size, reserve, peak and wall are taken over.
  order_slot insert(const resting_order& o);
  /// Takes the order off its level; its data stay readable until release().
  void unlink(order_slot s);
  void release(order_slot s) { free_.push_back(s); }
  /// Puts an order that was taken off at the end of a queue.
  void relink(order_slot s, market::tick_index tick, std::uint32_t size);
  /// To the end of the queue at another (or the same) tick, with another size.
  void move(order_slot s, market::tick_index tick, std::uint32_t size);
  /// Another displayed size at the same place in the queue.
  void resize(order_slot s, std::uint32_t size);

  const resting_order& order(order_slot s) const { return orders_[s]; }
  resting_order& order(order_slot s) { return orders_[s]; }
  const order_queue& level(market::book_side side, market::tick_index tick) const {
    const market::tick_index at = tick - base_;
    return at >= 0 && at < width() ? ladder_[index(side)][static_cast<std::size_t>(at)] : empty_;
  }
  bool empty(market::book_side side) const { return live_[index(side)] == 0; }
  /// Best tick of a side that is not empty.
  market::tick_index best(market::book_side side) const { return best_[index(side)]; }
  std::size_t live(market::book_side side) const { return live_[index(side)]; }
  /// Next level away from the touch that holds orders; `tick` itself must not be the last.
  market::tick_index next_level(market::book_side side, market::tick_index tick) const;
  bool crossed() const {
    return !empty(market::book_side::bid) && !empty(market::book_side::ask) && best_[0] >= best_[1];
  }

 private:
  static constexpr std::size_t index(market::book_side s) { return static_cast<std::size_t>(s); }
  market::tick_index width() const { return static_cast<market::tick_index>(ladder_[0].size()); }
  order_queue& at(market::book_side side, market::tick_index tick) {
    return ladder_[index(side)][static_cast<std::size_t>(tick - base_)];
  }
  void widen(market::tick_index tick);
  void link(order_slot s);

  market::tick_index base_;
  std::array<std::vector<order_queue>, 2> ladder_;  ///< bid, ask
  std::array<market::tick_index, 2> best_{};
  std::array<std::size_t, 2> live_{};
  std::vector<resting_order> orders_;
  std::vector<order_slot> free_;
  order_queue empty_;
};

}  // namespace isobar::sim
