#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "core/archive.hpp"
#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

/// Windows and rows written by hand, for tests of what is made of them.
namespace isobar::radar_physics::testing {

inline constexpr std::int64_t es_tick = 250'000'000;

/// The window ending at `second` whose mid is `half_ticks` half ticks of an ES future.
inline window_info window_at(std::int64_t second, std::int64_t half_ticks) {
  window_info w;
  w.end = timestamp{} + seconds(second);
  w.start = w.end - seconds(1);
  w.valid = true;
  w.trust = market::book_trust::whole;
  w.anchor = price(half_ticks * es_tick / 2);
  w.ref_tick = floor_div(w.anchor.value, es_tick);
  return w;
}

inline medium_row row_at(book_side side, tick_index tick, std::uint64_t rest, double vacuum = 0) {
  medium_row r;
  r.side = side;
  r.tick = tick;
  r.depth_start = r.depth_end = r.depth_rest = rest;
  r.vacuum_score = vacuum;
  return r;
}

/// In the engine's order: bids ascending, then asks ascending.
inline void put_in_order(std::vector<medium_row>& rows) {
  std::sort(rows.begin(), rows.end(), [](const medium_row& a, const medium_row& b) {
    return a.side != b.side ? a.side < b.side : a.tick < b.tick;
  });
}

inline std::size_t bids_in(const std::vector<medium_row>& rows) {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const medium_row& r) { return r.side == book_side::bid; }));
}

/// What is written is what comes back.
template <class State>
std::string saved(const State& s) {
  std::string bytes;
  archive_writer{bytes}(s);
  return bytes;
}
template <class State>
bool load(State& s, std::string_view bytes) {
  archive_reader in(bytes);
  in(s);
  return in.finished();
}

}  // namespace isobar::radar_physics::testing
