#include "wire/cboe_eod.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "testing/testdata.hpp"

namespace isobar::wire {
namespace {

using ::testing::HasSubstr;

// Columns as in the 2019 files; the figures are made up.
const std::string header =
    "underlying,underlying_last,exchange,optionroot,type,expiration,quotedate,strike,last,net,bid,ask,volume,"
    "openinterest,impliedvol,delta,gamma\n";
const std::string call_row =
    "SPX,2919.04,CBOE,SPXW190426C02900000,call,04/26/2019,04/25/2019,2900.0,24.5,0.0,24.1,24.9,12,2,0.11,0.7,0.004\n";
const std::string put_row =
    "SPX,2919.04,CBOE,SPXW190426P02900000,put,04/26/2019,04/25/2019,2900.0,0.0,0.0,0.0,4.9,0,3,0.12,-0.3,0.004\n";

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

failure<vendor_errc> refusal(const std::string& text) {
  auto chains = parse_cboe_eod(text, "SPX.csv");
  EXPECT_FALSE(chains) << text;
  return chains ? failure<vendor_errc>{} : chains.error();
}

TEST(CboeEod, ReadsAContractExactly) {
  const auto chains = parse_cboe_eod(header + call_row + put_row, "SPX.csv");
  ASSERT_TRUE(chains) << chains.error().evidence;
  ASSERT_EQ(chains->size(), 1u);
  const market::raw_chain& chain = chains->front();
  EXPECT_EQ(to_iso(chain.ts_event), "2019-04-25T20:00:00.000000000Z");  // 16:00 in New York, daylight saving
  EXPECT_EQ(chain.spot, price(2'919'040'000'000));
  ASSERT_EQ(chain.contracts.size(), 2u);
  const market::raw_contract& call = chain.contracts[0];
  EXPECT_EQ(market::to_ticker(call.id), "O:SPXW190426C02900000");
  EXPECT_EQ(call.state.bid, price(24'100'000'000));
  EXPECT_EQ(call.state.ask, price(24'900'000'000));
  EXPECT_EQ(call.state.last, price(24'500'000'000));
  EXPECT_EQ(call.state.volume, quantity(12));
  EXPECT_EQ(call.state.open_interest, quantity(2));
  EXPECT_DOUBLE_EQ(call.state.implied_volatility, 0.11);
  EXPECT_DOUBLE_EQ(call.state.gamma, 0.004);
  EXPECT_EQ(call.line, 2u);
  EXPECT_EQ(chain.contracts[1].state.bid, price(0));
  EXPECT_EQ(chain.contracts[1].state.last, market::no_price);
  EXPECT_EQ(chain.counts.zero_bid, 1u);
}

TEST(CboeEod, TakesColumnsByNameWithByteOrderMarkAndBlanks) {
  const std::string text =
      "\xEF\xBB\xBF"
      "ask,bid, "
      "gamma,impliedvol,openinterest,volume,last,strike,quotedate,expiration,type,optionroot,underlying_last\r\n"
      "2,1,0,0,5,6,7,2900,04/25/2019,04/26/2019,call,SPXW190426C02900000,2919\r\n";
  const auto chains = parse_cboe_eod(text, "x.csv");
  ASSERT_TRUE(chains) << chains.error().evidence;
  EXPECT_EQ(chains->front().contracts[0].state.bid, price(1'000'000'000));
  EXPECT_EQ(chains->front().contracts[0].state.ask, price(2'000'000'000));
}

TEST(CboeEod, UnusablePricesLeaveTheSideOutAndAreCounted) {
  const auto chains =
      parse_cboe_eod(header + with(call_row, "24.1,", "nan,") + with(put_row, "4.9,", "-4.9,"), "x.csv");
  ASSERT_TRUE(chains) << chains.error().evidence;
  EXPECT_EQ(chains->front().contracts[0].state.bid, market::no_price);
  EXPECT_EQ(chains->front().contracts[0].state.ask, price(24'900'000'000));
  EXPECT_EQ(chains->front().contracts[1].state.ask, market::no_price);
  EXPECT_EQ(chains->front().counts.no_price, 2u);
}

TEST(CboeEod, KeepsCrossedQuotesAndCountsThem) {
  const auto chains = parse_cboe_eod(header + with(call_row, "24.1,", "25.1,"), "x.csv");
  ASSERT_TRUE(chains);
  EXPECT_EQ(chains->front().counts.crossed, 1u);
  EXPECT_TRUE(chains->front().contracts[0].state.crossed());
}

TEST(CboeEod, LeavesAdjustedRootsOutAndCountsThem) {
  const auto chains = parse_cboe_eod(header + call_row + with(put_row, "SPXW190426P", "SPX1190426P"), "x.csv");
  ASSERT_TRUE(chains) << chains.error().evidence;
  EXPECT_EQ(chains->front().contracts.size(), 1u);
  EXPECT_EQ(chains->front().counts.bad_root, 1u);
  EXPECT_EQ(chains->front().counts.rows, 2u);
}

TEST(CboeEod, RefusesWhatPutsStructureInDoubtNamingTheLine) {
  const auto expect = [](const std::string& text, vendor_errc code, const std::string& words) {
    const auto why = refusal(text);
    EXPECT_EQ(why.code, code) << why.evidence;
    EXPECT_THAT(why.evidence, HasSubstr(words));
  };
  expect("", vendor_errc::empty, "SPX.csv");
  expect(header, vendor_errc::empty, "no contract");
  expect(with(header, "strike", "strikes") + call_row, vendor_errc::wrong_columns,
         "SPX.csv:1: header has no column 'strike'");
  expect(header + call_row + "a,b,c\n", vendor_errc::wrong_columns, "SPX.csv:3: 3 columns, header has 17");
  expect(header + call_row + put_row.substr(0, 40), vendor_errc::truncated, "SPX.csv:3");
  expect(header + call_row.substr(0, call_row.size() - 1), vendor_errc::truncated, "SPX.csv:2");
  expect(header + with(call_row, "CBOE", "CB\xFFOE"), vendor_errc::not_utf8, "SPX.csv:2");
  expect(header + with(call_row, "SPXW190426C02900000", "SPXW190426X02900000"), vendor_errc::bad_ticker,
         "SPX.csv:2: bad ticker");
  expect(header + with(call_row, "2900.0,", "2905.0,"), vendor_errc::disagrees, "strike '2905.0' differs");
  expect(header + with(call_row, "04/26/2019", "04/27/2019"), vendor_errc::disagrees, "expiration");
  expect(header + with(call_row, ",call,", ",put,"), vendor_errc::disagrees, "type 'put' differs");
  expect(header + with(call_row, "04/25/2019", "13/25/2019"), vendor_errc::bad_value, "bad quotedate");
  expect(header + std::string(70'000, 'x') + "\n", vendor_errc::too_long, "SPX.csv:2");
}

// Rows by `awk 'END{print NR-1}'`; tickers are unique in each file, no quote is crossed (awk, $11 > $12).
TEST(CboeEod, ReadsTheTwelveRealDays) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/spx-eod-2019");
  const std::vector<std::pair<std::string, std::size_t>> days{
      {"20190425", 13340}, {"20190426", 13570}, {"20190429", 13268}, {"20190430", 13600},
      {"20190501", 13356}, {"20190502", 13362}, {"20190503", 13806}, {"20190506", 13438},
      {"20190507", 13430}, {"20190508", 13596}, {"20190509", 13678}, {"20190513", 13522}};
  std::size_t spxw = 0, spx = 0;
  for (const auto& [day, rows] : days) {
    const auto bytes = read_file(isobar::testing::shared_data("options/spx-eod-2019/SPX_" + day + ".csv"));
    ASSERT_TRUE(bytes);
    const auto chains = parse_cboe_eod(*bytes, day);
    ASSERT_TRUE(chains) << chains.error().evidence;
    ASSERT_EQ(chains->size(), 1u);
    const market::raw_chain& chain = chains->front();
    EXPECT_EQ(chain.contracts.size(), rows) << day;
    EXPECT_EQ(chain.counts.rows, rows);
    EXPECT_EQ(chain.counts.crossed, 0u);
    EXPECT_EQ(chain.counts.no_price, 0u);
    EXPECT_EQ(chain.counts.no_value, 0u);
    std::set<market::option_id> ids;
    for (const auto& c : chain.contracts) {
      ids.insert(c.id);
      ++(c.id.root == "SPXW" ? spxw : spx);
    }
    EXPECT_EQ(ids.size(), rows);
  }
  EXPECT_EQ(spxw, 116'912u);  // awk over all twelve, by the root of column 4
  EXPECT_EQ(spx, 45'054u);
}

// 14,438 rows, 40 quote dates, 15 rows with both prices zero (awk).
TEST(CboeEod, ReadsTheRealFileOfFortyDates) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/spxw-eod-2018");
  const auto bytes = read_file(isobar::testing::shared_data("options/spxw-eod-2018/SPX_2018.csv"));
  ASSERT_TRUE(bytes);
  const auto chains = parse_cboe_eod(*bytes, "SPX_2018.csv");
  ASSERT_TRUE(chains) << chains.error().evidence;
  EXPECT_EQ(chains->size(), 40u);
  std::size_t rows = 0;
  for (const auto& chain : *chains) rows += chain.contracts.size();
  EXPECT_EQ(rows, 14'438u);
  EXPECT_EQ(to_iso(chains->front().ts_event), "2018-01-02T21:00:00.000000000Z");  // 16:00 in New York, standard time
}

}  // namespace
}  // namespace isobar::wire
