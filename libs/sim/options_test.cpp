#include "sim/options.hpp"

#include <gtest/gtest.h>

#include <array>

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

TEST(SimOptions, AnchorPinsThePace) {
  options o;
  EXPECT_EQ(market_pacer(o, {500}).value().wall_time({0}), (timestamp{500}));
  o.anchor = "2026-01-01T00:00:00Z";
  EXPECT_EQ(market_pacer(o, {500}).value().wall_time({0}), *parse_iso_timestamp(o.anchor));
}

}  // namespace
}  // namespace isobar::sim
