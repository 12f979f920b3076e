#include "config/fields.hpp"

#include <gtest/gtest.h>

namespace isobar::config {
namespace {

struct settings {
  std::int64_t rows = 31;
  double weight = 1;
  bool kept = false;
  std::string rule = "plain", note;
};
constexpr auto visit = [](settings& s, auto& v) {
  v.integer("rows", s.rows, "", 3, 401);
  v.number("weight", s.weight, "", 0, 10);
  v.flag("kept", s.kept, "");
  v.choice("rule", s.rule, {"plain", "other"}, "");
  v.text("note", s.note, "");
};

TEST(Fields, AnOverrideIsForAProductOrASymbolAndTheSymbolsOwnStands) {
  const std::vector<std::string> said{"ESH4:rows=61", "ES:rows=41", "ES:kept=true", "NQ:rows=5", "ES:note=a=b"};
  const auto es = overridden(settings{}, said, "ESH4", "ES", visit);
  ASSERT_TRUE(es.has_value());
  EXPECT_EQ(es->rows, 61);
  EXPECT_TRUE(es->kept);
  EXPECT_EQ(es->note, "a=b");
  EXPECT_EQ(overridden(settings{}, said, "CLZ4", "CL", visit)->rows, 31);
  EXPECT_EQ(overridden(settings{}, said, "NQ", std::nullopt, visit)->rows, 5);
}

TEST(Fields, WhatIsWrongIsSaidWithItsText) {
  const auto why = [](const std::string& text) {
    settings s;
    const auto done = apply_override(text, s, visit);
    return done ? "" : done.error();
  };
  EXPECT_EQ(why("ES:rows=61"), "");
  EXPECT_EQ(why("ES"), "override: \"ES\" is not like ES:NAME=VALUE");
  EXPECT_EQ(why(":rows=4"), "override: \":rows=4\" is not like ES:NAME=VALUE");
  EXPECT_EQ(why("=4"), "override: \"=4\" is not like ES:NAME=VALUE");
  EXPECT_EQ(why("ES:cols=4"), "override: \"ES:cols=4\": no option \"cols\"");
  EXPECT_EQ(why("ES:rows=four"), "override: \"ES:rows=four\": the value is not a number");
  EXPECT_EQ(why("ES:rows=2"), "override: \"ES:rows=2\": the value is outside its range");
  EXPECT_EQ(why("ES:weight=nan"), "override: \"ES:weight=nan\": the value is outside its range");
  EXPECT_EQ(why("ES:kept=yes"), "override: \"ES:kept=yes\": the value is neither true nor false");
  EXPECT_EQ(why("ES:rule=new"), "override: \"ES:rule=new\": the value is not one of its words");
}

TEST(Fields, ASymbolMayHoldAColon) {
  const auto e = parse_override("I:SPX:rows=5");
  ASSERT_TRUE(e.has_value());
  EXPECT_EQ(e->who, "I:SPX");
  EXPECT_EQ(e->name, "rows");
  EXPECT_EQ(e->value, "5");
}

}  // namespace
}  // namespace isobar::config
