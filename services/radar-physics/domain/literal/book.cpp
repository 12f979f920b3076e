#include "radar-physics/domain/literal/book.hpp"

namespace isobar::radar_physics::literal {

using market::book_action;

void book::clear() {
  orders.clear();
  for (auto& side : depth) side.clear();
}

void book::move_depth(book_side side, isobar::price at, std::int64_t by) {
  auto& levels = depth[index_of(side)];
  const auto level = levels.try_emplace(at, 0).first;
  level->second += by;
  if (level->second <= 0) levels.erase(level);
}

change book::apply(const market::book_event& e) {
  const auto known = orders.find(e.order);
  const std::int64_t size = e.size;
  change c;
  if (e.action == book_action::add) {
    if (e.side == book_side::none) return c;
    if (known != orders.end()) c.before = known->second;  // its depth stays behind
    c.after = order{e.side, e.price, size, e.ts_event};
    orders.insert_or_assign(e.order, *c.after);
    move_depth(e.side, e.price, size);
    return c;
  }
  if (known == orders.end()) return c;
  order& o = known->second;
  c.before = o;
  switch (e.action) {
    case book_action::cancel:
      move_depth(o.side, o.price, -o.size);
      orders.erase(known);
      return c;
    case book_action::modify:
      move_depth(o.side, o.price, -o.size);
      if (e.price != o.price) o.entered = e.ts_event;
      o.price = e.price;
      o.size = size;
      move_depth(o.side, o.price, size);
      c.after = o;
      return c;
    case book_action::fill:
      move_depth(o.side, o.price, -size);
      o.size -= size;
      if (o.size > 0) {
        c.after = o;
      } else {
        orders.erase(known);
      }
      return c;
    default:
      return {};
  }
}

}  // namespace isobar::radar_physics::literal
