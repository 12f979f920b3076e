#include "market/book_audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/book_fixture.hpp"

namespace isobar::market {
namespace {

using testing::HasSubstr;
using testing::Not;

book_event add(std::uint64_t id, book_side side, tick_index tick, std::uint32_t size) {
  book_event e;
  e.ts_event.ns = static_cast<std::int64_t>(1'000 + id);
  e.price = price(tick * generators::es_tick.value);
  e.order = order_id{id};
  e.size = size;
  e.action = book_action::add;
  e.side = side;
  e.flags = event_flag::last;
  return e;
}

TEST(BookAudit, AgreesWithARightBook) {
  for (const std::uint64_t seed : {1, 2}) {
    order_book book({.ladder_ticks = 64});
    book_audit audit({}, 500);
    generators::chaos source(seed);
    for (int i = 0; i < 5'000; ++i) {
      const book_event e = source.next();
      ASSERT_TRUE(audit.check(e, book.apply(e), book)) << *audit.difference();
    }
    EXPECT_EQ(audit.records(), 5'000u);
    EXPECT_THAT(audit.report(), HasSubstr("not us: two books agree on 5000 records"));
  }
}

TEST(BookAudit, AgreesWithoutATick) {
  const book_config unknown{.tick = price(0)};
  order_book book(unknown);
  book_audit audit(unknown, 1);
  for (const book_event& e : {add(1, book_side::bid, 100, 5), add(2, book_side::ask, -7, 5)})
    ASSERT_TRUE(audit.check(e, book.apply(e), book)) << *audit.difference();
  EXPECT_EQ(book.best(book_side::bid)->tick, 100 * generators::es_tick.value);
}

TEST(BookAudit, GoesOnFromARestoredBook) {
  generators::moving_market market(3, {.orders = 100});
  std::vector<book_event> events;
  while (events.size() < 2'000) market.step(events);
  order_book book{{}};
  for (int i = 0; i < 1'000; ++i) book.apply(events[static_cast<std::size_t>(i)]);
  book_audit audit({});
  ASSERT_TRUE(audit.start_from(book));
  for (std::size_t i = 1'000; i < events.size(); ++i) ASSERT_TRUE(audit.check(events[i], book.apply(events[i]), book));
  EXPECT_TRUE(audit.check_everything(book));
  EXPECT_FALSE(book_audit({.tick = price(1)}).start_from(book));
}

TEST(BookAudit, SaysWhatOurBookGotWrong) {
  order_book book{{}};
  book_audit audit({});
  const book_event first = add(1, book_side::bid, 100, 5);
  ASSERT_TRUE(audit.check(first, book.apply(first), book));
  const book_event second = add(2, book_side::bid, 100, 7);
  book_change c = book.apply(second);
  c.added = 6;
  EXPECT_FALSE(audit.check(second, c, book));
  ASSERT_TRUE(audit.difference());
  EXPECT_THAT(*audit.difference(), HasSubstr("record 2 at 1002 ns: order 2: the book says bid tick 100 -> 100"));
  EXPECT_THAT(audit.report(), HasSubstr("US: the two books differ. record 2"));
  const std::string kept = *audit.difference();
  EXPECT_FALSE(audit.check(first, book.apply(first), book));
  EXPECT_EQ(*audit.difference(), kept) << "the first stays";
}

TEST(BookAudit, SeesBookThatMissedARecord) {
  order_book book{{}}, other{{}};
  book_audit audit({});
  const book_event first = add(1, book_side::bid, 100, 5), second = add(2, book_side::bid, 99, 7);
  audit.check(first, book.apply(first), book);
  other.apply(second);
  EXPECT_FALSE(audit.check(second, other.apply(second), book));
  book_audit late({});
  EXPECT_FALSE(late.check_everything(book));
  EXPECT_THAT(*late.difference(), HasSubstr("bid tick 100: the queues differ"));
}

TEST(BookAudit, SaysWhatTheFeedGotWrong) {
  order_book book{{}};
  book_audit audit({});
  book_event unknown = add(7, book_side::bid, 100, 5);
  unknown.action = book_action::cancel;
  for (const book_event& e : {add(1, book_side::bid, 20'857, 5), add(2, book_side::ask, 20'856, 3), unknown,
                              add(3, book_side::ask, 20'900, 1)})
    ASSERT_TRUE(audit.check(e, book.apply(e), book));
  EXPECT_EQ(audit.crossed().count, 3u);
  EXPECT_EQ(audit.crossed().record, 2u);
  EXPECT_EQ(audit.refused(book_refusal::unknown_order).order, order_id{7});
  EXPECT_THAT(audit.report(), HasSubstr("not us"));
  EXPECT_THAT(audit.report(),
              HasSubstr("the feed: 3 x crossed at the end of an event (5214.25 x 5 / 5214 x 3), first in "
                        "record 2 at 1002 ns"));
  EXPECT_THAT(audit.report(), HasSubstr("the feed: 1 x unknown_order, first in record 3 at 1007 ns, order 7"));
  EXPECT_THAT(audit.report(), Not(HasSubstr("off_tick")));
}

}  // namespace
}  // namespace isobar::market
