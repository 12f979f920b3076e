// compat = literal through the engine, as a worker runs it: the earlier system's session and level universe beside the
// corrected ones on the same input.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "gamma-fuel/domain/engine_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

/// ES read from SPY by the fixed factor.
gamma_config by(compat rules) {
  gamma_config c = es_config();
  c.option_symbol = "SPY";
  c.scale = 10;
  c.rules = rules;
  c.live_basis = false;
  return c;
}

class LiteralEngine : public ::testing::Test {
 protected:
  static constexpr std::array heard{input::chain, input::flow, input::quotes, input::trades};
  void use(compat rules) {
    sink = {};
    engine = std::make_unique<gamma_engine>(by(rules), false);
    for (const input i : heard) engine->require(i, true);
  }
  static timestamp after(double s) { return {morning.ns + static_cast<std::int64_t>(s * 1e9)}; }
  void market(double at, double mid) {
    engine->take_symbol(underlying_quote{after(at), points(mid - 0.25), points(mid + 0.25), true});
  }
  void trade(double at, double p, std::uint32_t lots) {
    engine->take_symbol(underlying_trade{.ts_event = after(at), .price = points(p), .size = lots});
  }
  void until(double s) {
    for (const input i : heard) engine->watermark(i, after(s));
    engine->advance(start_of_time, sink);
  }
  price level(std::string_view id) const {
    for (const auto& l : engine->levels().levels)
      if (l.id == id) return l.price;
    return market::no_price;
  }
  std::string ids() const {
    std::string out;
    for (const auto& l : engine->levels().levels) out += l.id + " ";
    return out;
  }

  std::unique_ptr<gamma_engine> engine;
  recording_sink sink;
};

