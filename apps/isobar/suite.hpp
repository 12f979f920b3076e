#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/host.hpp"

namespace isobar::cli {

/// Every service of the options surface, in pipeline order: each starts before those that feed on it. They work on
/// host_options::symbols.
std::vector<std::unique_ptr<service::app>> make_options_suite();
/// The same for the futures medium; they work on host_options::futures. `on_broken` as feed_ingest::make_app has it.
std::vector<std::unique_ptr<service::app>> make_futures_suite(std::function<void(const std::string&)> on_broken = {});
/// Both.
std::vector<std::unique_ptr<service::app>> make_suite();

}  // namespace isobar::cli
