#pragma once
#include <memory>
#include <vector>

#include "service/host.hpp"

namespace isobar::cli {

/// Every service of the options surface, in pipeline order: each starts before those that feed on it. They work on
/// host_options::symbols.
std::vector<std::unique_ptr<service::app>> make_options_suite();
/// The same for the futures medium; they work on host_options::futures.
std::vector<std::unique_ptr<service::app>> make_futures_suite();
/// Both.
std::vector<std::unique_ptr<service::app>> make_suite();

}  // namespace isobar::cli
