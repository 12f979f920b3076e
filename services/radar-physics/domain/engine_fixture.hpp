#pragma once
#include <string>
#include <vector>

#include "core/archive.hpp"
#include "radar-physics/domain/engine.hpp"

/// Records written by hand and what an engine makes of them.
namespace isobar::radar_physics::testing {

using market::book_action;
using market::book_event;
using market::order_id;
namespace event_flag = market::event_flag;

inline constexpr std::int64_t es_tick_int = 250'000'000;
constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9)); }
constexpr timestamp at_ms(std::int64_t ms) { return {ms * 1'000'000}; }
constexpr tick_index tick_of(double p) { return points(p).value / es_tick_int; }

inline book_event record(std::int64_t ms, book_action action, book_side side, double price_points, std::uint32_t size,
                         std::uint64_t order, std::uint8_t flags = event_flag::last) {
  book_event e;
  e.ts_event = at_ms(ms);
  e.action = action;
  e.side = side;
  e.price = action == book_action::clear ? market::no_price : points(price_points);
  e.size = size;
  e.order = static_cast<order_id>(order);
  e.flags = flags;
  return e;
}
inline book_event add(std::int64_t ms, book_side side, double price_points, std::uint32_t size, std::uint64_t order) {
  return record(ms, book_action::add, side, price_points, size, order);
}
inline book_event cancel(std::int64_t ms, book_side side, double price_points, std::uint32_t size,
                         std::uint64_t order) {
  return record(ms, book_action::cancel, side, price_points, size, order);
}
inline book_event modify(std::int64_t ms, book_side side, double price_points, std::uint32_t size,
                         std::uint64_t order) {
  return record(ms, book_action::modify, side, price_points, size, order);
}
inline book_event clear(std::int64_t ms) { return record(ms, book_action::clear, book_side::none, 0, 0, 0); }
inline book_event trade(std::int64_t ms, book_side aggressor, double price_points, std::uint32_t size,
                        std::uint8_t flags = 0) {
  return record(ms, book_action::trade, aggressor, price_points, size, 0, flags);
}

/// Keeps everything, also as the bytes that equality is judged by.
struct recorder final : radar_sink {
  std::vector<window_outputs> windows;
  std::vector<level_outputs> levels;
  std::string bytes;
  bool keep = true;

  void on_window(const window_outputs& out) override {
    archive_writer{bytes}(out);
    if (keep) windows.push_back(out);
  }
  void on_levels(const level_outputs& out) override {
    archive_writer a(bytes);
    a(out.as_of, out.unchanged_ticks, out.valid);
    for (const level_reading& l : out.levels)
      a(l.level.id, l.defending, l.barrier.state, l.barrier.delta_liquidity, l.barrier.added, l.barrier.cancelled,
        l.barrier.filled, l.barrier.depth_in_zone, l.tape.buy, l.tape.sell, l.tape.trades_per_second);
    if (keep) levels.push_back(out);
  }
};

inline const medium_row* row_of(const window_outputs& w, book_side side, double price_points) {
  for (const medium_row& r : w.surface.rows)
    if (r.side == side && r.tick == tick_of(price_points)) return &r;
  return nullptr;
}

/// Replays everything and ends the input.
inline recorder replay(const std::vector<book_event>& events, radar_config config = {}) {
  recorder out;
  radar_engine engine(config, false);
  for (const book_event& e : events) engine.apply(e, out);
  engine.advance(end_of_time, out);
  return out;
}

}  // namespace isobar::radar_physics::testing
