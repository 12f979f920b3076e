#pragma once
#include <cstdint>
#include <vector>

#include "heatmap-builder/domain/board.hpp"

namespace isobar::heatmap_builder {

/// Quotes of one plane, one entry per row (contract slot). `status` holds the reasons that come from a leg alone
/// (missing, crossed, stale). Everything a tile's value depends on, apart from the board.
struct quote_columns {
  std::vector<std::int64_t> bid, ask;  ///< 1e-9 points; market::no_price when absent
  std::vector<std::int64_t> ts_quote;  ///< ns since 1970 UTC; INT64_MIN: never
  std::vector<reason_mask> status;
  bool expired = false;  ///< the plane has settled: no tile is valid

  void reset(std::size_t rows);
  bool operator==(const quote_columns&) const = default;
};

/// What a leg contributes to a tile's reasons at the end of a window. `stale_after` zero: quotes never age.
inline reason_mask leg_status(std::int64_t bid, std::int64_t ask, std::int64_t ts_quote, timestamp window_end,
                              duration_ns stale_after) {
  if (bid == market::no_price.value || ask == market::no_price.value) return mask_of(reason::missing_leg);
  reason_mask m = bid > ask ? mask_of(reason::crossed_leg) : reason_mask{0};
  if (stale_after.value > 0 && (ts_quote == start_of_time.ns || ts_quote < window_end.ns - stale_after.value))
    m |= mask_of(reason::stale_leg);
  return m;
}

namespace detail {
/// Floor of the middle; exact (decisions 1).
inline std::int64_t mid(const quote_columns& q, std::uint32_t row) { return (q.bid[row] + q.ask[row]) >> 1; }
}  // namespace detail

/// Value of an existing tile (spec 5.2; natural prices and validity: decisions 23).
[[gnu::always_inline]] inline tile_value evaluate(const plane_board& p, const quote_columns& q, std::uint32_t row,
                                                  std::uint32_t column) {
  constexpr reason_mask missing = mask_of(reason::missing_leg);
  tile_value v;
  const reason_mask plane = q.expired ? mask_of(reason::expired) : reason_mask{0};
  if (column == 0) {
    v.reasons = q.status[row];
    if (v.reasons & missing) return v.reasons |= plane, v;
    v.mid = detail::mid(q, row);
    v.natural_debit = q.ask[row];
    v.natural_credit = q.bid[row];
    if (v.mid <= 0) v.reasons |= mask_of(reason::no_net_debit);
  } else {
    const std::uint32_t position = row >> 1, side = row & 1;
    const bool fly = column > p.widths;
    const std::uint32_t w = fly ? column - 1 - p.widths : column - 1;
    const std::uint32_t up = 2 * p.above_of(position, w) + side, down = 2 * p.below_of(position, w) + side;
    if (fly) {
      v.reasons = q.status[row] | q.status[up] | q.status[down];
      if (v.reasons & missing) return v.reasons |= plane, v;
      v.mid = detail::mid(q, down) - 2 * detail::mid(q, row) + detail::mid(q, up);
      v.natural_debit = q.ask[down] - 2 * q.bid[row] + q.ask[up];
      v.natural_credit = q.bid[down] - 2 * q.ask[row] + q.bid[up];
    } else {
      const std::uint32_t short_leg = side == 0 ? up : down;
      v.reasons = q.status[row] | q.status[short_leg];
      if (v.reasons & missing) return v.reasons |= plane, v;
      v.mid = detail::mid(q, row) - detail::mid(q, short_leg);
      v.natural_debit = q.ask[row] - q.bid[short_leg];
      v.natural_credit = q.bid[row] - q.ask[short_leg];
    }
    if (v.mid <= 0) v.reasons |= mask_of(reason::no_net_debit);
    if (v.mid > p.width_nanos[w]) v.reasons |= mask_of(reason::above_width);
  }
  v.reasons |= plane;
  return v;
}
inline tile_value evaluate(const plane_board& p, const quote_columns& q, std::uint32_t tile) {
  return evaluate(p, q, tile / p.columns, tile % p.columns);
}

}  // namespace isobar::heatmap_builder
