#include "market/order_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "market/book_image.hpp"

namespace isobar::market {
namespace {

using testing::ElementsAre;
constexpr std::int64_t tick_nanos = 250'000'000;
constexpr std::uint8_t last = event_flag::last, snap = event_flag::snapshot;
constexpr book_side bid = book_side::bid, ask = book_side::ask, no_side = book_side::none;

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

TEST_F(OrderBook, StartsEmptyAndPartial) {
  EXPECT_EQ(book.trust(), book_trust::partial);
  EXPECT_FALSE(book.best(bid) || book.best(ask) || book.mid() || book.crossed() || book.inside_event());
  EXPECT_EQ(book.level(bid, 7), (book_level{7, 0, 0}));
}

TEST_F(OrderBook, QueuesOrdersFirstInFirstOut) {
  adds(bid, 1, 100, 5);
  adds(bid, 2, 100, 6);
  adds(bid, 3, 99, 1);
  adds(ask, 4, 102, 2);
  EXPECT_EQ(flow(), (flows{2, 0, 0}));
  EXPECT_EQ(change.new_tick, 102);
  EXPECT_EQ(change.ts_entered.ns, 4);
  EXPECT_THAT(queue(bid, 100), ElementsAre(1, 2));
  EXPECT_EQ(book.best(bid), (book_level{100, 11, 2}));
  EXPECT_EQ(book.best(ask), (book_level{102, 2, 1}));
  EXPECT_EQ(book.mid(), price(101 * tick_nanos));
  EXPECT_EQ(book.place(order_id{2}), (order_book::queue_place{5, 1}));
  EXPECT_EQ(book.place(order_id{9}), std::nullopt);
  EXPECT_EQ(book.total_size(bid), 12u);
  EXPECT_EQ(book.total_orders(bid), 3u);
  EXPECT_EQ(book.total_levels(bid), 2u);
  EXPECT_EQ(book.find(order_id{2}), (book_order{order_id{2}, bid, 100, 6, {2}}));
}

TEST_F(OrderBook, KeepsQueuePriorityOnSizeDecrease) {
  for (std::uint64_t id = 1; id <= 3; ++id) adds(bid, id, 100, 5);
  modifies(1, 100, 2);
  EXPECT_EQ(flow(), (flows{0, 3, 0}));
  EXPECT_THAT(queue(bid, 100), ElementsAre(1, 2, 3));
}

TEST_F(OrderBook, LosesQueuePriorityButNotItsAgeOnSizeIncrease) {
  for (std::uint64_t id = 1; id <= 3; ++id) adds(bid, id, 100, 5);
  modifies(1, 100, 9);
  EXPECT_EQ(flow(), (flows{4, 0, 0}));
  EXPECT_THAT(queue(bid, 100), ElementsAre(2, 3, 1));
  EXPECT_EQ(book.find(order_id{1})->ts_entered.ns, 1);
  modifies(2, 100, 5);  // the same again: stays where it is
  EXPECT_EQ(flow(), (flows{0, 0, 0}));
  EXPECT_THAT(queue(bid, 100), ElementsAre(2, 3, 1));
}

TEST_F(OrderBook, MovesToTheEndOfTheNewLevelAndIsNewThere) {
  adds(bid, 1, 100, 5);
  adds(bid, 2, 99, 5);
  modifies(1, 99, 3);
  EXPECT_EQ(flow(), (flows{3, 5, 0}));
  EXPECT_EQ(change.old_tick, 100);
  EXPECT_EQ(change.new_tick, 99);
  EXPECT_EQ(change.ts_entered.ns, 1) << "age of what was pulled";
  EXPECT_THAT(queue(bid, 99), ElementsAre(2, 1));
  EXPECT_EQ(book.find(order_id{1})->ts_entered.ns, 3);
  EXPECT_EQ(book.best(bid)->tick, 99);
}

TEST_F(OrderBook, PartialCancelSubtracts) {
  adds(ask, 1, 100, 5);
  cancels(1, 2);
  EXPECT_EQ(flow(), (flows{0, 2, 0}));
  EXPECT_EQ(book.best(ask), (book_level{100, 3, 1}));
  cancels(1, 3);
  EXPECT_FALSE(book.best(ask));
}

TEST_F(OrderBook, CancelLargerThanTheOrderRemovesAndCountsIt) {
  clears();
  adds(ask, 1, 100, 5);
  cancels(1, 6);
  EXPECT_EQ(flow(), (flows{0, 5, 0}));
  EXPECT_EQ(change.refused, book_refusal::oversized);
  EXPECT_EQ(book.total_orders(ask), 0u);
  EXPECT_EQ(book.trust(), book_trust::partial);
}

// Vendor traps: facts 2.5 and 3.3, futures-medium 1.3 and 17, decisions 7 and 11.

TEST_F(OrderBook, TradesFillsAndNothingsLeaveTheBookAlone) {
  adds(ask, 1, 100, 5);
  trades(bid, 100, 3);
  EXPECT_EQ(change.traded, 3u);
  EXPECT_EQ(change.new_tick, 100);
  EXPECT_EQ(change.side, bid);
  fills(ask, 1, 100, 3);
  EXPECT_EQ(flow(), (flows{0, 0, 0}));
  EXPECT_EQ(change.traded, 0u) << "the trade has said it";
  does(book_action::none, no_side, 1, 100, 3);
  EXPECT_EQ(book.best(ask), (book_level{100, 5, 1}));
}

TEST_F(OrderBook, PartialFillIsTradeFillModify) {
  adds(ask, 1, 100, 5);
  trades(bid, 100, 3);
  fills(ask, 1, 100, 3);
  modifies(1, 100, 2);
  EXPECT_EQ(flow(), (flows{0, 0, 3}));
  EXPECT_EQ(book.best(ask), (book_level{100, 2, 1}));
}

TEST_F(OrderBook, FullFillIsTradeFillCancel) {
  adds(ask, 1, 100, 5);
  trades(bid, 100, 5);
  fills(ask, 1, 100, 5);
  cancels(1, 5);
  EXPECT_EQ(flow(), (flows{0, 0, 5}));
  EXPECT_FALSE(book.best(ask));
}

TEST_F(OrderBook, CancelOfTheRemainderAfterAFillIsFillAndPull) {
  adds(bid, 1, 100, 5);
  fills(bid, 1, 100, 2);
  cancels(1, 5);
  EXPECT_EQ(flow(), (flows{0, 3, 2}));
}

TEST_F(OrderBook, ShrinkingBeyondTheFillIsFillAndPull) {
  adds(bid, 1, 100, 9);
  fills(bid, 1, 100, 2);
  modifies(1, 100, 4);
  EXPECT_EQ(flow(), (flows{0, 3, 2}));
}

TEST_F(OrderBook, IcebergRefillIsFillAndAdd) {
  adds(bid, 1, 100, 5);
  adds(bid, 2, 100, 1);
  fills(bid, 1, 100, 5, 0);
  modifies(1, 100, 5);
  EXPECT_EQ(flow(), (flows{5, 0, 5}));
  EXPECT_THAT(queue(bid, 100), ElementsAre(2, 1)) << "the refill queues again";
  fills(bid, 1, 100, 3, 0);
  modifies(1, 100, 8);
  EXPECT_EQ(flow(), (flows{6, 0, 3}));
}

TEST_F(OrderBook, FillBeyondTheDisplayedSizeCountsOnlyWhatWasDisplayed) {
  adds(bid, 1, 100, 5);
  fills(bid, 1, 100, 12);
  modifies(1, 100, 5);
  EXPECT_EQ(flow(), (flows{5, 0, 5}));
  fills(bid, 1, 100, 4);
  fills(bid, 1, 100, 4);
  cancels(1, 5);
  EXPECT_EQ(flow(), (flows{0, 0, 5})) << "several fills add up to what is displayed";
}

TEST_F(OrderBook, FillThatMovesTheOrderIsAFillAtTheOldPrice) {
  adds(bid, 1, 100, 5);
  fills(bid, 1, 100, 2);
  modifies(1, 101, 3);
  EXPECT_EQ(flow(), (flows{3, 3, 2}));
}

TEST_F(OrderBook, FillAtAPriceWorseThanTheLimitIsNoFill) {
  adds(bid, 1, 100, 5);
  fills(bid, 1, 101, 5);
  cancels(1, 5);
  EXPECT_EQ(flow(), (flows{0, 5, 0}));
  adds(ask, 2, 100, 5);
  fills(ask, 2, 99, 5);
  modifies(2, 100, 1);
  EXPECT_EQ(flow(), (flows{0, 4, 0}));
  adds(bid, 3, 100, 5);
  fills(bid, 3, 99, 5);  // better for the buyer
  cancels(3, 5);
  EXPECT_EQ(flow(), (flows{0, 0, 5}));
}

TEST_F(OrderBook, AuctionFillsHaveNoSideAndAnyPrice) {
  adds(bid, 1, 104, 5);
  adds(ask, 2, 96, 4);
  EXPECT_TRUE(book.crossed());
  trades(no_side, 100, 4);
  fills(no_side, 1, 100, 4);
  fills(no_side, 2, 100, 4);
  modifies(1, 104, 1, 0);
  EXPECT_EQ(flow(), (flows{0, 0, 4}));
  cancels(2, 4);
  EXPECT_EQ(flow(), (flows{0, 0, 4}));
  EXPECT_FALSE(book.crossed());
  adds(bid, 3, 100, 2);
  fills(no_side, 3, 101, 2);
  cancels(3, 2);
  EXPECT_EQ(flow(), (flows{0, 0, 2})) << "worse than the limit, but of the auction";
}

TEST_F(OrderBook, LastForgetsFillsThatNothingAnswered) {
  adds(bid, 1, 100, 5);
  fills(bid, 1, 100, 5, last);
  cancels(1, 5);
  EXPECT_EQ(flow(), (flows{0, 5, 0}));
}

TEST_F(OrderBook, FillOfAnUnknownOrderIsCountedAndIgnored) {
  clears();
  fills(bid, 1, 100, 5);
  EXPECT_EQ(change.refused, book_refusal::unknown_order);
  EXPECT_EQ(book.trust(), book_trust::whole) << "CME prints fills of orders that were never displayed";
}

TEST_F(OrderBook, LastIsBit128AndSnapshotIsBit32) {
  clears();
  adds(bid, 1, 100, 5, 0);
  EXPECT_TRUE(book.inside_event());
  adds(bid, 2, 100, 5, 128);
  EXPECT_TRUE(change.event_end);
  EXPECT_FALSE(book.inside_event());
  EXPECT_EQ(book.total_orders(bid), 2u) << "128 on every event must not empty the book";
  EXPECT_EQ(book.trust(), book_trust::whole);
  adds(bid, 3, 100, 5, 32);
  EXPECT_EQ(book.total_orders(bid), 1u);
  EXPECT_EQ(book.trust(), book_trust::snapshot);
}

TEST_F(OrderBook, SnapshotThatOpensWithAClear) {  // ESM4
  adds(bid, 9, 50, 5);
  clears(snap | 8);
  EXPECT_TRUE(change.cleared);
  EXPECT_EQ(book.trust(), book_trust::snapshot);
  adds(bid, 1, 100, 5, snap | 8);
  EXPECT_FALSE(change.cleared);
  EXPECT_TRUE(change.snapshot);
  EXPECT_EQ(flow(), (flows{0, 0, 0})) << "rebuilding is no flow";
  EXPECT_EQ(change.new_size, 5u);
  adds(ask, 2, 101, 5, snap | 8 | last);
  EXPECT_EQ(book.trust(), book_trust::snapshot) << "until the first record without the flag";
  adds(ask, 3, 101, 5);
  EXPECT_EQ(book.trust(), book_trust::whole);
  EXPECT_EQ(book.total_orders(bid) + book.total_orders(ask), 3u);
}

TEST_F(OrderBook, SnapshotThatOpensAndClosesWithNothing) {  // ESH4
  adds(bid, 9, 50, 5);
  adds(bid, 1, 100, 5, snap | 8);
  EXPECT_TRUE(change.cleared);
  adds(bid, 2, 100, 5, snap | 8);
  EXPECT_FALSE(change.cleared);
  EXPECT_THAT(queue(bid, 100), ElementsAre(1, 2));
  EXPECT_FALSE(book.find(order_id{9}));
  cancels(1, 5);
  EXPECT_EQ(flow(), (flows{0, 5, 0}));
  EXPECT_EQ(book.trust(), book_trust::whole);
}

TEST_F(OrderBook, SnapshotBehindAClosedSnapshotBeginsAnew) {  // ESH4 of two days, merged
  adds(bid, 1, 100, 5, snap | 8);
  adds(bid, 2, 100, 5, snap | 8 | event_flag::last);
  adds(bid, 1, 100, 5, snap | 8);
  EXPECT_TRUE(change.cleared);
  EXPECT_FALSE(book.find(order_id{2}));
  adds(bid, 3, 100, 5, snap | 8 | event_flag::last);
  EXPECT_FALSE(change.cleared);
  cancels(1, 5);
  EXPECT_EQ(book.trust(), book_trust::whole);
  EXPECT_THAT(queue(bid, 100), ElementsAre(3));
}

TEST_F(OrderBook, AgesOfSnapshotOrdersAreHistory) {
  book_event e{.ts_event = {-5'000},
               .price = price(100 * tick_nanos),
               .order = order_id{1},
               .size = 1,
               .action = book_action::add,
               .side = bid,
               .flags = snap};
  takes(e);
  EXPECT_EQ(book.find(order_id{1})->ts_entered.ns, -5'000);
}

TEST_F(OrderBook, ClearFollowedByAddsIsWhole) {
  clears(8);  // ARL: no snapshot flag
  EXPECT_EQ(book.trust(), book_trust::whole);
  adds(bid, 1, 100, 5);
  EXPECT_EQ(flow(), (flows{5, 0, 0}));
  clears();
  EXPECT_EQ(flow(), (flows{0, 0, 0})) << "a clear is not a pull";
  EXPECT_TRUE(change.cleared);
  EXPECT_EQ(book.total_size(bid), 0u);
}

TEST_F(OrderBook, HistoryThatBeginsElsewhereIsPartialUntilTheSnapshot) {
  adds(bid, 1, 100, 5);
  cancels(7, 5);
  modifies(8, 100, 5);
  EXPECT_EQ(refused(book_refusal::unknown_order), 2u);
  EXPECT_EQ(book.trust(), book_trust::partial);
  adds(bid, 1, 100, 5, snap);
  adds(bid, 2, 100, 5);
  EXPECT_EQ(book.trust(), book_trust::whole);
}

TEST_F(OrderBook, UnknownCancelModifyOrDuplicateAddOfAWholeBookMeansThatARecordWasLost) {
  for (const auto lose : {+[](OrderBook& t) { t.cancels(7, 5); }, +[](OrderBook& t) { t.modifies(7, 100, 5); },
                          +[](OrderBook& t) { t.adds(bid, 1, 100, 5); }}) {
    clears();
    adds(bid, 1, 100, 5);
    ASSERT_EQ(book.trust(), book_trust::whole);
    lose(*this);
    EXPECT_EQ(book.trust(), book_trust::partial);
  }
}

TEST_F(OrderBook, DuplicateAddReplacesTheOrderAndLeaksNoDepth) {
  adds(bid, 1, 100, 5);
  adds(bid, 2, 100, 1);
  adds(bid, 1, 100, 7);
  EXPECT_EQ(flow(), (flows{7, 5, 0}));
  EXPECT_EQ(change.refused, book_refusal::duplicate_order);
  EXPECT_THAT(queue(bid, 100), ElementsAre(2, 1));
  EXPECT_EQ(book.level(bid, 100), (book_level{100, 8, 2}));
  adds(ask, 1, 103, 4);
  EXPECT_EQ(change.old_side, bid);
  EXPECT_EQ(change.side, ask);
  EXPECT_EQ(book.level(bid, 100), (book_level{100, 1, 1}));
}

TEST_F(OrderBook, SnapshotCarriesTradesOfSizeZero) {
  clears(snap);
  adds(bid, 1, 100, 5, snap);
  does(book_action::trade, no_side, 0, 100, 0, snap);
  fills(bid, 1, 100, 5, snap);
  adds(ask, 2, 101, 5, snap | last);
  EXPECT_EQ(book.total_orders(bid), 1u);
  trades(ask, 100, 0);
  EXPECT_EQ(change.refused, book_refusal::none);
  cancels(1, 5);
  EXPECT_EQ(flow(), (flows{0, 5, 0})) << "fills of a snapshot are history";
  EXPECT_EQ(book.trust(), book_trust::whole);
}

TEST_F(OrderBook, SequencesMayResetAndJump) {
  clears();
  for (const std::uint32_t sequence : {4'000'000'000u, 7u, 7u, 0u, 900u}) {
    book_event e{.ts_event = {++now},
                 .price = price(100 * tick_nanos),
                 .order = order_id{100 + sequence},
                 .size = 1,
                 .sequence = sequence,
                 .action = book_action::add,
                 .side = bid,
                 .flags = last};
    e.order = order_id{static_cast<std::uint64_t>(now)};
    EXPECT_EQ(takes(e).refused, book_refusal::none);
  }
  EXPECT_EQ(book.total_orders(bid), 5u);
  EXPECT_EQ(book.trust(), book_trust::whole);
}

TEST_F(OrderBook, CrossedInTheFeedIsShownAsItIs) {
  adds(bid, 1, 104, 5);
  adds(ask, 2, 96, 4);
  EXPECT_TRUE(book.crossed());
  EXPECT_FALSE(book.mid());
  EXPECT_EQ(book.best(bid)->tick, 104);
  EXPECT_EQ(book.best(ask)->tick, 96);
  modifies(2, 104, 4);
  EXPECT_TRUE(book.crossed()) << "locked";
}

TEST_F(OrderBook, MaybeBadBookFlagMakesItPartial) {
  clears();
  adds(bid, 1, 100, 5, last | event_flag::maybe_bad_book);
  EXPECT_EQ(book.trust(), book_trust::partial);
  EXPECT_EQ(book.total_orders(bid), 1u);
  adds(bid, 1, 100, 5, snap);
  adds(bid, 2, 100, 5, snap | event_flag::maybe_bad_book);
  adds(bid, 3, 100, 5);
  EXPECT_EQ(book.trust(), book_trust::partial) << "in the snapshot: it heals nothing";
  clears(last | event_flag::maybe_bad_book);
  EXPECT_EQ(book.trust(), book_trust::whole) << "the clear wipes what was bad";
}

TEST_F(OrderBook, GapMakesItPartialAlsoDuringASnapshot) {
  clears();
  book.distrust();
  EXPECT_EQ(book.trust(), book_trust::partial);
  clears(snap);
  book.distrust();
  EXPECT_EQ(book.trust(), book_trust::snapshot);
  adds(bid, 1, 100, 5);
  EXPECT_EQ(book.trust(), book_trust::partial);
}

// Bad input.

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
