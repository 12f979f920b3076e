#include "feed-ingest/domain/quote_maker.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "feed-ingest/testing/records.hpp"
#include "market/naive_book.hpp"

namespace isobar::feed_ingest {
namespace {

using market::book_action;
using market::book_event;
using market::book_side;
using market::no_price;
using testing::noon;
namespace flag = market::event_flag;

constexpr std::int64_t quarter = 250'000'000;

book_event order(std::uint64_t id, book_side side, std::int64_t ticks, std::uint32_t size,
                 book_action action = book_action::add, std::uint8_t flags = flag::last) {
  return {.ts_event = noon + milliseconds(static_cast<std::int64_t>(id)),
          .price = price(ticks * quarter),
          .order = market::order_id{id},
          .size = size,
          .action = action,
          .side = side,
          .flags = flags};
}

book_event wipe() { return {.ts_event = noon, .action = book_action::clear, .flags = flag::last}; }

quote_maker quarters() { return {price(quarter), 64}; }

TEST(QuoteMaker, ARowWhenABestPriceOrTheTrustChanges) {
  auto maker = quarters();
  EXPECT_TRUE(maker.take(order(1, book_side::bid, 100, 3)).has_value());
  EXPECT_FALSE(maker.last().trusted) << "history began in the middle";
  const auto empty = maker.take(wipe());
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->trusted);
  EXPECT_EQ(empty->bid, no_price);
  const auto bid = maker.take(order(2, book_side::bid, 100, 3));
  ASSERT_TRUE(bid);
  EXPECT_EQ(bid->bid, price(100 * quarter));
  EXPECT_EQ(bid->bid_size, 3u);
  EXPECT_EQ(bid->ask, no_price);
  EXPECT_FALSE(maker.take(order(3, book_side::bid, 100, 5))) << "a size alone is no row";
  EXPECT_FALSE(maker.take(order(4, book_side::bid, 99, 5))) << "nor a level behind the best";
  const auto ask = maker.take(order(5, book_side::ask, 101, 1));
  ASSERT_TRUE(ask);
  EXPECT_EQ(ask->bid_size, 8u) << "sizes are those of the moment";
  EXPECT_EQ(ask->ts_event, noon + milliseconds(5));
  auto bad = order(6, book_side::bid, 98, 1);
  bad.flags |= flag::maybe_bad_book;
  const auto doubt = maker.take(bad);
  ASSERT_TRUE(doubt);
  EXPECT_FALSE(doubt->trusted);
  EXPECT_EQ(doubt->bid, ask->bid);
}

TEST(QuoteMaker, OnlyTheEndOfAnEventMakesARow) {
  auto maker = quarters();
  (void)maker.take(wipe());
  EXPECT_FALSE(maker.take(order(1, book_side::bid, 100, 3, book_action::add, 0)));
  EXPECT_FALSE(maker.take(order(1, book_side::bid, 100, 3, book_action::cancel, 0)));
  EXPECT_FALSE(maker.take(order(2, book_side::bid, 100, 3, book_action::add, 0)));
  EXPECT_TRUE(maker.take(order(3, book_side::ask, 102, 3)));
}

TEST(QuoteMaker, ASnapshotMakesNoRowAndTheFirstEventBehindItDoes) {
  auto maker = quarters();
  EXPECT_FALSE(maker.take(order(1, book_side::bid, 100, 3, book_action::add, flag::snapshot)));
  EXPECT_FALSE(maker.take(order(2, book_side::ask, 102, 3, book_action::add, flag::snapshot | flag::last)));
  const auto row = maker.take(order(3, book_side::bid, 90, 1));
  ASSERT_TRUE(row);
  EXPECT_TRUE(row->trusted);
  EXPECT_EQ(row->bid, price(100 * quarter));
  EXPECT_EQ(row->ask, price(102 * quarter));
}

TEST(QuoteMaker, AFinerTickKeepsTheBook) {
  for (const std::int64_t first : {std::int64_t{0}, quarter, 2 * quarter}) {
    quote_maker maker(price(first), 64);
    (void)maker.take(wipe());
    (void)maker.take(order(1, book_side::bid, 100, 3));
    (void)maker.take(order(2, book_side::ask, 102, 4));
    maker.set_tick(price(quarter / 5));
    maker.set_tick(price(quarter));  // coarser again: the finer grid stays
    auto between = order(3, book_side::ask, 0, 1);
    between.price = price(101 * quarter + quarter / 5);
    const auto row = maker.take(between);
    ASSERT_TRUE(row);
    EXPECT_TRUE(row->trusted) << first;
    EXPECT_EQ(row->bid, price(100 * quarter));
    EXPECT_EQ(row->ask, between.price);
  }
}

input_record by_price(record_kind kind, std::int64_t bid, std::int64_t ask, bool ends = true) {
  input_record r;
  r.kind = kind;
  r.is_quote = true;
  r.quote_ends = ends;
  r.quote = {noon, price(bid * quarter), price(ask * quarter), 2, 2, true};
  return r;
}

TEST(QuoteMaker, ByPriceRecordsCountUntilOrderByOrderOnesCome) {
  auto maker = quarters();
  bool taken = false;
  EXPECT_TRUE(maker.take(by_price(record_kind::mbp_1, 100, 101), taken));
  EXPECT_FALSE(maker.take(by_price(record_kind::mbp_1, 100, 101), taken)) << "nothing changed";
  EXPECT_TRUE(taken);
  EXPECT_FALSE(maker.take(by_price(record_kind::mbp_1, 100, 102, false), taken)) << "inside an event";
  EXPECT_TRUE(taken);
  EXPECT_FALSE(maker.take(by_price(record_kind::bbo, 99, 103), taken)) << "a second schema";
  EXPECT_FALSE(taken);
  auto empty = by_price(record_kind::mbp_1, 100, 101);
  empty.quote.ask_size = 0;
  EXPECT_EQ(maker.take(empty, taken)->ask, no_price);
  (void)maker.take(wipe());
  EXPECT_FALSE(maker.take(by_price(record_kind::mbp_1, 100, 105), taken));
  EXPECT_FALSE(taken);
}

/// Against a book of another make, event by event.
RC_GTEST_PROP(QuoteMaker, RowsAreWhatTheNaiveBookSays, ()) {
  auto maker = quarters();
  market::naive_book oracle({.tick = price(quarter), .ladder_ticks = 64});
  const auto start = wipe();
  (void)maker.take(start);
  (void)oracle.apply(start);
  market::top_quote now = maker.last();
  std::uint64_t next = 1;
  for (auto n = *rc::gen::inRange(1, 200); n > 0; --n) {
    const auto draw = [](int low, int high) { return *rc::gen::inRange(low, high); };
    const bool fresh = next < 3 || draw(0, 2) == 0;
    const auto id = fresh ? next++ : static_cast<std::uint64_t>(draw(1, static_cast<int>(next)));
    const auto side = draw(0, 2) == 0 ? book_side::bid : book_side::ask;
    auto e =
        order(id, side, side == book_side::bid ? draw(90, 100) : draw(100, 110), static_cast<std::uint32_t>(draw(1, 9)),
              fresh        ? book_action::add
              : draw(0, 2) ? book_action::cancel
                           : book_action::modify,
              draw(0, 3) ? flag::last : 0);
    const auto row = maker.take(e);
    (void)oracle.apply(e);
    if (row) now = *row;
    if (!e.has(flag::last)) continue;
    const auto bid = oracle.best(book_side::bid), ask = oracle.best(book_side::ask);
    RC_ASSERT(now.bid == (bid ? price(bid->tick * quarter) : no_price));
    RC_ASSERT(now.ask == (ask ? price(ask->tick * quarter) : no_price));
    RC_ASSERT(now.trusted == (oracle.trust() == market::book_trust::whole));
  }
}

}  // namespace
}  // namespace isobar::feed_ingest
