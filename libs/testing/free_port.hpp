#pragma once
#include <cstdint>

namespace isobar::testing {

/// A TCP port that was free on loopback a moment ago, from a range that the system does not give to clients, and
/// different for every call of a process and, most likely, of processes that run at the same time.
std::uint16_t free_port();

}  // namespace isobar::testing
