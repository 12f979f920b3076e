#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::decomposer {

/// decomposer: contract windows in, model inputs out. README.md says the rest.
std::unique_ptr<service::app> make_app();

}  // namespace isobar::decomposer
