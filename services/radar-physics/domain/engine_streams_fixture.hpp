#pragma once
#include <map>
#include <vector>

#include "market/book_fixture.hpp"
#include "radar-physics/domain/engine_fixture.hpp"

/// Streams in which everything happens that an engine must stand: a market that moves, jumps and is snapshotted, idle
/// gaps, late records.
namespace isobar::radar_physics::testing {

struct stream_shape {
  market::generators::market_shape market{
      .orders = 300, .reach = 40, .far_one_in = 40, .move_one_in = 20, .jump_one_in = 800, .snapshot_one_in = 300};
  std::size_t steps = 1'500;
  std::int64_t stretch = 300;      ///< of the generator's 50 us between events
  std::uint64_t gap_one_in = 100;  ///< one step in so many is followed by an idle gap
  std::int64_t gap_ms_max = 30'000;
  std::uint64_t late_one_in = 100;  ///< one record in so many is up to 3 s late
};

inline std::vector<book_event> stream(std::uint64_t seed, stream_shape shape = {}) {
  market::generators::moving_market market(seed, shape.market);
  market::generators::random dice(seed + 77);
  std::vector<book_event> events, out;
  std::map<std::int64_t, std::int64_t> when;  // the generator's time to ours; snapshots say old times again
  constexpr std::int64_t start = 1'700'000'000'000'000'000;
  std::int64_t gaps = 0;
  for (std::size_t i = 0; i < shape.steps; ++i) {
    events.clear();
    market.step(events);
    for (book_event e : events) {
      const bool past = e.has(event_flag::snapshot);
      const auto known = when.find(e.ts_event.ns);
      const std::int64_t ours =
          known != when.end() ? known->second : start + (e.ts_event.ns - start) * shape.stretch + gaps;
      if (!past) when.emplace(e.ts_event.ns, ours);
      e.ts_event.ns = ours;
      if (!past && shape.late_one_in != 0 && dice.one_in(shape.late_one_in))
        e.ts_event.ns -= dice.between(0, 3'000'000'000);
      out.push_back(e);
    }
    if (shape.gap_one_in != 0 && dice.one_in(shape.gap_one_in)) gaps += dice.between(0, shape.gap_ms_max) * 1'000'000;
  }
  return out;
}

}  // namespace isobar::radar_physics::testing
