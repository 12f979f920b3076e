#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::gamma_fuel {

/// The service: a worker per option symbol and per future, queries and streams over gRPC, the latest landscape in the
/// key-value store.
std::unique_ptr<service::app> make_app();

}  // namespace isobar::gamma_fuel
