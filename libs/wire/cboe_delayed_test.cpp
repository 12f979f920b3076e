#include "wire/cboe_delayed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "testing/testdata.hpp"

namespace isobar::wire {
namespace {

using ::testing::HasSubstr;

// The shape of a download; the figures are made up.
const std::string preamble =
    "\nAn Index,Last: 4500.5298,Change:  23.0898\n\"Date: February 5 2022, 8:09 PM EST\",Bid: 4420.5,Ask: 4615.43\n";
const std::string header =
    "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,Strike,Puts,Last Sale,Net,Bid,Ask,"
    "Volume,IV,Delta,Gamma,Open Interest\n";
const std::string row =
    "Mon Feb 07 "
    "2022,SPXW220207C04500000,21.5,0,20.1,21.2,7,0.19,0.5,0.003,15,4500.00,SPXW220207P04500000,0.07,0,19.5,19.9,"
    "3,0.2,-0.5,0.0031,106\n";

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CboeDelayed, ReadsBothSidesOfALine) {
  EXPECT_TRUE(is_cboe_delayed(preamble + header + row));
  const auto chain = parse_cboe_delayed(preamble + header + row, "d.csv");
  ASSERT_TRUE(chain) << chain.error().evidence;
  EXPECT_EQ(to_iso(chain->ts_event), "2022-02-06T01:09:00.000000000Z");
  EXPECT_EQ(chain->spot, price(4'500'529'800'000));
  ASSERT_EQ(chain->contracts.size(), 2u);
  EXPECT_EQ(chain->contracts[0].state.bid, price(20'100'000'000));
  EXPECT_EQ(chain->contracts[0].state.open_interest, quantity(15));
  EXPECT_EQ(chain->contracts[1].id.right, market::right::put);
  EXPECT_EQ(chain->contracts[1].state.bid, price(19'500'000'000));
  EXPECT_EQ(chain->contracts[1].state.open_interest, quantity(106));
  EXPECT_DOUBLE_EQ(chain->contracts[1].state.gamma, 0.0031);
  EXPECT_EQ(chain->contracts[1].line, 5u);
}

TEST(CboeDelayed, ReadsTheTimeInTheZoneItNames) {
  EXPECT_EQ(parse_cboe_time(" August 20, 2023 at 10:42 PM EDT"), parse_iso_timestamp("2023-08-21T02:42:00Z"));
  EXPECT_EQ(parse_cboe_time("January 7, 2024 at 12:05 AM EST"), parse_iso_timestamp("2024-01-07T05:05:00Z"));
  EXPECT_EQ(parse_cboe_time("January 7, 2024 at 12:05 PM EST"), parse_iso_timestamp("2024-01-07T17:05:00Z"));
  for (const char* bad : {"", "January 7, 2024", "January 7, 2024 at 13:05 PM EST", "January 32, 2024 at 1:05 PM EST",
                          "January 7, 2024 at 1:05 PM CET", "January 7, 2024 at 1:65 PM EST"}) {
    EXPECT_FALSE(parse_cboe_time(bad)) << bad;
  }
}

TEST(CboeDelayed, RefusesWhatPutsStructureInDoubtNamingTheLine) {
  const auto expect = [](const std::string& text, vendor_errc code, const std::string& words) {
    const auto chain = parse_cboe_delayed(text, "d.csv");
    ASSERT_FALSE(chain) << text;
    EXPECT_EQ(chain.error().code, code) << chain.error().evidence;
    EXPECT_THAT(chain.error().evidence, HasSubstr(words));
  };
  expect("", vendor_errc::empty, "d.csv");
  expect("x\n", vendor_errc::wrong_columns, "first line is not blank");
  expect("\nAn Index,Last: 1\n", vendor_errc::truncated, "no date line");
  expect(with(preamble, "February", "Febtober") + header + row, vendor_errc::bad_value, "d.csv:3: no time");
  expect(preamble + with(header, "Puts", "Putz") + row, vendor_errc::wrong_columns, "'Puts' on the side of 'Puts'");
  expect(preamble + with(header, "Bid,Ask", "Bid,Offer") + row, vendor_errc::wrong_columns,
         "'Ask' on the side of 'Calls'");
  expect(preamble + header, vendor_errc::empty, "no contract");
  expect(preamble + header + row.substr(0, row.size() - 1), vendor_errc::truncated, "d.csv:5");
  expect(preamble + header + row + "a,b\n", vendor_errc::wrong_columns, "d.csv:6: 2 columns");
  expect(preamble + header + with(row, "4500.00", "4505.00"), vendor_errc::disagrees, "d.csv:5: strike differs");
  expect(preamble + header + with(row, "Mon Feb 07 2022", "Tue Feb 08 2022"), vendor_errc::disagrees,
         "expiration date");
  expect(preamble + header + with(row, "SPXW220207C04500000", "SPXW220207P04500000"), vendor_errc::disagrees,
         "other side");
  expect(preamble + header + with(row, "SPXW220207C", "SPXW2202C"), vendor_errc::bad_ticker, "bad ticker");
  expect(preamble + header + with(row, "Mon", "M\xC3(n"), vendor_errc::not_utf8, "d.csv:5");
}

// Rows by `awk 'END{print NR-4}'`, two contracts a row; bids above asks by awk ($5>$6 or $16>$17): 1, 0, 1, 2, in each
// of which the ask is zero.
TEST(CboeDelayed, ReadsTheFourRealDownloads) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/cboe-delayed-quotes");
  struct expected {
    std::string file;
    std::size_t rows;
    std::uint64_t crossed;
    std::string at;
  };
  for (const auto& want : std::vector<expected>{{"SPX_2022-02-05_luca.csv", 10257, 1, "2022-02-06T01:09:00Z"},
                                                {"SPX_2023-08-20_aryaman.csv", 10171, 0, "2023-08-21T02:42:00Z"},
                                                {"SPX_2023-09-04_carlos.csv", 9579, 1, "2023-09-04T18:56:00Z"},
                                                {"SPX_2024-01-07_phammings.csv", 10519, 2, "2024-01-07T15:52:00Z"}}) {
    const auto bytes = read_file(isobar::testing::shared_data("options/cboe-delayed-quotes/" + want.file));
    ASSERT_TRUE(bytes);
    EXPECT_TRUE(is_cboe_delayed(*bytes));
    const auto chain = parse_cboe_delayed(*bytes, want.file);
    ASSERT_TRUE(chain) << chain.error().evidence;
    EXPECT_EQ(chain->contracts.size(), 2 * want.rows) << want.file;
    EXPECT_EQ(chain->counts.crossed, want.crossed) << want.file;
    EXPECT_EQ(chain->ts_event, parse_iso_timestamp(want.at)) << want.file;
    std::set<market::option_id> ids;
    for (const auto& c : chain->contracts) ids.insert(c.id);
    EXPECT_EQ(ids.size(), 2 * want.rows) << want.file;
  }
}

}  // namespace
}  // namespace isobar::wire
