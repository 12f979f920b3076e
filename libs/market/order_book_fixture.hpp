#pragma once
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "market/order_book.hpp"

namespace isobar::market::fixture {

inline constexpr std::int64_t tick_nanos = 250'000'000;
inline constexpr std::uint8_t last = event_flag::last, snap = event_flag::snapshot;
inline constexpr book_side bid = book_side::bid, ask = book_side::ask, no_side = book_side::none;

/// A book that is fed in words. Prices in ticks, times count up by one a record.
class OrderBook : public testing::Test {
 public:
  book_change does(book_action action, book_side side, std::uint64_t id, tick_index tick, std::uint32_t size,
                   std::uint8_t flags = last) {
    return takes({.ts_event = {++now},
                  .price = price(tick * tick_nanos),
                  .order = order_id{id},
                  .size = size,
                  .action = action,
                  .side = side,
                  .flags = flags});
  }
  book_change takes(book_event e) { return change = book.apply(e); }
  book_change adds(book_side side, std::uint64_t id, tick_index tick, std::uint32_t size, std::uint8_t flags = last) {
    return does(book_action::add, side, id, tick, size, flags);
  }
  book_change cancels(std::uint64_t id, std::uint32_t size, std::uint8_t flags = last) {
    return does(book_action::cancel, no_side, id, 0, size, flags);
  }
  book_change modifies(std::uint64_t id, tick_index tick, std::uint32_t size, std::uint8_t flags = last) {
    return does(book_action::modify, bid, id, tick, size, flags);
  }
  book_change trades(book_side aggressor, tick_index tick, std::uint32_t size, std::uint8_t flags = 0) {
    return does(book_action::trade, aggressor, 0, tick, size, flags);
  }
  book_change fills(book_side side, std::uint64_t id, tick_index tick, std::uint32_t size, std::uint8_t flags = 0) {
    return does(book_action::fill, side, id, tick, size, flags);
  }
  book_change clears(std::uint8_t flags = last) { return does(book_action::clear, no_side, 0, 0, 0, flags); }

  std::vector<std::uint64_t> queue(book_side side, tick_index tick) const {
    std::vector<book_order> orders;
    book.queue(side, tick, orders);
    std::vector<std::uint64_t> ids;
    for (const book_order& o : orders) ids.push_back(static_cast<std::uint64_t>(o.id));
    return ids;
  }
  std::uint64_t refused(book_refusal why) const { return book.refused()[static_cast<std::size_t>(why)]; }
  /// (added, pulled, filled) of the last record.
  std::array<std::uint32_t, 3> flow() const { return {change.added, change.pulled, change.filled}; }
  using flows = std::array<std::uint32_t, 3>;

  order_book book{{}};
  book_change change;
  std::int64_t now = 0;
};

}  // namespace isobar::market::fixture
