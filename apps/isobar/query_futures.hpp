#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "isobar/query_client.hpp"

namespace isobar::cli {

/// Adds the questions to feed-ingest and radar-physics; the one that is asked sets `chosen`. `to` and `format` are the
/// words common to all questions and are read when `chosen` runs.
void declare_futures_queries(CLI::App& top, const endpoint& to, const std::string& format,
                             std::function<int()>& chosen);

}  // namespace isobar::cli
