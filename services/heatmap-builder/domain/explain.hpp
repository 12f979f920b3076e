#pragma once
#include <optional>
#include <string>
#include <vector>

#include "heatmap-builder/domain/snapshot.hpp"
#include "heatmap-builder/domain/theory.hpp"
#include "market/order_text.hpp"

namespace isobar::heatmap_builder {

/// A tile by its name rather than by its number; its legs need not be listed.
struct tile_name {
  std::size_t plane = 0;
  market::right side = market::right::call;
  strategy kind = strategy::single;
  isobar::strike anchor;
  strike_width width;  ///< zero for singles
};

struct leg_explanation {
  market::option_id contract;
  std::int32_t ratio = 0;
  bool listed = false;
  std::optional<price> bid, ask;
  std::optional<timestamp> ts_quote;
  reason_mask status = 0;
};

struct tile_explanation {
  std::optional<std::uint32_t> tile;  ///< number, when every leg is listed
  tile_value value;                   ///< missing_leg when one is not
  std::vector<leg_explanation> legs;  ///< long anchor first
  std::string formula;                ///< "C(6870) - 2 C(6900) + C(6930)"
  std::vector<std::string> notes;     ///< one sentence each
};

/// Everything that makes a tile's value, from the snapshot alone. `theory` adds the assumptions of the theoretical
/// debit.
tile_explanation explain(const surface_snapshot& s, const tile_name& name, duration_ns stale_after,
                         const std::optional<theory_input>& theory);

/// Order text at the mid (options-surface 5.8): a buyer's limit rounds up to the tick, a seller's down. Nothing when
/// the tile is not valid or the root is unknown.
std::optional<std::string> order_for(const plane_board& layout, const tile_name& name, const tile_value& value,
                                     market::order_side side);

}  // namespace isobar::heatmap_builder
