#include "isobar/radar_picture.hpp"

#include <gtest/gtest.h>

namespace isobar::cli {
namespace {

namespace rv = radar::v1;

/// Three rows of 0.50 around a spot bucket; ES ticks.
rv::RadarColumn column(std::int64_t spot_bucket, std::initializer_list<int> levels) {
  rv::RadarColumn c;
  auto& w = *c.mutable_window();
  w.set_symbol("ESH4");
  w.set_valid(true);
  w.set_tick_nanos(250'000'000);
  w.set_anchor_nanos(spot_bucket * 500'000'000);
  c.set_bucket_ticks(2);
  c.set_spot_bucket(spot_bucket);
  c.set_first_bucket_rel(-1);
  for (const int level : levels) {
    c.add_blocked_level(static_cast<std::uint32_t>(level));
    c.add_solidity_level(5);
    c.add_cavitation(level == 0 ? 0.9F : 0.0F);
  }
  c.set_emphasis_above(1);
  c.set_emphasis_below(0.3);
  return c;
}

rv::GetRadarResponse two_columns() {
  rv::GetRadarResponse answer;
  *answer.add_columns() = column(9600, {1, 2, 3});
  *answer.add_columns() = column(9601, {4, 5, 0});
  return answer;
}

std::string line(const std::string& text, int n) {
  std::size_t from = 0;
  for (; n > 0; --n) from = text.find('\n', from) + 1;
  return text.substr(from, text.find('\n', from) - from);
}

TEST(RadarPicture, DrawsOnePricePerLineAndTheSpotWhereItWas) {
  const auto text = radar_picture(two_columns(), {.colour = false});
  EXPECT_EQ(line(text, 0), "     4801.00  ~ 0");    // above the older column's rows; hollow in the newer
  EXPECT_EQ(line(text, 1), "     4800.50 3o 5 <");  // the newer spot
  EXPECT_EQ(line(text, 2), "     4800.00 o4 4");    // the older spot
}

TEST(RadarPicture, RelativePutsEverySpotInTheMiddle) {
  const auto text = radar_picture(two_columns(), {.colour = false, .relative = true});
  EXPECT_EQ(line(text, 0), "     4801.00 3~ 0");
  EXPECT_EQ(line(text, 1), "     4800.50 oo 5 <");
  EXPECT_EQ(line(text, 2), "     4800.00 14 4");
}

TEST(RadarPicture, EmphasisDimsTheOtherSideAndNeverHidesIt) {
  rv::GetRadarResponse answer;
  *answer.add_columns() = column(9600, {5, 0, 5});
  const auto text = radar_picture(answer, {});
  EXPECT_NE(line(text, 0).find("48;2;255;89;0"), std::string::npos) << line(text, 0);  // 5/5 above, as it is
  EXPECT_NE(line(text, 2).find("48;2;77;27;0"), std::string::npos) << line(text, 2);   // 0.3 of it below
}

TEST(RadarPicture, SaysWhyAColumnIsNotValid) {
  rv::Window w;
  w.set_crossed(true);
  w.set_anchor_held(true);
  w.set_anchor_nanos(1);
  EXPECT_EQ(validity_of(w), "not valid: crossed in feed, anchor held");
  rv::GetRadarResponse nothing;
  EXPECT_EQ(radar_picture(nothing, {}), "no columns\n");
  nothing.add_columns()->mutable_window()->set_symbol("ESH4");
  EXPECT_NE(radar_picture(nothing, {}).find("no mid yet"), std::string::npos);
}

}  // namespace
}  // namespace isobar::cli
