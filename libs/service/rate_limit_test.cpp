#include "service/rate_limit.hpp"

#include <gtest/gtest.h>

namespace isobar::service {
namespace {

using namespace std::chrono_literals;

TEST(RateLimit, LetsASecondsWorthThroughAtOnceAndThenTheRate) {
  rate_limit limit(10);
  const rate_limit::time start{1h};
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += limit.admit("a", start);
  EXPECT_EQ(admitted, 10);
  EXPECT_FALSE(limit.admit("a", start + 99ms));
  EXPECT_TRUE(limit.admit("a", start + 101ms));
  EXPECT_TRUE(limit.admit("b", start)) << "each client has its own";
  // Over ten more seconds, asked 1,000 times a second.
  admitted = 0;
  for (int i = 0; i < 10'000; ++i) admitted += limit.admit("a", start + 1s + std::chrono::milliseconds(i));
  EXPECT_NEAR(admitted, 109, 1) << "what was saved up in the first second, and ten a second";
}

TEST(RateLimit, TakesNoHarmFromAClockThatStandsStill) {
  rate_limit limit(1);
  const rate_limit::time start{1h};
  EXPECT_TRUE(limit.admit("a", start));
  EXPECT_FALSE(limit.admit("a", start - 10s));
  EXPECT_FALSE(limit.admit("a", start));
}

TEST(RateLimit, RemembersABoundedNumberOfClients) {
  rate_limit limit(5, 100);
  const rate_limit::time start{1h};
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += limit.admit("client " + std::to_string(i), start);
  EXPECT_EQ(limit.clients(), 100u);
  EXPECT_EQ(admitted, 105) << "newcomers share one bucket of five";
  // Once the first are quiet for long enough they make room.
  EXPECT_TRUE(limit.admit("newcomer", start + 2s));
  EXPECT_EQ(limit.clients(), 1u);
}

}  // namespace
}  // namespace isobar::service
