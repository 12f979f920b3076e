#include "radar-physics/domain/gate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "radar-physics/domain/medium_fixture.hpp"

namespace isobar::radar_physics {
namespace {

using testing::window_at;

TEST(PlaceholderGate, IsNeutralBeforeFourWindowsWithAnAnchor) {
  placeholder_gate gate;
  window_info blind = window_at(0, 0);
  blind.anchor = market::no_price;
  gate.observe(blind);
  for (std::int64_t i = 1; i <= 3; ++i) {
    gate.observe(window_at(i, 2 * i));
    EXPECT_EQ(gate.state(), gate_state{}) << i;
  }
  gate.observe(window_at(4, 8));
  EXPECT_GT(gate.state().up, 0.5);
  EXPECT_EQ(gate.state().source, gate_source::placeholder);
}

TEST(PlaceholderGate, IsTheLogisticOfSmoothedVelocityOverSmoothedSize) {
  placeholder_gate gate;
  // Mids 10, 11, 11, 9 ticks: changes 0, +1, 0, -2 with half-life 5 windows.
  const double keep = std::exp2(-0.2), take = 1 - keep;
  for (const std::int64_t half_ticks : {20, 22, 22, 18}) gate.observe(window_at(1, half_ticks));
  const double velocity = (take * keep) * keep - 2 * take, size = (take * keep) * keep + 2 * take;
  EXPECT_NEAR(gate.state().up, 1 / (1 + std::exp(-velocity / size)), 1e-12);
}

TEST(PlaceholderGate, OneWayMarketsGiveTheLogisticOfOne) {
  placeholder_gate gate;
  for (std::int64_t i = 0; i < 10; ++i) gate.observe(window_at(i, -4 * i));
  EXPECT_NEAR(gate.state().down, 1 / (1 + std::exp(-1.0)), 1e-12);
}

TEST(PlaceholderGate, ComesToAnExactRestInIdleWindows) {
  placeholder_gate gate;
  for (std::int64_t i = 0; i < 6; ++i) gate.observe(window_at(i, 200 * i));
  int idle = 0;
  for (; !gate.settled() && idle < 1'000; ++idle) gate.observe(window_at(6, 1'000));
  EXPECT_LT(idle, 120);
  EXPECT_EQ(gate.state(), gate_state{});
  const std::string before = testing::saved(gate);
  gate.observe(window_at(7, 1'000));
  EXPECT_EQ(testing::saved(gate), before);
}

RC_GTEST_PROP(PlaceholderGate, SidesSumToOneAndStateSurvivesACheckpoint, (std::vector<std::int16_t> half_ticks)) {
  placeholder_gate gate;
  std::int64_t second = 0;
  for (const std::int16_t m : half_ticks) {
    gate.observe(window_at(++second, m));
    const gate_state s = gate.state();
    RC_ASSERT(s.up + s.down == 1.0);
    RC_ASSERT(s.up >= 0 && s.up <= 1);
    placeholder_gate copy;
    RC_ASSERT(testing::load(copy, testing::saved(gate)));
    RC_ASSERT(copy.state() == s);
  }
}

}  // namespace
}  // namespace isobar::radar_physics
