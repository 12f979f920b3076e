#include "heatmap-builder/domain/gradient.hpp"

#include <algorithm>

namespace isobar::heatmap_builder {

__extension__ using wide_int = __int128;

std::int64_t adjacent_change(std::int64_t debit, std::int64_t next_debit) {
  const std::int64_t gap = debit > next_debit ? debit - next_debit : next_debit - debit;
  if (gap <= INT64_MAX / 10'000) return gap * 10'000 / next_debit;
  const auto wide = static_cast<wide_int>(gap) * 10'000 / next_debit;
  return wide > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(wide);
}

gradient_plane::gradient_plane(const plane_board& layout, std::uint32_t index)
    : layout_(&layout), words_(static_cast<std::uint32_t>((layout.strikes.size() + 63) / 64)) {
  valid_.assign(std::size_t{2} * layout.columns * words_, 0);
  dirty_.assign(layout.rows(), 0);
  published_.assign(layout.tile_count(), -1);
  out_.plane = index;
}

std::uint32_t gradient_plane::next_valid(std::uint32_t lane, std::uint32_t position) const {
  const std::uint64_t* bits = valid_.data() + std::size_t{lane} * words_;
  std::uint32_t word = (position + 1) / 64;
  if (word >= words_) return no_position;
  std::uint64_t left = bits[word] & (~std::uint64_t{0} << ((position + 1) % 64));
  while (left == 0) {
    if (++word >= words_) return no_position;
    left = bits[word];
  }
  return word * 64 + static_cast<std::uint32_t>(__builtin_ctzll(left));
}

std::uint32_t gradient_plane::previous_valid(std::uint32_t lane, std::uint32_t position) const {
  if (position == 0) return no_position;
  const std::uint64_t* bits = valid_.data() + std::size_t{lane} * words_;
  std::uint32_t word = (position - 1) / 64;
  std::uint64_t left = bits[word] & (~std::uint64_t{0} >> (63 - (position - 1) % 64));
  while (left == 0) {
    if (word-- == 0) return no_position;
    left = bits[word];
  }
  return word * 64 + 63 - static_cast<std::uint32_t>(__builtin_clzll(left));
}

void gradient_plane::set_valid(std::uint32_t tile, bool on) {
  const std::uint32_t row = tile / layout_->columns, column = tile % layout_->columns;
  const std::uint32_t lane = (row & 1) * layout_->columns + column, position = row >> 1;
  std::uint64_t& word = valid_[std::size_t{lane} * words_ + position / 64];
  const std::uint64_t bit = std::uint64_t{1} << (position % 64);
  word = on ? word | bit : word & ~bit;
}

void gradient_plane::mark(std::uint32_t tile) {
  const std::uint32_t row = tile / layout_->columns, column = tile % layout_->columns;
  const std::uint32_t side = row & 1;
  dirty_[row] |= row_mask{1} << column;
  const std::uint32_t lower = previous_valid(side * layout_->columns + column, row >> 1);
  if (lower != no_position) dirty_[2 * lower + side] |= row_mask{1} << column;
}

void gradient_plane::resume(std::uint64_t last, const surface::published& tiles) {
  plane_delta all;
  all.base = true;
  for (std::uint32_t tile = 0; tile < tiles.valid.size(); ++tile)
    if (tiles.valid[tile]) all.changed.push_back(tile);
  (void)apply(all, tiles);
  out_.sequence = last;
}

const gradient_delta* gradient_plane::apply(const plane_delta& d, const surface::published& tiles) {
  out_.changed.clear();
  out_.value.clear();
  out_.removed.clear();
  out_.base = d.base;
  if (d.base) {
    std::fill(valid_.begin(), valid_.end(), 0);
    std::fill(published_.begin(), published_.end(), -1);
  }
  // Validity first: the neighbours of every changed tile depend on all of it.
  for (const std::uint32_t tile : d.removed) set_valid(tile, false);
  for (const std::uint32_t tile : d.changed) set_valid(tile, true);
  for (const std::uint32_t tile : d.removed) mark(tile);
  for (const std::uint32_t tile : d.changed) mark(tile);

  for (std::uint32_t row = 0; row < layout_->rows(); ++row) {
    for (row_mask left = dirty_[row]; left != 0; left &= left - 1) {
      const auto column = static_cast<std::uint32_t>(__builtin_ctzll(left));
      const std::uint32_t tile = row * layout_->columns + column;
      std::int64_t value = -1;
      if (tiles.valid[tile]) {
        const std::uint32_t next = next_valid((row & 1) * layout_->columns + column, row >> 1);
        value = next == no_position
                    ? 0
                    : adjacent_change(tiles.mid[tile], tiles.mid[(2 * next + (row & 1)) * layout_->columns + column]);
      }
      if (value == published_[tile]) continue;
      published_[tile] = value;
      if (value < 0) {
        out_.removed.push_back(tile);
      } else {
        out_.changed.push_back(tile);
        out_.value.push_back(value);
      }
    }
    dirty_[row] = 0;
  }
  if (!out_.base && out_.changed.empty() && out_.removed.empty()) return nullptr;
  ++out_.sequence;
  return &out_;
}

}  // namespace isobar::heatmap_builder
