#include "market/option.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace isobar::market {
namespace {

// options-surface 1.3 and 10.1.
TEST(Ticker, ReadsTheVendorGrammar) {
  const option_id spxw{"SPXW", *make_date(2025, 12, 19), right::call, strike(6'900'000'000'000)};
  EXPECT_EQ(parse_ticker("O:SPXW251219C06900000").value(), spxw);
  EXPECT_EQ(to_ticker(spxw), "O:SPXW251219C06900000");
  EXPECT_EQ(parse_ticker("O:SPXW20251219C06900000").value(), spxw);
  EXPECT_EQ(parse_ticker("SPXW251219C06900000", false).value(), spxw);
  EXPECT_EQ(parse_ticker("O:SPXW251219C06900000", false).value(), spxw);
  const auto put = parse_ticker("O:SPXW260127P06985000").value();
  EXPECT_EQ(put.right, right::put);
  EXPECT_EQ(put.strike, strike(6'985'000'000'000));
  EXPECT_EQ(parse_ticker("O:SPY251219P00697500").value().strike, strike(697'500'000'000));
}

TEST(Ticker, RefusesWhatIsMalformed) {
  const auto code = [](std::string_view text, bool prefix = true) { return parse_ticker(text, prefix).error().code; };
  EXPECT_EQ(code(""), ticker_errc::no_prefix);
  EXPECT_EQ(code("SPXW251219C06900000"), ticker_errc::no_prefix);
  EXPECT_EQ(code("O:"), ticker_errc::bad_root);
  EXPECT_EQ(code("", false), ticker_errc::bad_root);
  EXPECT_EQ(code("O:spxw251219C06900000"), ticker_errc::bad_root);
  EXPECT_EQ(code("O:251219C06900000"), ticker_errc::bad_root);
  EXPECT_EQ(code("O:TOOLONG251219C06900000"), ticker_errc::bad_root);
  EXPECT_EQ(code("O:SPX1251219C06900000"), ticker_errc::bad_date);  // adjusted root
  EXPECT_EQ(code("O:SPXW251319C06900000"), ticker_errc::bad_date);
  EXPECT_EQ(code("O:SPXW250229C06900000"), ticker_errc::bad_date);
  EXPECT_EQ(code("O:SPXW"), ticker_errc::bad_date);
  EXPECT_EQ(code("O:SPXW251219X06900000"), ticker_errc::bad_right);
  EXPECT_EQ(code("O:SPXW251219"), ticker_errc::bad_right);
  EXPECT_EQ(code("O:SPXW251219C0690000"), ticker_errc::bad_strike);
  EXPECT_EQ(code("O:SPXW251219C069000000"), ticker_errc::bad_strike);
  EXPECT_EQ(code("O:SPXW251219C0690000O"), ticker_errc::bad_strike);
  EXPECT_EQ(code("O:SPXW251219C00000000"), ticker_errc::bad_strike);
  EXPECT_EQ(code("O:SPXW251219C-6900000"), ticker_errc::bad_strike);
  EXPECT_EQ(parse_ticker(std::string(1'000'000, 'A'), false).error().evidence.size(), 64u);
}

RC_GTEST_PROP(Ticker, RoundTrips, ()) {
  option_id id;
  id.root = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('A', static_cast<char>('Z' + 1))));
  id.root.resize(std::min<std::size_t>(id.root.size(), 6));
  id.expiry = *make_date(2000, 1, 1) + *rc::gen::inRange(0, 36'524);
  id.right = *rc::gen::element(right::call, right::put);
  id.strike = strike(*rc::gen::inRange<std::int64_t>(1, 100'000'000) * 1'000'000);
  RC_ASSERT(parse_ticker(to_ticker(id)).value() == id);
}

TEST(ExpiryKey, OrdersByDateThenRootAndRoundTrips) {
  const date day = *make_date(2025, 12, 19);
  EXPECT_LT((expiry_key{day, "SPX"}), (expiry_key{day, "SPXW"}));
  EXPECT_LT((expiry_key{day, "SPXW"}), (expiry_key{day + 1, "SPX"}));
  EXPECT_EQ(to_string(expiry_key{day, "SPXW"}), "SPXW-20251219");
  EXPECT_EQ(parse_expiry_key("SPXW-20251219"), (expiry_key{day, "SPXW"}));
  for (const char* bad : {"", "-", "SPXW", "SPXW-", "SPXW-251219", "spxw-20251219", "SPXW-20251319", "SPXW-20251219 "})
    EXPECT_FALSE(parse_expiry_key(bad)) << bad;
}

}  // namespace
}  // namespace isobar::market
