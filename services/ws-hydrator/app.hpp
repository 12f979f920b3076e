#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::ws_hydrator {

/// The ws-hydrator service.
std::unique_ptr<service::app> make_app();

}  // namespace isobar::ws_hydrator
