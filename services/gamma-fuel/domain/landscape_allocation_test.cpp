#include <gtest/gtest.h>

#include "gamma-fuel/domain/board_fixture.hpp"
#include "testing/allocation_counter.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

TEST(LandscapeAllocations, NoneByWindowOnceEverythingIsListed) {
  const gamma_config c = spx_config();
  option_board board(c);
  landscape l(c);
  gex_profile p;
  fill(board, 6'700, 7'100, 5, 6'900);
  fill(board, 6'700, 7'100, 25, 6'905, today + 30, "SPX");
  std::uint64_t before = 0;
  for (int n = 0; n < 40; ++n) {
    const timestamp t = morning + seconds(n);
    if (n == 20) before = isobar::testing::allocations();
    for (contract_number k = 0; k < board.size(); k += 3) board.apply(quote(k, 10 + n % 2, 11 + n % 2, t));
    board.apply(trade(0, 5, t));
    board.take_customer_trade(7, n % 2 == 0 ? 5 : -5);
    // The market wanders over the grid: strikes come and go.
    const double at = 6'900 + 3 * (n % 5);
    l.build(t, t + seconds(1), view(at, at), board, p);
  }
  EXPECT_EQ(isobar::testing::allocations(), before);
  EXPECT_GT(p.priced, 0u);
}

}  // namespace
}  // namespace isobar::gamma_fuel
