#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/symbol.hpp"

namespace isobar::feed_ingest {

/// The subjects of one symbol that carry data, in the order in which a batch's frames leave.
enum class channel : std::uint8_t { definition, status, statistics, trades, quotes, options, book };
inline constexpr std::size_t channels = 7;
/// Subjects beside the book whose frames are kept, for consumers that lack some, and made again by a resumed run.
inline constexpr std::array light_channels{channel::trades, channel::quotes, channel::options};
inline constexpr bool is_light(channel c) {
  return c == channel::trades || c == channel::quotes || c == channel::options;
}
/// "definition", ...
std::string_view to_string(channel c);

/// Behind one batch of a symbol: enough to go on there, since the same input makes the same batches.
struct mark {
  std::uint64_t ordinal = 0;                        ///< of the batch
  std::uint64_t records = 0;                        ///< of the input, when it was cut
  std::array<std::uint64_t, channels> sequences{};  ///< last frame of each subject
  bool operator==(const mark&) const = default;
  std::uint64_t of(channel c) const { return sequences[static_cast<std::size_t>(c)]; }
};

/// What a run may be resumed from, and what makes its batches what they are.
struct checkpoint {
  std::string symbol;
  std::vector<std::string>
      identity;  ///< a line for each input file with its size, and for each option that divides frames
  mark at;
  bool operator==(const checkpoint&) const = default;
};

enum class checkpoint_errc { malformed, other_run };
std::string to_text(const checkpoint& c);
result<checkpoint, checkpoint_errc> parse_checkpoint(std::string_view text);
/// Says what is different when a checkpoint belongs to another run.
result<void, checkpoint_errc> check(const checkpoint& saved, const checkpoint& now);

}  // namespace isobar::feed_ingest
