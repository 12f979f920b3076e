#include "wire/dbn/read_ahead.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "testing/temp_dir.hpp"
#include "wire/dbn/dbn_fixture.hpp"

namespace isobar::wire::dbn {
namespace {

using fixture::drain;

std::expected<reader, read_error> ahead(std::unique_ptr<byte_source> raw, read_ahead_options options) {
  auto source = read_ahead::start(std::move(raw), options);
  if (!source) return std::unexpected(read_error{.file = "", .what = source.error().what, .compressed_offset = {}});
  return reader::over(std::move(*source));
}

std::vector<std::string> many_records() {
  std::vector<std::string> out;
  const auto all = fixture::samples(3);
  for (int i = 0; i < 500; ++i) out.insert(out.end(), all.begin(), all.end());
  return out;
}

TEST(DbnReadAhead, GivesTheSameRecordsWhateverTheRing) {
  const auto records = many_records();
  for (const bool zstd : {false, true}) {
    const auto bytes = fixture::file_of(fixture::header(3), records, zstd);
    for (const auto& options : {read_ahead_options{2, 100}, read_ahead_options{3, 4096}, read_ahead_options{}})
      for (const std::size_t piece : {std::size_t{977}, bytes.size()}) {
        const auto back = drain(ahead(std::make_unique<fixture::piecewise_source>(bytes, piece), options));
        ASSERT_FALSE(back.error) << back.error->text();
        ASSERT_EQ(back.records, records);
      }
  }
}

TEST(DbnReadAhead, ErrorsComeAfterWhatIsGoodAndStay) {
  const auto bytes = fixture::file_of(fixture::header(3), many_records(), true);
  const auto cut = bytes.substr(0, bytes.size() - 9);
  const auto direct = drain(fixture::read(cut));
  auto in = ahead(std::make_unique<memory_source>(cut), {2, 1000});
  ASSERT_TRUE(in);
  while (in->next()) {}
  ASSERT_TRUE(direct.error);
  ASSERT_NE(in->error(), nullptr);
  EXPECT_EQ(in->records(), direct.count);
  EXPECT_EQ(in->error()->text(), direct.error->text());
  EXPECT_FALSE(in->next());
  EXPECT_EQ(drain(ahead(std::make_unique<memory_source>(""), {})).error->code, errc::empty);
}

/// Goes on for ever, counting what was asked of it.
class counting_source final : public byte_source {
 public:
  counting_source(std::string bytes, std::atomic<std::uint64_t>& asked) : bytes_(std::move(bytes)), asked_(asked) {}
  std::expected<std::string_view, source_error> next() override {
    ++asked_;
    return bytes_;
  }
  const std::string& name() const override { return name_; }

 private:
  std::string bytes_;
  std::string name_ = "counted";
  std::atomic<std::uint64_t>& asked_;
};

TEST(DbnReadAhead, StopsInTheMiddleAndReadsNoFurtherThanItsRing) {
  for (int taken = 0; taken < 20; ++taken) {
    std::atomic<std::uint64_t> asked{0};
    {
      auto source = read_ahead::start(std::make_unique<counting_source>(std::string(1000, 'x'), asked), {4, 1000});
      ASSERT_TRUE(source);
      for (int i = 0; i < taken; ++i) ASSERT_EQ((*source)->next()->size(), 1000u);
    }  // the end of its life stops the thread
    EXPECT_GE(asked, static_cast<std::uint64_t>(taken));
    EXPECT_LE(asked, static_cast<std::uint64_t>(taken) + 4);
  }
}

TEST(DbnReadAhead, OpensFilesAndSaysWhyNot) {
  const testing::temp_dir folder;
  const auto records = fixture::samples(2);
  const auto path = folder.write("a.dbn.zst", fixture::file_of(fixture::header(2), records, true));
  const auto back = drain(open_ahead(path));
  EXPECT_FALSE(back.error);
  EXPECT_EQ(back.records, records);
  const auto nothing = open_ahead(folder / "b.dbn");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, errc::io);
  EXPECT_NE(nothing.error().text().find("b.dbn"), std::string::npos);
}

TEST(DbnReadAhead, CompressedOffsetIsOfTheBlocksHandedOut) {
  const auto bytes = fixture::file_of(fixture::header(3), many_records(), true);
  const auto offsets = [&] {
    std::vector<std::optional<std::uint64_t>> out;
    auto source = read_ahead::start(std::make_unique<fixture::piecewise_source>(bytes, 100), {4, 10'000});
    for (auto block = (*source)->next(); block && !block->empty(); block = (*source)->next())
      out.push_back((*source)->compressed_offset());
    return out;
  };
  const auto first = offsets();
  EXPECT_EQ(first, offsets());
  EXPECT_LE(first.back(), bytes.size());
}

}  // namespace
}  // namespace isobar::wire::dbn
