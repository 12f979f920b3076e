#pragma once
#include <memory>
#include <vector>

#include "service/host.hpp"

namespace isobar::cli {

/// Every service, in pipeline order.
std::vector<std::unique_ptr<service::app>> make_suite();

}  // namespace isobar::cli
