#include "core/symbol.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace isobar {
namespace {

TEST(Symbol, RefusesWhatCannotNameAWorker) {
  EXPECT_TRUE(symbol::parse("SPX"));
  EXPECT_TRUE(symbol::parse("I:SPX"));
  EXPECT_FALSE(symbol::parse(""));
  EXPECT_FALSE(symbol::parse("A B"));
  EXPECT_FALSE(symbol::parse(std::string(33, 'A')));
}

TEST(SubjectToken, EscapesWhatTheBusReserves) {
  EXPECT_EQ(subject_token("SPX"), "spx");
  EXPECT_EQ(subject_token("I:SPX"), "i%3aspx");
  EXPECT_EQ(subject_token("BRK.B"), "brk%2eb");
  EXPECT_EQ(subject_token("*"), "%2a");
  EXPECT_FALSE(from_subject_token("SPX"));
  EXPECT_FALSE(from_subject_token("a%4"));
}

RC_GTEST_PROP(SubjectToken, IsInvertible, (const std::string& text)) {
  RC_ASSERT(from_subject_token(subject_token(text)) == text);
}

}  // namespace
}  // namespace isobar
