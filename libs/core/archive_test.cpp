#include "core/archive.hpp"

#include <gtest/gtest.h>

#include "core/date.hpp"

namespace isobar {
namespace {

enum class colour : std::uint8_t { red = 1, blue = 2 };
struct inner {
  std::int32_t a = 0;
  std::optional<double> b;
  bool operator==(const inner&) const = default;
  template <class Archive>
  void fields(Archive& archive) {
    archive(a, b);
  }
};
struct outer {
  price p;
  timestamp t;
  colour c = colour::red;
  bool flag = false;
  std::string text;
  std::vector<inner> list;
  std::map<std::int64_t, std::string> names;
  std::array<double, 2> pair{};
  std::deque<std::uint16_t> queue;
  date day;
  bool operator==(const outer&) const = default;
  template <class Archive>
  void fields(Archive& archive) {
    archive(p, t, c, flag, text, list, names, pair, queue, day);
  }
};

outer example() {
  return {.p = price(-5),
          .t = {7},
          .c = colour::blue,
          .flag = true,
          .text = "ESH4",
          .list = {{1, 2.5}, {-3, std::nullopt}},
          .names = {{4, "four"}, {-1, ""}},
          .pair = {0.1, -0.0},
          .queue = {1, 2, 65'535},
          .day = {20'000}};
}

TEST(Archive, GivesBackWhatWasWritten) {
  std::string bytes;
  archive_writer writer(bytes);
  writer(example());
  outer back;
  archive_reader reader(bytes);
  reader(back);
  EXPECT_TRUE(reader.finished());
  EXPECT_EQ(back, example());
}

TEST(Archive, ReportsEveryTruncation) {
  std::string bytes;
  archive_writer writer(bytes);
  writer(example());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    outer back;
    archive_reader reader(std::string_view(bytes).substr(0, n));
    reader(back);
    EXPECT_FALSE(reader.finished()) << n;
    EXPECT_FALSE(reader.ok()) << n;
  }
}

TEST(Archive, RefusesLengthsBeyondTheBytes) {
  std::string bytes;
  archive_writer writer(bytes);
  writer(std::uint64_t{1} << 60);
  std::vector<inner> list;
  archive_reader reader(bytes);
  reader(list);
  EXPECT_FALSE(reader.ok());
  EXPECT_TRUE(list.empty());
}

TEST(Archive, SaysWhenBytesAreLeft) {
  std::string bytes;
  archive_writer writer(bytes);
  writer(1, 2);
  int first = 0;
  archive_reader reader(bytes);
  reader(first);
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.finished());
}

}  // namespace
}  // namespace isobar
