#pragma once
#include <array>
#include <optional>
#include <string>

#include "market/window.hpp"
#include "radar-physics/transport/radar_recording.hpp"

namespace isobar::radar_physics {

/// Subjects that a worker publishes, in the order of checkpoint::sequences.
enum class output : std::uint8_t { surfaces, column, features, breakthrough, levels };
inline constexpr std::size_t outputs = 5;

/// Inputs from the side.
enum class side : std::uint8_t { gex, gate, levels };
inline constexpr std::size_t sides = 3;

/// One worker between two records of its feed: everything that it needs to go on with the very next one.
struct checkpoint {
  std::string symbol, assumptions, calibration;
  price tick{0};
  std::int64_t multiplier = 0;
  std::uint64_t frame = 0;         ///< feed.book frame last applied, perhaps in part; 0: none
  std::uint64_t frame_digest = 0;  ///< of its bytes: the same number with other content is another feed
  std::uint32_t applied = 0;       ///< records of it
  bool frame_done = false;
  std::array<std::uint64_t, outputs> sequences{};  ///< last frame of each subject
  recording_place recorded;
  timestamp last_event = start_of_time, watermark = start_of_time, open_end = end_of_time;
  market::quality source = market::quality::ok;
  std::string watched;                             ///< watch_set
  std::string engine;                              ///< radar_engine::save()
  std::array<std::uint64_t, sides> side_frames{};  ///< last frame taken of each side input that is followed
  std::string kept;                                ///< frames of radar.levels that gamma-fuel may ask for
};

std::string encode(const checkpoint& c);
/// Nothing when the bytes are not a checkpoint of this version.
std::optional<checkpoint> decode_checkpoint(std::string_view bytes);

}  // namespace isobar::radar_physics
