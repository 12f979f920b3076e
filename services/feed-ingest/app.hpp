#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::feed_ingest {

/// The service feed-ingest; README.md says what it eats, emits and answers.
std::unique_ptr<service::app> make_app();

}  // namespace isobar::feed_ingest
