#include "wire/dbn/reader.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zstd.h>

#include <fstream>

#include "testing/temp_dir.hpp"
#include "wire/dbn/dbn_fixture.hpp"

namespace isobar::wire::dbn {
namespace {

using fixture::drain;
using fixture::file_of;
using fixture::header;
using fixture::samples;

std::string little(std::uint32_t v) { return {reinterpret_cast<const char*>(&v), sizeof v}; }

std::string packed(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& p : parts) out += p;
  return out;
}

TEST(DbnReader, PiecesOfAnySizeGiveTheSameRecords) {
  for (const bool zstd : {false, true}) {
    const auto records = samples(3);
    const auto bytes = file_of(header(3), records, zstd);
    for (std::size_t piece = 1; piece < 600; piece += piece < 40 ? 1 : 37) {
      const auto back = drain(reader::over(std::make_unique<fixture::piecewise_source>(bytes, piece)));
      ASSERT_FALSE(back.error) << piece << ": " << back.error->text();
      ASSERT_EQ(back.records, records) << piece;
    }
  }
}

TEST(DbnReader, FragmentsWithoutMetadata) {
  for (std::uint8_t version = 1; version <= newest_version; ++version)
    for (const bool zstd : {false, true}) {
      const auto bytes = file_of(std::nullopt, samples(version), zstd, version);
      auto in = fixture::read(bytes);
      ASSERT_TRUE(in);
      EXPECT_EQ(in->metadata(), nullptr);
      const auto back = drain(std::move(in));
      EXPECT_FALSE(back.error);
      EXPECT_EQ(back.records, samples(version));
    }
}

TEST(DbnReader, FragmentsWithSendingTimes) {
  auto r = fixture::sample<mbo_record>(rtype::mbo, 1) + std::string("\5\0\0\0\0\0\0\0", 8);
  r[0] = static_cast<char>(r.size() / 4);
  auto in = fixture::read(r, {.fragment_ts_out = true});
  ASSERT_TRUE(in);
  EXPECT_EQ(in->next().ts_out(), 5u);
  EXPECT_TRUE(drain(fixture::read(r)).error) << "a length that is wrong without them";
}

TEST(DbnReader, FramesAndSkippableFramesAreOneStream) {
  const auto records = samples(2);
  const auto plain = file_of(header(2), records, false);
  const auto skippable = little(0x184D2A5E) + little(5) + "hello";
  const auto bytes = skippable + packed(plain.substr(0, 100)) + packed("") + skippable +
                     packed(plain.substr(100, 777)) + packed(plain.substr(877)) + skippable;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    const auto back = drain(reader::over(std::make_unique<fixture::piecewise_source>(bytes, piece)));
    EXPECT_FALSE(back.error) << back.error->text();
    EXPECT_EQ(back.records, records);
  }
}

TEST(DbnReader, UnknownTypesAreSkippedAndCounted) {
  auto strange = fixture::sample<mbo_record>(rtype::mbo, 9);
  strange[1] = '\x77';
  auto longest = std::string(record_bytes_max, 'x');
  longest[0] = '\xFF';
  longest[1] = '\x78';
  const auto known = fixture::sample<mbo_record>(rtype::mbo, 1);
  const auto bytes = file_of(header(3), {}, false) + strange + known + longest + strange + known + strange;
  for (const std::size_t piece : {std::size_t{3}, std::size_t{100}, bytes.size()}) {
    auto in = reader::over(std::make_unique<fixture::piecewise_source>(bytes, piece));
    ASSERT_TRUE(in);
    int given = 0;
    while (const record r = in->next()) {
      ++given;
      EXPECT_EQ(r.bytes(), known);
    }
    EXPECT_EQ(in->error(), nullptr);
    EXPECT_EQ(given, 2);
    EXPECT_EQ(in->records(), 2u);
    EXPECT_EQ(in->unknown(), 4u);
    EXPECT_EQ(in->unknown(0x77), 3u);
    EXPECT_EQ(in->unknown(0x78), 1u);
    EXPECT_EQ(in->offset(), bytes.size());
  }
}

TEST(DbnReader, LengthsThatContradictTheTypeAreErrorsWithTheirPlace) {
  const auto good = fixture::sample<mbo_record>(rtype::mbo, 1);
  const auto start = file_of(header(3), {}, false);
  struct {
    char length;
    rtype type;
    std::string what;
  } const cases[] = {
      {15, rtype::mbo, "mbo record of 60 bytes, not 56"},
      {0, rtype::mbo, "record of 0 bytes, less than its header's 16"},
      {3, rtype{0x77}, "record of 12 bytes, less than its header's 16"},
      {100, rtype::mbp_10, "mbp-10 record of 400 bytes, not 368"},
      {99, rtype::definition, "definition record of 396 bytes, not 360 or 400 or 520"},
      {17, rtype::statistics, "statistics record of 68 bytes, not 64 or 80"},
  };
  for (const auto& c : cases) {
    auto bad = std::string(record_bytes_max, '\0');
    bad[0] = c.length;
    bad[1] = static_cast<char>(c.type);
    const auto bytes = start + good + good + bad + good;
    for (const std::size_t piece : {std::size_t{5}, bytes.size()}) {
      const auto back = drain(reader::over(std::make_unique<fixture::piecewise_source>(bytes, piece)));
      ASSERT_TRUE(back.error) << c.what;
      EXPECT_EQ(back.count, 2u);
      EXPECT_EQ(back.error->code, errc::record);
      EXPECT_EQ(back.error->what, c.what);
      EXPECT_EQ(back.error->record, 3u);
      EXPECT_EQ(back.error->offset, start.size() + 2 * good.size());
      EXPECT_EQ(back.error->text(), "pieces: record 3 at byte " + std::to_string(back.error->offset) + ": " + c.what);
    }
  }
}

