#pragma once
#include <memory>

#include "service/host.hpp"

namespace isobar::cli {

/// Prints what the suite is doing: one screen redrawn every second on a terminal, one line every ten seconds otherwise.
/// An app like the services, so that it starts and stops with them; it only listens and asks over gRPC.
std::unique_ptr<service::app> make_status_screen();

}  // namespace isobar::cli
