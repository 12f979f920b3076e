#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::heatmap_builder {

/// One worker between two windows: everything that the next holder of its symbol needs to go on with the very next one.
struct checkpoint {
  std::string symbol, assumptions;
  std::uint64_t frame = 0;               ///< model.heatmap frame last taken
  std::vector<std::string> epochs;       ///< isobar.epoch.v1.Epoch: the one in force, then those prepared
  std::string surface;                   ///< surface::save()
  bool gradient = false;                 ///< the next two mean something
  std::vector<std::uint64_t> gradients;  ///< last number of each plane's gradient
};

std::string encode(const checkpoint& c);
/// Nothing when the bytes are not a checkpoint of this version.
std::optional<checkpoint> decode_checkpoint(std::string_view bytes);

}  // namespace isobar::heatmap_builder
