#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "isobar/query_client.hpp"

namespace isobar::cli {

/// One server to ask for its health, as written on the command line: host:port or host:port/SERVICE.
struct health_target {
  std::string address;
  std::string service;  ///< empty: the whole server
};
health_target health_target_of(const std::string& text);

/// Adds `isobar query health TARGET...`: grpc.health.v1 of each target until all are SERVING or `--wait-s` has passed.
/// 0 when all are, else 1 with what each of the others last said. Works where there is no shell (helm test, Compose).
void declare_health_query(CLI::App& top, const endpoint& to, std::function<int()>& chosen);

}  // namespace isobar::cli
