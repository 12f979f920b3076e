#include "market/book_image.hpp"

#include <gtest/gtest.h>

#include "market/book_fixture.hpp"
#include "market/naive_book.hpp"
#include "market/order_book.hpp"

namespace isobar::market {
namespace {

/// A book in the middle of an event, with something in every field.
std::string checkpoint() {
  generators::moving_market market(1, {.orders = 40, .reach = 10});
  std::vector<book_event> events;
  while (events.size() < 300) market.step(events);
  order_book book{{}};
  for (const book_event& e : events) book.apply(e);
  book_event fill;
  const auto best = book.best(book_side::bid);
  std::vector<book_order> queue;
  book.queue(book_side::bid, best->tick, queue);
  fill.order = queue.front().id;
  fill.price = price(best->tick * generators::es_tick.value);
  fill.size = 1;
  fill.action = book_action::fill;
  fill.side = book_side::bid;
  book.apply(fill);
  std::string bytes;
  book.save(bytes);
  return bytes;
}

/// Restoring must give a book that answers and goes on, whatever the bytes were.
void exercise(order_book& book) {
  generators::chaos source(9);
  for (int i = 0; i < 20; ++i) book.apply(source.next());
  std::vector<book_level> levels;
  book.depth(book_side::bid, 1'000, levels);
  book.levels_between(book_side::ask, INT64_MIN, INT64_MAX, levels);
  book.mid();
}

TEST(BookImage, ComesBackAsItWas) {
  const std::string bytes = checkpoint();
  const auto image = decode_book_image(bytes);
  ASSERT_TRUE(image);
  EXPECT_TRUE(image->inside_event);
  std::string again;
  encode(*image, again);
  EXPECT_EQ(again, bytes);
}

TEST(BookImage, MovesBetweenTheTwoBooks) {
  order_book book{{}};
  ASSERT_TRUE(book.restore(checkpoint()));
  naive_book naive{{}};
  ASSERT_TRUE(naive.assign(book.image()));
  EXPECT_EQ(naive.image(), book.image());
  EXPECT_FALSE(naive_book({.tick = price(1)}).assign(book.image()));
}

TEST(BookImage, RefusesEveryTruncationAndBytesLeftOver) {
  const std::string bytes = checkpoint();
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    order_book book{{}};
    ASSERT_FALSE(book.restore(std::string_view(bytes).substr(0, n))) << n;
  }
  order_book book{{}};
  EXPECT_FALSE(book.restore(bytes + '\0'));
  EXPECT_TRUE(book.restore(bytes));
}

TEST(BookImage, SurvivesDamage) {
  const std::string good = checkpoint();
  generators::random random(4);
  std::size_t refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (std::uint64_t k = 1 + random.below(4); k > 0; --k)
      bytes[random.below(random.one_in(2) ? 120 : bytes.size())] = static_cast<char>(random.next());
    order_book book{{}};
    if (book.restore(bytes)) {
      std::string again;
      book.save(again);
      ASSERT_EQ(again, bytes) << "what is taken is taken whole";
    } else {
      ++refused;
      ASSERT_EQ(book.total_orders(book_side::bid) + book.total_orders(book_side::ask), 0u);
      ASSERT_EQ(book.trust(), book_trust::partial);
    }
    if (i % 50 == 0) exercise(book);
  }
  EXPECT_GT(refused, 5'000u);
}

TEST(BookImage, RefusesWhatNoBookCanHold) {
  const auto image = *decode_book_image(checkpoint());
  const auto refused = [&](auto spoil) {
    book_image bad = image;
    spoil(bad);
    std::string bytes;
    encode(bad, bytes);
    order_book book{{}};
    return !book.restore(bytes);
  };
  EXPECT_FALSE(refused([](book_image&) {}));
  EXPECT_TRUE(refused([](book_image& b) { b.tick = price(7); })) << "of another tick";
  EXPECT_TRUE(refused([](book_image& b) { b.tick = price(0); }));
  EXPECT_TRUE(refused([](book_image& b) { b.sides[0][0].orders[0].size = 0; }));
  EXPECT_TRUE(refused([](book_image& b) { b.sides[0][0].orders[0].unfilled = 4'000'000'000; }));
  EXPECT_TRUE(refused([](book_image& b) { b.sides[0][0].orders.clear(); }));
  EXPECT_TRUE(refused([](book_image& b) { std::swap(b.sides[0][0], b.sides[0][1]); }));
  EXPECT_TRUE(refused([](book_image& b) { b.sides[0][0].orders[0].id = b.sides[1][0].orders[0].id; }));
  EXPECT_TRUE(refused([](book_image& b) { b.sides[1].back().tick = INT64_MAX / 2; })) << "no price";
  std::string bytes;
  encode(image, bytes);
  EXPECT_FALSE(order_book({.orders_max = 3}).restore(bytes));
  bytes[4] = 2;
  EXPECT_FALSE(order_book({}).restore(bytes)) << "another version";
}

}  // namespace
}  // namespace isobar::market
