#pragma once
#include <cstdint>

namespace isobar::testing {

/// Allocations made by every thread of this test binary so far. Linking this (target isobar::allocation_counter)
/// replaces the global operator new and delete of the whole binary.
std::uint64_t allocations();

}  // namespace isobar::testing
