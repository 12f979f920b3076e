#include "sim/quote_model.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "market/black_scholes.hpp"

namespace isobar::sim {
namespace {

const market::root_spec spxw = *market::find_root("SPXW");

TEST(QuoteModel, BracketsTheBlack76ValueOnTicks) {
  const expiry_market m = expiry_market_at(6900, 0.16, 3 / 365.0, 0.05);
  const auto regime = market::skew_regime_of(16);
  for (double k = 6500; k <= 7300; k += 5) {
    const double sigma = smile_volatility(m, k, regime);
    const quote_pair q = quote(m, k, spxw, regime);
    for (const market::right r : {market::right::call, market::right::put}) {
      const double value = market::black_76_price(r, {m.forward, k, m.years, 0.05, sigma});
      const two_sided_quote& side = q[static_cast<std::size_t>(r)];
      EXPECT_LE(to_double(side.bid), value + 1e-9);
      EXPECT_GE(to_double(side.ask), value - 1e-9);
      EXPECT_EQ(market::round_to_tick(side.bid, spxw, market::rounding::nearest), side.bid);
      EXPECT_EQ(market::round_to_tick(side.ask, spxw, market::rounding::nearest), side.ask);
    }
  }
}

TEST(QuoteModel, WingsAreRelativelyWiderAndWorthlessOnesBidZero) {
  const expiry_market m = expiry_market_at(6900, 0.16, 1 / 365.0, 0.05);
  const auto regime = market::skew_regime_of(16);
  const auto relative = [&](double k) {
    const two_sided_quote q = quote(m, k, spxw, regime)[0];
    return to_double(q.ask - q.bid) / to_double(q.ask + q.bid);
  };
  EXPECT_GT(relative(7000), 3 * relative(6900));
  const two_sided_quote far = quote(m, 7400, spxw, regime)[0];
  EXPECT_EQ(far.bid, price(0));
  EXPECT_EQ(far.ask, price(50'000'000));
}

RC_GTEST_PROP(QuoteModel, IsNeverCrossedAndKeepsParity, ()) {
  const double spot = *rc::gen::inRange(500, 30'000), k = spot * *rc::gen::inRange(50, 150) / 100;
  const double years = *rc::gen::inRange(1, 1'000'000) / 31'536'000.0;
  const expiry_market m = expiry_market_at(spot, *rc::gen::inRange(5, 150) / 100.0, years, 0.05);
  const quote_pair q = quote(m, k, spxw, market::skew_regime_of(*rc::gen::inRange(8, 60)));
  RC_ASSERT(q[0].bid.value >= 0 && q[0].bid < q[0].ask);
  RC_ASSERT(q[1].bid.value >= 0 && q[1].bid < q[1].ask);
  const double parity = m.discount * (m.forward - k);
  RC_ASSERT(to_double(q[0].bid - q[1].ask) <= parity + 1e-6 && parity - 1e-6 <= to_double(q[0].ask - q[1].bid));
}

}  // namespace
}  // namespace isobar::sim
