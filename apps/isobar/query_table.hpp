#pragma once
#include <string>
#include <vector>

#include "isobar/epoch/v1/epoch.pb.h"
#include "isobar/heatmap/v1/heatmap_service.pb.h"

namespace isobar::cli {

/// What a surface table shows in each cell.
enum class cell { debit, reward_to_risk, change, theoretical };

/// "SPX epoch 1 revision ... as of ... quality ok, 4,468 of 4,500 tiles valid".
std::string describe(const heatmap::v1::SurfaceInfo& info);
/// Rows are strikes, highest first; columns are widths. One table per (expiry, strategy, right) that holds tiles.
std::string surface_table(const std::vector<heatmap::v1::Tile>& tiles, cell show);
/// One line per fact of a tile.
std::string tile_table(const heatmap::v1::Tile& tile);
std::string leg_table(const heatmap::v1::ExplainTileResponse& explained);
std::string epoch_table(const std::vector<epoch::v1::Epoch>& epochs);

}  // namespace isobar::cli
