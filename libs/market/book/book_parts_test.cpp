#include <gtest/gtest.h>

#include <map>
#include <set>

#include "market/book/level_store.hpp"
#include "market/book/occupancy.hpp"
#include "market/book/order_index.hpp"
#include "market/book/tick_scale.hpp"
#include "market/book_fixture.hpp"

namespace isobar::market::detail {
namespace {

using generators::random;

TEST(TickScale, AgreesWithDivision) {
  random r(1);
  const std::vector<std::int64_t> ticks{
      1, 2, 3, 5'000'000, 10'000'000, 31'250'000, 250'000'000, 1'000'000'007, 1ll << 40, INT64_MAX};
  for (const std::int64_t tick : ticks) {
    const tick_scale scale{price(tick)};
    for (int i = 0; i < 3'000; ++i) {
      std::int64_t p = static_cast<std::int64_t>(r.next()) >> r.below(64);
      if (r.one_in(2)) p -= p % tick;
      const auto exact = scale.exact(price(p));
      if (p == INT64_MIN) continue;
      ASSERT_EQ(exact.has_value(), p % tick == 0) << p << " by " << tick;
      if (exact) {
        ASSERT_EQ(*exact, p / tick);
        ASSERT_EQ(scale.price_of(*exact), price(p));
        ASSERT_TRUE(scale.holds(*exact) || price(p) == no_price);
      }
      ASSERT_EQ(scale.floor(price(p)), floor_div(p, tick));
    }
  }
  EXPECT_FALSE(tick_scale(price(250'000'000)).holds(INT64_MAX / 2));
}

TEST(Occupancy, FindsNeighbours) {
  random r(2);
  for (const std::size_t width : {64u, 128u, 8'192u}) {
    occupancy bits;
    bits.resize(width);
    std::set<std::size_t> set;
    for (int i = 0; i < 5'000; ++i) {
      const std::size_t at = r.below(width);
      if (r.one_in(2)) {
        bits.insert(at);
        set.insert(at);
      } else if (bits.has(at)) {
        bits.erase(at);
        set.erase(at);
      }
      const std::size_t from = r.below(width);
      const auto above = set.lower_bound(from);
      ASSERT_EQ(bits.at_or_above(from), above == set.end() ? occupancy::none : *above);
      const auto below = set.upper_bound(from);
      ASSERT_EQ(bits.at_or_below(from), below == set.begin() ? occupancy::none : *std::prev(below));
      if (r.one_in(100))
        for (const std::size_t gone : std::exchange(set, {})) bits.erase(gone);
    }
    EXPECT_EQ(bits.at_or_above(width), occupancy::none);
  }
}

TEST(OrderIndex, FindsWhatIsThereAfterAnyRemovals) {
  random r(3);
  order_index index;
  std::map<std::uint64_t, std::uint32_t> oracle;
  std::vector<order_id> ids;
  const auto id_of = [&](std::uint32_t slot) { return ids[slot]; };
  for (int i = 0; i < 200'000; ++i) {
    // Three shapes: counted up, wide strides, and numbers whose halves cancel in the hash.
    const std::uint64_t k = r.below(i < 100'000 ? 400 : 5'000);
    const auto id = order_id{i % 3 == 0 ? k : i % 3 == 1 ? k << 40 : k << 32 | k};
    const auto at = index.find(id, order_index::hash_of(id), id_of);
    const auto known = oracle.find(static_cast<std::uint64_t>(id));
    ASSERT_EQ(at.slot != no_slot, known != oracle.end());
    if (known != oracle.end()) {
      ASSERT_EQ(at.slot, known->second);
      index.erase(at);
      oracle.erase(known);
    } else {
      const auto slot = static_cast<std::uint32_t>(ids.size());
      ids.push_back(id);
      index.insert(order_index::hash_of(id), slot, id_of);
      oracle[static_cast<std::uint64_t>(id)] = slot;
    }
    ASSERT_EQ(index.size(), oracle.size());
  }
  const auto slot_of = [&](std::uint64_t id) {
    return index.find(order_id{id}, order_index::hash_of(order_id{id}), id_of).slot;
  };
  for (const auto& [id, slot] : oracle) ASSERT_EQ(slot_of(id), slot);
  index.clear();
  EXPECT_EQ(slot_of(oracle.begin()->first), no_slot);
}

TEST(LevelStore, AMoveOfTheLadderIsPaidForByMisses) {
  level_store levels(64);
  std::uint32_t orders = 0;
  // The worst that a feed can do: the best price jumps from end to end.
  for (int i = 0; i < 100'000; ++i) {
    const tick_index tick = i % 2 ? 1'000'000 : -1'000'000;
    const std::uint32_t level = levels.find_or_make(book_side::bid, tick + i % 7);
    if (levels.pool().level(level).orders++ == 0) ++orders;
    if (levels.count(book_side::bid) > 4) levels.remove(levels.at_or_above(book_side::bid, INT64_MIN));
  }
  EXPECT_GT(orders, 0u);
  EXPECT_LE(levels.recentred(), 100'000u / 64);
}

}  // namespace
}  // namespace isobar::market::detail
