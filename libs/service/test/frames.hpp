#pragma once
#include <cstdint>
#include <string>

#include "isobar/common/v1/frame.pb.h"
#include "wire/frame.hpp"

namespace isobar::service::test {

/// A frame of nothing but its header, as every frame of the bus begins.
inline std::string frame(std::uint64_t sequence, bool heartbeat = false) {
  wire::frame_info info;
  info.producer = "test";
  info.sequence = sequence;
  info.heartbeat = heartbeat;
  if (heartbeat) return wire::encode_heartbeat(info);
  common::v1::FrameHeader header;
  wire::write_header(info, header);
  const std::string bytes = header.SerializeAsString();
  return "\x0a" + std::string(1, static_cast<char>(bytes.size())) + bytes;
}

inline std::uint64_t sequence_of(std::string_view bytes) { return wire::peek_header(bytes)->sequence; }

}  // namespace isobar::service::test
