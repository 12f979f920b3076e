#include "core/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace isobar {
namespace {

TEST(Decimal, ReadsExactly) {
  EXPECT_EQ(parse_nanos("2109.9"), 2'109'900'000'000);
  EXPECT_EQ(parse_nanos("-0.05"), -50'000'000);
  EXPECT_EQ(parse_nanos("15"), 15'000'000'000);
  EXPECT_EQ(parse_nanos("4e-05"), 40'000);
  EXPECT_EQ(parse_nanos("4500.5298000000000000"), 4'500'529'800'000);
  EXPECT_EQ(parse_nanos(".5"), 500'000'000);
}

TEST(Decimal, RefusesWhatIsNotAnExactNumber) {
  for (const char* bad :
       {"", "-", ".", "nan", "inf", "1.2.3", "1,5", "12 ", "0.0000000001", "1e", "99999999999999999999"}) {
    EXPECT_FALSE(parse_nanos(bad)) << bad;
  }
}

TEST(Decimal, FormatsRoundedHalfAwayFromZero) {
  EXPECT_EQ(format_nanos(12'550'000'000, 2), "12.55");
  EXPECT_EQ(format_nanos(-25'000'000, 2), "-0.03");
  EXPECT_EQ(format_nanos(25'000'000), "0.025");
  EXPECT_EQ(format_nanos(6'900'000'000'000, 0), "6900");
}

RC_GTEST_PROP(Decimal, FormatParsesBack, (std::int64_t nanos)) {
  RC_PRE(nanos != INT64_MIN);
  RC_ASSERT(parse_nanos(format_nanos(nanos)) == nanos);
}

}  // namespace
}  // namespace isobar