TEST(DbnReader, ASecondFileBehindTheFirstIsNamed) {
  const auto file = file_of(header(3), samples(3), false);
  const auto back = drain(fixture::read(file + file));
  ASSERT_TRUE(back.error);
  EXPECT_EQ(back.error->what, "a second file's metadata where a record is due");
  EXPECT_EQ(back.error->offset, file.size());
}

TEST(DbnReader, AnswersStayTheSameAfterTheEnd) {
  const auto bytes = file_of(header(3), std::vector<std::string>(10'000, samples(3)[0]), true);
  auto in = fixture::read(bytes);
  ASSERT_TRUE(in);
  while (in->next()) {}
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(in->next());
  EXPECT_EQ(in->error(), nullptr);
  EXPECT_EQ(in->records(), 10'000u);
  auto cut = fixture::read(std::string_view(bytes).substr(0, bytes.size() - 5));
  ASSERT_TRUE(cut);
  while (cut->next()) {}
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(cut->next());
  EXPECT_GT(cut->records(), 0u) << "what was whole goes out first";
  ASSERT_NE(cut->error(), nullptr);
  EXPECT_EQ(cut->error()->code, errc::truncated);
}

TEST(DbnReader, CutsAtEveryByteAreNamed) {
  for (const bool zstd : {false, true}) {
    const auto records = samples(1);
    const auto whole = file_of(header(1), records, zstd);
    const auto plain = zstd ? file_of(header(1), records, false) : whole;
    std::vector<std::size_t> boundaries = {plain.size() - joined(records).size()};
    for (const auto& r : records) boundaries.push_back(boundaries.back() + r.size());
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      const std::string part = whole.substr(0, cut);  // its own allocation: a sanitizer sees reads past it
      const auto back = drain(fixture::read(part));
      const bool at_boundary = !zstd && std::binary_search(boundaries.begin(), boundaries.end(), cut);
      ASSERT_EQ(!back.error, at_boundary) << cut;
      if (at_boundary) continue;
      EXPECT_EQ(back.error->code, cut == 0 ? errc::empty : errc::truncated) << cut << ": " << back.error->text();
      EXPECT_EQ(back.error->file, "memory");
      if (back.error->record == 0) {
        EXPECT_EQ(back.error->offset, 0u);
      } else {
        EXPECT_EQ(back.error->record, back.count + 1);
        EXPECT_EQ(back.error->offset, boundaries[back.count]);
      }
      EXPECT_EQ(back.error->compressed_offset.has_value(), zstd && cut >= 4);
    }
  }
}

TEST(DbnReader, FlippedBitsNeverCrashAndPackedOnesAreNoticed) {
  for (const bool zstd : {false, true}) {
    const auto whole = file_of(header(2), samples(2), zstd);
    int noticed = 0, flips = 0;
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (const int bit : {0, 3, 7}) {
        auto bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
        const auto back = drain(fixture::read(bytes));
        ++flips;
        noticed += back.error.has_value();
        if (back.error && back.error->record > 0) {
          EXPECT_EQ(back.error->record, back.count + back.unknown + 1);
        }
      }
    // The frame's checksum covers all its bytes; the few flips outside it concern its own header.
    EXPECT_GE(noticed, zstd ? flips * 99 / 100 : 0);
  }
}

TEST(DbnReader, RefusesWhatIsNotDbn) {
  EXPECT_EQ(drain(fixture::read("")).error->code, errc::empty);
  EXPECT_EQ(drain(fixture::read("DBN")).error->code, errc::truncated);
  EXPECT_EQ(drain(fixture::read("hello, this is no market data")).error->code, errc::truncated);
  EXPECT_EQ(drain(fixture::read(packed("hello, this is no market data"))).error->code, errc::truncated);
  EXPECT_EQ(drain(fixture::read(std::string("DBN\4\0\0\0\0", 8))).error->code, errc::version);
  EXPECT_EQ(drain(fixture::read(std::string("DBN\0\0\0\0\0", 8))).error->code, errc::version);
  const auto dbz = little(0x184D2A50) + little(144) + "DBZ\1" + std::string(140, '\0');
  EXPECT_EQ(drain(fixture::read(dbz)).error->code, errc::legacy_dbz);
  const auto nothing = reader::open("/no/such/file.dbn");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, errc::io);
  EXPECT_EQ(nothing.error().file, "/no/such/file.dbn");
  const auto folder = reader::open("/tmp");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, errc::io);
}

