#include "radar-physics/transport/radar_encoder.hpp"

#include <gtest/gtest.h>

namespace isobar::radar_physics {
namespace {

radar::v1::MediumSurface encoded(radar_encoder& encoder, const std::vector<std::size_t>& rebuilt) {
  window_outputs out;
  out.surface.rows.resize(12);
  out.surface.bid_rows = 6;
  for (const std::size_t n : rebuilt) out.surface.rows.at(n).rebuilt = true;
  radar::v1::MediumSurface surface;
  EXPECT_TRUE(surface.ParseFromString(encoder.surface(out, {})));
  return surface;
}
std::vector<std::uint32_t> marks(const radar::v1::MediumSurface& surface) {
  return {surface.rebuilt_delta().begin(), surface.rebuilt_delta().end()};
}

TEST(RadarEncoder, SaysWhichRowsWereRebuilt) {
  radar_encoder encoder(*symbol::parse("ES"), {});
  using list = std::vector<std::uint32_t>;
  EXPECT_EQ(marks(encoded(encoder, {})), list{});
  EXPECT_EQ(marks(encoded(encoder, {0, 1, 5, 6, 11})), (list{0, 1, 4, 1, 5}));
  EXPECT_EQ(marks(encoded(encoder, {3})), list{3});  // the message serves again
  EXPECT_EQ(marks(encoded(encoder, {})), list{});
}

}  // namespace
}  // namespace isobar::radar_physics
