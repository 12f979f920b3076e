#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/symbol.hpp"
#include "core/types.hpp"
#include "isobar/common/v1/frame.pb.h"
#include "market/window.hpp"

/// Bus frames: protobuf <-> domain. Everything that arrives is hostile until decoded; nothing here throws.
namespace isobar::wire {

/// Version that this build writes and understands.
inline constexpr std::uint32_t frame_version = 1;

// Bounds of what a decoder accepts; a full SPX chain (60 expiries, 12,000 contracts) is far inside each.
inline constexpr std::size_t max_frame_bytes = 64u << 20;  ///< checked before a byte is parsed
inline constexpr std::size_t max_contracts = 1u << 20;  ///< rows of a window, slots of a geometry, contracts of a chain
inline constexpr std::size_t max_planes = 1024;         ///< (expiry, root) of a chain or geometry
inline constexpr std::size_t max_strikes = 16'384;      ///< of one plane
inline constexpr std::size_t max_widths = 256;          ///< of a geometry
inline constexpr std::size_t max_cells = 1u << 22;      ///< of a numeric surface's plane
inline constexpr std::size_t max_text = 64;             ///< bytes of a name (producer, participant, source, plane)

/// Why a frame, subject or key was refused. to_string gives the metric label.
enum class errc {
  oversize,         ///< longer than max_frame_bytes
  malformed,        ///< not the expected protobuf message: truncated or garbage
  no_header,        ///< parsed, but field 1 is absent
  unknown_version,  ///< header.version is not frame_version
  bad_symbol,       ///< not a registry symbol
  bad_text,         ///< name empty, too long or with characters outside printable ASCII
  bad_value,        ///< value outside its domain: unknown enum, non-finite, negative size, date that does not exist
  bad_unit,         ///< a unit of zero or less
  bad_order,        ///< indices, strikes, planes or widths not ascending
  column_length,    ///< columns of different length, or not header.record_count long
  overflow,         ///< value times unit, or time plus difference, outside 64 bits
  too_many,         ///< more records than the bound
  hash_mismatch,    ///< geometry does not have the hash it claims
  bad_subject,      ///< not one of proto/subjects.yaml
};
/// "unknown_version", ...
std::string_view to_string(errc code);

/// isobar.common.v1.FrameHeader in domain types.
struct frame_info {
  std::uint32_t version = frame_version;
  std::string producer;                           ///< service name, never an instance name
  std::uint64_t sequence = 0;                     ///< contiguous per subject from 1; a heartbeat repeats the last one
  timestamp ts_first{};                           ///< event time of the first record
  timestamp ts_last{};                            ///< event time of the last record
  std::uint32_t record_count = 0;                 ///< set by the encoders
  market::quality quality = market::quality::ok;  ///< worst of the inputs
  timestamp watermark{};                          ///< nothing older follows on the subject
  bool heartbeat = false;                         ///< no records: the body of a decoded heartbeat is empty
  bool operator==(const frame_info&) const = default;
};

/// A decoded frame. When header.heartbeat, body is a default value: the symbol is that of the subject.
template <class Body>
struct framed {
  frame_info header;
  Body body;
  bool operator==(const framed&) const = default;
};

void write_header(const frame_info& from, common::v1::FrameHeader& to);
result<frame_info, errc> read_header(const common::v1::FrameHeader& from);

/// Bytes of a heartbeat; they are valid for every frame of the bus, since the header is field 1 of each.
/// Sets heartbeat and record_count 0.
std::string encode_heartbeat(frame_info info);

/// The header alone, without parsing the rest: for gap detection and routing.
result<frame_info, errc> peek_header(std::string_view frame);

/// Serializes deterministically; replaces `to`, keeping its capacity.
void serialize(const google::protobuf::MessageLite& message, std::string& to);
std::string serialize(const google::protobuf::MessageLite& message);

/// Length bound, then parse into a reused message; the message is undefined on failure.
result<void, errc> parse(std::string_view bytes, google::protobuf::MessageLite& into);

/// parse() and read_header() of a message whose field 1 is the header.
template <class Message>
result<frame_info, errc> parse_frame(std::string_view bytes, Message& into) {
  if (auto parsed = parse(bytes, into); !parsed) return std::unexpected(parsed.error());
  if (!into.has_header()) return fail(errc::no_header, into.GetTypeName() + " without header");
  return read_header(into.header());
}

/// Registry symbol, or bad_symbol naming the message.
result<isobar::symbol, errc> read_symbol(const std::string& text, std::string_view message);
/// 1 to max_text printable ASCII characters.
bool valid_text(std::string_view text);
/// Nothing for UNSPECIFIED and for values of later versions.
std::optional<market::quality> read_quality(common::v1::Quality quality);

}  // namespace isobar::wire
