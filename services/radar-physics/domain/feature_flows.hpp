#pragma once
#include <span>

#include "radar-physics/domain/feature_formulas.hpp"
#include "radar-physics/domain/outputs.hpp"

namespace isobar::radar_physics {

/// An order that moved (or was replaced) is one change at two levels, and features tell it from a pull and an add.
inline bool is_move(const market::book_change& c) {
  return c.old_size != 0 && c.new_size != 0 &&
         (c.old_tick != c.new_tick || c.old_side != c.side || c.action == market::book_action::add);
}

/// What the features need of a change: about half of it, for a window keeps thousands.
struct flow_change {
  tick_index old_tick = 0, new_tick = 0;
  std::uint32_t old_size = 0, new_size = 0, added = 0, pulled = 0, filled = 0;
  book_side old_side = book_side::none, side = book_side::none;
  bool rested = false;    ///< the order was older than `rest` at its old place
  bool modified = false;  ///< by a modify

  flow_change() = default;
  flow_change(const market::book_change& c, duration_ns rest)
      : old_tick(c.old_tick),
        new_tick(c.new_tick),
        old_size(c.old_size),
        new_size(c.new_size),
        added(c.added),
        pulled(c.pulled),
        filled(c.filled),
        old_side(c.old_side),
        side(c.side),
        rested(c.ts_entered.ns <= c.ts_event.ns - rest.value),
        modified(c.action == market::book_action::modify) {}

  template <class Archive>
  void fields(Archive& a) {
    a(old_tick, new_tick, old_size, new_size, added, pulled, filled, old_side, side, rested, modified);
  }
};

/// What happened near a reference on both sides inside a window.
struct window_flows {
  flow_view bid, ask;
  flow_view& of(book_side side) { return side == book_side::ask ? ask : bid; }
  void take(const flow_change& c, tick_index reference);
};

/// The flows of a window all of whose changes are known.
window_flows flows_of(std::span<const flow_change> changes, tick_index reference);
/// The same from its moves and its rows: whatever was added or pulled at a level near the reference and is not of a
/// move is an add or a pull there. Features are sums, so the result is the same.
window_flows flows_of(std::span<const flow_change> moves, const medium_surface& surface, tick_index reference);

}  // namespace isobar::radar_physics
