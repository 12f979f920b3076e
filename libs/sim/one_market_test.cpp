// The options of an index and its future, from one set of options: one market.
#include <gtest/gtest.h>

#include <cmath>

#include "market/root.hpp"
#include "sim/futures_book.hpp"
#include "sim/futures_market.hpp"
#include "sim/option_market.hpp"
#include "sim/options.hpp"

namespace isobar::sim {
namespace {

using market::book_side;

struct gap {
  double mean = 0, widest = 0;  ///< |mid - spot - basis|, points
  double basis = 0;             ///< mean of mid - spot
  int seen = 0;
};

gap measure(const options& o, int span_seconds) {
  const auto c = futures_config(o, *symbol::parse("ES")).value();
  option_market index(market_config(o, *symbol::parse("SPX")).value());
  futures_market future(c);
  std::vector<market::option_event> quotes;
  std::vector<market::book_event> orders;
  gap g;
  const double settled = 1e-3 * static_cast<double>(o.futures.auction_ms) + 1;
  for (int tenth = 1; tenth <= 10 * span_seconds; ++tenth) {
    const timestamp t = c.start + milliseconds(100 * tenth);
    quotes.clear(), orders.clear();
    index.advance(t, quotes);
    future.advance(t, orders);
    if (0.1 * tenth < settled) continue;
    const double mid = 0.5 * to_double(c.tick) *
                       static_cast<double>(future.book().best(book_side::bid) + future.book().best(book_side::ask));
    const double spot = to_double(index.spot());
    g.basis += mid - spot;
    const double off = std::abs(mid - spot * c.ratio);
    g.mean += off, g.widest = std::max(g.widest, off), ++g.seen;
  }
  g.mean /= g.seen, g.basis /= g.seen;
  return g;
}

options defaults() {
  options o;
  o.seed = 11;
  o.quotes_per_second = 10;  // the path does not depend on it
  return o;
}

// The mid of ES stays within 1.5 points of the index and its basis, and within a tick on average (seen: 0.54 and 0.09).
TEST(OneMarket, TheFutureStaysWithItsIndex) {
  const gap g = measure(defaults(), 120);
  EXPECT_GT(g.seen, 1'000);
  EXPECT_LT(g.mean, 0.25);
  EXPECT_LT(g.widest, 1.5);
  // 13 weeks less the hour of daylight saving, 09:30 to 09:30 New York: 6,900 x (exp(0.01 x 2,183 / 8,760) - 1).
  EXPECT_NEAR(g.basis, 17.2, 0.5);
  std::printf("ES mid against SPX spot + basis: mean %.3f, widest %.2f points, basis %.2f\n", g.mean, g.widest,
              g.basis);
}

TEST(OneMarket, JumpsAndOtherSeedsKeepItTogether) {
  options o = defaults();
  o.seed = 5;
  o.vix = 60;
  o.futures.carry = 0;
  const gap g = measure(o, 60);
  EXPECT_LT(g.mean, 0.75);
  EXPECT_LT(g.widest, 5);
  EXPECT_NEAR(g.basis, 0, 1);
  std::printf("vix 60: mean %.3f, widest %.2f points\n", g.mean, g.widest);
}

}  // namespace
}  // namespace isobar::sim
