#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "bus/bus.hpp"

namespace isobar::bus {
namespace {

TEST(Subject, RefusesWhatTheServerWouldMisread) {
  EXPECT_TRUE(valid_subject("isobar.window.cboe.spx.frame"));
  EXPECT_TRUE(valid_subject("a"));
  for (const char* bad :
       {"", ".", "a.", ".a", "a..b", "a b", "a\tb", "a.*", "a.>", ">", "a.b*", "a\r\nPUB b", "a>.b"}) {
    EXPECT_FALSE(valid_subject(bad)) << bad;
  }
  EXPECT_FALSE(valid_subject(std::string_view("a\0b", 3)));
  EXPECT_FALSE(valid_subject(std::string(1025, 'a')));
}

TEST(Pattern, AllowsWildcardsAsWholeTokensAndTheRestOnlyLast) {
  for (const char* good : {"a", "*", ">", "a.*", "*.b", "a.>", "a.*.c.>"}) EXPECT_TRUE(valid_pattern(good)) << good;
  for (const char* bad : {"", "a.>.b", ">.a", "a*", "a.b>", "a..*"}) EXPECT_FALSE(valid_pattern(bad)) << bad;
}

TEST(Pattern, MatchesTokenByToken) {
  EXPECT_TRUE(matches("a.b", "a.b"));
  EXPECT_FALSE(matches("a.b", "a.bc"));
  EXPECT_FALSE(matches("a.b", "a.b.c"));
  EXPECT_FALSE(matches("a.b.c", "a.b"));
  EXPECT_TRUE(matches("a.*", "a.b"));
  EXPECT_FALSE(matches("a.*", "a"));
  EXPECT_FALSE(matches("a.*", "a.b.c"));
  EXPECT_TRUE(matches("*.b.*", "a.b.c"));
  EXPECT_TRUE(matches("a.>", "a.b.c"));
  EXPECT_TRUE(matches("a.>", "a.b"));
  EXPECT_FALSE(matches("a.>", "a"));
  EXPECT_TRUE(matches(">", "a"));
}

TEST(Key, TakesTheCharactersOfAKeyValueStore) {
  EXPECT_TRUE(valid_key("epoch.spx"));
  EXPECT_TRUE(valid_key("a/b=c_d-e.i%3aspx"));
  EXPECT_FALSE(valid_key("a:b"));
  EXPECT_FALSE(valid_key("a.*"));
  EXPECT_FALSE(valid_key(".a"));
  EXPECT_FALSE(valid_key(""));
  EXPECT_TRUE(valid_bucket("heat-map_1"));
  EXPECT_FALSE(valid_bucket("heat.map"));
  EXPECT_FALSE(valid_bucket(""));
}

RC_GTEST_PROP(Pattern, SubjectsMatchThemselvesWithAnyTokenWild, ()) {
  const auto tokens = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a", "b", "spx", "i%3aspx")));
  const auto wild = *rc::gen::inRange<std::size_t>(0, tokens.size());
  std::string subject;
  std::string pattern;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const char* dot = i == 0 ? "" : ".";
    subject += dot + tokens[i];
    pattern += dot + (i == wild ? std::string("*") : tokens[i]);
  }
  RC_ASSERT(matches(subject, subject));
  RC_ASSERT(matches(pattern, subject));
  RC_ASSERT(!matches(subject, subject + ".more"));
  RC_ASSERT(matches(subject + ".>", subject + ".more.and.more"));
}

}  // namespace
}  // namespace isobar::bus
