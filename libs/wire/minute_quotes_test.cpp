#include "wire/minute_quotes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <algorithm>
#include <cstring>

#include "testing/testdata.hpp"

namespace isobar::wire {
namespace {

using ::testing::HasSubstr;

/// A zip of the given (name, content) pairs, as bytes.
std::string zip_of(const std::vector<std::pair<std::string, std::string>>& files) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(source);
  zip_t* zip = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &error);
  for (const auto& [name, content] : files) {
    zip_file_add(zip, name.c_str(), zip_source_buffer(zip, content.data(), content.size(), 0), 0);
  }
  EXPECT_EQ(zip_close(zip), 0);
  zip_stat_t stat;
  zip_source_stat(source, &stat);
  std::string bytes(stat.size, '\0');
  zip_source_open(source);
  zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  zip_source_free(source);
  return bytes;
}

const std::string es_call = "20200106_es_minute_quote_american_call_30000000_20200320.csv";
const std::string es_put = "20200106_es_minute_quote_american_put_30000000_20200320.csv";
const std::string spx_put = "20210104_spx_minute_quote_european_put_32000000_20210115.csv";

failure<vendor_errc> refusal(const std::string& bytes) {
  auto archive = parse_minute_archive(bytes, "a.zip");
  EXPECT_FALSE(archive);
  return archive ? failure<vendor_errc>{} : archive.error();
}

