#include "market/order_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/order_book_fixture.hpp"

namespace isobar::market {
namespace {

using namespace fixture;
using testing::ElementsAre;

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

}  // namespace
}  // namespace isobar::market
