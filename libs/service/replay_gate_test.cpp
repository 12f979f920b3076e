#include "service/replay_gate.hpp"

#include <gtest/gtest.h>

#include "bus/local_bus.hpp"
#include "testing/eventually.hpp"
#include "wire/progress_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::service {
namespace {

constexpr timestamp at(std::int64_t ms) { return {ms * 1'000'000}; }

class ReplayGate : public ::testing::Test {
 protected:
  void open(replay_gate_options options = {.lead_ms = 100}) {
    gate = *replay_gate::open(*on, "sim", spx, options, [this] { ++reports; });
  }
  void report(std::string participant, timestamp done) {
    const int before = reports;
    ASSERT_TRUE(on->publish(subjects::control_progress("sim", spx),
                            wire::encode_progress({spx, participant, done}, {.producer = participant, .sequence = 1})));
    ASSERT_TRUE(on->flush());
    ASSERT_TRUE(isobar::testing::eventually([&] { return reports > before; }));
  }
  const symbol spx = *symbol::parse("SPX");
  std::atomic<int> reports{0};
  std::shared_ptr<bus::bus> on = bus::make_local_bus();
  std::shared_ptr<replay_gate> gate;
};

TEST_F(ReplayGate, LetsALeadThroughBeforeTheFirstReport) {
  open();
  EXPECT_TRUE(gate->allowed(at(1000)));
  EXPECT_TRUE(gate->allowed(at(1100)));
  EXPECT_FALSE(gate->allowed(at(1101)));
  EXPECT_EQ(gate->done_until(), start_of_time);
}

TEST_F(ReplayGate, FollowsTheSlowestParticipant) {
  open();
  report("heatmap-builder", at(5000));
  EXPECT_TRUE(gate->allowed(at(5100)));
  EXPECT_FALSE(gate->allowed(at(5101)));
  report("second", at(4000));
  EXPECT_FALSE(gate->allowed(at(5000)));
  EXPECT_TRUE(gate->allowed(at(4100)));
  report("second", at(9000));
  EXPECT_TRUE(gate->allowed(at(5100)));
  report("heatmap-builder", at(4500));
  EXPECT_EQ(gate->done_until(), at(5000)) << "progress never goes back";
  report("heatmap-builder", end_of_time);
  report("second", end_of_time);
  EXPECT_TRUE(gate->allowed(at(1'000'000'000)));
}

TEST_F(ReplayGate, SaysWhenItHoldsForTooLong) {
  open({.lead_ms = 100, .waiting_too_long = std::chrono::milliseconds(20)});
  EXPECT_TRUE(gate->allowed(at(0)));
  EXPECT_FALSE(gate->allowed(at(1000)));
  EXPECT_TRUE(isobar::testing::eventually([&] { return gate->waiting_too_long().starts_with("replay waits for"); }));
  report("heatmap-builder", at(950));
  EXPECT_TRUE(gate->allowed(at(1000)));
  EXPECT_EQ(gate->waiting_too_long(), "");
}

TEST_F(ReplayGate, CountsReportsItCannotRead) {
  open();
  ASSERT_TRUE(on->publish(subjects::control_progress("sim", spx), "garbage"));
  ASSERT_TRUE(on->flush());
  EXPECT_TRUE(isobar::testing::eventually([&] { return gate->rejected() == 1; }));
}

}  // namespace
}  // namespace isobar::service
