#include "sim/options.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace isobar::sim {
namespace {

const symbol spx = *symbol::parse("SPX");

TEST(SimOptions, FlagsReachTheMarket) {
  isobar::config::schema schema("test", "a test", "0");
  options o;
  declare_options(schema, o);
  const std::array argv{"test", "--sim.seed=7", "--sim.start=2025-12-18T14:30:00Z", "--sim.quotes-per-second=123",
                        "--sim.duration-ms=1500"};
  const std::array<const char*, 1> envp{nullptr};
  const auto parsed = schema.parse(argv.size(), argv.data(), envp.data());
  ASSERT_TRUE(parsed) << parsed.error().evidence;
  const config c = market_config(o, spx).value();
  EXPECT_EQ(c.start, *parse_iso_timestamp("2025-12-18T14:30:00Z"));
  EXPECT_EQ(c.quotes_per_second, 123);
  EXPECT_EQ(c.duration, milliseconds(1500));
  EXPECT_EQ(c.spot, 6900);
}

TEST(SimOptions, SymbolsHaveTheirOwnLevelAndSeed) {
  const config a = market_config({}, spx).value(), b = market_config({}, *symbol::parse("NDX")).value();
  EXPECT_NE(a.seed, b.seed);
  EXPECT_EQ(b.spot, 25'000);
  EXPECT_EQ(b.em_multiplier, 3.5);
}

TEST(SimOptions, RefuseNonsenseNamingIt) {
  options o;
  o.start = "yesterday";
  EXPECT_NE(market_config(o, spx).error().evidence.find("sim.start"), std::string::npos);
  EXPECT_EQ(market_config({}, *symbol::parse("DOGE")).error().code, errc::unknown_symbol);
  o = {};
  o.anchor = "noon";
  EXPECT_NE(market_pacer(o, {0}).error().evidence.find("sim.anchor"), std::string::npos);
}

TEST(SimOptions, FuturesMoveWithTheOptionsOfTheirIndex) {
  isobar::config::schema schema("test", "a test", "0");
  options o;
  declare_options(schema, o);
  const std::array argv{"test",
                        "--sim.seed=7",
                        "--sim.futures-events-per-second=5000",
                        "--sim.futures-orders=700",
                        "--sim.futures-auction-ms=0",
                        "--sim.futures-price=6950",
                        "--sim.duration-ms=1500"};
  const std::array<const char*, 1> envp{nullptr};
  const auto parsed = schema.parse(argv.size(), argv.data(), envp.data());
  ASSERT_TRUE(parsed) << parsed.error().evidence;
  const futures_market_config f = futures_config(o, *symbol::parse("ES")).value();
  EXPECT_EQ(f.events_per_second, 5'000);
  EXPECT_EQ(f.orders, 700);
  EXPECT_EQ(f.auction.value, 0);
  EXPECT_EQ(f.duration, milliseconds(1500));
  option_market index(market_config(o, spx).value());
  futures_market future(f);
  std::vector<market::option_event> quotes;
  std::vector<market::book_event> orders;
  index.advance(index.configuration().start + milliseconds(1'000), quotes);
  future.advance(f.start + milliseconds(1'000), orders);
  EXPECT_NEAR(static_cast<double>(future.fair_tick()) * 0.25, to_double(index.spot()) * 6'950 / 6'900, 0.6);
}

TEST(SimOptions, CustomersAreWhatTheOptionsSay) {
  options o;
  EXPECT_EQ(market_config(o, spx).value().customers.flow, customer_flow::classic);
  o.customer_flow = "buy-zero-dte";
  o.inside_trade_ratio = 0.25;
  EXPECT_EQ(market_config(o, spx).value().customers.flow, customer_flow::buy_zero_dte);
  EXPECT_EQ(market_config(o, spx).value().customers.inside_ratio, 0.25);
  o.customer_flow = "greedy";
  EXPECT_NE(market_config(o, spx).error().evidence.find("sim.customer-flow 'greedy'"), std::string::npos);
  o = {};
  o.customer_bias = 2;
  EXPECT_EQ(market_config(o, spx).error().evidence, "customers");
}

TEST(SimOptions, FuturesStandAboveTheirIndexByTheCarry) {
  options o;
  EXPECT_NEAR(futures_config(o, *symbol::parse("ES")).value().ratio, std::exp(0.01 * (91 * 24 - 1) / 8'760), 1e-9);
  EXPECT_GT(futures_config(o, *symbol::parse("NQ")).value().ratio, 1);
  o.futures.carry = 0;
  EXPECT_EQ(futures_config(o, *symbol::parse("ES")).value().ratio, 1);
  o.futures.price = 70;
  EXPECT_EQ(futures_config(o, *symbol::parse("CL")).value().ratio, 1);
}

TEST(SimOptions, FuturesNeedAKnownProductInBounds) {
  EXPECT_EQ(futures_config({}, *symbol::parse("SPX")).error().code, futures_errc::unknown_symbol);
  EXPECT_EQ(futures_config({}, *symbol::parse("NQ")).value().path.spot, 25'000);
  EXPECT_EQ(futures_config({}, *symbol::parse("ESH6")).value().asset, "ES");
  EXPECT_NE(futures_config({}, *symbol::parse("CL")).error().evidence.find("sim.futures-price"), std::string::npos);
  options o;
  o.futures.price = 70;
  EXPECT_EQ(futures_config(o, *symbol::parse("CL")).value().tick, price(10'000'000));
  o.futures.price = 0;
  o.futures.orders = 3;
  EXPECT_EQ(futures_config(o, *symbol::parse("ES")).error().evidence, "ES: orders is out of range (sim.futures-*)");
}

TEST(SimOptions, AnchorPinsThePace) {
  options o;
  EXPECT_EQ(market_pacer(o, {500}).value().wall_time({0}), (timestamp{500}));
  o.anchor = "2026-01-01T00:00:00Z";
  EXPECT_EQ(market_pacer(o, {500}).value().wall_time({0}), *parse_iso_timestamp(o.anchor));
}

}  // namespace
}  // namespace isobar::sim
