#include "chain-ingest/domain/cadence.hpp"

#include <gtest/gtest.h>

namespace isobar::chain_ingest {
namespace {

timestamp at(std::int64_t ms) { return timestamp{} + milliseconds(ms); }

TEST(Cadence, DeadlinesDoNotDriftWithTheTimeAnswersTake) {
  cadence c({.period = seconds(10)}, at(0));
  EXPECT_EQ(c.due(), at(0));
  c.begin(at(0));
  c.succeeded(at(3'000));
  EXPECT_EQ(c.due(), at(10'000));
  c.begin(at(10'000));
  c.succeeded(at(19'999));
  EXPECT_EQ(c.due(), at(20'000));
  EXPECT_EQ(c.overruns(), 0u);
}

TEST(Cadence, SkipsDeadlinesThatAnAnswerOverran) {
  cadence c({.period = seconds(10)}, at(0));
  c.begin(at(0));
  c.succeeded(at(25'000));
  EXPECT_EQ(c.due(), at(30'000));
  EXPECT_EQ(c.overruns(), 2u);
}

TEST(Cadence, BacksOffDoublingWithJitterAndABound) {
  cadence c({.backoff_base = seconds(1), .backoff_max = seconds(60)}, at(0));
  for (const std::int64_t wait : {1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 60'000, 60'000}) {
    c.failed(at(0), 0);
    EXPECT_EQ(c.due(), at(wait));
  }
  c.failed(at(0), 1);
  EXPECT_EQ(c.due(), at(72'000));
  c.begin(at(0));
  c.succeeded(at(1));
  c.failed(at(0), 0);
  EXPECT_EQ(c.due(), at(1'000));
}

TEST(Cadence, ObeysRateLimits) {
  cadence c({.backoff_base = seconds(1), .rate_limit_wait = seconds(60)}, at(0));
  c.rate_limited(at(0), seconds(7), 0);
  EXPECT_EQ(c.due(), at(7'000));
  c.rate_limited(at(0), std::nullopt, 0);
  EXPECT_EQ(c.due(), at(60'000));
  c.rate_limited(at(0), seconds(1), 0);
  EXPECT_EQ(c.due(), at(4'000));  // the third failure's own back-off is longer
}

}  // namespace
}  // namespace isobar::chain_ingest
