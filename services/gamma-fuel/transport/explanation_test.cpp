#include "gamma-fuel/transport/explanation.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/transport/gamma_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;

explained_contract contract(double strike_points, market::right right, double gamma, std::int64_t interest) {
  explained_contract c;
  c.row.contract.id = {.root = "SPXW",
                       .expiry = *from_yyyymmdd(20240202),
                       .right = right,
                       .strike = strike(points(strike_points).value)};
  c.row.gamma = gamma;
  c.row.sigma = 0.15;
  c.row.open_interest = quantity(interest);
  c.at = points(strike_points + 6.25);
  return c;
}

TEST(Explanation, TermsAddUpToTheScore) {
  const signal_config weights;
  level::v1::ExplainResponse r;
  write_terms(weights, signals().levels.front(), r);
  ASSERT_EQ(r.terms_size(), 3);
  double sum = 0;
  for (const auto& t : r.terms()) {
    EXPECT_EQ(t.points(), t.value() * t.weight());
    EXPECT_FALSE(t.why().empty());
    sum += t.points();
  }
  EXPECT_DOUBLE_EQ(sum, 0.45 * 100 + 0.35 * 100 + 0.20 * 50);
  EXPECT_EQ(r.terms(0).name(), "barrier");
  EXPECT_EQ(r.terms(2).why(), "a sweep towards the break; 10 lots bought and 30 sold near it");
}

TEST(Explanation, StrikesComeLargestFirstAndBounded) {
  std::vector<explained_contract> all;
  for (int i = 0; i < 1'200; ++i) all.push_back(contract(4'900 + i, market::right::call, 0.001, i));
  all[7].row.open_interest = market::no_quantity;
  all[9].flow = {.contract = 9, .dealer_gamma = -40, .bought = 5, .sold = 2, .unsigned_lots = 1};
  level::v1::ExplainResponse r;
  write_strikes(all, r);
  EXPECT_EQ(r.strikes_size(), 1'000);
  EXPECT_EQ(r.strikes_left_out(), 200u);
  EXPECT_EQ(r.strikes(0).open_interest(), 1'199);
  EXPECT_DOUBLE_EQ(r.strikes(0).gex(), 0.001 * 1'199 * 100);
  EXPECT_EQ(r.strikes(0).price_nanos(), points(4'900 + 1'199 + 6.25).value);
  for (int i = 1; i < r.strikes_size(); ++i) EXPECT_GE(r.strikes(i - 1).gex(), r.strikes(i).gex());
  level::v1::ExplainResponse few;
  write_strikes({all[7], all[9]}, few);
  EXPECT_EQ(few.strikes(0).bought_lots(), 5u);
  EXPECT_EQ(few.strikes(0).flow_gamma(), -40);
  EXPECT_EQ(few.strikes(1).open_interest(), -1);
  EXPECT_EQ(few.strikes(1).gex(), 0);
}

/// An engine with a landscape: what it lists near a level is what is explained.
TEST(Explanation, IsOfTheEnginesOwnState) {
  gamma_config c;
  c.symbol = c.option_symbol = "SPX";
  gamma_engine engine(c, false);
  level::v1::ExplainRequest q;
  level::v1::ExplainResponse r;
  q.set_symbol("SPX");
  q.set_level_id("VWAP");
  const auto missing = explain(engine, q, r);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, service::query_errc::not_found);
  EXPECT_EQ(missing.error().evidence, "level_id: no level VWAP for SPX");

  struct ignore final : gamma_sink {
    void on_profile(const gex_profile&) override {}
    void on_levels(const level_set_input&) override {}
    void on_signals(const level_signals&) override {}
    void on_alert(const gamma_fuel::alert&) override {}
  } sink;
  ASSERT_TRUE(engine.add(user_level{.id = "mine", .price = points(4'900)}));
  const timestamp at = end_of(0);
  for (const double k : {4'850.0, 4'895.0, 4'900.0, 4'960.0}) {
    option_contract listed;
    listed.id = {.root = "SPXW",
                 .expiry = *from_yyyymmdd(20240202),
                 .right = market::right::call,
                 .strike = strike(points(k).value)};
    listed.settles_at = at + seconds(100'000);
    const auto n = engine.list(input::chain, at, listed);
    const option_event said[] = {
        {.ts_event = at, .contract = n, .kind = option_event_kind::quote, .bid = points(50), .ask = points(51)},
        {.ts_event = at, .contract = n, .kind = option_event_kind::open_interest, .open_interest = quantity(500)}};
    EXPECT_TRUE(engine.take(input::chain, at, said));
  }
  EXPECT_TRUE(
      engine.take(input::chain, at, underlying_quote{.ts_event = at, .bid = points(4'901), .ask = points(4'901)}));
  engine.watermark(input::chain, end_of_time);
  engine.advance(start_of_time, sink);
  q.set_level_id("mine");
  const auto done = explain(engine, q, r);
  ASSERT_TRUE(done) << done.error().evidence;
  EXPECT_EQ(r.signal().id(), "mine");
  EXPECT_EQ(r.strikes_size(), 2);  // within 20 points
  EXPECT_EQ(r.strikes(0).open_interest(), 500);
  EXPECT_EQ(r.model(), gex::v1::SIGN_MODEL_CALLS_POSITIVE);
  EXPECT_EQ(r.assumptions(), assumptions_text(c, c.radar_model));
}

}  // namespace
}  // namespace isobar::gamma_fuel
