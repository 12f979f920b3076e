#include "gamma-fuel/actors/option_inputs.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/engine_fixture.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace testing;

const symbol spx = *symbol::parse("SPX");

market::chain_snapshot chain(timestamp at, std::vector<int> strikes, double mid = 9, std::string root = "SPXW") {
  market::chain_snapshot out{.symbol = spx, .source = "test", .ts_event = at, .spot = points(5'000), .expiries = {}};
  market::expiry_chain e;
  e.key = {today, std::move(root)};
  e.settles_at = market::settlement_time(today, market::settlement::pm);
  for (const int k : strikes) {
    market::chain_contract c{.strike = at_strike(k), .right = call, .state = {}};
    c.state.bid = points(mid - 0.1);
    c.state.ask = points(mid + 0.1);
    c.state.ts_quote = at;
    c.state.open_interest = quantity(100);
    e.contracts.push_back(c);
  }
  out.expiries.push_back(std::move(e));
  return out;
}

class OptionInputs : public ::testing::Test {
 protected:
  OptionInputs() { engine_.require(input::chain, true); }
  void settle() {
    for (const input i : {input::chain, input::rows, input::flow, input::option_feed})
      engine_.watermark(i, end_of_time);
    engine_.advance(start_of_time, sink_);
  }
  board_row row(int k) { return engine_.board().row(*engine_.board().find(contract(k, call).id)); }

  gamma_engine engine_{spx_config(), false};
  option_inputs inputs_{engine_, spx};
  recording_sink sink_;
};

TEST_F(OptionInputs, AChainOfAnInstantBelongsToTheWindowThatEndsThere) {
  inputs_.take(chain(morning, {5'000}));
  settle();
  ASSERT_GE(sink_.ends.size(), 1u);
  EXPECT_EQ(sink_.ends.front(), morning);
}

TEST_F(OptionInputs, AChainSaysOnlyWhatIsNew) {
  inputs_.take(chain(morning, {5'000, 5'005}));
  const auto first = engine_.counters().option_events;
  auto again = chain(morning, {5'000, 5'005});
  again.ts_event = morning + seconds(60);
  inputs_.take(again);
  EXPECT_EQ(first, 4u);
  EXPECT_EQ(engine_.counters().option_events, first);
}

TEST_F(OptionInputs, WhatAChainNoLongerListsIsDelistedAndMayComeBack) {
  inputs_.take(chain(morning, {5'000, 5'005}));
  inputs_.take(chain(morning + seconds(60), {5'000}));
  engine_.watermark(input::chain, morning + seconds(90));
  engine_.advance(start_of_time, sink_);
  EXPECT_EQ(engine_.board().in_order().size(), 1u);
  inputs_.take(chain(morning + seconds(120), {5'000, 5'005}));
  settle();
  EXPECT_EQ(engine_.board().in_order().size(), 2u);
  EXPECT_EQ(row(5'005).open_interest, quantity(100));
}

TEST_F(OptionInputs, VolumeIsAtTheWindowsSpotAndNeedsNoBoard) {
  gamma_config c = spx_config();
  c.volume = volume_source::options;
  gamma_engine engine{c, false};
  option_inputs inputs{engine, spx};
  const auto rows = [](timestamp end, price spot) {
    market::volume_profile_rows r;
    r.header = {.symbol = spx, .epoch = 77, .window_start = end - milliseconds(200), .window_end = end, .spot = spot};
    r.rows = {{.contract = 3, .traded = quantity(40), .last = points(2)},
              {.contract = 9, .traded = quantity(2), .last = points(1)}};
    return r;
  };
  inputs.take(chain(morning, {5'000}));
  inputs.take(rows(morning + seconds(1), points(5'003)));
  inputs.take(rows(morning + seconds(1), market::no_price));
  for (const input i : {input::chain, input::volume}) engine.watermark(i, end_of_time);
  engine.advance(start_of_time, sink_);
  EXPECT_EQ(inputs.counts().volume_without_spot, 42u);
  EXPECT_EQ(engine.counters().volume_lots, 42u);
  const auto& volume = engine.last_profile().volume;
  ASSERT_TRUE(volume.has_value());
  EXPECT_EQ(volume->lots, 42u);
  EXPECT_EQ(volume->point_of_control, points(5'005));
}

TEST_F(OptionInputs, RootsOfAnotherUnderlyingAreRefused) {
  inputs_.take(chain(morning, {5'000}, 9, "NDXP"));
  EXPECT_EQ(inputs_.counts().wrong_root, 1u);
  EXPECT_EQ(engine_.counters().option_events, 0u);
}

market::listed_option listed(std::uint32_t number, int k) {
  return {.number = number,
          .raw_symbol = "X" + std::to_string(k),
          .id = contract(k, call).id,
          .settles_at = contract(k, call).settles_at,
          .multiplier = 100 * nanos_per_unit,
          .american = false};
}
market::option_feed_event quoted(std::uint32_t number, double mid, timestamp at) {
  return {.ts_event = at,
          .number = number,
          .kind = market::option_record::quote,
          .bid = points(mid - 0.1),
          .ask = points(mid + 0.1)};
}

TEST_F(OptionInputs, AFeedsBaseReplacesWhatItSaid) {
  wire::option_frame f{.symbol = spx, .base = false, .contracts = {listed(0, 5'000), listed(1, 5'005)}, .events = {}};
  f.events = {quoted(0, 9, morning), quoted(1, 7, morning + seconds(1))};
  inputs_.take(f);
  // The base numbers anew and repeats the last quote, which is old.
  f = {.symbol = spx, .base = true, .contracts = {listed(0, 5'005)}, .events = {quoted(0, 7, morning + seconds(1))}};
  inputs_.take(f);
  settle();
  EXPECT_EQ(row(5'000).bid, market::no_price);
  EXPECT_EQ(row(5'005).bid, points(6.9));
}

TEST_F(OptionInputs, ABaseLeavesTheOpenInterestOfWhatItNamesAgain) {
  wire::option_frame f{.symbol = spx, .base = false, .contracts = {listed(0, 5'000), listed(1, 5'005)}, .events = {}};
  f.events = {quoted(0, 9, morning), quoted(1, 7, morning)};
  for (const std::uint32_t n : {0u, 1u})
    f.events.push_back({.ts_event = morning,
                        .number = n,
                        .kind = market::option_record::open_interest,
                        .open_interest = quantity(50)});
  inputs_.take(f);
  f = {.symbol = spx, .base = true, .contracts = {listed(0, 5'005)}, .events = {quoted(0, 7, morning + seconds(1))}};
  inputs_.take(f);
  settle();
  EXPECT_EQ(row(5'000).open_interest, market::no_quantity);
  EXPECT_EQ(row(5'005).open_interest, quantity(50));
}

TEST_F(OptionInputs, NumbersOfAFeedThatBeganAgainMeanNothingUntilABase) {
  wire::option_frame f{.symbol = spx, .base = true, .contracts = {listed(0, 5'000), listed(1, 5'005)}, .events = {}};
  f.events = {quoted(0, 9, morning), quoted(1, 7, morning)};
  inputs_.take(f);
  inputs_.forget_feed_numbers();
  // Its first frame was lost; 0 is another contract now.
  inputs_.take(wire::option_frame{
      .symbol = spx, .base = false, .contracts = {}, .events = {quoted(0, 77, morning + seconds(1))}});
  EXPECT_EQ(inputs_.counts().unknown_contract, 1u);
  f = {.symbol = spx, .base = true, .contracts = {listed(0, 5'005)}, .events = {quoted(0, 6, morning + seconds(2))}};
  inputs_.take(f);
  settle();
  EXPECT_EQ(row(5'000).bid, market::no_price) << "said by the feed before, and by its base no more";
  EXPECT_EQ(row(5'005).bid, points(5.9));
}

TEST_F(OptionInputs, AFeedOfTradesTakesBackNothingThatChainsSay) {
  inputs_.take(chain(morning, {5'000}));
  engine_.watermark(input::chain, end_of_time);
  const market::option_feed_event bought{.ts_event = morning + seconds(1),
                                         .number = 0,
                                         .kind = market::option_record::trade,
                                         .last = points(9.1),
                                         .size = 3};
  inputs_.take(wire::option_frame{.symbol = spx, .base = true, .contracts = {listed(0, 5'000)}, .events = {bought}});
  inputs_.take(wire::option_frame{.symbol = spx, .base = true, .contracts = {listed(0, 5'000)}, .events = {}});
  settle();
  EXPECT_EQ(row(5'000).bid, points(8.9));
  EXPECT_EQ(row(5'000).open_interest, quantity(100));
  EXPECT_EQ(row(5'000).volume, quantity(3));
  EXPECT_LT(row(5'000).dealer_position, 0);
}

/// Chains of one contract each, one a week.
TEST(OptionInputsBound, SettledContractsLeave) {
  gamma_engine engine(spx_config(), false, {.contracts = 3});
  engine.require(input::chain, true);
  option_inputs inputs(engine, spx);
  recording_sink sink;
  for (int week = 0; week < 12; ++week) {
    const timestamp at = morning + seconds(7 * 86'400 * week);
    auto c = chain(at, {5'000 + 5 * week});
    c.expiries.front().key.expiry = today + 7 * week;
    c.expiries.front().settles_at = market::settlement_time(today + 7 * week, market::settlement::pm);
    inputs.take(c);
    engine.watermark(input::chain, at + seconds(1));
    engine.advance(start_of_time, sink);
    ASSERT_EQ(engine.board().in_order().size(), 1u) << week;
    EXPECT_EQ(sink.last.contracts, 1u);
  }
  EXPECT_EQ(engine.counters().contracts_refused, 0u);
  EXPECT_GE(engine.counters().contracts_settled, 9u);
  EXPECT_LE(engine.contracts_known(), 3u);
  EXPECT_EQ(engine.find(contract(5'000, call).id), no_contract);
  std::string bytes;
  engine.save(bytes);
  gamma_engine back(spx_config(), false, {.contracts = 3});
  ASSERT_TRUE(back.restore(bytes));
  EXPECT_EQ(back.contracts_known(), engine.contracts_known());
}

TEST_F(OptionInputs, TheRootSaysWhetherAnOptionIsAmerican) {
  for (const auto& [root, american] : {std::pair("SPXW", false), std::pair("SPX", false)}) {
    inputs_.take(chain(morning, {5'000}, 9, root));
    const auto n = engine_.find({root, today, call, at_strike(5'000)});
    ASSERT_NE(n, no_contract);
    EXPECT_EQ(engine_.listed(n).american, american) << root;
    EXPECT_EQ(engine_.listed(n).american, market::find_root(root)->american) << root;
  }
}

TEST_F(OptionInputs, NumbersThatNobodyNamedAreCounted) {
  inputs_.take(wire::option_frame{.symbol = spx, .base = false, .contracts = {}, .events = {quoted(7, 9, morning)}});
  EXPECT_EQ(inputs_.counts().unknown_contract, 1u);
}

TEST_F(OptionInputs, FramesOfAFeedMayBeCutAnywhere) {
  const auto run = [](std::size_t at_once) {
    gamma_engine engine(spx_config(), false);
    option_inputs inputs(engine, spx);
    recording_sink sink;
    std::vector<market::option_feed_event> events;
    for (std::uint32_t i = 0; i < 12; ++i)
      events.push_back(quoted(i % 4, 9 + i % 3, morning + milliseconds(300 * static_cast<std::int64_t>(i))));
    std::vector<bool> named(4, false);
    for (std::size_t i = 0; i < events.size(); i += at_once) {
      wire::option_frame f{.symbol = spx, .base = false, .contracts = {}, .events = {}};
      for (std::size_t j = i; j < std::min(i + at_once, events.size()); ++j) {
        if (!named[events[j].number])
          f.contracts.push_back(listed(events[j].number, 5'000 + 5 * static_cast<int>(events[j].number)));
        named[events[j].number] = true;
        f.events.push_back(events[j]);
      }
      inputs.take(f);
      engine.watermark(input::option_feed, f.events.back().ts_event);
      engine.take(input::option_feed, f.events.back().ts_event,
                  underlying_quote{f.events.back().ts_event, points(5'000), points(5'000)});
      engine.advance(start_of_time, sink);
    }
    engine.watermark(input::option_feed, end_of_time);
    engine.advance(start_of_time, sink);
    return sink.last.contracts;
  };
  EXPECT_EQ(run(1), run(12));
}

}  // namespace
}  // namespace isobar::gamma_fuel
