#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/host.hpp"

namespace isobar::cli {

/// Which pipelines a process hosts.
struct suite_parts {
  bool options = true;  ///< on host_options::symbols
  bool futures = true;  ///< on host_options::futures
  /// As feed_ingest::make_app has it.
  std::function<void(const std::string&)> on_broken{};
};

/// Every service of the parts, in pipeline order: each starts before those that feed on it. gamma-fuel serves both, and
/// the radar waits for what it says.
std::vector<std::unique_ptr<service::app>> make_suite(suite_parts parts = {});

}  // namespace isobar::cli
