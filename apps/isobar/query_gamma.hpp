#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "isobar/query_client.hpp"

namespace isobar::cli {

/// Adds the questions to gamma-fuel; as declare_futures_queries.
void declare_gamma_queries(CLI::App& top, const endpoint& to, const std::string& format, std::function<int()>& chosen);

}  // namespace isobar::cli
