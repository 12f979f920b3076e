#include "wire/stream_digest.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <optional>

#include "isobar/common/v1/frame.pb.h"

namespace isobar::wire {
namespace {

/// Every frame's field 1 is its header; the rest is not parsed.
std::optional<common::v1::FrameHeader> read_header(std::string_view bytes) {
  using lite = google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  std::uint32_t length = 0;
  if (in.ReadTag() != lite::MakeTag(1, lite::WIRETYPE_LENGTH_DELIMITED) || !in.ReadVarint32(&length))
    return std::nullopt;
  if (length > bytes.size() - static_cast<std::size_t>(in.CurrentPosition())) return std::nullopt;
  common::v1::FrameHeader header;
  if (!header.ParseFromArray(bytes.data() + in.CurrentPosition(), static_cast<int>(length))) return std::nullopt;
  return header;
}

bool carries_data(std::string_view subject) {
  for (const std::string_view kind : {".ack", ".resync", ".progress"}) {
    if (subject.ends_with(kind)) return false;
  }
  return true;
}

}  // namespace

void stream_digest::add(std::string_view subject, std::string_view bytes) {
  if (!carries_data(subject)) return;
  const auto header = read_header(bytes);
  if (!header) ++unreadable_;
  if (header && header->heartbeat()) return;
  auto at = subjects_.find(subject);
  if (at == subjects_.end()) at = subjects_.emplace(std::string(subject), running{}).first;
  at->second.hash.update(static_cast<std::int64_t>(bytes.size()));
  at->second.hash.update(bytes);
  ++at->second.frames;
  at->second.bytes += bytes.size();
  ++frames_;
  bytes_ += bytes.size();
}

std::uint64_t stream_digest::value() const {
  digest64 all;
  for (const auto& [subject, one] : subjects_) {
    all.update(subject);
    all.update(static_cast<std::int64_t>(one.frames));
    all.update(static_cast<std::int64_t>(one.hash.value()));
  }
  return all.value();
}

std::map<std::string, stream_digest::subject_total> stream_digest::by_subject() const {
  std::map<std::string, subject_total> totals;
  for (const auto& [subject, one] : subjects_) totals[subject] = {one.frames, one.bytes, one.hash.value()};
  return totals;
}

}  // namespace isobar::wire
