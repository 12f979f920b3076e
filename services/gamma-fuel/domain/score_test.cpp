#include "gamma-fuel/domain/score.hpp"

#include <gtest/gtest.h>

#include "gamma-fuel/domain/ewma.hpp"

namespace isobar::gamma_fuel {
namespace {

level_signal at_support(barrier state, regime effect, int sweep = 0) {
  level_signal l;
  l.break_direction = -1;
  l.state.state = state;
  l.state.sweep_direction = sweep;
  l.fuel.effect = effect;
  score(signal_config{}, l);
  return l;
}

// futures-medium 15.5, score.
TEST(ScoreGolden, ThreeCases) {
  EXPECT_DOUBLE_EQ(at_support(barrier::vacuum, regime::neutral).score_raw, 62.5);
  EXPECT_DOUBLE_EQ(at_support(barrier::vacuum, regime::amplify, -1).score_raw, 100);
  EXPECT_DOUBLE_EQ(at_support(barrier::wall, regime::dampen).score_raw, 0);
}

// 13.1, S_L.
TEST(Score, BarrierStates) {
  EXPECT_EQ(barrier_points(barrier::weak, 0), 75);
  EXPECT_EQ(barrier_points(barrier::consumed, -101), 60);
  EXPECT_EQ(barrier_points(barrier::consumed, -100), 50);
  EXPECT_EQ(barrier_points(barrier::neutral, 0), 50);
  EXPECT_EQ(barrier_points(barrier::absorption, 0), 0);
  EXPECT_EQ(barrier_points(barrier::unknown, 0), 50);
}

// 13.1, S_T; full_velocity 5 points per second.
TEST(Score, TapeCountsInTheBreakDirectionAlone) {
  level_state s;
  s.price_velocity = -2.5;
  s.imbalance = -0.4;
  EXPECT_DOUBLE_EQ(tape_points(s, -1, 5), 12.5 + 10);
  EXPECT_DOUBLE_EQ(tape_points(s, 1, 5), 0);
  s.price_velocity = -50;
  s.imbalance = -1;
  EXPECT_DOUBLE_EQ(tape_points(s, -1, 5), 50);
  s.sweep_direction = 1;
  EXPECT_DOUBLE_EQ(tape_points(s, -1, 5), 50) << "a sweep against the break is none";
  s.sweep_direction = -1;
  EXPECT_DOUBLE_EQ(tape_points(s, -1, 5), 100);
}

TEST(Score, ConfidenceIsTheMeanOfThree) {
  level_signal l;
  const auto of = [&](double barrier, double tape, double fuel) {
    l.state.barrier_confidence = barrier;
    l.state.tape_confidence = tape;
    l.fuel.confidence = fuel;
    score(signal_config{}, l);
    return l.confidence;
  };
  EXPECT_EQ(of(1, 0.75, 0.5), confidence::high);
  EXPECT_EQ(of(1, 0.75, 0.25), confidence::medium);
  EXPECT_EQ(of(0.5, 0.5, 0.25), confidence::medium);
  EXPECT_EQ(of(0.5, 0.5, 0.125), confidence::low);
}

// 13.2, note.
TEST(Score, SaysWhatItSaw) {
  EXPECT_EQ(at_support(barrier::vacuum, regime::amplify, -1).note, "Vacuum; dealers chase; sweep confirms");
  EXPECT_EQ(at_support(barrier::wall, regime::dampen, 1).note, "Wall holding; dealers fade");
  EXPECT_EQ(at_support(barrier::consumed, regime::neutral).note, "Being consumed");
  EXPECT_EQ(at_support(barrier::neutral, regime::neutral).note, "Monitoring");
}

// futures-medium 15.5: tau 2, dt 0.25 s.
TEST(EwmaGolden, FiveValues) {
  ewma x;
  const double values[] = {50, 100, 100, 100, 0};
  const double expected[] = {50, 55.87515487077023, 61.05996084642975, 65.63553606045139, 57.92315727282787};
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(x.update(values[i], {i * 250'000'000}, seconds(2)), expected[i], 1e-12) << i;
  }
}

TEST(Ewma, IgnoresWhatIsNotANumberAndTimeThatFalls) {
  ewma x;
  x.update(1, {1'000'000'000}, seconds(2));
  EXPECT_EQ(x.update(std::nan(""), {2'000'000'000}, seconds(2)), 1);
  EXPECT_EQ(x.update(5, {0}, seconds(2)), 1);
  EXPECT_NEAR(x.update(5, {3'600'000'000'000}, seconds(2)), 5, 1e-12);
}

}  // namespace
}  // namespace isobar::gamma_fuel
