#pragma once
#include <functional>
#include <memory>
#include <string>

#include "service/host.hpp"

namespace isobar::feed_ingest {

/// The service feed-ingest; README.md says what it eats, emits and answers. `on_broken`: who hosts it decides what
/// happens when the input breaks off; it is told why, on a thread of the service, before the end is published. Without
/// it the service stops the process.
std::unique_ptr<service::app> make_app(std::function<void(const std::string&)> on_broken = {});

}  // namespace isobar::feed_ingest
