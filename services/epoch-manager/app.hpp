#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::epoch_manager {

/// epoch-manager: chain snapshots in, epochs out. README.md says the rest.
std::unique_ptr<service::app> make_app();

}  // namespace isobar::epoch_manager
