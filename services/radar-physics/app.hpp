#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::radar_physics {

/// The service: a worker per futures symbol, queries and streams over gRPC, the latest radar in the key-value store.
std::unique_ptr<service::app> make_app();

}  // namespace isobar::radar_physics
