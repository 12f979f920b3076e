#include "market/order_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "market/book_image.hpp"
#include "market/order_book_fixture.hpp"

namespace isobar::market {
namespace {

using namespace fixture;
using testing::ElementsAre;

TEST_F(OrderBook, RefusesWhatItCannotPlaceAndSaysSo) {
  struct bad {
    book_refusal why;
    book_event e;
    bool distrusts = true;
  };
  const book_event good{.ts_event = {1},
                        .price = price(100 * tick_nanos),
                        .order = order_id{1},
                        .size = 1,
                        .action = book_action::add,
                        .side = bid,
                        .flags = last};
  const auto with = [&](auto change_it) {
    book_event e = good;
    change_it(e);
    return e;
  };
  const std::vector<bad> all{
      {book_refusal::no_side, with([](book_event& e) { e.side = no_side; })},
      {book_refusal::no_side, with([](book_event& e) { e.side = static_cast<book_side>(7); })},
      {book_refusal::unpriced, with([](book_event& e) { e.price = no_price; })},
      {book_refusal::off_tick, with([](book_event& e) { e.price.value += 1; })},
      {book_refusal::off_tick, with([](book_event& e) { e.price.value = INT64_MIN + 1; })},
      {book_refusal::no_size, with([](book_event& e) { e.size = 0; }), false},
      {book_refusal::by_price, with([](book_event& e) { e.flags = event_flag::mbp; })},
      {book_refusal::by_price, with([](book_event& e) { e.flags = event_flag::top_of_book; })},
  };
  for (const bad& b : all) {
    clears();
    const book_change c = takes(b.e);
    EXPECT_EQ(c.refused, b.why);
    EXPECT_EQ(book.total_orders(bid), 0u);
    EXPECT_EQ(c.added, 0u);
    EXPECT_EQ(book.trust(), b.distrusts ? book_trust::partial : book_trust::whole);
  }
  EXPECT_EQ(std::accumulate(book.refused().begin(), book.refused().end(), std::uint64_t{0}), all.size());
}

TEST_F(OrderBook, RefusedModifyLeavesTheOrderWhereItWas) {
  clears();
  adds(bid, 1, 100, 5);
  takes(
      {.ts_event = {}, .price = price(1), .order = order_id{1}, .size = 5, .action = book_action::modify, .side = bid});
  EXPECT_EQ(change.refused, book_refusal::off_tick);
  EXPECT_EQ(change.new_tick, 100);
  EXPECT_EQ(change.new_size, 5u);
  EXPECT_EQ(book.level(bid, 100).size, 5u);
  EXPECT_EQ(book.trust(), book_trust::partial);
  modifies(1, 100, 0);
  EXPECT_EQ(change.refused, book_refusal::no_size);
}

TEST_F(OrderBook, TradeWithoutAPriceIsCounted) {
  takes({.ts_event = {}, .size = 5, .action = book_action::trade});
  EXPECT_EQ(change.refused, book_refusal::unpriced);
  EXPECT_EQ(change.traded, 0u);
}

TEST_F(OrderBook, RefusesOrdersOverItsBound) {
  book = order_book({.orders_max = 2});
  clears();
  adds(bid, 1, 100, 5);
  adds(bid, 2, 100, 5);
  adds(bid, 3, 100, 5);
  EXPECT_EQ(change.refused, book_refusal::full);
  EXPECT_EQ(book.trust(), book_trust::partial);
  adds(bid, 2, 101, 5);
  EXPECT_EQ(change.refused, book_refusal::duplicate_order) << "a replacement needs no room";
  EXPECT_EQ(book.total_orders(bid), 2u);
}

TEST_F(OrderBook, SumsSizesBeyond32Bits) {
  for (std::uint64_t id = 1; id <= 3; ++id) adds(bid, id, 100, UINT32_MAX);
  EXPECT_EQ(book.best(bid)->size, 3ull * UINT32_MAX);
  fills(bid, 1, 100, UINT32_MAX);
  fills(bid, 1, 100, UINT32_MAX);
  modifies(1, 100, UINT32_MAX);
  EXPECT_EQ(flow(), (flows{UINT32_MAX, 0, UINT32_MAX}));
  cancels(2, UINT32_MAX);
  EXPECT_EQ(book.total_size(bid), 2ull * UINT32_MAX);
}

TEST_F(OrderBook, HoldsAMillionOrdersOnOneLevel) {
  constexpr std::uint64_t n = 1'000'000;
  for (std::uint64_t id = 1; id <= n; ++id) adds(bid, id, 100, 2);
  EXPECT_EQ(book.best(bid), (book_level{100, 2 * n, static_cast<std::uint32_t>(n)}));
  EXPECT_EQ(book.place(order_id{n})->orders_ahead, n - 1);
  for (std::uint64_t id = 1; id < n; ++id) cancels(id, 2);
  EXPECT_THAT(queue(bid, 100), ElementsAre(n));
}

TEST_F(OrderBook, TakesPricesAtTheEdgesOfTheIntegers) {
  book = order_book({.tick = price(1), .ladder_ticks = 64});
  const auto at = [&](std::uint64_t id, book_side side, std::int64_t nanos) {
    takes({.ts_event = {},
           .price = price(nanos),
           .order = order_id{id},
           .size = 1,
           .action = book_action::add,
           .side = side});
  };
  at(1, bid, INT64_MIN + 1);
  at(2, ask, INT64_MAX - 1);
  EXPECT_EQ(book.mid(), price(-1)) << "floor of -0.5";
  at(3, bid, -3);
  at(4, ask, -2);
  EXPECT_EQ(book.best(bid)->tick, -3);
  EXPECT_EQ(book.mid(), price(-3)) << "floor of -2.5";
  std::vector<book_level> levels;
  book.levels_between(ask, INT64_MIN, INT64_MAX, levels);
  EXPECT_THAT(levels, ElementsAre(book_level{-2, 1, 1}, book_level{INT64_MAX - 1, 1, 1}));
}

TEST_F(OrderBook, ShowsDepthBestFirstAndRangesAscending) {
  book = order_book({.ladder_ticks = 64});
  adds(bid, 1, 100, 1);
  adds(bid, 2, -5'000, 2);  // beside the ladder
  adds(bid, 3, 9'000, 3);
  adds(bid, 4, 90, 4);
  std::vector<book_level> levels;
  book.depth(bid, 3, levels);
  EXPECT_THAT(levels, ElementsAre(book_level{9'000, 3, 1}, book_level{100, 1, 1}, book_level{90, 4, 1}));
  levels.clear();
  book.levels_between(bid, -5'000, 100, levels);
  EXPECT_THAT(levels, ElementsAre(book_level{-5'000, 2, 1}, book_level{90, 4, 1}, book_level{100, 1, 1}));
}

TEST_F(OrderBook, LadderFollowsTheMarket) {
  book = order_book({.ladder_ticks = 64});
  for (tick_index t = 0; t < 50'000; ++t) {
    adds(ask, static_cast<std::uint64_t>(t) + 2, t + 1, 1);
    if (t > 5) cancels(static_cast<std::uint64_t>(t) - 4, 1);
    EXPECT_LE(book.total_levels(ask), 7u);
  }
  EXPECT_GT(book.recentred(), 100u);
  EXPECT_LT(book.recentred(), 1'000u) << "each move is paid for";
}

TEST_F(OrderBook, BatchesDoWhatSingleRecordsDo) {
  std::vector<book_event> events;
  for (std::uint64_t id = 1; id <= 40'000; ++id)
    events.push_back({.ts_event = {static_cast<std::int64_t>(id)},
                      .price = price(static_cast<std::int64_t>(100 + id % 50) * tick_nanos),
                      .order = order_id{id % 30'000 * 7},
                      .size = 1,
                      .action = book_action::add,
                      .side = bid});
  for (std::uint64_t id = 1; id <= 40'000; ++id)
    events.push_back({.ts_event = {}, .order = order_id{id % 9'000 * 7}, .size = 1, .action = book_action::cancel});
  order_book other{{}};
  std::size_t seen = 0;
  book.apply(std::span<const book_event>(events), [&](const book_event& e, const book_change& c) {
    ASSERT_EQ(e, events[seen++]);
    ASSERT_EQ(c, other.apply(e));
  });
  EXPECT_EQ(seen, events.size());
  EXPECT_EQ(book.image(), other.image());
}

TEST_F(OrderBook, IdleBookIsSmallAndSoAreAHundredThousandOrders) {
  EXPECT_LT(book.memory_bytes(), 4u << 10) << "nothing is made before the first order";
  adds(bid, 1, 100, 1);
  EXPECT_LT(book.memory_bytes(), 256u << 10);
  for (std::uint64_t id = 1; id <= 100'000; ++id) adds(id % 2 ? bid : ask, id, static_cast<tick_index>(id % 3'000), 1);
  EXPECT_EQ(book.total_orders(bid) + book.total_orders(ask), 100'000u);
  EXPECT_LT(book.memory_bytes(), 16u << 20);
}

}  // namespace
}  // namespace isobar::market
