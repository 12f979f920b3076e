#pragma once
#include <optional>
#include <string>

#include "feed-ingest/domain/batch.hpp"
#include "feed-ingest/domain/checkpoint.hpp"
#include "service/publisher.hpp"

namespace isobar::feed_ingest {

/// Records that a batch has for one subject.
std::size_t records_of(const batch& b, channel c);
/// First and last event time, count and watermark of the frame; quality is the caller's.
service::frame_extent extent_of(const batch& b, channel c);
/// The frame's bytes.
std::string encode(const batch& b, channel c, const symbol& s, const wire::frame_info& info);

}  // namespace isobar::feed_ingest
