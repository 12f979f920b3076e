#pragma once
#include <array>
#include <span>
#include <vector>

#include "radar-physics/domain/outputs.hpp"

namespace isobar::radar_physics {

/// The changes of a window that its rows cannot give back: an order that moved (or was replaced) is one change at two
/// levels, and features tell it from a pull and an add.
inline bool is_move(const market::book_change& c) {
  return c.old_size != 0 && c.new_size != 0 &&
         (c.old_tick != c.new_tick || c.old_side != c.side || c.action == market::book_action::add);
}

/// What the feature builder needs of a window's changes, without keeping them all: the moves themselves, and for each
/// level near the reference two changes that stand for all others there, one with everything added and one with
/// everything pulled from rested orders. Features are sums, so the result is the same.
class feature_flows {
 public:
  std::span<const market::book_change> condense(std::span<const market::book_change> moves,
                                                const medium_surface& surface, tick_index reference, duration_ns rest);

  std::size_t memory_bytes() const { return out_.capacity() * sizeof(market::book_change); }

 private:
  static constexpr std::size_t roomy = 16'384;  ///< beyond it a burst's memory goes back
  struct sums {
    std::uint64_t added = 0, pulled_rest = 0;
  };
  void stand_for(book_side side, tick_index tick, std::uint64_t lots, bool pulled, duration_ns rest);

  std::vector<market::book_change> out_;  ///< reused
};

}  // namespace isobar::radar_physics
