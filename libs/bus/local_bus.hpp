#pragma once
#include <memory>

#include "bus/bus.hpp"

namespace isobar::bus {

struct local_options {
  std::size_t max_payload = 8u << 20;
};

/// The in-process bus of the embedded suite: same behaviour as the NATS one, no server, no copies.
std::unique_ptr<bus> make_local_bus(local_options options = {});

}  // namespace isobar::bus
