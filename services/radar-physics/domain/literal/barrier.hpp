#pragma once
#include <cstdint>
#include <vector>

#include "radar-physics/domain/outputs.hpp"
#include "radar-physics/domain/radar_config.hpp"

/// Barrier and tape as the earlier system computed them from ten-deep snapshots (futures-medium 9 and 10 [L]): to
/// reproduce its golden cases, and to show beside them what the exact flows of levels.hpp change. Not used by any
/// worker.
namespace isobar::radar_physics::literal {

/// One level of a by-price snapshot, and up to ten of them a side, best first.
struct depth_level {
  isobar::price price;
  std::int64_t size = 0;
};
struct depth_snapshot {
  timestamp ts_event;
  std::vector<depth_level> bids, asks;
};
struct print {
  timestamp ts_event;
  isobar::price price;
  std::int64_t size = 0;
  book_side aggressor = book_side::none;
};

/// The earlier parameters: as level_config, with the sweep of 500,000 that two ES lots already make.
level_config earlier_levels();

struct barrier_answer {
  barrier_reading reading;
  isobar::price quote;  ///< best of the defending side in the newest snapshot, in SPY (a tenth of ES); 0: none
  std::int64_t quote_size = 0;
};
/// Differences between consecutive snapshots of the barrier window that ends (open-ended) at `now`. A loss is filled as
/// far as prints inside the zone and the pair explain it, plus one lot; cancelled for the rest, without that lot. Fewer
/// than two snapshots: neutral, all 0. Rules in their order, vacuum without asking who took the lots.
barrier_answer barrier(isobar::price level, book_side defending, const std::vector<depth_snapshot>& snapshots,
                       const std::vector<print>& prints, timestamp now, const radar_config& config);

/// Prints near the level, the slope of all prices, and the largest one-sided cluster. trades_per_second stays 0: the
/// earlier system called the slope so.
tape_reading tape(isobar::price level, const std::vector<print>& prints, timestamp now, const radar_config& config);

}  // namespace isobar::radar_physics::literal
