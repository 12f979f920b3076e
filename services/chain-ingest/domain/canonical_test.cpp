#include "chain-ingest/domain/canonical.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "market/root.hpp"

namespace isobar::chain_ingest {
namespace {

using ::testing::HasSubstr;

const isobar::symbol spx = *isobar::symbol::parse("SPX");
constexpr std::int64_t unit = nanos_per_unit;

market::raw_contract contract(const char* ticker, std::int64_t bid = 1, std::uint32_t line = 0) {
  market::raw_contract c;
  c.id = *market::parse_ticker(ticker);
  c.state.bid = price(bid * unit);
  c.state.ask = price((bid + 1) * unit);
  c.line = line;
  return c;
}

market::raw_chain chain_of(std::vector<market::raw_contract> contracts, const char* at = "2025-12-18T15:00:00Z") {
  market::raw_chain raw;
  raw.source = "cboe-eod";
  raw.origin = "SPX.csv";
  raw.ts_event = *parse_iso_timestamp(at);
  raw.spot = price(6900 * unit);
  raw.contracts = std::move(contracts);
  return raw;
}

void expect_all_accounted(const canonical_counts& c) {
  EXPECT_EQ(c.rows, c.unknown_root + c.other_symbol + c.expired + c.repeated + c.outside + c.kept);
}

TEST(Canonical, KeepsAmAndPmOfOneDateApart) {
  const auto out = canonicalise(chain_of({contract("O:SPXW251219C06900000"), contract("O:SPX251219C06900000"),
                                          contract("O:SPXW251219P06900000"), contract("O:SPXW251219C06895000")}),
                                {.symbol = spx});
  ASSERT_TRUE(out) << out.error().evidence;
  ASSERT_EQ(out->chain.expiries.size(), 2u);
  EXPECT_EQ(out->chain.expiries[0].key.root, "SPX");
  EXPECT_EQ(out->chain.expiries[0].settles, market::settlement::am);
  EXPECT_EQ(out->chain.expiries[0].settles_at, *parse_iso_timestamp("2025-12-19T14:30:00Z"));
  EXPECT_EQ(out->chain.expiries[1].settles_at, *parse_iso_timestamp("2025-12-19T21:00:00Z"));
  ASSERT_EQ(out->chain.expiries[1].contracts.size(), 3u);
  EXPECT_EQ(out->chain.expiries[1].contracts[0].strike.value, 6895 * unit);
  EXPECT_EQ(out->chain.expiries[1].contracts[1].right, market::right::call);
  EXPECT_EQ(out->chain.expiries[1].contracts[2].right, market::right::put);
  EXPECT_EQ(out->chain.expiries[1].half_range.value, 0);
  expect_all_accounted(out->counts);
}

TEST(Canonical, DropsExpiredBySettlementInstantNotByDate) {
  // 15:00 UTC is 10:00 in New York: the AM series settled half an hour ago, the PM one has not.
  const auto out = canonicalise(
      chain_of({contract("O:SPX251219C06900000"), contract("O:SPXW251219C06900000")}, "2025-12-19T15:00:00Z"),
      {.symbol = spx});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->counts.expired, 1u);
  EXPECT_EQ(out->chain.expiries[0].key.root, "SPXW");
}

TEST(Canonical, CountsUnknownRootsAndOtherSymbols) {
  const auto out = canonicalise(
      chain_of({contract("O:SPXW251219C06900000"), contract("O:NDX251219C25000000"), contract("O:ZZZ251219C06900000")}),
      {.symbol = spx});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->counts.other_symbol, 1u);
  EXPECT_EQ(out->counts.unknown_root, 1u);
  EXPECT_EQ(out->chain.contract_count(), 1u);
  expect_all_accounted(out->counts);
}

TEST(Canonical, RepeatedRowsAreDroppedAndConflictingOnesRefuseTheChain) {
  const auto same = canonicalise(
      chain_of({contract("O:SPXW251219C06900000", 5, 17), contract("O:SPXW251219C06900000", 5, 203)}), {.symbol = spx});
  ASSERT_TRUE(same);
  EXPECT_EQ(same->counts.repeated, 1u);
  const auto differ = canonicalise(
      chain_of({contract("O:SPXW251219C06900000", 6, 203), contract("O:SPXW251219C06900000", 5, 17)}), {.symbol = spx});
  ASSERT_FALSE(differ);
  EXPECT_EQ(differ.error().code, refusal::conflicting_rows);
  EXPECT_THAT(differ.error().evidence, HasSubstr("SPX.csv:17 and SPX.csv:203 give O:SPXW251219C06900000"));
}

TEST(Canonical, EmptyChainsAreRefused) {
  const auto out = canonicalise(chain_of({contract("O:ZZZ251219C06900000")}), {.symbol = spx});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, refusal::empty);
}

TEST(Canonical, WindowCutsStrikesAndExpiriesAndIsWrittenDown) {
  canonical_rule rule{.symbol = spx, .expiries_max = 1};
  rule.window = [](date, std::int32_t dte, strike_width step) {
    EXPECT_EQ(dte, 1);
    return make_window(price(6902 * unit), std::nullopt, 2.25, dte, step);  // half-range 207, asked 310.5
  };
  const auto out = canonicalise(chain_of({contract("O:SPXW251219C06590000"), contract("O:SPXW251219C06589000"),
                                          contract("O:SPXW251219C06900000"), contract("O:SPXW251222C06900000")}),
                                rule);
  ASSERT_TRUE(out) << out.error().evidence;
  EXPECT_EQ(out->counts.kept, 2u);
  EXPECT_EQ(out->counts.outside, 2u);
  EXPECT_EQ(out->chain.expiries[0].atm.value, 6900 * unit);
  EXPECT_EQ(out->chain.expiries[0].half_range.value, 207 * unit);
}

RC_GTEST_PROP(Canonical, OrderOfTheInputDoesNotMatter, (const std::vector<std::uint16_t>& picks)) {
  std::vector<market::raw_contract> list;
  for (const std::uint16_t p : picks) {
    market::raw_contract c = contract("O:SPXW251219C06900000", p % 5 == 0 ? 2 : 1, p);
    c.id.root = p % 3 == 0 ? "SPX" : "SPXW";
    c.id.expiry = c.id.expiry + p % 4;
    c.id.strike = strike((6000 + 5 * (p % 11)) * unit);
    c.id.right = p % 2 ? market::right::call : market::right::put;
    c.line = 0;
    list.push_back(c);
  }
  auto shuffled = list;
  std::reverse(shuffled.begin(), shuffled.end());
  if (shuffled.size() > 2)
    std::rotate(shuffled.begin(), shuffled.begin() + static_cast<std::ptrdiff_t>(shuffled.size() / 3), shuffled.end());
  const auto a = canonicalise(chain_of(list), {.symbol = spx});
  const auto b = canonicalise(chain_of(shuffled), {.symbol = spx});
  RC_ASSERT(a.has_value() == b.has_value());
  if (a) {
    RC_ASSERT(a->chain == b->chain);
    RC_ASSERT(a->counts == b->counts);
  }
}

}  // namespace
}  // namespace isobar::chain_ingest
