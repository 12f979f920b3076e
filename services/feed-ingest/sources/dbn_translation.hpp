#pragma once
#include "feed-ingest/domain/record.hpp"
#include "wire/dbn/record.hpp"

namespace isobar::feed_ingest {

/// DBN -> domain, into a reused record. Never fails: what cannot be read says so in `refused`.
void translate(wire::dbn::record from, input_record& to);

/// False before 1970 and for the largest instant, which is a frame's word for the end of the input.
bool is_time(timestamp t);
/// An event may say a time this much after its capture; beyond it the time is refused.
inline constexpr duration_ns later_than_capture_max = seconds(86'400);
/// Refuses (bad_time) what says a later time than that.
void doubt_time(input_record& r);

/// Text as frames may carry it: what is not printable ASCII becomes '?'.
std::string printable(std::string_view text);

}  // namespace isobar::feed_ingest
