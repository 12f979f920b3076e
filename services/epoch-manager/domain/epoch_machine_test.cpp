#include "epoch-manager/domain/epoch_machine.hpp"

#include <gtest/gtest.h>

#include "epoch-manager/domain/test_chain.hpp"

namespace isobar::epoch_manager {
namespace {

using namespace test;
using epoch_state = enum market::epoch::state;

machine_config two_participants() {
  return {.symbol = spx, .widths = widths, .participants = {"ws-hydrator", "heatmap-builder"}};
}

/// A chain whose geometry is named by its highest strike.
chain_event chain_at(std::int64_t ms, std::int64_t high = 7000) {
  const auto at = open_time + milliseconds(ms);
  return {std::make_shared<market::chain_snapshot>(chain_of({expiry(20251219, 6800, high)}, at)), market::quality::ok,
          at};
}
chain_event heartbeat_at(std::int64_t ms) { return {nullptr, market::quality::ok, open_time + milliseconds(ms)}; }

template <class T>
std::vector<T> all(const effects& todo) {
  std::vector<T> out;
  for (const auto& e : todo)
    if (const auto* hit = std::get_if<T>(&e)) out.push_back(*hit);
  return out;
}

struct machine : testing::Test {
  epoch_machine m{two_participants()};
  outcome both_ack(std::uint64_t id) {
    EXPECT_EQ(m.on_ack(id, "ws-hydrator").what, verdict::accepted);
    return m.on_ack(id, "heatmap-builder");
  }
  void activate_first() {
    m.on_chain(chain_at(50));
    both_ack(1);
  }
};
using EpochMachine = machine;
using NoEpochOnTheMachine = machine;
using Dormancy = machine;

TEST_F(EpochMachine, PreparesThenSwitchesWhenEveryParticipantHasAcknowledged) {
  const auto prepared = m.on_chain(chain_at(50));
  ASSERT_EQ(prepared.todo.size(), 2u);
  const auto frame = std::get<publish_epoch>(prepared.todo[0]);
  EXPECT_EQ(frame.record.epoch.state, epoch_state::preparing);
  EXPECT_EQ(frame.record.epoch.id, 1u);
  EXPECT_EQ(frame.record.epoch.previous, 0u);
  EXPECT_EQ(frame.record.epoch.hash, frame.record.epoch.board.hash());
  // The chain is 50 ms into a window of 200 ms: the epoch begins with the next one.
  EXPECT_EQ(frame.record.epoch.effective_from, open_time + milliseconds(200));
  EXPECT_EQ(frame.watermark, open_time + milliseconds(200));
  EXPECT_EQ(std::get<await_acks>(prepared.todo[1]).epoch_id, 1u);
  EXPECT_FALSE(m.active());

  EXPECT_TRUE(m.on_ack(1, "ws-hydrator").todo.empty());
  const auto switched = m.on_ack(1, "heatmap-builder");
  const auto active = all<publish_epoch>(switched.todo);
  ASSERT_EQ(active.size(), 1u);
  EXPECT_EQ(active[0].record.epoch.state, epoch_state::active);
  EXPECT_TRUE(active[0].record.missing_acks.empty());
  EXPECT_EQ(active[0].watermark, frame.watermark);
  EXPECT_TRUE(all<retire_epoch>(switched.todo).empty());
  EXPECT_EQ(m.active()->epoch.id, 1u);
  EXPECT_EQ(m.pending(), nullptr);
}

TEST_F(EpochMachine, ChainOnAWindowBoundaryBelongsToTheLaterWindow) {
  const auto frame = all<publish_epoch>(m.on_chain(chain_at(0)).todo).at(0);
  EXPECT_EQ(frame.record.epoch.effective_from, open_time + milliseconds(200));
}

TEST_F(EpochMachine, LaterEpochRetiresTheOneBefore) {
  activate_first();
  m.on_chain(chain_at(1000, 7050));
  const auto switched = both_ack(2);
  const auto retired = all<retire_epoch>(switched.todo);
  ASSERT_EQ(retired.size(), 1u);
  EXPECT_EQ(retired[0].record.epoch.id, 1u);
  EXPECT_EQ(retired[0].record.epoch.state, epoch_state::retired);
  EXPECT_EQ(m.active()->epoch.previous, 1u);
  EXPECT_EQ(m.active()->epoch.reasons, std::vector{epoch_reason::strike_range});
}

TEST_F(EpochMachine, SwitchGoesAheadAtTheTimeLimitAndNamesTheLate) {
  m.on_chain(chain_at(50));
  m.on_ack(1, "ws-hydrator");
  const auto late = m.on_ack_limit(1);
  EXPECT_EQ(all<publish_epoch>(late.todo).at(0).record.missing_acks, std::vector<std::string>{"heatmap-builder"});
  EXPECT_EQ(m.active()->epoch.id, 1u);
  EXPECT_TRUE(m.on_ack(1, "heatmap-builder").todo.empty());  // late, no error
  EXPECT_EQ(m.on_ack_limit(1).what, verdict::other_epoch);
}

TEST_F(EpochMachine, WatermarkIsHeldAtTheSwitchUntilItIsDone) {
  m.on_chain(chain_at(50));
  EXPECT_EQ(m.on_chain(heartbeat_at(5'000)).what, verdict::queued);
  EXPECT_EQ(m.watermark(), open_time + milliseconds(200));
  const auto done = both_ack(1);
  const auto beats = all<publish_heartbeat>(done.todo);
  ASSERT_EQ(beats.size(), 1u);
  EXPECT_EQ(beats[0].watermark, open_time + milliseconds(5'000));
  EXPECT_TRUE(std::holds_alternative<publish_heartbeat>(done.todo.back()));
}

TEST_F(EpochMachine, HeartbeatsCarryTheChainsWatermarkOnlyForward) {
  activate_first();
  EXPECT_TRUE(m.on_chain(heartbeat_at(100)).todo.empty());  // before effective_from, which is promised already
  EXPECT_EQ(all<publish_heartbeat>(m.on_chain(heartbeat_at(900)).todo).at(0).watermark, open_time + milliseconds(900));
  EXPECT_TRUE(m.on_chain(heartbeat_at(900)).todo.empty());
  EXPECT_EQ(all<publish_heartbeat>(m.on_chain(chain_at(1'000)).todo).at(0).watermark, open_time + milliseconds(1'000));
  const auto end = m.on_chain({nullptr, market::quality::ok, end_of_time});
  EXPECT_EQ(all<publish_heartbeat>(end.todo).at(0).watermark, end_of_time);
}

TEST_F(EpochMachine, ChainDuringASwitchIsDecidedAfterwards) {
  m.on_chain(chain_at(50));
  EXPECT_EQ(m.on_chain(chain_at(300, 7050)).what, verdict::queued);
  EXPECT_EQ(m.on_chain(chain_at(600, 7050)).what, verdict::queued);
  EXPECT_EQ(m.queued(), 2u);
  const auto next = both_ack(1);
  const auto frames = all<publish_epoch>(next.todo);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].record.epoch.state, epoch_state::active);
  EXPECT_EQ(frames[1].record.epoch.id, 2u);
  EXPECT_EQ(frames[1].record.epoch.state, epoch_state::preparing);
  EXPECT_EQ(frames[1].record.epoch.effective_from, open_time + milliseconds(400));
  EXPECT_EQ(m.queued(), 1u);
  both_ack(2);
  EXPECT_EQ(m.queued(), 0u);
  EXPECT_EQ(m.active()->epoch.id, 2u);
}

TEST_F(EpochMachine, QueueIsBounded) {
  m.on_chain(chain_at(50));
  for (int i = 0; i < 16; ++i) EXPECT_EQ(m.on_chain(heartbeat_at(100 + i)).what, verdict::queued);
  EXPECT_EQ(m.room(), 0u);
  EXPECT_EQ(m.on_chain(chain_at(900, 7050)).what, verdict::queue_full);
  both_ack(1);
  EXPECT_EQ(m.room(), 16u);
  EXPECT_EQ(m.on_chain(chain_at(900, 7050)).what, verdict::accepted);  // the refused one can be taken again
}

TEST_F(EpochMachine, RefusesWhatDoesNotBelong) {
  activate_first();
  EXPECT_EQ(m.on_chain(chain_at(50)).what, verdict::stale_chain);
  EXPECT_EQ(m.on_chain(chain_at(49)).what, verdict::stale_chain);
  auto other = chain_of({expiry(20251219, 1, 9)}, open_time + seconds(9));
  other.symbol = *symbol::parse("NDX");
  EXPECT_EQ(m.on_chain({std::make_shared<market::chain_snapshot>(other), market::quality::ok, other.ts_event}).what,
            verdict::wrong_symbol);
  EXPECT_EQ(m.on_ack(1, "stranger").what, verdict::unknown_participant);
  EXPECT_EQ(m.on_ack(7, "ws-hydrator").what, verdict::other_epoch);
  m.on_chain(chain_at(1000, 7050));
  EXPECT_EQ(m.on_ack(2, "ws-hydrator").what, verdict::accepted);
  EXPECT_EQ(m.on_ack(2, "ws-hydrator").what, verdict::duplicate);
}

TEST_F(EpochMachine, ChainOlderThanThePromiseTakesEffectAfterIt) {
  activate_first();
  m.on_chain(heartbeat_at(5'050));
  const auto frame = all<publish_epoch>(m.on_chain(chain_at(1'000, 7050)).todo).at(0);
  EXPECT_EQ(frame.record.epoch.effective_from, open_time + milliseconds(5'200));
}

TEST_F(EpochMachine, WithoutParticipantsSwitchesAtOnce) {
  auto config = two_participants();
  config.participants.clear();
  epoch_machine alone(config);
  const auto out = alone.on_chain(chain_at(50));
  ASSERT_EQ(all<publish_epoch>(out.todo).size(), 2u);
  EXPECT_TRUE(all<await_acks>(out.todo).empty());
  EXPECT_EQ(alone.active()->epoch.id, 1u);
}

TEST_F(EpochMachine, RestartContinuesTheEpochWhenTheGeometryIsTheSame) {
  activate_first();
  epoch_machine again(two_participants(), {.active = m.active(), .pending = {}, .pending_ts_event = {}, .last_id = 1});
  const auto announced = all<publish_epoch>(again.on_start());
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(announced[0].record, *m.active());
  EXPECT_TRUE(all<publish_epoch>(again.on_chain(chain_at(1'000)).todo).empty());
  EXPECT_EQ(again.active()->epoch.id, 1u);
  EXPECT_EQ(all<publish_epoch>(again.on_chain(chain_at(2'000, 7050)).todo).at(0).record.epoch.id, 2u);
}

TEST_F(EpochMachine, NeverReusesAnIdThatWasAnnouncedBeforeARestart) {
  epoch_machine again(two_participants(), {.active = {}, .pending = {}, .pending_ts_event = {}, .last_id = 4});
  EXPECT_EQ(all<publish_epoch>(again.on_chain(chain_at(50)).todo).at(0).record.epoch.id, 5u);
}

TEST_F(EpochMachine, RestartGoesOnWithASwitchThatWasNotFinished) {
  activate_first();
  const auto prepared = all<publish_epoch>(m.on_chain(chain_at(1'000, 7050)).todo).at(0);
  epoch_machine again(
      two_participants(),
      {.active = m.active(), .pending = prepared.record, .pending_ts_event = prepared.ts_event, .last_id = 2});
  const auto announced = again.on_start();
  const auto frames = all<publish_epoch>(announced);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[1].record, prepared.record);
  EXPECT_EQ(frames[1].ts_event, prepared.ts_event);
  EXPECT_EQ(all<await_acks>(announced).at(0).epoch_id, 2u);
  EXPECT_EQ(again.on_chain(chain_at(2'000, 7050)).what, verdict::queued);
  again.on_ack(2, "ws-hydrator");
  again.on_ack(2, "heatmap-builder");
  EXPECT_EQ(again.active()->epoch.id, 2u);
  EXPECT_EQ(again.pending(), nullptr);
}

// Non-triggers that are no input of the policy.

TEST_F(NoEpochOnTheMachine, StreamUpdates) {
  activate_first();
  for (int i = 0; i < 100; ++i) m.on_quotes(open_time + milliseconds(200 * i));
  EXPECT_EQ(m.pending(), nullptr);
  EXPECT_EQ(m.active()->epoch.id, 1u);
}
TEST_F(NoEpochOnTheMachine, TileRecalculationsAndTheirAcknowledgements) {
  activate_first();
  EXPECT_TRUE(m.on_ack(1, "heatmap-builder").todo.empty());
  EXPECT_EQ(m.active()->epoch.id, 1u);
}
TEST_F(NoEpochOnTheMachine, Dormancy) {
  activate_first();
  m.on_clock(seconds(3600));
  EXPECT_TRUE(m.dormant());
  EXPECT_TRUE(all<publish_epoch>(m.on_chain(heartbeat_at(3'600'000)).todo).empty());
  EXPECT_TRUE(all<publish_epoch>(m.on_chain(chain_at(3'700'000)).todo).empty());
  EXPECT_FALSE(m.dormant());
  EXPECT_EQ(m.active()->epoch.id, 1u);
}

TEST_F(Dormancy, BeginsAfterTheLimitWithoutChainOrQuotes) {
  activate_first();
  m.on_clock(seconds(60));
  EXPECT_FALSE(m.dormant());
  m.on_clock(seconds(61));
  EXPECT_TRUE(m.dormant());
  m.on_quotes(open_time + seconds(61));
  EXPECT_FALSE(m.dormant());
}

TEST_F(Dormancy, IsSeenInEventTimeToo) {
  activate_first();
  m.on_chain(heartbeat_at(60'000));
  EXPECT_FALSE(m.dormant());
  m.on_chain(heartbeat_at(61'000));
  EXPECT_TRUE(m.dormant());
}

}  // namespace
}  // namespace isobar::epoch_manager
