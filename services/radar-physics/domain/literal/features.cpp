#include "radar-physics/domain/literal/features.hpp"

namespace isobar::radar_physics::literal {
replay_views replay(const book& start, const book& end, const std::vector<market::book_event>& messages,
                    isobar::price reference, isobar::price tick, duration_ns rest) {
  replay_views views;
  const auto view_of = [&](book_side side) -> side_view& { return side == book_side::ask ? views.ask : views.bid; };
  const auto ticks_from = [&](isobar::price p) { return floor_div(p.value - reference.value, tick.value); };
  const auto take_depth = [&](const book& b, depth_view side_view::* when) {
    for (const book_side side : {book_side::bid, book_side::ask}) {
      const auto& levels = b.depth[index_of(side)];
      const isobar::price low(reference.value - influence_ticks * tick.value);
      const isobar::price high(reference.value + influence_ticks * tick.value);
      for (auto l = levels.lower_bound(low); l != levels.end() && l->first <= high; ++l) {
        (view_of(side).*when).add(side, ticks_from(l->first), static_cast<std::uint64_t>(l->second));
      }
    }
  };
  take_depth(start, &side_view::start);
  take_depth(end, &side_view::end);

  book replayed{start.orders, {}};
  for (const market::book_event& e : messages) {
    if (e.action == market::book_action::clear) {
      replayed.clear();
      views.ask.flow = views.bid.flow = {};
      continue;
    }
    const change c = replayed.apply(e);
    if (!c.before && !c.after) continue;
    const book_side side = c.after ? c.after->side : c.before->side;
    const bool same_side = c.before && c.before->side == side;
    flow_view& flow = view_of(side).flow;
    const std::int64_t from = same_side ? ticks_from(c.before->price) : 0,
                       to = c.after ? ticks_from(c.after->price) : 0;
    const influence old_zone = same_side ? influence_of(side, from) : influence::out;
    const influence new_zone = c.after ? influence_of(side, to) : influence::out;
    const std::int64_t gained =
        (new_zone != influence::out ? c.after->size : 0) - (old_zone != influence::out ? c.before->size : 0);
    if (gained > 0) flow.added += static_cast<double>(gained);
    const bool withdrawn = e.action == market::book_action::cancel || e.action == market::book_action::modify;
    if (old_zone == influence::out || !withdrawn || e.ts_event - c.before->entered < rest) continue;
    if (gained < 0) flow.pull(old_zone, static_cast<double>(-gained));
    if (e.action == market::book_action::modify) {
      const std::int64_t sign = side == book_side::ask ? 1 : -1;
      flow.reprice(static_cast<double>(c.before->size), sign * from, sign * to);
    }
  }
  return views;
}

}  // namespace isobar::radar_physics::literal
