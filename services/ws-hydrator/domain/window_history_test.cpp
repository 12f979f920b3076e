#include "ws-hydrator/domain/window_history.hpp"

#include <gtest/gtest.h>

#include <map>

#include "ws-hydrator/domain/testing_market.hpp"

namespace isobar::ws_hydrator {
namespace {

using namespace ws_hydrator::testing;

market::frozen_window window(int n, bool base, std::vector<market::contract_index> contracts) {
  market::frozen_window w;
  w.sequence = static_cast<std::uint64_t>(n);
  w.start = at_ms(200 * (n - 1));
  w.end = at_ms(200 * n);
  w.base = base;
  for (const market::contract_index c : contracts) {
    market::contract_row r;
    r.contract = c;
    r.state.bid = points(n);
    r.traded = quantity(n);
    w.rows.push_back(r);
  }
  return w;
}

TEST(window_history, gives_rows_as_of_a_time) {
  window_history h(1 << 20);
  h.push(window(1, true, {0, 1}));
  h.push(window(2, false, {1, 5}));
  h.push(window(4, false, {0}));
  const auto w = window_history::merge(h.until(at_ms(700)));
  EXPECT_EQ(w.end, at_ms(400));
  EXPECT_TRUE(w.base);
  ASSERT_EQ(w.rows.size(), 3u);
  EXPECT_EQ(w.rows[0].state.bid, points(1));
  EXPECT_EQ(w.rows[0].traded, quantity(0));
  EXPECT_EQ(w.rows[1].state.bid, points(2));
  EXPECT_EQ(w.rows[1].traded, quantity(2));
  EXPECT_EQ(window_history::merge(h.until(end_of_time)).end, at_ms(800));
  EXPECT_TRUE(h.until(at_ms(199)).empty());
}

TEST(window_history, is_nothing_until_a_base) {
  window_history h(1 << 20);
  h.push(window(1, false, {0}));
  EXPECT_TRUE(h.until(end_of_time).empty());
}

TEST(window_history, stays_within_its_bytes_and_still_answers) {
  constexpr std::size_t bound = 1 << 20;
  window_history h(bound);
  std::map<market::contract_index, int> last;
  std::vector<market::contract_index> all;
  for (market::contract_index c = 0; c < 100; ++c) all.push_back(c), last[c] = 1;
  h.push(window(1, true, all));
  for (int n = 2; n < 3000; ++n) {
    const auto c = static_cast<market::contract_index>(n * 7 % 100);
    h.push(window(n, false, {c, c + 100}));
    last[c] = last[c + 100] = n;
    EXPECT_LT(h.bytes(), bound + 200'000);
  }
  const auto w = window_history::merge(h.until(end_of_time));
  ASSERT_EQ(w.rows.size(), last.size());
  for (const market::contract_row& r : w.rows) EXPECT_EQ(r.state.bid, points(last[r.contract]));
  EXPECT_TRUE(h.until(at_ms(400)).empty());
}

TEST(window_history, keeps_rows_and_no_trades) {
  window_history h(1 << 20);
  auto w = window(1, true, {0, 1});
  w.prints.resize(3);
  h.push(w);
  EXPECT_TRUE(window_history::merge(h.until(end_of_time)).prints.empty());
}

}  // namespace
}  // namespace isobar::ws_hydrator
