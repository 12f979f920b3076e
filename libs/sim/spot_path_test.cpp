#include "sim/spot_path.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/date.hpp"

namespace isobar::sim {
namespace {

path_config from(const char* start) { return {.seed = 3, .start = *parse_iso_timestamp(start)}; }

/// Realised volatility per root trading year over a span.
double realised(const char* start, int span_seconds) {
  path_config c = from(start);
  c.jumps_per_hour = 0;
  spot_path path(c, milliseconds(100));
  double squares = 0, last = path.spot();
  for (int i = 0; i < span_seconds * 10; ++i) {
    path.advance(c.start + milliseconds(100) * i);
    squares += std::pow(std::log(path.spot() / last), 2);
    last = path.spot();
  }
  return std::sqrt(squares / span_seconds * 252 * 23'400);
}

TEST(SpotPath, MovesAsTheVixSays) { EXPECT_NEAR(realised("2025-12-18T14:30:00Z", 23'400), 0.16, 0.03); }

TEST(SpotPath, IsUShapedOverTheSessionAndCalmAtNight) {
  const double open = realised("2025-12-18T14:30:00Z", 1800), noon = realised("2025-12-18T17:30:00Z", 1800);
  const double night = realised("2025-12-18T03:30:00Z", 1800);
  EXPECT_GT(open, 1.8 * noon);
  EXPECT_GT(noon, 1.8 * night);
}

TEST(SpotPath, FreezesAtScaleZero) {
  path_config c = from("2025-12-18T14:30:00Z");
  c.volatility_scale = 0;
  spot_path path(c, milliseconds(1));
  for (int i = 0; i < 5'000; ++i) path.advance(c.start + milliseconds(i));
  EXPECT_EQ(path.spot(), c.spot);
  EXPECT_EQ(path.volatility(), 0.16);
}

TEST(SpotPath, StaysWithinItsBounds) {
  path_config c = from("2025-12-18T14:30:00Z");
  c.volatility_scale = 5000;
  spot_path path(c, seconds(1));
  for (int i = 0; i < 20'000; ++i) {
    path.advance(c.start + seconds(i));
    ASSERT_GE(path.spot(), c.spot / 20);
    ASSERT_LE(path.spot(), c.spot * 20);
  }
}

TEST(SpotPath, JumpsAtTheStatedRate) {
  path_config c = from("2025-12-18T14:30:00Z");
  c.jumps_per_hour = 360;
  spot_path path(c, milliseconds(10));
  int jumps = 0;
  for (int i = 0; i < 360'000; ++i) path.advance(c.start + milliseconds(10) * i), jumps += path.jumped();
  EXPECT_NEAR(jumps, 360, 5 * std::sqrt(360));
}

TEST(SpotPath, KnowsTheSession) {
  const auto open_at = [](const char* start) {
    spot_path path(from(start), milliseconds(1));
    path.advance(*parse_iso_timestamp(start));
    return path.in_session();
  };
  EXPECT_TRUE(open_at("2025-12-19T14:30:00Z"));
  EXPECT_FALSE(open_at("2025-12-19T14:29:59Z"));
  EXPECT_FALSE(open_at("2025-12-19T21:00:00Z"));
  EXPECT_FALSE(open_at("2025-12-20T17:00:00Z"));  // Saturday
  EXPECT_FALSE(open_at("2025-12-24T18:30:00Z"));  // after a half-day's close
}

}  // namespace
}  // namespace isobar::sim
