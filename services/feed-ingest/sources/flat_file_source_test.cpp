#include "feed-ingest/sources/flat_file_source.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include <fstream>

#include "feed-ingest/domain/option_listing.hpp"
#include "testing/temp_dir.hpp"

namespace isobar::feed_ingest {
namespace {

using ::testing::HasSubstr;

constexpr const char* header = "ticker,conditions,correction,exchange,price,sip_timestamp,size\n";

class FlatFiles : public ::testing::Test {
 protected:
  std::string plain(const char* name, const std::string& text) {
    const auto path = data.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  std::string zipped(const char* name, const std::string& text) {
    const auto path = (data.path() / name).string();
    gzFile out = gzopen(path.c_str(), "wb");
    EXPECT_EQ(gzwrite(out, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
    EXPECT_EQ(gzclose(out), Z_OK);
    return path;
  }
  struct printed {
    std::string ticker;
    std::int64_t at;
    std::int64_t paid;
    std::uint32_t size;
    bool operator==(const printed&) const = default;
  };
  /// Every trade; each contract must have been defined before.
  static std::vector<printed> read(flat_file_source& from) {
    std::map<std::uint32_t, std::string> names;
    std::vector<printed> out;
    while (const auto* r = from.next()) {
      if (r->kind == record_kind::definition) {
        EXPECT_TRUE(list_option(r->instrument, 0)) << r->instrument.raw_symbol;
        EXPECT_TRUE(names.emplace(r->instrument_id, r->instrument.raw_symbol).second) << "once";
        continue;
      }
      EXPECT_TRUE(r->is_trade);
      EXPECT_TRUE(names.contains(r->instrument_id));
      out.push_back({names[r->instrument_id], r->event_time.ns, r->trade.price.value, r->trade.size});
    }
    return out;
  }
  isobar::testing::temp_dir data;
};

constexpr const char* put = "O:SPY240119P00470000";
constexpr const char* call = "O:SPY240119C00471000";

// As the vendor's files are: by ticker, then by time.
const std::string day = std::string(header) + call + ",209,0,312,1.95,1705588200000000300,2\n" + call +
                        ",\"209,227\",0,312,2,1705588200000000500,1\n" +
                        "O:QQQ240119C00400000,209,0,312,1,1705588200000000100,9\n" + put +
                        ",209,0,312,0.05,1705588200000000200,7\n" + put + ",232,12,312,0.06,1705588200000000300,3\n";
const std::vector<std::int64_t> times{200, 300, 300, 500};

TEST_F(FlatFiles, TradesComeByTimeWhateverTheFilesOrder) {
  for (const auto& file : {plain("day.csv", day), zipped("day.csv.gz", day)}) {
    flat_file_source source({file}, {"SPY"});
    const auto all = read(source);
    EXPECT_EQ(source.error(), std::nullopt);
    ASSERT_EQ(all.size(), times.size());
    for (std::size_t i = 0; i < times.size(); ++i) EXPECT_EQ(all[i].at, 1'705'588'200'000'000'000 + times[i]);
    EXPECT_EQ(all[0], (printed{put, all[0].at, 50'000'000, 7}));
    EXPECT_EQ(all[1], (printed{call, all[1].at, 1'950'000'000, 2})) << "equal times: in file order";
    EXPECT_EQ(all[2].ticker, put);
    EXPECT_EQ(source.skipped().refused[static_cast<std::size_t>(refusal::other_instrument)], 1u);
  }
}

TEST_F(FlatFiles, CancelledAndCorrectedTradesAreCountedAndLeftOut) {
  std::string text = header;
  for (const char* row : {",201,0,312,1,1705588200000000001,1", ",\"209,207\",0,312,1,1705588200000000002,1",
                          ",209,1,312,1,1705588200000000003,1", ",209,8,312,1,1705588200000000004,1",
                          ",209,10,312,1,1705588200000000005,1", ",,,312,1,1705588200000000006,1"})
    text += std::string(put) + row + "\n";
  flat_file_source source({plain("day.csv", text)}, {"SPY"});
  const auto all = read(source);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].at % 10, 6) << "nothing said is a regular trade";
  EXPECT_EQ(source.skipped().refused[static_cast<std::size_t>(refusal::cancelled)], 5u);
}

TEST_F(FlatFiles, BadRowsAreCountedWithTheirLines) {
  std::string text = header;
  for (const char* row :
       {"SPY240119P00470000,209,0,312,1,1705588200000000001,1", "O:SPY240119P00470000,209,0,312,-1,1,1",
        "O:SPY240119P00470000,209,0,312,1.0000000001,1705588200000000001,1",
        "O:SPY240119P00470000,209,0,312,1,1705588200000000001,0",
        "O:SPY240119P00470000,209,0,312,1,99999999999999999999,1", "O:SPY240119P00470000,209,0",
        "O:SPY240119P00470000,209,0,312,1,1705588200000000001,1"})
    text += std::string(row) + "\r\n";
  flat_file_source source({plain("day.csv", text)}, {"SPY"});
  EXPECT_EQ(read(source).size(), 1u);
  EXPECT_EQ(source.skipped().refused[static_cast<std::size_t>(refusal::bad_value)], 6u);
  ASSERT_EQ(source.rejects().size(), 6u);
  EXPECT_EQ(source.rejects()[0].line, 2u);
  EXPECT_EQ(source.rejects()[0].what, "ticker SPY240119P00470000");
  EXPECT_EQ(source.rejects()[1].what, "price -1");
  EXPECT_EQ(source.rejects()[3].what, "size 0");
  EXPECT_EQ(source.rejects()[5].line, 7u);
  EXPECT_EQ(source.rejects()[5].what, "3 columns");
}

TEST_F(FlatFiles, WhatCannotBeReadEndsTheInput) {
  flat_file_source none({plain("day.csv", "a,b\n1,2\n")}, {"SPY"});
  EXPECT_TRUE(read(none).empty());
  EXPECT_THAT(none.error().value(), HasSubstr("day.csv: line 1: not the columns"));
  std::string many = day;
  for (int i = 0; i < 3'000; ++i)
    many += std::string(put) + ",209,0,312,1," + std::to_string(1'705'588'200'000'000'000 + i * 7919 % 3'000) + ",1\n";
  zipped("whole.csv.gz", many);
  const auto torn = data.path() / "torn.csv.gz";
  std::filesystem::copy_file(data.path() / "whole.csv.gz", torn);
  std::filesystem::resize_file(torn, std::filesystem::file_size(torn) / 2);
  flat_file_source broken({torn.string()}, {"SPY"});
  EXPECT_TRUE(read(broken).empty()) << "sorting needs all of it";
  EXPECT_THAT(broken.error().value(), HasSubstr("torn.csv.gz"));
  flat_file_source bounded({plain("day.csv", day)}, {"SPY"}, 2);
  EXPECT_TRUE(read(bounded).empty());
  EXPECT_THAT(bounded.error().value(), HasSubstr("more than 2 trades"));
  flat_file_source backwards({plain("b.csv", day), plain("a.csv", day)}, {"SPY"});
  EXPECT_EQ(read(backwards).size(), 4u);
  EXPECT_THAT(backwards.error().value(), HasSubstr("before the end of the file before it"));
}

}  // namespace
}  // namespace isobar::feed_ingest
