#include "wire/massive_chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/testdata.hpp"
#include "wire/cboe_eod.hpp"

namespace isobar::wire {
namespace {

using ::testing::HasSubstr;

// The vendor's field names (options-surface 1.2) with made-up figures.
const std::string contract =
    R"({"day":{"volume":8},"details":{"contract_type":"call","exercise_style":"european","expiration_date":"2025-12-19",)"
    R"("shares_per_contract":100,"strike_price":6900,"ticker":"O:SPXW251219C06900000"},"greeks":{"delta":0.5,"gamma":0.006},)"
    R"("implied_volatility":0.15,"last_quote":{"ask":29.25,"ask_size":209,"bid":28.9,"bid_size":294,)"
    R"("last_updated":1651254260800059648,"midpoint":29.075,"timeframe":"REAL-TIME"},)"
    R"("last_trade":{"price":29.1,"sip_timestamp":1651254260800000000,"size":3,"conditions":[209]},"open_interest":8133,)"
    R"("underlying_asset":{"ticker":"I:SPX","value":6901.25}})";
std::string page(const std::string& results, const std::string& rest = "") {
  return R"({"request_id":"r1","results":[)" + results + R"(],"status":"OK")" + rest + "}";
}
std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(MassiveChain, ReadsAContractExactly) {
  const auto p = parse_massive_page(page(contract, R"(,"next_url":"https://api/x?cursor=abc")"), "page 1");
  ASSERT_TRUE(p) << p.error().evidence;
  EXPECT_EQ(p->next_url, "https://api/x?cursor=abc");
  EXPECT_EQ(p->request_id, "r1");
  EXPECT_EQ(p->spot, price(6'901'250'000'000));
  ASSERT_EQ(p->contracts.size(), 1u);
  const market::contract_state& s = p->contracts[0].state;
  EXPECT_EQ(market::to_ticker(p->contracts[0].id), "O:SPXW251219C06900000");
  EXPECT_EQ(s.bid, price(28'900'000'000));
  EXPECT_EQ(s.ask, price(29'250'000'000));
  EXPECT_EQ(s.bid_size, quantity(294));
  EXPECT_EQ(s.ts_quote.ns, 1651254260800059648);
  EXPECT_EQ(s.last, price(29'100'000'000));
  EXPECT_EQ(s.last_size, quantity(3));
  EXPECT_EQ(s.volume, quantity(8));
  EXPECT_EQ(s.open_interest, quantity(8133));
  EXPECT_DOUBLE_EQ(s.implied_volatility, 0.15);
  EXPECT_DOUBLE_EQ(s.gamma, 0.006);
}

TEST(MassiveChain, MissingAndUnusableNumbersAreNotStated) {
  const auto p = parse_massive_page(
      page(with(with(contract, R"("bid":28.9)", R"("bid":-1)"), R"("ask":29.25)", R"("ask":null)")), "p");
  ASSERT_TRUE(p) << p.error().evidence;
  EXPECT_FALSE(p->contracts[0].state.two_sided());
  EXPECT_EQ(p->contracts[0].state.ask, market::no_price);
  EXPECT_EQ(p->counts.no_price, 1u);
  const auto bare = parse_massive_page(page(R"({"details":{"ticker":"O:SPXW251219C06900000"}})"), "p");
  ASSERT_TRUE(bare) << bare.error().evidence;
  EXPECT_EQ(bare->contracts[0].state.open_interest, market::no_quantity);
  EXPECT_EQ(bare->contracts[0].state.ts_quote, start_of_time);
}

TEST(MassiveChain, LeavesAdjustedRootsOutAndCountsThem) {
  const auto p = parse_massive_page(page(contract + "," + with(contract, "O:SPXW25", "O:SPX125")), "p");
  ASSERT_TRUE(p) << p.error().evidence;
  EXPECT_EQ(p->contracts.size(), 1u);
  EXPECT_EQ(p->counts.bad_root, 1u);
}

TEST(MassiveChain, RefusesWhatIsNotTheVendorsShape) {
  const auto expect = [](const std::string& text, std::initializer_list<vendor_errc> codes, const std::string& words) {
    const auto p = parse_massive_page(text, "page 2");
    ASSERT_FALSE(p) << text;
    EXPECT_THAT(codes, ::testing::Contains(p.error().code)) << p.error().evidence;
    EXPECT_THAT(p.error().evidence, HasSubstr(words));
  };
  using enum vendor_errc;
  const std::string whole = page(contract);
  expect("", {truncated, bad_json}, "page 2");
  expect("<html>", {bad_json}, "page 2");
  for (std::size_t cut = 1; cut < whole.size(); cut += 7) expect(whole.substr(0, cut), {truncated, bad_json}, "page 2");
  expect(R"({"status":"OK"})", {bad_json}, "no 'results'");
  expect(R"({"results":{},"status":"OK"})", {bad_json}, "page 2");
  expect(R"({"status":"ERROR","error":"limit: max 250"})", {bad_json}, "limit: max 250");
  expect(whole + "{}", {bad_json}, "page 2");
  expect(page(with(contract, "O:SPXW251219C06900000", "SPXW251219C06900000")), {bad_ticker}, "result 1: bad ticker");
  expect(page(with(contract, R"("ticker":"O:SPXW251219C06900000")", R"("other":1)")), {bad_ticker}, "result 1");
  expect(page(with(contract, "6900,", "6905,")), {disagrees}, "strike_price");
  expect(page(with(contract, "2025-12-19", "2025-12-20")), {disagrees}, "expiration_date");
  expect(page(with(contract, R"("call")", R"("put")")), {disagrees}, "contract_type");
  expect(page(with(contract, "european", "euro\xFFpean")), {not_utf8}, "page 2");
}

TEST(MassiveChain, ReadsAnIndexValue) {
  EXPECT_EQ(parse_massive_value(to_massive_value("I:SPX", price(6'901'250'000'000)), "spot"), price(6'901'250'000'000));
  for (const char* bad : {R"({"results":[],"status":"OK"})", R"({"results":[{"ticker":"I:SPX"}],"status":"OK"})",
                          R"({"results":[{"value":0}]})", R"({"results":[{"value":5,"error":"NOT_ENTITLED"}]})",
                          R"({"status":"ERROR","error":"x"})", "", "[]"}) {
    EXPECT_FALSE(parse_massive_value(bad, "spot")) << bad;
  }
}

TEST(MassiveChain, TheVendorsOwnExampleIsRead) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/vendor-shapes");
  const auto body = read_file(isobar::testing::shared_data("options/vendor-shapes/options_chain_snapshot_AAPL.json"));
  ASSERT_TRUE(body);
  const auto p = parse_massive_page(*body, "AAPL");
  ASSERT_TRUE(p) << p.error().evidence;
  ASSERT_EQ(p->contracts.size(), 1u);
  EXPECT_EQ(p->contracts[0].state.open_interest, quantity(8133));  // options-surface 1.2
  EXPECT_EQ(p->spot, price(159'960'600'000));
}

TEST(MassiveChain, ARealChainSurvivesTheVendorsShape) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/spx-eod-2019");
  const auto bytes = read_file(isobar::testing::shared_data("options/spx-eod-2019/SPX_20190425.csv"));
  ASSERT_TRUE(bytes);
  const auto chains = parse_cboe_eod(*bytes, "csv");
  ASSERT_TRUE(chains);
  const market::raw_chain& chain = chains->front();
  const auto p =
      parse_massive_page(to_massive_page(chain.contracts, {.underlying = "I:SPX", .spot = chain.spot}), "page");
  ASSERT_TRUE(p) << p.error().evidence;
  ASSERT_EQ(p->contracts.size(), chain.contracts.size());
  EXPECT_EQ(p->spot, chain.spot);
  for (std::size_t i = 0; i < p->contracts.size(); ++i) {
    ASSERT_EQ(p->contracts[i].id, chain.contracts[i].id);
    ASSERT_EQ(p->contracts[i].state, chain.contracts[i].state) << market::to_ticker(p->contracts[i].id);
  }
}

}  // namespace
}  // namespace isobar::wire
