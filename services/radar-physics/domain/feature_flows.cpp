#include "radar-physics/domain/feature_flows.hpp"

#include <algorithm>

namespace isobar::radar_physics {

void window_flows::take(const flow_change& c, tick_index reference) {
  const std::int64_t from = c.old_tick - reference, to = c.new_tick - reference;
  const influence old_zone = c.old_size > 0 ? influence_of(c.side, from) : influence::out;
  const influence new_zone = c.new_size > 0 ? influence_of(c.side, to) : influence::out;
  if (old_zone == influence::out && new_zone == influence::out) return;
  flow_view& flow = of(c.side);
  std::int64_t gained = 0;  // displayed lots near the reference, fills apart
  if (new_zone != influence::out) gained += c.new_size;
  if (old_zone != influence::out) gained += std::int64_t{c.filled} - c.old_size;
  if (gained > 0) flow.added += static_cast<double>(gained);
  if (old_zone == influence::out || !c.rested) return;
  if (gained < 0) flow.pull(old_zone, static_cast<double>(-gained));
  if (c.modified && from != to) {
    const std::int64_t sign = c.side == book_side::ask ? 1 : -1;
    flow.reprice(static_cast<double>(c.old_size), sign * from, sign * to);
  }
}

window_flows flows_of(std::span<const flow_change> changes, tick_index reference) {
  window_flows flows;
  for (const flow_change& c : changes) flows.take(c, reference);
  return flows;
}

window_flows flows_of(std::span<const flow_change> moves, const medium_surface& surface, tick_index reference) {
  struct sums {
    std::uint64_t added = 0, pulled_rest = 0;
  };
  constexpr std::size_t width = 2 * influence_ticks + 1;
  std::array<std::array<sums, width>, 2> flow{};
  const auto at = [&](book_side side, tick_index tick) -> sums* {
    const tick_index away = tick - reference + influence_ticks;
    if (away < 0 || away >= static_cast<tick_index>(width)) return nullptr;
    return &flow[side == book_side::ask ? 1 : 0][static_cast<std::size_t>(away)];
  };
  const auto take = [&](auto first, auto last) {
    first = std::partition_point(first, last, [](const medium_row& r) { return r.rel_ticks < -influence_ticks; });
    for (; first != last && first->rel_ticks <= influence_ticks; ++first)
      *at(first->side, first->tick) = {first->added, first->pulled_rest};
  };
  const auto asks = surface.rows.begin() + static_cast<std::ptrdiff_t>(surface.bid_rows);
  take(surface.rows.begin(), asks);
  take(asks, surface.rows.end());

  window_flows flows;
  for (const flow_change& c : moves) {
    flows.take(c, reference);
    if (sums* const to = at(c.side, c.new_tick)) to->added -= std::min<std::uint64_t>(to->added, c.added);
    if (sums* const from = at(c.old_side, c.old_tick); from != nullptr && c.rested)
      from->pulled_rest -= std::min<std::uint64_t>(from->pulled_rest, c.pulled);
  }
  for (const book_side side : {book_side::bid, book_side::ask}) {
    for (tick_index away = -influence_ticks; away <= influence_ticks; ++away) {
      const influence zone = influence_of(side, away);
      if (zone == influence::out) continue;
      const sums& s = *at(side, reference + away);
      flows.of(side).added += static_cast<double>(s.added);
      flows.of(side).pull(zone, static_cast<double>(s.pulled_rest));
    }
  }
  return flows;
}

}  // namespace isobar::radar_physics
