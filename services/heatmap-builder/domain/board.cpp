#include "heatmap-builder/domain/board.hpp"

#include <algorithm>

namespace isobar::heatmap_builder {
namespace {

void fill_neighbours(plane_board& p, const std::vector<strike_width>& widths) {
  const std::size_t n = p.strikes.size(), w_count = widths.size();
  p.above.assign(n * w_count, no_position);
  p.below.assign(n * w_count, no_position);
  for (std::size_t w = 0; w < w_count; ++w) {
    for (std::size_t low = 0, high = 0; low < n; ++low) {
      while (high < n && p.strikes[high] < p.strikes[low] + widths[w]) ++high;
      if (high < n && p.strikes[high] == p.strikes[low] + widths[w]) {
        p.above[low * w_count + w] = static_cast<std::uint32_t>(high);
        p.below[high * w_count + w] = static_cast<std::uint32_t>(low);
      }
    }
  }
}

void fill_existing(plane_board& p) {
  p.exists.assign(p.rows(), 0);
  const auto is_listed = [&](std::uint32_t position, std::uint32_t side) {
    return position != no_position && p.listed[2 * position + side] != 0;
  };
  for (std::uint32_t row = 0; row < p.rows(); ++row) {
    if (!p.listed[row]) continue;
    const std::uint32_t position = row >> 1, side = row & 1;
    row_mask mask = 1;
    for (std::uint32_t w = 0; w < p.widths; ++w) {
      const bool up = is_listed(p.above_of(position, w), side), down = is_listed(p.below_of(position, w), side);
      if (side == 0 ? up : down) mask |= row_mask{1} << (1 + w);
      if (up && down) mask |= row_mask{1} << (1 + p.widths + w);
    }
    p.exists[row] = mask;
    p.listed_tiles += static_cast<std::uint32_t>(__builtin_popcountll(mask));
  }
}

bool ascending_positive(const std::vector<strike_width>& widths) {
  for (std::size_t i = 0; i < widths.size(); ++i)
    if (widths[i].value <= 0 || (i > 0 && widths[i] <= widths[i - 1])) return false;
  return true;
}

}  // namespace

tile_place plane_board::place_of(std::uint32_t tile) const {
  const std::uint32_t row = tile / columns, column = tile % columns;
  tile_place place{row >> 1, static_cast<market::right>(row & 1), strategy::single, 0};
  if (column > widths) {
    place.kind = strategy::butterfly;
    place.width = column - 1 - widths;
  } else if (column > 0) {
    place.kind = strategy::vertical;
    place.width = column - 1;
  }
  return place;
}

std::uint32_t plane_board::tile_at(const tile_place& place) const {
  const std::uint32_t row = 2 * place.position + static_cast<std::uint32_t>(place.side);
  switch (place.kind) {
    case strategy::single:
      return row * columns;
    case strategy::vertical:
      return row * columns + 1 + place.width;
    case strategy::butterfly:
      return row * columns + 1 + widths + place.width;
  }
  return row * columns;
}

std::optional<std::uint32_t> plane_board::find(isobar::strike k) const {
  const auto it = std::lower_bound(strikes.begin(), strikes.end(), k);
  if (it == strikes.end() || *it != k) return std::nullopt;
  return static_cast<std::uint32_t>(it - strikes.begin());
}

tile_legs plane_board::legs_of(std::uint32_t tile) const {
  const tile_place t = place_of(tile);
  const auto side = static_cast<std::uint32_t>(t.side);
  const std::uint32_t anchor = 2 * t.position + side;
  if (t.kind == strategy::single) return {{tile_leg{anchor, 1}}, 1};
  const bool call = t.side == market::right::call;
  const std::uint32_t high = 2 * above_of(t.position, t.width) + side, low = 2 * below_of(t.position, t.width) + side;
  if (t.kind == strategy::vertical) return {{tile_leg{anchor, 1}, tile_leg{call ? high : low, -1}}, 2};
  return {{tile_leg{call ? low : high, 1}, tile_leg{anchor, -2}, tile_leg{call ? high : low, 1}}, 3};
}

std::optional<std::size_t> board::find(const market::expiry_key& key) const {
  for (std::size_t i = 0; i < planes.size(); ++i)
    if (planes[i].key == key) return i;
  return std::nullopt;
}

result<std::shared_ptr<const board>, board_errc> board::make(const market::epoch& e) {
  const market::geometry& g = e.board;
  if (g.widths.size() > widths_max || !ascending_positive(g.widths))
    return fail(board_errc::bad_widths, std::to_string(g.widths.size()) + " widths");
  auto made = std::make_shared<board>();
  made->symbol = e.symbol;
  made->epoch = e.id;
  made->geometry_hash = e.hash;
  made->effective_from = e.effective_from;
  made->widths = g.widths;
  for (const market::expiry_plane& from : g.planes) {
    plane_board p;
    p.key = from.key;
    p.settles = from.settles;
    p.settles_at = from.settles_at;
    p.first_contract = made->contracts;
    p.strikes = from.strikes;
    p.widths = static_cast<std::uint32_t>(g.widths.size());
    p.columns = 1 + 2 * p.widths;
    for (const strike_width w : g.widths) p.width_nanos.push_back(w.value);
    if (from.listed.size() != from.strikes.size() ||
        std::adjacent_find(p.strikes.begin(), p.strikes.end(), std::greater_equal<>()) != p.strikes.end())
      return fail(board_errc::bad_ladder, to_string(from.key));
    if (from.strikes.size() * 2 * p.columns > plane_tiles_max)
      return fail(board_errc::too_many_tiles,
                  to_string(from.key) + ": " + std::to_string(from.strikes.size()) + " strikes");
    for (const std::uint8_t bits : from.listed) {
      p.listed.push_back(bits & 1u);
      p.listed.push_back((bits >> 1) & 1u);
    }
    fill_neighbours(p, g.widths);
    fill_existing(p);
    made->contracts += p.rows();
    made->listed_tiles += p.listed_tiles;
    made->planes.push_back(std::move(p));
  }
  return made;
}

}  // namespace isobar::heatmap_builder
