#pragma once
#include <optional>
#include <string>
#include <vector>

#include "heatmap-builder/domain/explain.hpp"
#include "heatmap-builder/domain/measures.hpp"
#include "heatmap-builder/domain/surface.hpp"
#include "isobar/heatmap/v1/heatmap_service.pb.h"

namespace isobar::heatmap_builder {

/// What every answer says of its surface. `resyncing` raises the quality.
void to_proto(const surface_snapshot& s, bool resyncing, const std::string& assumptions, heatmap::v1::SurfaceInfo& to);

/// One plane's columns as a TileDelta, equal to the frame on the bus for equal content.
void to_proto(const surface_snapshot& s, std::size_t plane, bool base, const tile_columns& columns,
              heatmap::v1::TileDelta& to);

/// One tile with its measures; `theory` adds the theoretical debit.
void to_proto(const surface_snapshot& s, const tile_name& name, const tile_value& value, const tile_measures& measures,
              std::optional<double> theoretical, heatmap::v1::Tile& to);

void to_proto(const leg_explanation& leg, timestamp as_of, heatmap::v1::Leg& to);

/// Name of an existing tile.
tile_name name_of(const board& b, std::size_t plane, std::uint32_t tile);

}  // namespace isobar::heatmap_builder
