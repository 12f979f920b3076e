#include "config/value.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace isobar::config {
namespace {

std::string why(const raw_value& raw, const value& like, const limits& bounds = {}) {
  const auto v = read_value(raw, like, bounds);
  return v ? "accepted " + to_toml(*v) : v.error();
}

TEST(Value, NamesValueAndBounds) {
  limits window;
  window.int_min = 50;
  window.int_max = 1000;
  EXPECT_EQ(why({shape::text, {"5"}}, std::int64_t{}, window), "5 is outside 50..1000");
  EXPECT_EQ(why({shape::text, {"50"}}, std::int64_t{}, window), "accepted 50");
  window.int_max = INT64_MAX;
  EXPECT_EQ(why({shape::text, {"5"}}, std::int64_t{}, window), "5 is below 50");
  EXPECT_EQ(why({shape::text, {"5x"}}, std::int64_t{}), "5x is not an integer");
  EXPECT_EQ(why({shape::text, {""}}, std::int64_t{}), " is not an integer");
  EXPECT_EQ(why({shape::text, {"99999999999999999999"}}, std::int64_t{}),
            "99999999999999999999 does not fit an integer");
  EXPECT_EQ(why({shape::text, {"nan"}}, 0.0), "nan is not finite");
  EXPECT_EQ(why({shape::text, {"perhaps"}}, false), "perhaps is neither true nor false");
  EXPECT_EQ(why({shape::text, {"green"}}, std::string(), {.words = {"red", "blue"}}), "green is none of red, blue");
}

TEST(Value, ReadsListsFromTextAndArray) {
  EXPECT_EQ(why({shape::text, {"SPX, ES"}}, std::vector<symbol>{}), "accepted [\"SPX\", \"ES\"]");
  EXPECT_EQ(why({shape::array, {"a", "b"}}, std::vector<std::string>{}), "accepted [\"a\", \"b\"]");
  EXPECT_EQ(why({shape::text, {""}}, std::vector<symbol>{}), "accepted []");
  EXPECT_EQ(why({shape::text, {"a,,b"}}, std::vector<symbol>{}), "an item of the list is empty");
  EXPECT_EQ(why({shape::array, {"a b"}}, std::vector<symbol>{}),
            "a b is not a symbol (1 to 32 printable characters without spaces)");
}

TEST(Value, KeepsTextAndNumbersApartInAFile) {
  EXPECT_EQ(why({shape::quoted, {"5"}}, std::int64_t{}), "\"5\" must stand without quotes");
  EXPECT_EQ(why({shape::bare, {"x"}}, std::string()), "x is not quoted");
  EXPECT_EQ(why({shape::array, {"1"}}, std::int64_t{}), "a list is not accepted here");
}

RC_GTEST_PROP(Value, PrintedDoublesReadBackExactly, (double d)) {
  RC_PRE(std::isfinite(d));
  const auto back = read_value({shape::bare, {to_toml(value(d))}}, 0.0, {});
  RC_ASSERT(back.has_value());
  RC_ASSERT(std::get<double>(*back) == d);
}

}  // namespace
}  // namespace isobar::config