TEST(DbnReader, MetadataThatLieAreRefusedWithoutTheirMemory) {
  const auto good = file_of(header(3), {}, false);
  const auto with = [&](std::size_t at, std::uint32_t v) {
    auto bytes = good;
    std::memcpy(bytes.data() + at, &v, sizeof v);
    return drain(fixture::read(bytes)).error;
  };
  EXPECT_EQ(with(4, 0xFFFFFFFF)->code, errc::metadata);    // length above the bound
  EXPECT_EQ(with(4, 32 << 20)->code, errc::truncated);     // below it, but not there
  EXPECT_EQ(with(4, 10)->code, errc::metadata);            // shorter than the fixed part
  EXPECT_EQ(with(108, 1)->code, errc::metadata);           // custom fields
  EXPECT_EQ(with(112, 0xFFFFFFFF)->code, errc::metadata);  // count of symbols
  EXPECT_EQ(with(112, 9)->code, errc::metadata);           // one that reaches past the end
}

TEST(DbnReader, MoreNamesThanAnyVendorHasAreRefused) {
  metadata many = header(3);
  many.symbols.assign(300'001, "A");
  const auto back = drain(fixture::read(file_of(many, {}, false)));
  ASSERT_TRUE(back.error);
  EXPECT_EQ(back.error->code, errc::metadata);
  EXPECT_NE(back.error->what.find("more than 300000 symbols"), std::string::npos) << back.error->what;
}

TEST(DbnReader, MappingsNeedRealDays) {
  const auto good = file_of(header(3), {}, false);
  std::uint32_t day = 20231224;
  const auto at = good.find(std::string(reinterpret_cast<const char*>(&day), sizeof day));
  ASSERT_NE(at, std::string::npos);
  for (const std::uint32_t bad : {0u, 20231332u, 20230230u, 99991232u, 0xF0000000u}) {
    auto bytes = good;
    std::memcpy(bytes.data() + at, &bad, sizeof bad);
    const auto back = drain(fixture::read(bytes));
    ASSERT_TRUE(back.error) << bad;
    EXPECT_EQ(back.error->code, errc::metadata);
    EXPECT_NE(back.error->what.find("ESH4"), std::string::npos);
  }
}

TEST(DbnReader, WindowsAbove32MiBAreRefusedByName) {
  // A frame header that asks for a window of 2^27: descriptor 0, window byte (27 - 10) << 3.
  const auto frame =
      little(0xFD2FB528) + std::string("\0", 1) + static_cast<char>((27 - 10) << 3) + std::string(20, '\0');
  const auto back = drain(fixture::read(frame));
  ASSERT_TRUE(back.error);
  EXPECT_EQ(back.error->code, errc::window);
  EXPECT_NE(back.error->what.find("2^25"), std::string::npos);
}

/// One frame for ever: what a file of any size looks like.
class endless_source final : public byte_source {
 public:
  endless_source(std::string first, std::string frame, std::uint64_t frames)
      : first_(std::move(first)), frame_(std::move(frame)), left_(frames) {}
  std::expected<std::string_view, source_error> next() override {
    if (!first_.empty()) return last_ = std::exchange(first_, {});
    if (left_ == 0) return std::string_view{};
    --left_;
    return frame_;
  }
  const std::string& name() const override { return name_; }

 private:
  std::string first_, frame_, last_;
  std::uint64_t left_;
  std::string name_ = "endless";
};

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(DbnReader, GigabytesStreamInBoundedMemory) {
  std::vector<std::string> records(4096, fixture::sample<mbo_record>(rtype::mbo, 1));
  const auto plain = joined(records);
  const auto frame = packed(plain);
  const std::uint64_t frames = (std::uint64_t{3} << 30) / plain.size();  // 3 GiB
  auto in = reader::over(std::make_unique<endless_source>(packed(file_of(header(3), {}, false)), frame, frames));
  ASSERT_TRUE(in) << in.error().text();
  std::size_t before = 0;
  while (in->next())
    if (in->records() == 100'000) before = resident_bytes();
  const auto grown = resident_bytes() - std::min(before, resident_bytes());
  EXPECT_EQ(in->error(), nullptr);
  EXPECT_EQ(in->records(), frames * records.size());
  EXPECT_LT(grown, 8u << 20);
}

TEST(DbnReader, MovesBetweenRecords) {
  const auto bytes = file_of(header(3), samples(3), false);
  auto in = reader::over(std::make_unique<fixture::piecewise_source>(bytes, 5));
  ASSERT_TRUE(in);
  EXPECT_TRUE(in->next());
  reader moved = std::move(*in);
  std::uint64_t rest = 0;
  while (moved.next()) ++rest;
  EXPECT_EQ(rest, samples(3).size() - 1);
  EXPECT_EQ(moved.error(), nullptr);
}

}  // namespace
}  // namespace isobar::wire::dbn
