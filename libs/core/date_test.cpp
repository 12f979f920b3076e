#include "core/date.hpp"

#include <gtest/gtest.h>

namespace isobar {
namespace {

TEST(Date, ConvertsBothWays) {
  const auto d = make_date(2025, 12, 19);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->days, 20'441);  // 2025-12-19 is 20,441 days after 1970-01-01 (date -d 2025-12-19 +%s / 86400)
  EXPECT_EQ(to_iso(*d), "2025-12-19");
  EXPECT_EQ(parse_iso_date("2025-12-19"), d);
  EXPECT_EQ(to_yyyymmdd(*d), 20'251'219);
  EXPECT_EQ(from_yyyymmdd(20'251'219), d);
  EXPECT_EQ(weekday_of(*d), 5u);
}

TEST(Date, RefusesDaysThatDoNotExist) {
  EXPECT_FALSE(make_date(2025, 2, 29));
  EXPECT_FALSE(parse_iso_date("2025-13-01"));
  EXPECT_FALSE(parse_iso_date("2025-1-01"));
  EXPECT_FALSE(from_yyyymmdd(20'250'231));
}

TEST(Timestamp, PrintsAndParsesNanoseconds) {
  const auto t = parse_iso_timestamp("2025-12-19T14:30:00.2Z");
  ASSERT_TRUE(t);
  EXPECT_EQ(to_iso(*t), "2025-12-19T14:30:00.200000000Z");
  EXPECT_EQ(parse_iso_timestamp(to_iso(*t)), t);
  EXPECT_FALSE(parse_iso_timestamp("2025-12-19T25:30:00Z"));
  EXPECT_FALSE(parse_iso_timestamp("2025-12-19 14:30:00Z"));
}

TEST(Timestamp, PutsABoundaryInTheLaterWindow) {
  EXPECT_EQ(window_end_of(timestamp{400'000'000}, milliseconds(200)).ns, 600'000'000);
  EXPECT_EQ(window_end_of(timestamp{399'999'999}, milliseconds(200)).ns, 400'000'000);
  EXPECT_EQ(window_end_of(timestamp{-1}, milliseconds(200)).ns, 0);
}

}  // namespace
}  // namespace isobar
