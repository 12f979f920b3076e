#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::cli {

/// Follows a run over finite input: a progress line a second, each epoch as it begins, and at the end totals and the
/// digest, after which it asks the process to stop (unless replay.hold). An app, so that it starts and stops with the
/// services.
std::unique_ptr<service::app> make_replay_report();

}  // namespace isobar::cli
