// No allocation per record in steady state.
#include <gtest/gtest.h>

#include "market/book_fixture.hpp"
#include "market/order_book.hpp"
#include "testing/allocation_counter.hpp"

namespace isobar::market {
namespace {

/// Allocations while the second half of a stream goes through a book that has seen the first.
std::size_t allocations_in_steady_state(generators::market_shape shape, book_config config, bool batched) {
  generators::moving_market market(11, shape);
  std::vector<book_event> events;
  while (events.size() < 400'000) market.step(events);
  order_book book(config);
  std::size_t half = events.size() / 2;
  while (!events[half - 1].has(event_flag::last)) ++half;
  for (std::size_t i = 0; i < half; ++i) book.apply(events[i]);
  std::uint64_t sum = 0;
  const std::size_t before = isobar::testing::allocations();
  if (batched)
    book.apply(std::span<const book_event>(events).subspan(half),
               [&](const book_event&, const book_change& c) { sum += c.added; });
  else
    for (std::size_t i = half; i < events.size(); ++i) sum += book.apply(events[i]).added;
  const std::size_t took = isobar::testing::allocations() - before;
  EXPECT_GT(sum, 1'000u);
  return took;
}

TEST(OrderBookAllocations, CountsThem) {
  const std::size_t before = isobar::testing::allocations();
  auto p = std::make_unique<int>(7);
  EXPECT_EQ(isobar::testing::allocations() - before, 1u);
}

// The bound is for the last high-water marks of a stream of 200,000 records, not a rate.
TEST(OrderBookAllocations, NoneInSteadyState) {
  EXPECT_LE(allocations_in_steady_state({.orders = 2'000, .reach = 60, .far_one_in = 30}, {}, false), 2u);
  EXPECT_LE(allocations_in_steady_state({.orders = 2'000, .reach = 60, .far_one_in = 30}, {}, true), 2u);
}

TEST(OrderBookAllocations, NoneInSteadyStateBesideAMovingLadder) {
  EXPECT_LE(allocations_in_steady_state({.orders = 500, .reach = 60, .far_one_in = 3, .move_one_in = 4},
                                        {.ladder_ticks = 64}, false),
            8u);
}

}  // namespace
}  // namespace isobar::market
