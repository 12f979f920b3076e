#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "market/window.hpp"

namespace isobar::market {

/// Changes of one plane of any numeric surface in one window: what the colorizer colours.
struct numeric_delta {
  isobar::symbol symbol;
  std::string surface;  ///< "heatmap.gradient", ...
  std::string plane;    ///< "SPXW-20251219", ...
  std::uint64_t epoch = 0;
  std::uint64_t revision = 0;  ///< of the surface after the window
  timestamp window_end;
  bool base = false;                   ///< every cell that has a value; earlier state is void
  double value_unit = 1;               ///< what one unit of value is worth (0.01 of a per cent)
  std::vector<std::uint32_t> cells;    ///< ascending, no repeats
  std::vector<std::int64_t> values;    ///< one per cell
  std::vector<std::uint32_t> removed;  ///< cells without a value any more, ascending
  bool operator==(const numeric_delta&) const = default;
};

}  // namespace isobar::market
