#include "ws-hydrator/sources/event_stream.hpp"

#include <algorithm>

namespace isobar::ws_hydrator {

namespace {

constexpr duration_ns slice = milliseconds(20);
constexpr std::size_t slice_events = 4096;

}  // namespace

std::optional<timestamp> stored_stream::next() {
  if (at_ == events_.size()) return std::nullopt;
  return events_[at_].ts_event;
}

timestamp stored_stream::read(std::vector<feed_event>& out) {
  const timestamp until = events_[at_].ts_event + slice;
  timestamp last = start_of_time;
  for (std::size_t n = 0; at_ < events_.size() && n < slice_events && events_[at_].ts_event < until; ++at_, ++n) {
    out.push_back(events_[at_]);
    last = std::max(last, events_[at_].ts_event);
  }
  return last;
}

}  // namespace isobar::ws_hydrator
