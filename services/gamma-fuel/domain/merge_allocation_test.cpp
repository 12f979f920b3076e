#include <gtest/gtest.h>

#include "gamma-fuel/domain/window_merge.hpp"
#include "testing/allocation_counter.hpp"

namespace isobar::gamma_fuel {
namespace {

TEST(MergeAllocations, NoneOnceTheQueuesWereThatLong) {
  window_merge merge({});
  std::uint64_t before = 0, given = 0;
  for (int n = 0; n < 2'000; ++n) {
    if (n == 1'000) before = isobar::testing::allocations();
    for (int i = 0; i < 300; ++i) {
      merge.push(input::rows, {.at = {n * 1'000 + i}, .what = option_event{.ts_event = {}, .contract = 1}});
      merge.push(input::trades, {.at = {n * 1'000 + i}, .what = underlying_trade{.ts_event = {}, .size = 1}});
    }
    input from{};
    while (merge.next({n * 1'000 + 700}, from) != nullptr) {
      merge.pop(from);
      ++given;
    }
  }
  EXPECT_EQ(isobar::testing::allocations() - before, 0U);
  EXPECT_EQ(given, 1'200'000U);
}

}  // namespace
}  // namespace isobar::gamma_fuel
