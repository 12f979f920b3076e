#include "feed-ingest/domain/option_listing.hpp"

#include <gtest/gtest.h>

namespace isobar::feed_ingest {
namespace {

market::instrument weekly() {
  market::instrument i;
  i.id = 7;
  i.raw_symbol = "E1AH4 C5100";
  i.asset = "E1A";
  i.instrument_class = 'C';
  i.multiplier = 50 * nanos_per_unit;
  i.expiration = *parse_iso_timestamp("2024-03-04T21:00:00Z");
  i.underlying = "ESH4";
  i.option_strike = strike(5'100 * nanos_per_unit);
  return i;
}

market::instrument occ(const char* name, const char* underlying) {
  market::instrument i;
  i.raw_symbol = name;
  i.instrument_class = 'P';
  i.expiration = *parse_iso_timestamp("2024-01-19T00:00:00Z");
  i.underlying = underlying;
  return i;
}

TEST(OptionListing, AFuturesOptionIsWhatItsDefinitionSays) {
  const auto o = list_option(weekly(), 'E');
  ASSERT_TRUE(o);
  EXPECT_EQ(o->id.root, "E1A");
  EXPECT_EQ(to_iso(o->id.expiry), "2024-03-04");
  EXPECT_EQ(o->id.strike, strike(5'100 * nanos_per_unit));
  EXPECT_EQ(o->settles_at, weekly().expiration);
  EXPECT_EQ(o->multiplier, 50 * nanos_per_unit);
  EXPECT_FALSE(o->american);
  auto quarterly = weekly();
  quarterly.raw_symbol = "ESM4 P5250";
  quarterly.instrument_class = 'P';
  EXPECT_EQ(list_option(quarterly, 'A')->id.root, "ES");
  EXPECT_TRUE(list_option(quarterly, 'A')->american);
  EXPECT_TRUE(list_option(quarterly, 0)->american) << "unsaid: the root's table";
  EXPECT_EQ(list_option(quarterly, 0)->id.right, market::right::put);
  // 22:00 UTC of the 4th in summer is the same day in New York, 03:00 UTC of the 5th too.
  quarterly.expiration = *parse_iso_timestamp("2024-03-05T03:00:00Z");
  EXPECT_EQ(to_iso(list_option(quarterly, 0)->id.expiry), "2024-03-04");
}

TEST(OptionListing, AnOccNameSaysRootDateRightAndStrike) {
  const auto pm = list_option(occ("SPXW  240119C04700000", "SPXW"), 0);
  ASSERT_TRUE(pm);
  EXPECT_EQ(pm->id.root, "SPXW");
  EXPECT_EQ(pm->id.right, market::right::call);
  EXPECT_EQ(pm->id.strike, strike(4'700 * nanos_per_unit));
  EXPECT_EQ(to_iso(pm->settles_at), "2024-01-19T21:00:00.000000000Z") << "16:00 New York";
  EXPECT_EQ(pm->multiplier, 100 * nanos_per_unit);
  EXPECT_FALSE(pm->american);
  const auto am = list_option(occ("SPX   240119P04700000", "SPX"), 0);
  EXPECT_EQ(to_iso(am->settles_at), "2024-01-19T14:30:00.000000000Z") << "09:30 New York";
  EXPECT_EQ(list_option(occ("XYZ   240119P00047500", "XYZ"), 0)->id.strike, strike(47'500'000'000));
}

TEST(OptionListing, WhatCannotBeToldIsRefused) {
  auto i = weekly();
  i.instrument_class = 'F';
  EXPECT_FALSE(list_option(i, 0));
  i = weekly();
  i.expiration = end_of_time;
  EXPECT_FALSE(list_option(i, 0));
  i = weekly();
  i.option_strike = strike(0);
  EXPECT_FALSE(list_option(i, 0));
  i = weekly();
  i.raw_symbol.clear();
  EXPECT_FALSE(list_option(i, 0));
}

TEST(OptionListing, OptionsBelongToTheirUnderlying) {
  const binding esh4{*symbol::parse("ES"), "ESH4", {{.id = 3, .raw_symbol = "ESH4"}}};
  EXPECT_TRUE(is_option_of(weekly(), esh4));
  auto next = weekly();
  next.underlying = "ESM4";
  EXPECT_FALSE(is_option_of(next, esh4)) << "on another future of the product";
  next.underlying_id = 3;
  EXPECT_TRUE(is_option_of(next, esh4)) << "the number says so";
  next.underlying_id = 0;
  const binding options_alone{*symbol::parse("ES"), "ES", {}};
  EXPECT_TRUE(is_option_of(next, options_alone));
  const binding spx{*symbol::parse("SPX"), "SPX", {}};
  EXPECT_TRUE(is_option_of(occ("SPXW  240119C04700000", "SPXW"), spx));
  EXPECT_FALSE(is_option_of(occ("SPY   240119C00470000", "SPY"), spx));
  auto future = weekly();
  future.instrument_class = 'F';
  EXPECT_FALSE(is_option_of(future, esh4));
}

}  // namespace
}  // namespace isobar::feed_ingest
