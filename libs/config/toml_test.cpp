#include "config/toml.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace isobar::config {
namespace {

std::string error_of(std::string_view text) {
  const auto parsed = parse_toml(text);
  return parsed ? "accepted" : parsed.error().evidence;
}

TEST(Toml, ReadsSectionsKeysAndArrays) {
  const auto parsed = parse_toml(
      "# head\nbus = \"local\"  # why\n\n[heatmap-builder]\nwindow-ms = 200\r\nwidths = [\n  5, 10, # two\n  "
      "'a\"b',\n]\n"
      "on = true\n[a.b]\nc.d = -1.5e-3\n");
  ASSERT_TRUE(parsed) << parsed.error().evidence;
  ASSERT_EQ(parsed->size(), 5u);
  EXPECT_EQ((*parsed)[0].name, "bus");
  EXPECT_EQ((*parsed)[0].value.form, shape::quoted);
  EXPECT_EQ((*parsed)[0].line, 2);
  EXPECT_EQ((*parsed)[1].name, "heatmap-builder.window-ms");
  EXPECT_EQ((*parsed)[1].value.form, shape::bare);
  EXPECT_EQ((*parsed)[1].line, 5);
  EXPECT_EQ((*parsed)[2].value.form, shape::array);
  EXPECT_EQ((*parsed)[2].value.items, (std::vector<std::string>{"5", "10", "a\"b"}));
  EXPECT_EQ((*parsed)[3].line, 10);
  EXPECT_EQ((*parsed)[4].name, "a.b.c.d");
  EXPECT_EQ((*parsed)[4].value.items[0], "-1.5e-3");
}

TEST(Toml, NamesTheLineOfAnError) {
  EXPECT_EQ(error_of("a = 1\nb\n"), "2: expected '=' after b");
  EXPECT_EQ(error_of("a = \"x\n"), "1: string without its closing quote");
  EXPECT_EQ(error_of("a = 1\n\na = 2\n"), "3: a is given twice");
  EXPECT_EQ(error_of("[x\n"), "1: expected ']' after the section's name");
  EXPECT_EQ(error_of("a = \n"), "1: expected a value");
  EXPECT_EQ(error_of("a = 1 2\n"), "1: unexpected text after the value, at '2'");
  EXPECT_EQ(error_of("a = [1, 2"), "1: expected ',' or ']' in the array");
  EXPECT_EQ(error_of("a = {b = 1}"), "1: inline tables are not supported");
  EXPECT_EQ(error_of("[[x]]"), "1: arrays of tables are not supported");
  EXPECT_EQ(error_of("a = \"\\q\""), "1: unknown escape in a string");
  EXPECT_EQ(error_of(std::string(2 << 20, '#')), "1: file is larger than 1 MiB");
}

RC_GTEST_PROP(Toml, QuoteIsInvertible, (const std::string& text)) {
  const auto parsed = parse_toml("k = " + toml_quote(text));
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->at(0).value.items.at(0) == text);
}

RC_GTEST_PROP(Toml, AnyBytesAreAnAnswerNotACrash, (const std::string& text)) {
  (void)parse_toml(text);
  (void)parse_toml("a = [" + text);
  (void)parse_toml("a = \"\\u" + text);
}

}  // namespace
}  // namespace isobar::config
