#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::radar_physics {

/// Inputs from the side that windows wait for in replay unless options say otherwise: those whose producers share the
/// process.
struct side_inputs {
  bool gex = false, levels = false;
};

/// The service: a worker per futures symbol, queries and streams over gRPC, the latest radar in the key-value store.
std::unique_ptr<service::app> make_app(side_inputs expected = {});

}  // namespace isobar::radar_physics
