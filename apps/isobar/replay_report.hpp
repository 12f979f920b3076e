#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::cli {

/// Which pipelines a replay runs, so that the report knows what to wait for.
struct replayed {
  bool options = false;  ///< host_options::symbols
  bool futures = false;  ///< host_options::futures
};

/// An app that reports a replay: a progress line, each epoch as it begins, and at the end totals, the medium's summary
/// and digests. It stops the process when the input has ended everywhere.
std::unique_ptr<service::app> make_replay_report(replayed what);

}  // namespace isobar::cli
