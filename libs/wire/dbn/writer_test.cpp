#include "wire/dbn/writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "testing/temp_dir.hpp"
#include "wire/dbn/dbn_fixture.hpp"

namespace isobar::wire::dbn {
namespace {

using fixture::drain;
using fixture::file_of;
using fixture::header;
using fixture::samples;

class DbnWriter : public ::testing::TestWithParam<std::tuple<int, bool, bool>> {
 protected:
  std::uint8_t version() const { return static_cast<std::uint8_t>(std::get<0>(GetParam())); }
  bool zstd() const { return std::get<1>(GetParam()); }
  bool ts_out() const { return std::get<2>(GetParam()); }
};

TEST_P(DbnWriter, ReadsBackWhatItWrote) {
  const auto m = header(version(), ts_out());
  std::vector<std::string> records;
  std::string out;
  auto w = writer::over(std::make_unique<string_sink>(out), m, {.zstd = zstd()});
  ASSERT_TRUE(w);
  for (auto r : samples(version())) {
    if (ts_out()) {
      r.append("\1\2\3\4\5\6\7\0", 8);
      r[0] = static_cast<char>(r.size() / 4);
    }
    ASSERT_TRUE(w->write(record(r.data())));
    records.push_back(r);
  }
  ASSERT_TRUE(w->finish());
  EXPECT_EQ(w->records(), records.size());
  auto in = fixture::read(out);
  ASSERT_TRUE(in) << in.error().text();
  ASSERT_TRUE(in->metadata());
  EXPECT_EQ(*in->metadata(), m);
  EXPECT_EQ(in->has_ts_out(), ts_out());
  const auto back = drain(std::move(in));
  EXPECT_FALSE(back.error) << back.error->text();
  EXPECT_EQ(back.records, records);
}

INSTANTIATE_TEST_SUITE_P(VersionsPackingAndSendingTimes, DbnWriter,
                         ::testing::Combine(::testing::Values(1, 2, 3), ::testing::Bool(), ::testing::Bool()));

TEST(DbnWriterRules, RefusesRecordsOfAnotherVersion) {
  std::string out;
  auto w = writer::over(std::make_unique<string_sink>(out), header(2), {.zstd = false});
  ASSERT_TRUE(w);
  const auto v3 = fixture::sample<definition_v3>(rtype::definition, 1);
  const auto put = w->write(record(v3.data()));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, errc::layout);
  EXPECT_EQ(put.error().evidence, "definition record of 520 bytes; this file's have 400");
  const auto v2 = fixture::sample<definition_v2>(rtype::definition, 1);
  EXPECT_TRUE(w->write(record(v2.data()))) << "a refused record does no harm";
}

TEST(DbnWriterRules, RefusesMetadataThatDoNotFit) {
  auto m = header(1);
  m.symbols.push_back(std::string(22, 'x'));
  const auto long_symbol = encode_metadata(m);
  ASSERT_FALSE(long_symbol);
  EXPECT_EQ(long_symbol.error().code, errc::metadata);
  m = header(3);
  m.version = 4;
  EXPECT_EQ(encode_metadata(m).error().code, errc::version);
}

TEST(DbnWriterRules, AppendsSendingTimes) {
  std::string out;
  auto w = writer::over(std::make_unique<string_sink>(out), header(3, true), {.zstd = false});
  ASSERT_TRUE(w);
  mbo_record m{};
  m.hd = make_header<mbo_record>(rtype::mbo, 1, 2, fixture::noon);
  m.price = 5'000'250'000'000;
  EXPECT_FALSE(w->write(m)) << "without a sending time the length is wrong";
  ASSERT_TRUE(w->write(m, fixture::noon + 5));
  ASSERT_TRUE(w->finish());
  auto in = fixture::read(out);
  ASSERT_TRUE(in);
  const record r = in->next();
  ASSERT_TRUE(r);
  EXPECT_EQ(r.as<mbo_record>()->price, 5'000'250'000'000);
  EXPECT_EQ(r.ts_out(), fixture::noon + 5);
}

TEST(DbnWriterRules, WritesFilesPlainOrPackedByName) {
  const testing::temp_dir folder;
  const auto records = samples(3);
  for (const char* name : {"a.dbn", "a.dbn.zst"}) {
    auto w = writer::create(folder / name, header(3));
    ASSERT_TRUE(w);
    for (const auto& r : records) ASSERT_TRUE(w->write(record(r.data())));
    ASSERT_TRUE(w->finish());
    const auto back = drain(reader::open(folder / name));
    EXPECT_FALSE(back.error) << back.error->text();
    EXPECT_EQ(back.records, records);
  }
  EXPECT_GT(std::filesystem::file_size(folder / "a.dbn"), std::filesystem::file_size(folder / "a.dbn.zst"));
  const auto nowhere = writer::create(folder / "no/such/place.dbn", header(3));
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, errc::io);
}

RC_GTEST_PROP(DbnWriterProperty, AnyMixOfRecordsReadsBack, ()) {
  const auto version = static_cast<std::uint8_t>(*rc::gen::inRange(1, 4));
  const auto all = samples(version);
  const auto picks = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, all.size()));
  std::vector<std::string> records;
  for (const auto i : picks) records.push_back(all[i]);
  const bool fragment = *rc::gen::arbitrary<bool>() && !records.empty();
  const std::optional<metadata> m = fragment ? std::nullopt : std::optional(header(version));
  const auto bytes = file_of(m, records, *rc::gen::arbitrary<bool>(), version);
  const auto piece = *rc::gen::inRange<std::size_t>(1, 2000);
  const auto back = drain(reader::over(std::make_unique<fixture::piecewise_source>(bytes, piece)));
  RC_ASSERT(!back.error);
  RC_ASSERT(back.records == records);
}

}  // namespace
}  // namespace isobar::wire::dbn
