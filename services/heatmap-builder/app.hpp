#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::heatmap_builder {

/// The service: a worker per symbol, queries and streams over gRPC, latest models in the key-value store.
std::unique_ptr<service::app> make_app();

}  // namespace isobar::heatmap_builder
