#include "wire/csv_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace isobar::wire {
namespace {

using status = csv_reader::status;
using row = std::vector<std::string_view>;

TEST(CsvReader, SplitsLinesOfEitherEnding) {
  csv_reader reader("a,b,\r\n\n1,,3");
  row f;
  ASSERT_EQ(reader.next(f), status::record);
  EXPECT_EQ(f, (row{"a", "b", ""}));
  EXPECT_TRUE(reader.terminated());
  ASSERT_EQ(reader.next(f), status::record);
  EXPECT_EQ(f, (row{""}));
  ASSERT_EQ(reader.next(f), status::record);
  EXPECT_EQ(f, (row{"1", "", "3"}));
  EXPECT_EQ(reader.line(), 3u);
  EXPECT_FALSE(reader.terminated());
  EXPECT_EQ(reader.next(f), status::end);
}

TEST(CsvReader, ReadsQuotesAndLineBreaksInsideThem) {
  csv_reader reader("\"Date: 5, 8 PM\",\"say \"\"x\"\"\",\"two\nlines\"\r\nnext\n");
  row f;
  ASSERT_EQ(reader.next(f), status::record);
  EXPECT_EQ(f, (row{"Date: 5, 8 PM", "say \"x\"", "two\nlines"}));
  ASSERT_EQ(reader.next(f), status::record);
  EXPECT_EQ(f, (row{"next"}));
  EXPECT_EQ(reader.line(), 3u);
}

TEST(CsvReader, SkipsByteOrderMark) {
  csv_reader reader(
      "\xEF\xBB\xBF"
      "underlying, exchange\n");
  row f;
  ASSERT_EQ(reader.next(f), status::record);
  EXPECT_TRUE(reader.had_bom());
  EXPECT_EQ(find_column(f, "underlying"), 0);
  EXPECT_EQ(find_column(f, "exchange"), 1);
  EXPECT_EQ(find_column(f, "strike"), -1);
}

TEST(CsvReader, StopsAtBrokenQuotesAndLimits) {
  row f;
  EXPECT_EQ(csv_reader("\"never closed").next(f), status::broken_quote);
  EXPECT_EQ(csv_reader("\"a\"b,c\n").next(f), status::broken_quote);
  EXPECT_EQ(csv_reader("a\"b\n").next(f), status::broken_quote);
  EXPECT_EQ(csv_reader(std::string(200, 'x'), {.record_bytes = 100}).next(f), status::too_long);
  EXPECT_EQ(csv_reader('"' + std::string(200, 'x') + '"', {.record_bytes = 100}).next(f), status::too_long);
  EXPECT_EQ(csv_reader("1,2,3,4\n", {.fields = 3}).next(f), status::too_long);
}

RC_GTEST_PROP(CsvReader, ReadsBackWhatWasQuoted, (const std::vector<std::vector<std::string>>& table)) {
  std::string text;
  for (const auto& fields : table) {
    RC_PRE(!fields.empty());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i) text += ',';
      text += '"';
      for (const char c : fields[i]) text += c == '"' ? std::string("\"\"") : std::string(1, c);
      text += '"';
    }
    text += '\n';
  }
  csv_reader reader(text);
  row f;
  for (const auto& fields : table) {
    RC_ASSERT(reader.next(f) == status::record);
    RC_ASSERT(std::vector<std::string>(f.begin(), f.end()) == fields);
  }
  RC_ASSERT(reader.next(f) == status::end);
}

}  // namespace
}  // namespace isobar::wire
