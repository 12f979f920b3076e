#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heatmap-builder/domain/gradient.hpp"
#include "heatmap-builder/domain/surface.hpp"

namespace isobar::heatmap_builder {

/// What a tile frame says besides its columns.
struct tile_frame {
  std::string_view producer = "heatmap-builder";
  std::string_view symbol;
  std::uint64_t epoch = 0;
  const market::expiry_key* expiry = nullptr;
  std::uint64_t revision = 0;
  timestamp window_end;
  market::quality quality = market::quality::ok;
  std::uint64_t sequence = 0;
  bool base = false;
};

/// Writes isobar.heatmap.v1.TileDelta and isobar.surface.v1.NumericDelta straight into their wire form: the same bytes
/// that protobuf would serialise, several times faster, with buffers kept from frame to frame. One per thread.
class tile_encoder {
 public:
  /// Replaces `out`. Needs columns ascending and of equal length.
  void encode(const tile_frame& frame, const tile_columns& columns, std::string& out);
  /// The frame that a window's delta of one plane becomes on the bus.
  void encode(const window_delta& window, const plane_delta& d, std::string& out);
  /// Adjacent change as surface "heatmap.gradient", value unit 0.01 (per cent).
  void encode_gradient(const window_delta& window, const gradient_delta& d, std::string& out);

 private:
  std::string scratch_;
  std::vector<std::int64_t> debit_over_, credit_under_;
};

/// Greatest common divisor of all values of the columns (absolute values; zeros ignored); 1 when there is none.
std::int64_t common_unit(const std::vector<const std::vector<std::int64_t>*>& columns);

}  // namespace isobar::heatmap_builder
