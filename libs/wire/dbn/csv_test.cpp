#include "wire/dbn/csv.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include <map>

#include "testing/testdata.hpp"
#include "wire/dbn/dbn_fixture.hpp"

namespace isobar::wire::dbn {
namespace {

constexpr std::string_view mbo_header =
    "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,price,size,channel_id,order_id,flags,ts_in_delta,"
    "sequence,symbol\n";

struct all_rows {
  std::vector<csv_row> rows;
  std::uint64_t rejected = 0;
  std::vector<csv_reject> rejects;
  std::optional<read_error> error;
};
all_rows drain(std::expected<csv_export, read_error> in) {
  all_rows out;
  if (!in) {
    out.error = in.error();
    return out;
  }
  for (csv_row row; in->next(row);) out.rows.push_back(row);
  EXPECT_EQ(in->rows(), out.rows.size());
  out.rejected = in->rejected();
  out.rejects = in->rejects();
  out.error = in->error();
  return out;
}
all_rows read(const std::string& text) { return drain(csv_export::over(std::make_unique<memory_source>(text))); }

TEST(DbnCsv, AnOrderRowBecomesABookEvent) {
  const auto got =
      read(std::string(mbo_header) +
           "2025-07-17T08:05:03.360842448Z,2025-07-17T08:05:03.360677248Z,160,2,1108,A,B,5.510000000,100,3,"
           "817593,130,165200,851012,ARL\n");
  ASSERT_EQ(got.rows.size(), 1u);
  const auto& row = got.rows[0];
  EXPECT_EQ(to_iso(row.event.ts_event), "2025-07-17T08:05:03.360677248Z");
  EXPECT_EQ(to_iso(row.ts_recv), "2025-07-17T08:05:03.360842448Z");
  EXPECT_EQ(row.event.price, price(5'510'000'000));
  EXPECT_EQ(row.event.size, 100u);
  EXPECT_EQ(row.event.order, market::order_id{817'593});
  EXPECT_EQ(row.event.flags, 130);
  EXPECT_EQ(row.event.channel, 3);
  EXPECT_EQ(row.event.sequence, 851'012u);
  EXPECT_EQ(row.event.action, market::book_action::add);
  EXPECT_EQ(row.event.side, market::book_side::bid);
  EXPECT_EQ(row.instrument_id, 1108u);
  EXPECT_EQ(row.symbol, "ARL");
}

TEST(DbnCsv, RawIntegersAndOtherSpellingsOfTime) {
  const auto raw =
      read(std::string(mbo_header) +
           "1752739503360842448,1752739503360677248,160,2,1108,A,B,5510000000,100,0,1,130,0,1,ARL\n"
           "1752739503360842448,1752739503360677248,160,2,1108,A,B,9223372036854775807,100,0,1,130,0,1,ARL\n"
           "1752739503360842448,1752739503360677248,160,2,1108,A,B,5.51,100,0,1,130,0,1,ARL\n");
  ASSERT_EQ(raw.rows.size(), 2u);
  EXPECT_EQ(raw.rows[0].event.price, price(5'510'000'000));
  EXPECT_EQ(raw.rows[1].event.price, market::no_price);
  EXPECT_EQ(to_iso(raw.rows[0].event.ts_event), "2025-07-17T08:05:03.360677248Z");
  EXPECT_EQ(raw.rejected, 1u) << "a decimal among integers";
  const auto other = read(std::string(mbo_header) +
                          "2025-07-17 08:05:03.360842448+00:00,2025-07-17 08:05:03.360677248+00:00,160,2,1108,C,A,5.51,"
                          "100,0,1,130,0,1,ARL\r\n");
  ASSERT_EQ(other.rows.size(), 1u);
  EXPECT_EQ(other.rows[0].event.ts_event, raw.rows[0].event.ts_event);
}

TEST(DbnCsv, BadRowsAreCountedWithTheirLines) {
  const std::string good = "1,2,160,2,1108,A,B,5.5,100,0,1,130,0,1,ARL\n";
  const auto got = read(std::string(mbo_header) + good +                    //
                        "1,x,160,2,1108,A,B,5.5,100,0,1,130,0,1,ARL\n" +    // 3
                        "1,2,160,2,1108,Q,B,5.5,100,0,1,130,0,1,ARL\n" +    // 4
                        "1,2,160,2,1108,A,,5.5,100,0,1,130,0,1,ARL\n" +     // 5
                        "1,2,160,2,1108,A,B,5.5.5,100,0,1,130,0,1,ARL\n" +  // 6
                        "1,2,160,2,1108,A,B,5.5,-1,0,1,130,0,1,ARL\n" +     // 7
                        "1,2,160,2,1108,A,B,5.5,100,0,1,256,0,1,ARL\n" +    // 8
                        "1,2,160\n" +                                       // 9
                        "\n" +                                              // 10
                        std::string(70'000, 'x') + "\n" + good);            // 11, 12
  EXPECT_EQ(got.rows.size(), 2u);
  EXPECT_EQ(got.rejected, 9u);
  ASSERT_EQ(got.rejects.size(), 9u);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(got.rejects[i].line, i + 3);
  EXPECT_EQ(got.rejects[0].what, "ts_event is no time");
  EXPECT_EQ(got.rejects[6].what, "another number of columns than the header");
  EXPECT_EQ(got.rejects[8].what, "longer than 65536 bytes");
}

TEST(DbnCsv, PiecesAndPackingDoNotMatter) {
  std::string text(mbo_header);
  for (int i = 0; i < 200; ++i)
    text += "1," + std::to_string(i) + ",160,2,1108,A,B,5." + std::to_string(i) + ",100,0,1,130,0,1,ARL" +
            (i % 3 == 0 ? "\r\n" : "\n");
  text.pop_back();  // the last line need not end
  const auto whole = read(text);
  ASSERT_EQ(whole.rows.size(), 200u);
  std::string zst(ZSTD_compressBound(text.size()), '\0');
  zst.resize(ZSTD_compress(zst.data(), zst.size(), text.data(), text.size(), 3));
  for (const auto& bytes : {text, zst})
    for (const std::size_t piece : {1, 7, 1000}) {
      const auto got = drain(csv_export::over(std::make_unique<fixture::piecewise_source>(bytes, piece)));
      ASSERT_EQ(got.rows.size(), 200u);
      for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(got.rows[i].event, whole.rows[i].event);
    }
}

TEST(DbnCsv, RefusesWhatIsNoExport) {
  EXPECT_EQ(read("").error->code, errc::empty);
  const auto other = read("a,b,c\n1,2,3\n");
  EXPECT_EQ(other.error->code, errc::record);
  EXPECT_EQ(other.error->what, "the header has no column ts_event");
  EXPECT_EQ(csv_export::open("/no/such.csv").error().code, errc::io);
}

TEST(DbnCsv, ReadsTheRealOrderFile) {
  ISOBAR_SKIP_WITHOUT_SHARED("databento/equities-mbo-mbp10");
  const auto got =
      drain(csv_export::open(testing::shared_data("databento/equities-mbo-mbp10/ARL_XNAS_20250717.mbo.csv")));
  EXPECT_FALSE(got.error);
  EXPECT_EQ(got.rejected, 0u);
  ASSERT_EQ(got.rows.size(), 5'886u);
  std::map<market::book_action, int> actions;
  for (const auto& row : got.rows) ++actions[row.event.action];
  using enum market::book_action;
  // Counted with awk.
  EXPECT_EQ(actions,
            (std::map<market::book_action, int>{{add, 2915}, {cancel, 2913}, {clear, 1}, {trade, 46}, {fill, 11}}));
}

TEST(DbnCsv, ReadsTheRealByPriceFiles) {
  ISOBAR_SKIP_WITHOUT_SHARED("databento/equities-mbo-mbp10");
  const auto arl =
      drain(csv_export::open(testing::shared_data("databento/equities-mbo-mbp10/ARL_XNAS_20250717.mbp10.csv")));
  EXPECT_FALSE(arl.error);
  EXPECT_EQ(arl.rejected, 0u);
  ASSERT_EQ(arl.rows.size(), 3'928u);
  EXPECT_EQ(arl.rows[0].levels[0], csv_level{});
  // Line 3 of the file: a bid of 100 at 5.51, nothing else.
  EXPECT_EQ(arl.rows[1].levels[0].bid, price(5'510'000'000));
  EXPECT_EQ(arl.rows[1].levels[0].bid_size, 100u);
  EXPECT_EQ(arl.rows[1].levels[0].bid_orders, 1u);
  EXPECT_EQ(arl.rows[1].levels[0].ask, market::no_price);
  EXPECT_EQ(arl.rows[1].event.order, market::order_id{817'593});
  const auto aapl = drain(
      csv_export::open(testing::shared_data("databento/equities-mbo-mbp10/AAPL_XNAS_20241021_mbp10_first_rows.csv")));
  EXPECT_EQ(aapl.rejected, 0u);
  ASSERT_EQ(aapl.rows.size(), 5'000u);
  EXPECT_EQ(aapl.rows[0].levels[9].ask, price(234'130'000'000));
  EXPECT_EQ(aapl.rows[0].levels[9].ask_size, 400u);
  EXPECT_EQ(aapl.rows[0].levels[9].bid_orders, 2u);
  EXPECT_EQ(aapl.rows[0].levels[9].ask_orders, 1u);
  EXPECT_EQ(aapl.rows[0].depth, 1);
}

}  // namespace
}  // namespace isobar::wire::dbn
