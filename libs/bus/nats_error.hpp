#pragma once
#include <nats/nats.h>

#include <string>

#include "bus/bus.hpp"

namespace isobar::bus {

/// The library's status and its own words on this thread as an error of the bus. `what` names the operation.
failure<errc> nats_failure(natsStatus status, std::string what);

}  // namespace isobar::bus
