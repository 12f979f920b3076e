#include "wire/frame.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <array>

namespace isobar::wire {
namespace pb = google::protobuf;

std::string_view to_string(errc code) {
  constexpr std::array<std::string_view, 14> names{
      "oversize", "malformed", "no_header",     "unknown_version", "bad_symbol", "bad_text",      "bad_value",
      "bad_unit", "bad_order", "column_length", "overflow",        "too_many",   "hash_mismatch", "bad_subject"};
  const auto index = static_cast<std::size_t>(code);
  return index < names.size() ? names[index] : "unknown";
}

std::optional<market::quality> read_quality(common::v1::Quality quality) {
  if (quality < common::v1::QUALITY_OK || quality > common::v1::QUALITY_RESYNCING) return std::nullopt;
  return static_cast<market::quality>(quality);
}

bool valid_text(std::string_view text) {
  return !text.empty() && text.size() <= max_text &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void write_header(const frame_info& from, common::v1::FrameHeader& to) {
  to.set_version(from.version);
  to.set_producer(from.producer);
  to.set_sequence(from.sequence);
  to.set_ts_first_ns(from.ts_first.ns);
  to.set_ts_last_ns(from.ts_last.ns);
  to.set_record_count(from.record_count);
  to.set_quality(static_cast<common::v1::Quality>(from.quality));
  to.set_watermark_ns(from.watermark.ns);
  to.set_heartbeat(from.heartbeat);
}

result<frame_info, errc> read_header(const common::v1::FrameHeader& from) {
  if (from.version() != frame_version)
    return fail(errc::unknown_version,
                "frame version " + std::to_string(from.version()) + ", known: " + std::to_string(frame_version));
  if (!valid_text(from.producer())) return fail(errc::bad_text, "header.producer");
  const auto quality = read_quality(from.quality());
  if (!quality) return fail(errc::bad_value, "header.quality " + std::to_string(from.quality()));
  if (from.record_count() > max_cells)
    return fail(errc::too_many, "header.record_count " + std::to_string(from.record_count()));
  if (from.heartbeat() && from.record_count() != 0)
    return fail(errc::column_length, "heartbeat with record_count " + std::to_string(from.record_count()));
  return frame_info{.version = from.version(),
                    .producer = from.producer(),
                    .sequence = from.sequence(),
                    .ts_first = {from.ts_first_ns()},
                    .ts_last = {from.ts_last_ns()},
                    .record_count = from.record_count(),
                    .quality = *quality,
                    .watermark = {from.watermark_ns()},
                    .heartbeat = from.heartbeat()};
}

std::string encode_heartbeat(frame_info info) {
  info.heartbeat = true;
  info.record_count = 0;
  common::v1::FrameHeader header;
  write_header(info, header);
  // Field 1, length-delimited. A header stays below 128 bytes only with short producers: the length is a varint.
  std::string bytes;
  pb::io::StringOutputStream stream(&bytes);
  {
    pb::io::CodedOutputStream out(&stream);
    out.WriteTag((1u << 3) | 2u);
    out.WriteVarint32(static_cast<std::uint32_t>(header.ByteSizeLong()));
    header.SerializeToCodedStream(&out);
  }
  return bytes;
}

result<frame_info, errc> peek_header(std::string_view frame) {
  if (frame.size() > max_frame_bytes) return fail(errc::oversize, std::to_string(frame.size()) + " bytes");
  pb::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(frame.data()), static_cast<int>(frame.size()));
  std::uint32_t length = 0;
  if (in.ReadTag() != ((1u << 3) | 2u)) return fail(errc::no_header, "first field is not the header");
  if (!in.ReadVarint32(&length) || length > static_cast<std::uint32_t>(frame.size()))
    return fail(errc::malformed, "header longer than the frame");
  const auto start = static_cast<std::size_t>(in.CurrentPosition());
  if (length > frame.size() - start) return fail(errc::malformed, "header longer than the frame");
  common::v1::FrameHeader header;
  if (!header.ParseFromArray(frame.data() + start, static_cast<int>(length)))
    return fail(errc::malformed, "header does not parse");
  return read_header(header);
}

void serialize(const pb::MessageLite& message, std::string& to) {
  to.clear();
  pb::io::StringOutputStream stream(&to);
  pb::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&out);
}

std::string serialize(const pb::MessageLite& message) {
  std::string bytes;
  serialize(message, bytes);
  return bytes;
}

result<void, errc> parse(std::string_view bytes, pb::MessageLite& into) {
  // Refusals are values, counted by the caller; protobuf's own lines would let a hostile sender fill the log.
  [[maybe_unused]] static const auto quiet = pb::SetLogHandler(nullptr);
  if (bytes.size() > max_frame_bytes)
    return fail(errc::oversize, into.GetTypeName() + ": " + std::to_string(bytes.size()) + " bytes, at most " +
                                    std::to_string(max_frame_bytes));
  if (!into.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail(errc::malformed, into.GetTypeName() + ": " + std::to_string(bytes.size()) + " bytes do not parse");
  return {};
}

result<isobar::symbol, errc> read_symbol(const std::string& text, std::string_view message) {
  if (auto parsed = isobar::symbol::parse(text)) return *parsed;
  return fail(errc::bad_symbol, std::string(message) + ".symbol of " + std::to_string(text.size()) + " bytes");
}

}  // namespace isobar::wire