TEST(MinuteQuotes, BarsBecomeEventsAtTheirEndInOrderOfTime) {
  const auto archive = parse_minute_archive(
      zip_of({{es_put, "0,1,1,1,1.5,15,2,2,2,2.25,9\r\n"},
              {es_call,
               "0,242.5,251,242.5,250.75,15,261.25,261.25,253.75,254,15\n60000,,,,,0,253.75,254,253.75,253.5,12"}}),
      "a.zip");
  ASSERT_TRUE(archive) << archive.error().evidence;
  EXPECT_EQ(archive->symbol, "ES");
  ASSERT_EQ(archive->contracts.size(), 2u);
  EXPECT_EQ(archive->contracts[0].strike, strike(3'000'000'000'000));
  ASSERT_EQ(archive->events.size(), 3u);
  EXPECT_EQ(archive->events[0].id.right, market::right::call);
  EXPECT_EQ(to_iso(archive->events[0].ts_event), "2020-01-06T00:01:00.000000000Z");  // futures files are in UTC
  EXPECT_EQ(archive->events[0].bid, price(250'750'000'000));
  EXPECT_EQ(archive->events[0].ask, price(254'000'000'000));
  EXPECT_EQ(archive->events[0].bid_size, quantity(15));
  EXPECT_EQ(archive->events[1].id.right, market::right::put);
  EXPECT_EQ(archive->events[2].bid, market::no_price);
  EXPECT_EQ(archive->events[2].sequence, 2u);
  EXPECT_EQ(archive->counts.rows, 3u);
  EXPECT_EQ(archive->counts.no_price, 0u);
}

TEST(MinuteQuotes, IndexOptionsAreInTenThousandthsAndNewYorkTime) {
  const auto archive = parse_minute_archive(zip_of({{spx_put, "34200000,0,0,0,649000,1,0,0,0,679000,2\n"}}), "a.zip");
  ASSERT_TRUE(archive) << archive.error().evidence;
  EXPECT_EQ(archive->events[0].bid, price(64'900'000'000));
  EXPECT_EQ(to_iso(archive->events[0].ts_event), "2021-01-04T14:31:00.000000000Z");
}

TEST(MinuteQuotes, KeepsOddQuotesAndCountsThem) {
  const auto archive = parse_minute_archive(
      zip_of({{es_call, "60000,1,1,1,5,1,1,1,1,4,1\n0,1,1,1,nan,1,1,1,1,-4,1\n0,1,1,1,0,1,1,1,1,4,1\n"}}), "a.zip");
  ASSERT_TRUE(archive) << archive.error().evidence;
  EXPECT_EQ(archive->counts.crossed, 1u);
  EXPECT_EQ(archive->counts.no_price, 2u);
  EXPECT_EQ(archive->counts.zero_bid, 1u);
  EXPECT_EQ(archive->out_of_order, 2u);
  ASSERT_EQ(archive->events.size(), 3u);
  EXPECT_LT(archive->events[1].ts_event, archive->events[2].ts_event);
}

TEST(MinuteQuotes, RefusesBadArchivesNamingEntryAndLine) {
  const auto expect = [](const std::string& bytes, vendor_errc code, const std::string& words) {
    const auto why = refusal(bytes);
    EXPECT_EQ(why.code, code) << why.evidence;
    EXPECT_THAT(why.evidence, HasSubstr(words));
  };
  const std::string good = zip_of({{es_call, "0,1,1,1,1,1,2,2,2,2,1\n"}});
  expect("not a zip", vendor_errc::bad_archive, "a.zip");
  expect("", vendor_errc::empty, "a.zip: no entries");
  expect(good.substr(0, good.size() / 2), vendor_errc::bad_archive, "a.zip");
  expect(zip_of({{es_call, "0,1,1,1,1,1,2,2,2,2,1\n0,1,1\n"}}), vendor_errc::wrong_columns,
         es_call + ":2: 3 columns, want 11");
  expect(zip_of({{es_call, "86400000,1,1,1,1,1,2,2,2,2,1\n"}}), vendor_errc::bad_value, ":1: bad time of day");
  expect(zip_of({{es_call, "0,1,1,1,\xFF,1,2,2,2,2,1\n"}}), vendor_errc::not_utf8, ":1");
  expect(zip_of({{"20200106_zzz_minute_quote_american_call_30000000_20200320.csv", ""}}), vendor_errc::bad_value,
         "unknown root ZZZ");
  expect(zip_of({{"20200106_es_minute_quote_american_call_30000000_20201320.csv", ""}}), vendor_errc::bad_value,
         "bad expiry");
  expect(zip_of({{"20200106_es_minute_quote_american_call_0_20200320.csv", ""}}), vendor_errc::bad_value, "bad strike");
  expect(zip_of({{"readme.txt", ""}}), vendor_errc::bad_value, "readme.txt");
  expect(zip_of({{es_call, ""}, {spx_put, ""}}), vendor_errc::disagrees, "symbol differs");
}

TEST(MinuteQuotes, RefusesADamagedEntryByItsChecksum) {
  const std::string content = "0,1,1,1,1,1,2,2,2,2,1\n";
  std::string bytes = zip_of({{es_call, content}});
  bytes[30 + es_call.size() + 1] = static_cast<char>(bytes[30 + es_call.size() + 1] ^ 0x40);  // inside the data
  EXPECT_EQ(refusal(bytes).code, vendor_errc::bad_archive);
}

TEST(MinuteQuotes, RefusesWhatUnpacksPastItsLimits) {
  const std::string bytes = zip_of({{es_call, std::string(100'000, '0')}});
  const auto archive = parse_minute_archive(bytes, "a.zip", {.entry_bytes = 1000});
  ASSERT_FALSE(archive);
  EXPECT_THAT(archive.error().evidence, HasSubstr("larger than the limit"));
}

// 104 files and 111,789 lines by Python's zipfile; no crossed bar. 9,472 bars have no bid, 7,788 no ask.
TEST(MinuteQuotes, ReadsTheRealDayOfEsOptions) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/minute-quotes");
  const auto path = isobar::testing::shared_data(
      "options/minute-quotes/futureoption/cme/minute/es/202003/20200106_quote_american.zip");
  const auto archive = read_minute_archive(path);
  ASSERT_TRUE(archive) << archive.error().evidence;
  EXPECT_EQ(archive->contracts.size(), 104u);
  EXPECT_EQ(archive->events.size(), 111'789u);
  EXPECT_EQ(archive->counts.rows, 111'789u);
  EXPECT_EQ(archive->counts.crossed, 0u);
  EXPECT_EQ(archive->counts.no_price, 0u);
  EXPECT_EQ(archive->out_of_order, 0u);
  EXPECT_EQ(std::count_if(archive->events.begin(), archive->events.end(),
                          [](const auto& e) { return e.bid == market::no_price; }),
            9'472);
  EXPECT_EQ(std::count_if(archive->events.begin(), archive->events.end(),
                          [](const auto& e) { return e.ask == market::no_price; }),
            7'788);
  EXPECT_TRUE(std::is_sorted(archive->events.begin(), archive->events.end(),
                             [](const auto& a, const auto& b) { return a.ts_event < b.ts_event; }));
}

TEST(MinuteQuotes, ReadsEveryRealArchiveAndMergesThem) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/minute-quotes");
  std::vector<std::string> paths;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(isobar::testing::shared_data("options/minute-quotes"))) {
    if (entry.path().extension() == ".zip") paths.push_back(entry.path().string());
  }
  EXPECT_EQ(paths.size(), 29u);
  std::sort(paths.begin(), paths.end());
  std::size_t events = 0, open_interest = 0, underlying = 0;
  for (const auto& path : paths) {
    const auto archive = read_minute_archive(path);
    ASSERT_TRUE(archive) << archive.error().evidence;
    events += archive->events.size();
    open_interest += archive->open_interest.size();
    underlying += archive->underlying.size();
  }
  EXPECT_EQ(open_interest, 6u + 6u + 12u);
  EXPECT_GT(underlying, 0u);
  const auto merged = read_minute_quotes(paths);
  ASSERT_TRUE(merged) << merged.error().evidence;
  EXPECT_EQ(merged->size(), events);
}

}  // namespace
}  // namespace isobar::wire
