#include "ws-hydrator/domain/subscription.hpp"

#include <gtest/gtest.h>

#include "ws-hydrator/domain/testing_market.hpp"

namespace isobar::ws_hydrator {
namespace {

using namespace ws_hydrator::testing;

std::vector<std::int64_t> strikes_of(const subscription_plan& plan) {
  std::vector<std::int64_t> out;
  for (const contract_key k : plan.wanted) out.push_back(k.strike / nanos_per_unit);
  return out;
}

TEST(subscription, takes_the_nearest_strikes_first_and_counts_the_rest) {
  const board b(make_epoch(1, 90, 110, t0));
  const subscription_plan plan = plan_subscription(b, points(101), 6);
  EXPECT_EQ(strikes_of(plan), (std::vector<std::int64_t>{100, 100, 105, 105, 95, 95}));
  EXPECT_EQ(plan.not_subscribed, 4u);
  EXPECT_EQ(plan_subscription(b, points(101), 1000).not_subscribed, 0u);
}

TEST(subscription, prefers_the_nearer_expiry_at_equal_distance) {
  market::epoch e = make_epoch(1, 100, 100, t0);
  market::expiry_plane later = e.board.planes[0];
  later.key.expiry = expiry + 1;
  e.board.planes.push_back(later);
  e.board.finish();
  const subscription_plan plan = plan_subscription(board(e), points(100), 3);
  EXPECT_EQ(id_of(plan.wanted[0]).expiry, expiry);
  EXPECT_EQ(id_of(plan.wanted[1]).expiry, expiry);
  EXPECT_EQ(id_of(plan.wanted[2]).expiry, expiry + 1);
}

TEST(subscription, stands_on_the_middle_strike_without_a_spot) {
  const subscription_plan plan = plan_subscription(board(make_epoch(1, 90, 110, t0)), market::no_price, 2);
  EXPECT_EQ(strikes_of(plan), (std::vector<std::int64_t>{100, 100}));
}

TEST(subscription, changes_only_what_differs) {
  const auto a = plan_subscription(board(make_epoch(1, 90, 110, t0)), points(100), 1000).wanted;
  const auto b = plan_subscription(board(make_epoch(2, 95, 115, t0)), points(100), 1000).wanted;
  const subscription_diff d = diff_subscription(a, b);
  EXPECT_EQ(d.add.size(), 2u);
  EXPECT_EQ(d.remove.size(), 2u);
  EXPECT_EQ(id_of(d.add[0]).strike, strike(115 * nanos_per_unit));
  EXPECT_EQ(id_of(d.remove[0]).strike, strike(90 * nanos_per_unit));
  EXPECT_TRUE(diff_subscription(a, a).add.empty());
}

}  // namespace
}  // namespace isobar::ws_hydrator
