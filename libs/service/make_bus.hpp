#pragma once
#include <memory>

#include "bus/bus.hpp"
#include "service/host.hpp"

namespace isobar::service {

/// The bus that the options name. `program` is the connection's name. configuration or bus on failure.
result<std::shared_ptr<bus::bus>> make_bus(const host_options& options, const std::string& program);

}  // namespace isobar::service
