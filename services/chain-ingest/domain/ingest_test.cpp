#include "chain-ingest/domain/ingest.hpp"

#include <gtest/gtest.h>

namespace isobar::chain_ingest {
namespace {

const isobar::symbol spx = *isobar::symbol::parse("SPX");
constexpr std::int64_t unit = nanos_per_unit;

market::raw_chain raw(const char* at, std::int64_t bid = 1) {
  market::raw_chain out;
  out.origin = "x.csv";
  out.ts_event = *parse_iso_timestamp(at);
  out.spot = price(6900 * unit);
  for (const char* ticker : {"O:SPXW251219C06900000", "O:SPXW251219C08900000"}) {
    out.contracts.push_back({*market::parse_ticker(ticker), {}, 1});
    out.contracts.back().state.bid = price(bid * unit);
  }
  out.counts.rows = 2;
  return out;
}

TEST(Ingest, TheLastGoodChainStandsWhenALaterOneIsRefused) {
  ingest in({.symbol = spx});
  EXPECT_EQ(in.state(), health::empty);
  const auto first = in.apply({raw("2025-12-18T15:00:00Z"), {}});
  ASSERT_TRUE(first);
  market::raw_chain conflicting = raw("2025-12-18T15:00:10Z");
  conflicting.contracts.push_back(conflicting.contracts[0]);
  conflicting.contracts.back().state.bid = price(9 * unit);
  EXPECT_FALSE(in.apply({conflicting, {}}));
  EXPECT_EQ(in.latest(), *first);
  EXPECT_EQ(in.state(), health::partial);
  EXPECT_EQ(in.counts().published, 1u);
  EXPECT_EQ(in.counts().refused.at(refusal::conflicting_rows), 1u);
  in.refused(refusal::missing_page, "2025-12-19: the last page did not come");
  EXPECT_EQ(in.counts().refused_total(), 2u);
  EXPECT_EQ(in.last_refusal(), "missing_page: 2025-12-19: the last page did not come");
  EXPECT_EQ(in.latest(), *first);
  EXPECT_TRUE(in.apply({raw("2025-12-18T15:00:20Z"), {}}));
  EXPECT_EQ(in.state(), health::ok);
}

TEST(Ingest, RefusesAChainThatIsNotNewer) {
  ingest in({.symbol = spx});
  ASSERT_TRUE(in.apply({raw("2025-12-18T15:00:00Z"), {}}));
  const auto again = in.apply({raw("2025-12-18T15:00:00Z"), {}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, refusal::out_of_order);
}

TEST(Ingest, WritesTheAskedWindowDownWithoutCutting) {
  ingest in({.symbol = spx});
  const strike_window w = make_window(price(6900 * unit), price(16 * unit), 2.25, 1, strike_width(5 * unit));
  const auto out = in.apply({raw("2025-12-18T15:00:00Z"), {{*make_date(2025, 12, 19), w}}});
  ASSERT_TRUE(out);
  EXPECT_EQ((*out)->contract_count(), 2u);
  EXPECT_EQ((*out)->expiries[0].half_range.value, 156 * unit);
}

TEST(Ingest, DropsSettledExpiriesOfCanonicalChainsToo) {
  market::chain_snapshot whole;
  whole.symbol = spx;
  whole.ts_event = *parse_iso_timestamp("2025-12-19T14:30:00Z");
  for (const char* root : {"SPX", "SPXW"}) {
    market::expiry_chain e;
    e.key = {*make_date(2025, 12, 19), root};
    e.settles_at = whole.ts_event + seconds(e.key.root == "SPX" ? 0 : 23'400);
    e.contracts.push_back({isobar::strike(6900 * unit), market::right::call, {}});
    whole.expiries.push_back(e);
  }
  ingest in({.symbol = spx});
  const auto out = in.apply({whole, {}});
  ASSERT_TRUE(out);
  ASSERT_EQ((*out)->expiries.size(), 1u);
  EXPECT_EQ((*out)->expiries[0].key.root, "SPXW");
  EXPECT_EQ(in.rows().expired, 1u);
}

TEST(Ingest, CutsFilesToTheWindowWhenTold) {
  ingest in({.symbol = spx, .window_em_mult = 2.25});
  const auto out = in.apply({raw("2025-12-18T15:00:00Z"), {}});
  ASSERT_TRUE(out);
  EXPECT_EQ((*out)->contract_count(), 1u);
  EXPECT_EQ(in.rows().outside, 1u);
  EXPECT_EQ((*out)->expiries[0].half_range.value, 207 * unit);
}

}  // namespace
}  // namespace isobar::chain_ingest
