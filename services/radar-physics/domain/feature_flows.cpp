#include "radar-physics/domain/feature_flows.hpp"

#include <algorithm>

#include "radar-physics/domain/feature_formulas.hpp"

namespace isobar::radar_physics {

std::span<const market::book_change> feature_flows::condense(std::span<const market::book_change> moves,
                                                             const medium_surface& surface, tick_index reference,
                                                             duration_ns rest) {
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

  if (out_.capacity() > roomy && moves.size() < out_.capacity() / 8) out_ = std::vector<market::book_change>();
  out_.clear();
  for (const market::book_change& c : moves) {
    sums* const from = at(c.old_side, c.old_tick);
    sums* const to = at(c.side, c.new_tick);
    if (from == nullptr && to == nullptr) continue;
    out_.push_back(c);
    if (to != nullptr) to->added -= std::min<std::uint64_t>(to->added, c.added);
    if (from != nullptr && c.ts_entered.ns <= c.ts_event.ns - rest.value)
      from->pulled_rest -= std::min<std::uint64_t>(from->pulled_rest, c.pulled);
  }
  for (const book_side side : {book_side::bid, book_side::ask}) {
    for (tick_index away = -influence_ticks; away <= influence_ticks; ++away) {
      const sums& s = *at(side, reference + away);
      stand_for(side, reference + away, s.added, false, rest);
      stand_for(side, reference + away, s.pulled_rest, true, rest);
    }
  }
  return out_;
}

void feature_flows::stand_for(book_side side, tick_index tick, std::uint64_t lots, bool pulled, duration_ns rest) {
  market::book_change c;
  c.action = pulled ? market::book_action::cancel : market::book_action::add;
  c.side = c.old_side = side;
  c.old_tick = c.new_tick = tick;
  c.ts_event = {rest.value};  // entered at 0: rested
  while (lots != 0) {
    const auto part = static_cast<std::uint32_t>(std::min<std::uint64_t>(lots, UINT32_MAX));
    (pulled ? c.old_size : c.new_size) = part;
    (pulled ? c.pulled : c.added) = part;
    out_.push_back(c);
    lots -= part;
  }
}

}  // namespace isobar::radar_physics
