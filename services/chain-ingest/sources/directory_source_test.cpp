#include "chain-ingest/sources/directory_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "chain-ingest/sources/recorder.hpp"
#include "chain-ingest/sources/simulator_source.hpp"
#include "testing/temp_dir.hpp"
#include "testing/testdata.hpp"

namespace isobar::chain_ingest {
namespace {

using ::testing::HasSubstr;

const isobar::symbol spx = *isobar::symbol::parse("SPX");
const isobar::symbol es = *isobar::symbol::parse("ES");

// A well-formed file of one contract for each date; the figures are made up.
std::string eod(const std::string& date_us, const std::string& root = "SPXW") {
  return "underlying_last,optionroot,type,expiration,quotedate,strike,last,bid,ask,volume,openinterest,impliedvol,"
         "gamma\n"
         "2919," +
         root + "190628C02900000,call,06/28/2019," + date_us + ",2900,0,24.1,24.9,0,2,0.11,0.004\n";
}

std::vector<source_event> all(directory_source& s) {
  std::vector<source_event> out;
  const std::stop_source stop;
  while (true) {
    out.push_back(s.next(stop.get_token()));
    if (std::holds_alternative<source_ended>(out.back())) return out;
  }
}

timestamp time_of(const source_event& e) { return std::get<chain_arrived>(e).chain.ts_event(); }

TEST(DirectorySource, ReplaysInOrderOfEventTimeWhateverTheNames) {
  const isobar::testing::temp_dir folder;
  folder.write("a.csv", eod("05/03/2019"));
  folder.write("b.csv", eod("05/01/2019"));
  folder.write("c.csv", eod("05/02/2019"));
  folder.write("universe.csv", "#expiry,strike\n");
  folder.write("notes.txt", "x");
  auto s = directory_source::open({.paths = {folder.path().string()}}, spx);
  ASSERT_TRUE(s) << s.error().evidence;
  EXPECT_EQ((*s)->skipped(), 2u);
  EXPECT_EQ((*s)->next_at(), parse_iso_timestamp("2019-05-01T20:00:00Z"));
  const auto events = all(**s);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(time_of(events[0]), parse_iso_timestamp("2019-05-01T20:00:00Z"));
  EXPECT_EQ(time_of(events[1]), parse_iso_timestamp("2019-05-02T20:00:00Z"));
  EXPECT_EQ(time_of(events[2]), parse_iso_timestamp("2019-05-03T20:00:00Z"));
  EXPECT_EQ((*s)->next_at(), end_of_time);
}

TEST(DirectorySource, AMalformedFileIsReportedAndTheOthersGoOn) {
  const isobar::testing::temp_dir folder;
  folder.write("a.csv", eod("05/01/2019"));
  folder.write("b.csv", eod("05/02/2019").substr(0, 170));
  auto s = directory_source::open({.paths = {folder.path().string()}}, spx);
  ASSERT_TRUE(s);
  const auto events = all(**s);
  ASSERT_EQ(events.size(), 3u);
  ASSERT_TRUE(std::holds_alternative<chain_refused>(events[0]));
  EXPECT_THAT(std::get<chain_refused>(events[0]).evidence, HasSubstr("b.csv:2"));
  EXPECT_TRUE(std::holds_alternative<chain_arrived>(events[1]));
}

TEST(DirectorySource, RefusesToOpenWithoutAChainOfTheSymbol) {
  const isobar::testing::temp_dir folder;
  EXPECT_THAT(directory_source::open({.paths = {(folder / "none").string()}}, spx).error().evidence,
              HasSubstr("no such file"));
  EXPECT_THAT(directory_source::open({.paths = {folder.path().string()}}, spx).error().evidence,
              HasSubstr("no chain of SPX"));
  folder.write("a.csv", eod("05/01/2019", "NDXP"));
  EXPECT_FALSE(directory_source::open({.paths = {folder.path().string()}}, spx));
}

TEST(DirectorySource, ReplaysTheTwelveRealDays) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/spx-eod-2019");
  auto s = directory_source::open({.paths = {isobar::testing::shared_data("options/spx-eod-2019").string()}}, spx);
  ASSERT_TRUE(s) << s.error().evidence;
  EXPECT_EQ((*s)->chains(), 12u);
  ingest in({.symbol = spx});
  std::size_t rows = 0, expired = 0, kept = 0;
  for (auto& e : all(**s)) {
    if (std::holds_alternative<source_ended>(e)) break;
    const auto chain = in.apply(std::get<chain_arrived>(e).chain);
    ASSERT_TRUE(chain) << chain.error().evidence;
    rows += in.rows().rows;
    expired += in.rows().expired;
    kept += in.rows().kept;
    EXPECT_EQ((*chain)->contract_count(), in.rows().kept);
  }
  EXPECT_EQ(rows, 161'966u);  // 116,912 SPXW and 45,054 SPX rows, by awk
  // Expiring on their own date, settled by 16:00 when the files are as of, by awk ($6==$7).
  EXPECT_EQ(expired, 2'736u);
  EXPECT_EQ(kept, rows - expired);
  EXPECT_EQ(in.counts().published, 12u);
}

TEST(DirectorySource, DropsExpiredRowsOfTheRealDownloads) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/cboe-delayed-quotes");
  auto s =
      directory_source::open({.paths = {isobar::testing::shared_data("options/cboe-delayed-quotes").string()}}, spx);
  ASSERT_TRUE(s) << s.error().evidence;
  ingest in({.symbol = spx});
  std::size_t published = 0;
  std::vector<std::uint64_t> expired;
  for (auto& e : all(**s)) {
    if (std::holds_alternative<source_ended>(e)) break;
    EXPECT_TRUE(in.apply(std::get<chain_arrived>(e).chain));
    expired.push_back(in.rows().expired);
    ++published;
  }
  EXPECT_EQ(published, 4u);
  EXPECT_THAT(expired, ::testing::ElementsAre(0, 1476, 0, 446));  // by awk: rows of 2023-08-18 and of 2024-01-05
}

TEST(DirectorySource, ARealMinuteArchiveGivesItsBoardAtItsFirstBar) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/minute-quotes");
  const auto root = isobar::testing::shared_data("options/minute-quotes");
  auto s = directory_source::open(
      {.paths = {(root / "futureoption/cme/minute/es/202003/20200106_quote_american.zip").string(),
                 (root / "future").string()}},
      es);
  ASSERT_TRUE(s) << s.error().evidence;
  EXPECT_EQ((*s)->chains(), 1u);
  ingest in({.symbol = es});
  const auto chain = in.apply(std::get<chain_arrived>((*s)->next({})).chain);
  ASSERT_TRUE(chain) << chain.error().evidence;
  EXPECT_EQ((*chain)->contract_count(), 104u);
  EXPECT_EQ((*chain)->ts_event, parse_iso_timestamp("2020-01-06T00:00:00Z"));
  ASSERT_EQ((*chain)->expiries.size(), 1u);
  EXPECT_EQ((*chain)->expiries[0].multiplier, 50);
  // Last trade of the March future's bar 23:59 of 2020-01-05 (its closing quote: 3223.50 to 3223.75).
  EXPECT_EQ((*chain)->spot, price(3'223'750'000'000));
}

TEST(DirectorySource, ASimulatedRecordingReplaysToTheSameChainsAndATornTailIsReported) {
  const isobar::testing::temp_dir folder;
  sim::config market;
  market.start = *parse_iso_timestamp("2025-12-18T15:00:00Z");
  market.duration = seconds(3);
  market.quotes_per_second = 500;
  auto records = recorder::open({.folder = folder.path()}, spx, market.start);
  ASSERT_TRUE(records);
  simulator_source simulated({.market = market, .interval = seconds(1), .vendor_underlying = "I:SPX"},
                             std::move(*records));
  std::vector<market::chain_snapshot> chains;
  EXPECT_EQ(simulated.next_at(), market.start);
  for (auto e = simulated.next({}); !std::holds_alternative<source_ended>(e); e = simulated.next({})) {
    chains.push_back(std::get<market::chain_snapshot>(std::get<chain_arrived>(e).chain.chain));
  }
  ASSERT_EQ(chains.size(), 3u);

  const auto file = std::filesystem::directory_iterator(folder.path())->path();
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 5);
  auto s = directory_source::open({.paths = {folder.path().string()}}, spx);
  ASSERT_TRUE(s) << s.error().evidence;
  const auto events = all(**s);
  ASSERT_EQ(events.size(), 4u);
  for (std::size_t i = 0; i < 2; ++i) {
    ingest in({.symbol = spx});
    const auto chain = in.apply(std::get<chain_arrived>(events[i]).chain);
    ASSERT_TRUE(chain) << chain.error().evidence;
    EXPECT_EQ((*chain)->ts_event, chains[i].ts_event);
    EXPECT_EQ((*chain)->spot, chains[i].spot);
    std::size_t same = 0, live = 0;
    for (const auto& e : chains[i].expiries) {
      for (const auto& r : (*chain)->expiries) {
        if (r.key == e.key) same += r.contracts.size() == e.contracts.size();
      }
      live += e.settles_at > chains[i].ts_event;
    }
    EXPECT_EQ(same, live);
  }
  ASSERT_TRUE(std::holds_alternative<chain_refused>(events[2]));
  EXPECT_THAT(std::get<chain_refused>(events[2]).evidence, HasSubstr("the recording was cut"));
}

TEST(Recorder, BeginsANewFileBetweenFetchesAndKeepsTheNewest) {
  const isobar::testing::temp_dir folder;
  auto records = recorder::open({.folder = folder.path(), .file_bytes = 100, .files_max = 3}, spx, timestamp{});
  ASSERT_TRUE(records);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE((*records)->append(std::string(60, 'x') + "\n", true));
    EXPECT_TRUE((*records)->append(std::string(60, 'x') + "\n"));
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
    EXPECT_EQ(entry.file_size(), 122u) << "a fetch is torn";
  }
  EXPECT_EQ(files, 3u);
}

TEST(Recorder, RefusesAFolderThatCannotBeWritten) {
  const isobar::testing::temp_dir folder;
  const auto file = folder.write("not-a-folder", "");
  const auto made = recorder::open({.folder = file / "below"}, spx, timestamp{});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().evidence, HasSubstr("not-a-folder"));
}

}  // namespace
}  // namespace isobar::chain_ingest
