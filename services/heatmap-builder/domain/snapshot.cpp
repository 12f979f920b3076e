#include "heatmap-builder/domain/snapshot.hpp"

namespace isobar::heatmap_builder {

void quote_columns::reset(std::size_t rows) {
  bid.assign(rows, market::no_price.value);
  ask.assign(rows, market::no_price.value);
  ts_quote.assign(rows, start_of_time.ns);
  status.assign(rows, mask_of(reason::missing_leg));
  expired = false;
}

std::uint32_t surface_snapshot::valid_tiles() const {
  std::uint32_t n = 0;
  for (const auto& p : planes) n += p->valid_tiles;
  return n;
}

void tile_columns::clear() {
  changed.clear();
  mid.clear();
  natural_debit.clear();
  natural_credit.clear();
  removed.clear();
  removed_reasons.clear();
}

void valid_tiles(const plane_board& p, const quote_columns& q, tile_columns& out) {
  out.clear();
  if (q.expired) return;
  for (std::uint32_t row = 0; row < p.rows(); ++row) {
    for (row_mask left = p.exists[row]; left != 0; left &= left - 1) {
      const auto column = static_cast<std::uint32_t>(__builtin_ctzll(left));
      const tile_value v = evaluate(p, q, row, column);
      if (v.valid()) out.add(row * p.columns + column, v);
    }
  }
}

void difference(const plane_board& p, const quote_columns& from, const quote_columns& to, tile_columns& out) {
  out.clear();
  const bool all = from.expired != to.expired;
  std::vector<row_mask> dirty(p.rows(), all ? ~row_mask{0} : row_mask{0});
  for (std::uint32_t row = 0; !all && row < p.rows(); ++row) {
    if (from.bid[row] == to.bid[row] && from.ask[row] == to.ask[row] && from.status[row] == to.status[row]) continue;
    p.touched_by(row, [&](std::uint32_t r, row_mask columns) { dirty[r] |= columns; });
  }
  for (std::uint32_t row = 0; row < p.rows(); ++row) {
    for (row_mask left = dirty[row] & p.exists[row]; left != 0; left &= left - 1) {
      const auto column = static_cast<std::uint32_t>(__builtin_ctzll(left));
      const tile_value before = evaluate(p, from, row, column), after = evaluate(p, to, row, column);
      if (after.valid()) {
        if (!(before == after)) out.add(row * p.columns + column, after);
      } else if (before.valid()) {
        out.removed.push_back(row * p.columns + column);
        out.removed_reasons.push_back(after.reasons);
      }
    }
  }
}

}  // namespace isobar::heatmap_builder
