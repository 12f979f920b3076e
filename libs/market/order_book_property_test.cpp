#include <gtest/gtest.h>

#include <map>
#include <string>

#include "market/book_fixture.hpp"
#include "market/naive_book.hpp"
#include "market/order_book.hpp"

namespace isobar::market {
namespace {

using generators::chaos;
using generators::moving_market;

/// Runs the book beside the oracle and says the first thing that is wrong.
class comparison {
 public:
  explicit comparison(book_config c, std::size_t full_period = 2'000)
      : book_(c), oracle_(c), full_period_(full_period) {}

  /// Empty when everything holds after the record.
  std::string step(const book_event& e) {
    const book_change c = book_.apply(e);
    if (c != oracle_.apply(e)) return "the changes differ";
    keep_ledger(c);
    if (book_.trust() != oracle_.trust() || book_.inside_event() != oracle_.inside_event()) return "trust differs";
    for (const book_side side : {book_side::bid, book_side::ask})
      if (book_.best(side) != oracle_.best(side) || book_.total_size(side) != oracle_.total_size(side) ||
          book_.total_orders(side) != oracle_.total_orders(side) ||
          book_.total_levels(side) != oracle_.total_levels(side))
        return "best price or totals differ";
    if (book_.crossed() != oracle_.crossed()) return "crossed differs";
    if (book_.find(e.order) != oracle_.find(e.order)) return "the order differs";
    for (const auto& [side, tick] : {std::pair(c.old_side, c.old_tick), std::pair(c.side, c.new_tick)})
      if (std::string wrong = level(side, tick); !wrong.empty()) return wrong;
    if (++steps_ % full_period_ == 0) return everything();
    return {};
  }

  std::string everything() {
    if (book_.image() != oracle_.image()) return "the books differ";
    for (const book_side side : {book_side::bid, book_side::ask}) {
      seen_.clear();
      book_.levels_between(side, INT64_MIN, INT64_MAX, seen_);
      std::map<tick_index, std::uint64_t> sizes;
      for (const book_level& l : seen_) sizes[l.tick] = l.size;
      if (sizes != ledger_[side == book_side::ask]) return "a sum of changes is not the size of its level";
      std::vector<book_level> depth, oracle_depth;
      book_.depth(side, 10, depth);
      oracle_.depth(side, 10, oracle_depth);
      if (depth != oracle_depth) return "the best ten levels differ";
    }
    return {};
  }

  order_book& book() { return book_; }
  naive_book& oracle() { return oracle_; }

 private:
  /// The conservation law as a consumer would use it.
  void keep_ledger(const book_change& c) {
    if (c.cleared) ledger_ = {};
    const auto book = [this](book_side side, tick_index tick, std::uint64_t more, std::uint64_t less) {
      if (more == 0 && less == 0) return;
      auto& sizes = ledger_[side == book_side::ask];
      if ((sizes[tick] += more - less) == 0) sizes.erase(tick);
    };
    const bool rebuilt = c.snapshot;
    book(c.old_side, c.old_tick, 0, rebuilt ? c.old_size : std::uint64_t{c.pulled} + c.filled);
    book(c.side, c.new_tick, rebuilt ? c.new_size : c.added, 0);
  }

  std::string level(book_side side, tick_index tick) {
    if (side == book_side::none) return {};
    const book_level l = book_.level(side, tick);
    if (l != oracle_.level(side, tick)) return "a level differs";
    const auto& sizes = ledger_[side == book_side::ask];
    const auto at = sizes.find(tick);
    if (l.size != (at == sizes.end() ? 0 : at->second)) return "the change does not conserve its level";
    if (l.orders > 32 && steps_ % 64 != 0) return {};
    queue_.clear();
    oracle_queue_.clear();
    book_.queue(side, tick, queue_);
    oracle_.queue(side, tick, oracle_queue_);
    if (queue_ != oracle_queue_) return "a queue differs";
    std::uint64_t sum = 0;
    for (const book_order& o : queue_) {
      if (o.size == 0) return "an order of no lots";
      if (o.side != side || o.tick != tick) return "an order in a foreign queue";
      sum += o.size;
    }
    if (sum != l.size || queue_.size() != l.orders) return "a level is not the sum of its orders";
    return {};
  }

  order_book book_;
  naive_book oracle_;
  std::size_t full_period_, steps_ = 0;
  std::array<std::map<tick_index, std::uint64_t>, 2> ledger_;
  std::vector<book_level> seen_;
  std::vector<book_order> queue_, oracle_queue_;
};

/// At least so many records of a market, compared after each.
void run_market(std::uint64_t seed, generators::market_shape shape, book_config config, std::size_t records) {
  moving_market market(seed, shape);
  comparison both(config);
  std::vector<book_event> events;
  for (std::size_t done = 0; done < records; done += events.size()) {
    events.clear();
    market.step(events);
    for (const book_event& e : events) ASSERT_EQ(both.step(e), "") << "seed " << seed << ", in event " << done;
  }
  ASSERT_EQ(both.everything(), "");
  EXPECT_EQ(both.book().refused(), (std::array<std::uint64_t, book_refusals>{}));
}

TEST(OrderBookProperty, AgreesWithTheOracleOnAnyRecords) {
  std::array<std::uint64_t, book_refusals> refused{};
  std::array<std::uint64_t, 3> trusts{};
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    chaos source(seed, seed % 2 ? 200 : 30, seed % 3 ? 20 : 400);
    comparison both({.orders_max = seed % 4 == 1 ? 60u : 1'000u, .ladder_ticks = 64});
    for (int i = 0; i < 40'000; ++i) {
      ASSERT_EQ(both.step(source.next()), "") << "seed " << seed << ", record " << i;
      ++trusts[static_cast<std::size_t>(both.book().trust())];
    }
    for (std::size_t why = 0; why < book_refusals; ++why) refused[why] += both.book().refused()[why];
  }
  for (std::size_t why = 1; why < book_refusals; ++why) EXPECT_GT(refused[why], 0u) << "never met: " << why;
  for (const std::uint64_t n : trusts) EXPECT_GT(n, 100u);
}

TEST(OrderBookProperty, AgreesWithTheOracleOnAMovingMarket) {
  run_market(1, {.orders = 500, .reach = 40, .move_one_in = 20}, {.ladder_ticks = 256}, 150'000);
  run_market(2, {.orders = 3'000, .reach = 200, .far_one_in = 20}, {}, 100'000);
}

TEST(OrderBookProperty, AgreesWithTheOracleOnManyOrdersOfOneLevel) {
  run_market(3, {.orders = 4'000, .reach = 1, .move_one_in = 100'000}, {.ladder_ticks = 64}, 150'000);
}

TEST(OrderBookProperty, AgreesWithTheOracleWithFarLevelsAndAMovingLadder) {
  run_market(4, {.orders = 600, .reach = 60, .far_one_in = 3, .move_one_in = 4}, {.ladder_ticks = 64}, 120'000);
  run_market(5, {.orders = 200, .reach = 500, .far_one_in = 5, .move_one_in = 10, .jump_one_in = 2'000},
             {.ladder_ticks = 128}, 80'000);
}

TEST(OrderBookProperty, AgreesWithTheOracleThroughSnapshotsAndClears) {
  run_market(6, {.orders = 300, .reach = 30, .move_one_in = 30, .snapshot_one_in = 500}, {.ladder_ticks = 64}, 150'000);
}

TEST(OrderBookProperty, ARestoredBookGoesOnAsIfNothingHadHappened) {
  chaos source(77, 100, 60);
  order_book book({.orders_max = 90, .ladder_ticks = 64});
  generators::random random(5);
  for (int i = 0; i < 60'000; ++i) {
    if (random.one_in(200)) {
      std::string bytes, again;
      book.save(bytes);
      order_book other({.orders_max = 90, .ladder_ticks = 1'024});
      ASSERT_TRUE(other.restore(bytes)) << i;
      other.save(again);
      ASSERT_EQ(bytes, again);
      for (int k = 0; k < 50; ++k) {
        const book_event e = source.next();
        ASSERT_EQ(book.apply(e), other.apply(e)) << i << " + " << k;
      }
      ASSERT_EQ(book.image(), other.image());
      book = std::move(other);
    }
    book.apply(source.next());
  }
}

}  // namespace
}  // namespace isobar::market
