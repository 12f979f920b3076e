#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "heatmap-builder/domain/evaluate.hpp"
#include "market/window.hpp"

namespace isobar::heatmap_builder {

/// Quotes of one plane after a window. Tiles are a pure function of them, so a snapshot holds 25 bytes a contract
/// instead of 25 bytes a tile, and readers evaluate what they ask for.
struct plane_quotes : quote_columns {
  std::uint64_t sequence = 0;  ///< of the plane's delta stream
  std::uint32_t valid_tiles = 0;
  bool operator==(const plane_quotes&) const = default;
};

/// Immutable picture of a symbol's surface after a window; shared by the worker, the history and any number of readers.
/// Holds one epoch only.
struct surface_snapshot {
  std::shared_ptr<const heatmap_builder::board> board;
  std::uint64_t revision = 0;
  timestamp window_end;
  market::quality quality = market::quality::ok;
  price spot = market::no_price;
  std::vector<std::shared_ptr<const plane_quotes>> planes;  ///< as board->planes

  std::uint32_t valid_tiles() const;
};

/// Tiles of a plane as columns, ascending: what a base delta carries.
struct tile_columns {
  std::vector<std::uint32_t> changed;
  std::vector<std::int64_t> mid, natural_debit, natural_credit;
  std::vector<std::uint32_t> removed;
  std::vector<reason_mask> removed_reasons;

  void clear();
  void add(std::uint32_t tile, const tile_value& v) {
    changed.push_back(tile);
    mid.push_back(v.mid);
    natural_debit.push_back(v.natural_debit);
    natural_credit.push_back(v.natural_credit);
  }
};

/// Every valid tile of a plane.
void valid_tiles(const plane_board& p, const quote_columns& q, tile_columns& out);
/// Tiles whose published value differs between two states of the same plane: applied to `from` they give `to`.
/// Evaluates only tiles with a leg that differs.
void difference(const plane_board& p, const quote_columns& from, const quote_columns& to, tile_columns& out);

}  // namespace isobar::heatmap_builder
