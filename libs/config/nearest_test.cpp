#include "config/nearest.hpp"

#include <gtest/gtest.h>

namespace isobar::config {
namespace {

TEST(Nearest, FindsTheMisspelledName) {
  const std::vector<std::string> known{"window-ms", "symbols", "threads"};
  EXPECT_EQ(nearest("windwo-ms", known), "window-ms");
  EXPECT_EQ(nearest("symbol", known), "symbols");
  EXPECT_EQ(suggestion("thread", known), " (did you mean threads?)");
}

TEST(Nearest, StaysSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest("kaleidoscope", {"window-ms", "symbols"}), "");
  EXPECT_EQ(suggestion("x", {}), "");
}

}  // namespace
}  // namespace isobar::config
