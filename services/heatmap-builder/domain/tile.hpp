#pragma once
#include <cstdint>

#include "core/types.hpp"
#include "market/option.hpp"

namespace isobar::heatmap_builder {

/// What a tile trades; values as in isobar.heatmap.v1.Strategy.
enum class strategy : std::uint8_t { single = 1, vertical = 2, butterfly = 3 };

/// Why a tile is not valid; values as in isobar.heatmap.v1.InvalidReason.
enum class reason : std::uint8_t {
  missing_leg = 1,   ///< a leg has no two-sided quote
  crossed_leg = 2,   ///< a leg's bid is above its ask
  stale_leg = 3,     ///< a leg's quote is older than the limit
  no_net_debit = 4,  ///< the mid debit is zero or less
  above_width = 5,   ///< the mid debit is above the width
  expired = 6,       ///< the expiry has settled
};

/// Set of reasons: bit n is the reason with value n. Zero: valid.
using reason_mask = std::uint8_t;
constexpr reason_mask mask_of(reason r) { return static_cast<reason_mask>(1u << static_cast<unsigned>(r)); }
constexpr bool has(reason_mask m, reason r) { return (m & mask_of(r)) != 0; }

/// What is published of a tile. Prices in 1e-9 points, per share; zeros unless every leg is two-sided.
struct tile_value {
  std::int64_t mid = 0;             ///< sum of ratio x floor mid over the legs
  std::int64_t natural_debit = 0;   ///< buy at ask, sell at bid
  std::int64_t natural_credit = 0;  ///< sell at bid, buy at ask
  reason_mask reasons = 0;

  bool valid() const { return reasons == 0; }
  bool operator==(const tile_value&) const = default;
};

/// Where a tile stands in its plane.
struct tile_place {
  std::uint32_t position = 0;  ///< of the anchor in the strike ladder
  market::right side = market::right::call;
  strategy kind = strategy::single;
  std::uint32_t width = 0;  ///< index in the board's widths; 0 for singles
  bool operator==(const tile_place&) const = default;
};

}  // namespace isobar::heatmap_builder