// futures-medium 15.5: "Level universe after a single ES trade at 5454.2 with hot zone 550.5: VWAP, SESSION_HIGH,
// SESSION_LOW = 545.42; ROUND_540 ... ROUND_550; HOTZONE_550 at 550.5", ten times that in ES.
TEST_F(LiteralEngine, TheGoldenUniverseOfASingleTrade) {
  use(compat::literal);
  ASSERT_TRUE(engine->add({.id = "MINE", .price = points(5'505)}));
  market(0.1, 5'454.25);
  trade(0.2, 5'454.2, 3);
  until(1.5);
  EXPECT_EQ(ids(),
            "HOTZONE_550 ROUND_540 ROUND_541 ROUND_542 ROUND_543 ROUND_544 ROUND_545 ROUND_546 ROUND_547 ROUND_548 "
            "ROUND_549 ROUND_550 SESSION_HIGH SESSION_LOW VWAP ");
  for (const char* id : {"VWAP", "SESSION_HIGH", "SESSION_LOW"}) EXPECT_EQ(level(id), points(5'454.2)) << id;
  EXPECT_EQ(level("HOTZONE_550"), points(5'505));
  EXPECT_EQ(level("ROUND_540"), points(5'400));
  EXPECT_EQ(level("ROUND_550"), points(5'500));
}

// The same input by the corrected rules: prices on the tick, round prices of ES itself, the user's own name.
TEST_F(LiteralEngine, TheCorrectedUniverseOfTheSameTrade) {
  use(compat::corrected);
  ASSERT_TRUE(engine->add({.id = "MINE", .price = points(5'505)}));
  market(0.1, 5'454.25);
  trade(0.2, 5'454.2, 3);
  until(1.5);
  EXPECT_EQ(level("VWAP"), points(5'454.25));
  EXPECT_EQ(level("MINE"), points(5'505));
  EXPECT_EQ(level("ROUND_5450"), points(5'450));
  EXPECT_EQ(level("HOTZONE_550"), market::no_price);
  EXPECT_EQ(level("ROUND_545"), market::no_price);
}

// The session runs on over the boundary at which the corrected one begins anew (18:00 New York).
TEST_F(LiteralEngine, TheSessionRunsOnSinceTheStart) {
  constexpr double next_day = 24 * 3'600;
  for (const compat rules : {compat::literal, compat::corrected}) {
    use(rules);
    market(0.1, 6'870);
    trade(0.2, 6'880, 1);
    trade(0.3, 6'870, 3);
    until(10);
    market(next_day, 6'860);
    trade(next_day + 0.1, 6'860, 4);
    until(next_day + 10);
    const bool literal = rules == compat::literal;
    EXPECT_EQ(level("SESSION_HIGH"), points(literal ? 6'880 : 6'860));
    EXPECT_EQ(level("SESSION_LOW"), points(6'860));
    // (6880 + 3 x 6870 + 4 x 6860) / 8
    EXPECT_EQ(level("VWAP"), points(literal ? 6'866.25 : 6'860));
  }
}

// Section 12: strikes with flow, of which 687.5 takes the name of 687; walls where dealers are shortest, not longest.
TEST_F(LiteralEngine, StrikesAndWallsAreThoseOfFlow) {
  use(compat::literal);
  const auto deal = [&](double k, market::right r, market::book_side customer, std::int64_t lots) {
    const contract_number n = engine->find(contract(k, r).id);
    option_event e = testing::trade(n, lots, after(1.5));
    e.aggressor = customer;
    e.last = points(2);
    e.bid = points(customer == market::book_side::bid ? 1.9 : 2);
    e.ask = points(customer == market::book_side::bid ? 2 : 2.1);
    engine->take(input::flow, after(1.5), {&e, 1});
  };
  for (const double k : {680.0, 687.0, 687.5, 690.0}) {
    for (const market::right r : {call, put}) {
      const contract_number n = engine->list(input::chain, morning, contract(k, r));
      const double inner = std::max(0.0, r == call ? 687 - k : k - 687);
      const std::array events{quote(n, inner + 1.9, inner + 2.1, morning), interest(n, 1'000, morning)};
      engine->take(input::chain, morning, events);
    }
  }
  engine->take(input::chain, morning, underlying_quote{morning, points(687), points(687), true});
  market(0.1, 6'870);
  trade(0.2, 6'870, 1);
  until(1.2);
  ASSERT_EQ(sink.ends.size(), 1u) << "gamma is known";
  // Literal signs are by the tick rule: the first print of a contract is unsigned, the second is higher: bought.
  for (const double k : {687.0, 687.5, 690.0}) {
    deal(k, call, market::book_side::bid, 1);
    const contract_number n = engine->find(contract(k, call).id);
    option_event up = testing::trade(n, 2'000, after(1.6));
    up.last = points(2.5);
    engine->take(input::flow, after(1.6), {&up, 1});
  }
  market(1.7, 6'870.5);
  until(3);
  EXPECT_EQ(level("STRIKE_687"), points(6'875));
  EXPECT_EQ(level("STRIKE_690"), points(6'900));
  EXPECT_EQ(level("STRIKE_680"), market::no_price) << "no flow";
  EXPECT_NE(level("CALL_WALL"), market::no_price);
  EXPECT_EQ(level("PUT_WALL"), market::no_price);
}

// Literal rules keep the engine's contract: any interleaving, and any kill, gives the same bytes.
TEST(LiteralEngineProperty, GoesOnFromItsBytesAsIfNothingHadHappened) {
  gamma_config c = es_config();
  c.rules = compat::literal;
  c.live_basis = false;
  const session s(3, 10);
  const given first = hear(s, c, {.seed = 1});
  ASSERT_GT(first.sets.size(), 3u);
  EXPECT_TRUE(rc::check("killed at any point", [&] {
    const hearing how{.seed = *rc::gen::arbitrary<std::uint64_t>(), .at_once_max = 6, .saves = true};
    RC_ASSERT(hear(s, c, how) == first);
  }));
}

}  // namespace
}  // namespace isobar::gamma_fuel
