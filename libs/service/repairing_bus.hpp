#pragma once
#include <chrono>
#include <cstdint>
#include <memory>

#include "bus/bus.hpp"
#include "service/frame_order.hpp"

namespace isobar::service {

struct repair_options {
  std::chrono::seconds age_max{3600};     ///< of the streams
  std::int64_t bytes_max = 64 << 20;      ///< of each stream
  std::chrono::milliseconds limit{1000};  ///< from a gap to passing it on unrepaired
  frame_order_limits held;                ///< of each subscription
};

/// A bus whose subscriptions repair what they miss. Whoever publishes on a sequenced subject (wire/subjects.hpp) keeps
/// its domain in a stream; a frame that is missing is read from there, those behind it wait, and the consumer sees one
/// unbroken sequence. What cannot be had within the limit is passed on with the gap in it, which consumers flag and
/// heal by a snapshot as on any bus. Everything else goes to `inner` as it is.
std::shared_ptr<bus::bus> make_repairing_bus(std::shared_ptr<bus::bus> inner, repair_options options = {});

/// The stream that keeps a subject: one for each domain, whatever the venue, so that permissions can name it.
struct kept_domain {
  std::string stream;                 ///< "isobar-feed"
  std::vector<std::string> patterns;  ///< its sequenced subjects: "isobar.feed.*.*.book", ...
};
/// Nothing for subjects that are not sequenced.
std::optional<kept_domain> domain_of(std::string_view subject);

}  // namespace isobar::service
