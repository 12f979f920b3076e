#include <gtest/gtest.h>

#include "gamma-fuel/domain/dealer_flow.hpp"
#include "gamma-fuel/domain/session_tracker.hpp"
#include "market/root.hpp"
#include "testing/allocation_counter.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + 0.5)); }
const timestamp start = market::new_york_time(*make_date(2024, 3, 5), seconds(36'000));

TEST(FuelAllocations, NoneByTradeOrReadingOnceTheWindowWasFull) {
  gamma_config c;
  c.symbol = "SPX";
  dealer_flow flow(c);
  const option_board board(c);
  const gex_profile profile;
  std::vector<board_row> rows(40);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].contract = {.id = {"SPXW", *make_date(2024, 3, 5), i % 2 == 0 ? market::right::call : market::right::put,
                               strike(points(4'950 + 2.5 * static_cast<double>(i)).value)},
                        .settles_at = start + seconds(21'600)};
    rows[i].gamma = 0.01;
  }
  std::uint64_t before = 0;
  for (int n = 0; n < 40'000; ++n) {
    if (n == 20'000) before = isobar::testing::allocations();
    const timestamp t = start + milliseconds(50 * n);  // 20 trades a second, 16 minutes
    const auto contract = static_cast<contract_number>(n % 40);
    flow.trade({.ts_event = t,
                .contract = contract,
                .kind = option_event_kind::trade,
                .bid = points(1),
                .ask = points(2),
                .last = points(n % 3 == 0 ? 1 : 2),
                .size = quantity(1 + n % 5)},
               rows[contract]);
    if (n % 5 == 0) flow.at("STRIKE_5000", points(5'000), t, board, profile);
  }
  EXPECT_EQ(isobar::testing::allocations() - before, 0U);
  EXPECT_GT(flow.slots(), 1'000U);
}

TEST(SessionAllocations, NoneByTrade) {
  session_tracker s{gamma_config{}};
  std::uint64_t before = 0;
  const auto trade = [&](int n) {
    s.trade({.ts_event = start + milliseconds(20 * n), .price = points(5'000 + n % 7), .size = 1});
  };
  for (int n = 0; n < 100'000; ++n) trade(n);
  before = isobar::testing::allocations();
  for (int n = 100'000; n < 102'000; ++n) trade(n);  // 40 s: inside a bar
  EXPECT_EQ(isobar::testing::allocations() - before, 0U);
  EXPECT_TRUE(s.vwap());
}

}  // namespace
}  // namespace isobar::gamma_fuel
