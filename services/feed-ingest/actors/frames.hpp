#pragma once
#include <optional>
#include <string>

#include "feed-ingest/domain/batch.hpp"
#include "feed-ingest/domain/checkpoint.hpp"
#include "service/publisher.hpp"

namespace isobar::feed_ingest {

/// Frames that a batch has for one subject: none or one, but for options, which have one for each of their segments.
std::size_t frames_of(const batch& b, channel c);
/// First and last event time, count and watermark of the frame `at`; quality is the caller's.
service::frame_extent extent_of(const batch& b, channel c, std::size_t at);
/// The frame's bytes.
std::string encode(const batch& b, channel c, std::size_t at, const symbol& s, const wire::frame_info& info);

}  // namespace isobar::feed_ingest
