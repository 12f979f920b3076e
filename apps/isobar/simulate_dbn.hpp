#pragma once
#include <string>
#include <vector>

#include "core/symbol.hpp"
#include "sim/options.hpp"

namespace isobar::cli {

/// Writes a simulated session of futures as one DBN file, with a progress line on stderr and a summary at the end.
/// Exit codes as in commands.hpp.
int simulate_dbn(const std::string& file, const std::vector<symbol>& futures, const sim::options& options);

}  // namespace isobar::cli
