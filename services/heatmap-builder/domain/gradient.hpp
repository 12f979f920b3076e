#pragma once
#include <vector>

#include "heatmap-builder/domain/surface.hpp"

namespace isobar::heatmap_builder {

/// 100 x |D(K) - D(K+)| / D(K+) in steps of 0.01 %, rounded down; both debits positive.
std::int64_t adjacent_change(std::int64_t debit, std::int64_t next_debit);

/// Cells of one plane whose adjacent change changed. Cell numbers are tile numbers.
struct gradient_delta {
  std::uint32_t plane = 0;
  std::uint64_t sequence = 0;
  bool base = false;
  std::vector<std::uint32_t> changed;  ///< ascending
  std::vector<std::int64_t> value;     ///< 0.01 %
  std::vector<std::uint32_t> removed;  ///< ascending; tiles that have no value any more
};

/// Adjacent change (spec 5.7) of every valid tile of one plane, kept up to date from tile deltas: a tile's change
/// touches its own cell and that of the next lower valid strike of the same width and side. A valid tile without a
/// higher one has 0.
class gradient_plane {
 public:
  explicit gradient_plane(const plane_board& layout, std::uint32_t index);
  /// Nothing when no cell changed. Valid until the next call.
  const gradient_delta* apply(const plane_delta& d, const surface::published& tiles);
  /// Number of the last delta.
  std::uint64_t sequence() const { return out_.sequence; }
  /// Goes on behind delta `last`, with these tiles.
  void resume(std::uint64_t last, const surface::published& tiles);

 private:
  std::uint32_t next_valid(std::uint32_t lane, std::uint32_t position) const;
  std::uint32_t previous_valid(std::uint32_t lane, std::uint32_t position) const;
  void set_valid(std::uint32_t tile, bool on);
  void mark(std::uint32_t tile);

  const plane_board* layout_;
  std::uint32_t words_;                  ///< per lane
  std::vector<std::uint64_t> valid_;     ///< per lane (side x columns + column): bit per strike position
  std::vector<row_mask> dirty_;          ///< per row
  std::vector<std::int64_t> published_;  ///< per tile; -1: none
  gradient_delta out_;
};

}  // namespace isobar::heatmap_builder
