#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::colorizer {

/// colorizer: numeric surfaces in, colours out; stateless. README.md says the rest.
std::unique_ptr<service::app> make_app();

}  // namespace isobar::colorizer
