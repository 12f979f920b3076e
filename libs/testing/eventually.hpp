#pragma once
#include <chrono>
#include <thread>

namespace isobar::testing {

/// Waits until `condition()` holds, looking every few milliseconds; false when `limit` passes first.
/// For tests: `EXPECT_TRUE(eventually([&] { return seen == 3; }));`
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (std::chrono::microseconds pause{200};;
       pause = std::min<std::chrono::microseconds>(2 * pause, std::chrono::milliseconds(20))) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace isobar::testing
