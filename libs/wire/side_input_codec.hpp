#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "market/side_inputs.hpp"
#include "wire/frame.hpp"

/// gex.surface, gate.next and level.set: what other services give to radar-physics.
namespace isobar::wire {

inline constexpr std::size_t max_watched_levels = 256;

/// gex.surface. Decoding refuses strikes that do not ascend and gamma that is negative or not finite.
struct gex_frame {
  isobar::symbol symbol;
  std::string assumptions;  ///< id of sign model, open interest source, rate and units
  market::gex_input surface;
  bool operator==(const gex_frame&) const = default;
};
std::string encode_gex(const gex_frame& frame, const frame_info& info);
result<framed<gex_frame>, errc> decode_gex(std::string_view bytes);

/// gate.next. Decoding refuses probabilities outside 0..1 or whose sum is not 1.
struct gate_frame {
  isobar::symbol symbol;
  market::gate_input gate;
  bool operator==(const gate_frame&) const = default;
};
std::string encode_gate(const gate_frame& frame, const frame_info& info);
result<framed<gate_frame>, errc> decode_gate(std::string_view bytes);

/// level.set. Decoding refuses ids that do not ascend and more levels than max_watched_levels.
struct level_set_frame {
  isobar::symbol symbol;
  market::level_set_input set;
  /// Inputs of its producer that were not whole.
  std::vector<std::pair<std::string, market::quality>> input_quality{};
  bool operator==(const level_set_frame&) const = default;
};
std::string encode_level_set(const level_set_frame& frame, const frame_info& info);
result<framed<level_set_frame>, errc> decode_level_set(std::string_view bytes);

}  // namespace isobar::wire
