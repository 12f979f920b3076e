#include "market/order_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/order_book_fixture.hpp"

namespace isobar::market {
namespace {

using namespace fixture;
using testing::ElementsAre;

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

}  // namespace
}  // namespace isobar::market
