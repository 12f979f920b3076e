#pragma once
// Inside of the surface: one plane under work.

#include <algorithm>
#include <vector>

#include "heatmap-builder/domain/surface.hpp"

namespace isobar::heatmap_builder {

struct surface::plane_state {
  const plane_board* layout = nullptr;
  plane_quotes quotes;
  std::vector<std::int64_t> mid, natural_debit, natural_credit;  ///< published, per tile
  std::vector<std::uint8_t> valid;
  std::vector<std::uint32_t> changed;  ///< rows whose quote or status changed in this window
  std::vector<row_mask> dirty;         ///< per row: tiles to evaluate
  plane_delta delta;
  std::int64_t next_stale_ns = INT64_MAX;  ///< no quote gets stale in a window that ends before this
  bool touched = false;                    ///< quotes changed since the last snapshot
  bool all_dirty = false;

  plane_state(const plane_board& p, std::uint32_t index) : layout(&p) {
    delta.plane = index;
    const std::size_t tiles = p.tile_count();
    quotes.reset(p.rows());
    mid.assign(tiles, 0);
    natural_debit.assign(tiles, 0);
    natural_credit.assign(tiles, 0);
    valid.assign(tiles, 0);
    dirty.assign(p.rows(), 0);
  }

  /// Publishes what the quotes give, as evaluating every change did; says nothing of it.
  void evaluate_all() {
    quotes.valid_tiles = 0;
    for (std::uint32_t row = 0; row < layout->rows(); ++row) {
      for (row_mask left = layout->exists[row]; left != 0; left &= left - 1) {
        const auto column = static_cast<std::uint32_t>(__builtin_ctzll(left));
        const std::uint32_t tile = row * layout->columns + column;
        const tile_value v = evaluate(*layout, quotes, row, column);
        if (!v.valid()) continue;
        valid[tile] = 1;
        mid[tile] = v.mid;
        natural_debit[tile] = v.natural_debit;
        natural_credit[tile] = v.natural_credit;
        ++quotes.valid_tiles;
      }
    }
  }

  void mark_contract(std::uint32_t row) { changed.push_back(row); }
  void mark_all() { all_dirty = true; }

  /// Turns the marks into masks; false: nothing to evaluate. When most rows changed nearly every tile is touched, and
  /// evaluating all is cheaper than finding out which.
  bool collect_dirty() {
    if (changed.empty() && !all_dirty) return false;
    if (all_dirty || changed.size() > layout->rows() / 2)
      std::fill(dirty.begin(), dirty.end(), ~row_mask{0});
    else
      for (const std::uint32_t row : changed)
        layout->touched_by(row, [this](std::uint32_t r, row_mask columns) { dirty[r] |= columns; });
    changed.clear();
    all_dirty = false;
    return true;
  }
};

}  // namespace isobar::heatmap_builder
