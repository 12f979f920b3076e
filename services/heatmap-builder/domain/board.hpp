#pragma once
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "core/error.hpp"
#include "heatmap-builder/domain/tile.hpp"
#include "market/window.hpp"

namespace isobar::heatmap_builder {

/// Widths a board may have, so that a row of tiles fits one mask.
inline constexpr std::size_t widths_max = 31;
/// Tiles a plane may have.
inline constexpr std::size_t plane_tiles_max = 4'000'000;
inline constexpr std::uint32_t no_position = UINT32_MAX;
/// One bit per column of a row of tiles.
using row_mask = std::uint64_t;

/// One leg of a tile: ratio x the contract in a row of the plane.
struct tile_leg {
  std::uint32_t row = 0;
  std::int32_t ratio = 0;
  bool operator==(const tile_leg&) const = default;
};
struct tile_legs {
  std::array<tile_leg, 3> leg{};
  std::size_t count = 0;
};

/// The tiles of one expiry, laid out once per epoch. Row = 2 x strike position + right, which is also the contract's
/// slot in the plane; tile = row x columns + column; column 0 is the single, 1..W the verticals, W+1..2W the
/// butterflies.
struct plane_board {
  market::expiry_key key;
  market::settlement settles = market::settlement::pm;
  timestamp settles_at;
  market::contract_index first_contract = 0;
  std::vector<isobar::strike> strikes;
  std::uint32_t widths = 0;          ///< W
  std::uint32_t columns = 1;         ///< 1 + 2 W
  std::vector<std::uint32_t> above;  ///< [position x W + w]: position of K + width w, or no_position
  std::vector<std::uint32_t> below;  ///< the same for K - width w
  std::vector<row_mask> exists;      ///< per row: columns whose own legs are listed
  std::vector<std::uint8_t> listed;  ///< per row: 1 when the contract is
  std::vector<std::int64_t> width_nanos;
  std::uint32_t listed_tiles = 0;

  std::uint32_t rows() const { return static_cast<std::uint32_t>(2 * strikes.size()); }
  std::uint32_t tile_count() const { return rows() * columns; }
  std::uint32_t above_of(std::uint32_t position, std::uint32_t w) const { return above[position * widths + w]; }
  std::uint32_t below_of(std::uint32_t position, std::uint32_t w) const { return below[position * widths + w]; }
  bool tile_exists(std::uint32_t tile) const { return (exists[tile / columns] >> (tile % columns)) & 1u; }
  tile_place place_of(std::uint32_t tile) const;
  std::uint32_t tile_at(const tile_place& place) const;
  /// Position of a strike by binary search.
  std::optional<std::uint32_t> find(isobar::strike k) const;
  /// Legs of an existing tile, long anchor first (butterfly: lower, centre, upper for calls; upper, centre, lower for
  /// puts: spec 5.2).
  tile_legs legs_of(std::uint32_t tile) const;
  /// Calls `mark(row, columns)` for every row that holds a tile the contract in `row` is a leg of (spec 4.3): its own
  /// row, the verticals it is the short leg of, the butterflies it is a wing of. Columns may include tiles that do not
  /// exist.
  template <class Mark>
  void touched_by(std::uint32_t row, Mark&& mark) const {
    const std::uint32_t position = row >> 1, side = row & 1;
    mark(row, ~row_mask{0});
    const std::uint32_t* up = above.data() + position * widths;
    const std::uint32_t* down = below.data() + position * widths;
    for (std::uint32_t w = 0; w < widths; ++w) {
      const row_mask fly = row_mask{1} << (1 + widths + w);
      const row_mask vertical = row_mask{1} << (1 + w);
      // A call vertical at K - W is short K; a put vertical at K + W is short K.
      if (down[w] != no_position) mark(2 * down[w] + side, side == 0 ? fly | vertical : fly);
      if (up[w] != no_position) mark(2 * up[w] + side, side == 1 ? fly | vertical : fly);
    }
  }
};

enum class board_errc {
  bad_ladder,      ///< strikes not ascending, or listed bits of another length
  bad_widths,      ///< not ascending, not positive, or more than widths_max
  too_many_tiles,  ///< more than plane_tiles_max in a plane
};

/// Everything an epoch freezes for this service; immutable and shared by the surface, its snapshots and its history.
struct board {
  isobar::symbol symbol;
  std::uint64_t epoch = 0;
  std::uint64_t geometry_hash = 0;
  timestamp effective_from;
  std::vector<plane_board> planes;  ///< ascending by key
  std::vector<strike_width> widths;
  market::contract_index contracts = 0;
  std::uint32_t listed_tiles = 0;

  std::optional<std::size_t> find(const market::expiry_key& key) const;
  static result<std::shared_ptr<const board>, board_errc> make(const market::epoch& e);
};

}  // namespace isobar::heatmap_builder
