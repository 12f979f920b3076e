#include "radar-physics/app.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "radar-physics/app_fixture.hpp"
#include "radar-physics/domain/engine.hpp"
#include "radar-physics/transport/calibration_file.hpp"
#include "radar-physics/transport/radar_encoder.hpp"
#include "radar-physics/transport/radar_recording.hpp"
#include "wire/side_input_codec.hpp"

namespace isobar::radar_physics {
namespace {

using namespace fixture;
namespace pb = radar::v1;

/// Files below a folder, by name, as bytes.
std::map<std::string, std::string> recordings(const std::filesystem::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& e : std::filesystem::recursive_directory_iterator(folder))
    if (e.path().extension() == ".rec") {
      std::ifstream in(e.path(), std::ios::binary);
      out[e.path().filename().string()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
  return out;
}

const std::vector<std::string> keeping{"--radar-physics.record=true", "--radar-physics.checkpoint-windows=3",
                                       "--radar-physics.checkpoint-ms-min=0", "--radar-physics.level-step=5",
                                       "--radar-physics.refill-ms=20"};
std::vector<std::string> resuming() {
  auto out = keeping;
  out.push_back("--radar-physics.resume=true");
  return out;
}

/// Runs until `until` frames are applied, then what is on the disk at that very moment is what a kill would leave.
void run_and_kill(const std::vector<std::string>& frames, std::size_t until, const std::filesystem::path& left,
                  std::map<std::string, std::map<std::uint64_t, std::string>>* published = nullptr) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), keeping);
  feed source(radar.on(), frames);
  source.send(1, until);
  ASSERT_TRUE(radar.applied(until));
  ASSERT_GE(radar.metric("checkpoints_total"), 2);
  std::filesystem::copy(data.path(), left, std::filesystem::copy_options::recursive);
  if (published) *published = radar.out().frames();
}

TEST(RadarCheckpoint, AKilledRunGoesOnWithTheSameFramesAndRecording) {
  const auto frames = frames_of(session(30), 64);
  isobar::testing::temp_dir whole;
  std::map<std::string, std::map<std::uint64_t, std::string>> expected;
  {
    running_radar radar(whole.path(), keeping);
    feed source(radar.on(), frames);
    source.send_all();
    source.end();
    ASSERT_TRUE(radar.ended());
    expected = radar.out().frames();
  }
  for (const std::size_t until : {frames.size() / 3, frames.size() - 1}) {
    isobar::testing::temp_dir left;
    std::map<std::string, std::map<std::uint64_t, std::string>> before;
    run_and_kill(frames, until, left / "data", &before);
    running_radar radar(left / "data", resuming());
    feed source(radar.on(), frames);
    source.send_all();  // a feed that was killed too makes the same frames again
    source.end();
    ASSERT_TRUE(radar.ended());
    // What the two lives said together is what one would have said.
    std::size_t again = 0;
    auto joined = before;
    for (const auto& [subject, by_sequence] : radar.out().frames())
      for (const auto& [sequence, bytes] : by_sequence) {
        const auto [at, fresh] = joined[subject].try_emplace(sequence, bytes);
        again += !fresh;
        EXPECT_EQ(at->second, bytes) << subject << " " << sequence;
      }
    EXPECT_TRUE(joined == expected);
    EXPECT_GT(again, 0u);
    EXPECT_LT(radar.out().of(columns).size(), expected[columns].size());
    EXPECT_EQ(radar.metric("lost_gaps_total"), 0);
    // The history is there from the recording.
    pb::GetRadarRequest q;
    pb::GetRadarResponse r;
    q.set_symbol("ES");
    ASSERT_TRUE(radar.call(&pb::RadarService::Stub::GetRadar, q, &r).ok());
    EXPECT_EQ(r.columns_size(), 30);
    radar.stop();
    EXPECT_TRUE(recordings(left.path()) == recordings(whole.path())) << until;
  }
}

TEST(RadarCheckpoint, ARefillBringsTheFramesBehindIt) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  std::map<std::string, std::map<std::uint64_t, std::string>> before;
  run_and_kill(frames, frames.size() / 2, left / "data", &before);
  running_radar radar(left / "data", resuming());
  feed source(radar.on(), frames);
  source.forget_before(frames.size() / 4);  // those are durable
  source.send(frames.size(), frames.size());
  source.end();
  ASSERT_TRUE(radar.ended());
  auto joined = before;
  for (const auto& [subject, by_sequence] : radar.out().frames())
    for (const auto& [sequence, bytes] : by_sequence) joined[subject].try_emplace(sequence, bytes);
  EXPECT_TRUE(joined == undisturbed(frames, keeping));
  EXPECT_EQ(radar.metric("lost_gaps_total"), 0);
}

TEST(RadarCheckpoint, ADrainedRunGoesOnWithoutARepeat) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir data;
  std::map<std::string, std::map<std::uint64_t, std::string>> joined;
  const std::size_t half = frames.size() / 2;
  {
    running_radar radar(data.path(), keeping);
    feed source(radar.on(), frames);
    source.send(1, half);
    ASSERT_TRUE(radar.applied(half));
    radar.stop();
    joined = radar.out().frames();
  }
  running_radar radar(data.path(), resuming());
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  for (const auto& [subject, by_sequence] : radar.out().frames())
    for (const auto& [sequence, bytes] : by_sequence)
      EXPECT_TRUE(joined[subject].try_emplace(sequence, bytes).second) << subject << " " << sequence;
  EXPECT_TRUE(joined == undisturbed(frames, keeping));
}

TEST(RadarCheckpoint, ADamagedOneGivesWayToTheOneBefore) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  const auto newest = left / "data" / "radar-physics" / "esh4" / "radar.ckpt";
  ASSERT_TRUE(std::filesystem::exists(newest));
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) / 2);
  running_radar radar(left / "data", resuming());
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_EQ(radar.metric("checkpoints_refused_total"), 1);
  const auto& expected = undisturbed(frames, keeping);
  EXPECT_LT(radar.out().of(columns).size(), expected.at(columns).size());
  for (const auto& [sequence, bytes] : radar.out().of(columns)) EXPECT_EQ(bytes, expected.at(columns).at(sequence));
}

TEST(RadarCheckpoint, OneOfOtherRulesIsRefused) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  auto flags = resuming();
  flags.push_back("--radar-physics.bucket-ticks=4");
  running_radar radar(left / "data", flags);
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_EQ(radar.metric("checkpoints_refused_total"), 2);
  EXPECT_EQ(radar.out().of(columns).size(), 20u);  // from the start
}

TEST(RadarCheckpoint, AnotherFeedUnderTheSameNumbersBeginsAnew) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  const auto other = frames_of(session(20, 2), 64);
  running_radar radar(left / "data", resuming());
  feed source(radar.on(), other);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_TRUE(radar.out().frames() == undisturbed(other, keeping));
}

TEST(RadarCheckpoint, AFreshReplayTakesNoNoticeOfAnEarlierOne) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  running_radar radar(left / "data", keeping);
  feed source(radar.on(), frames);
  source.send_all();
  source.end();
  ASSERT_TRUE(radar.ended());
  EXPECT_TRUE(radar.out().frames() == undisturbed(frames, keeping));
}

/// A feed that keeps a bounded amount stands still until frames are durable, whatever the windows.
TEST(RadarCheckpoint, FramesBecomeDurableByTheirBytesAlsoInsideAWindow) {
  const auto frames = frames_of(session(3), 64);
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.checkpoint-windows=1000000", "--radar-physics.checkpoint-bytes=1",
                                    "--radar-physics.window-ms=60000"});
  feed source(radar.on(), frames);
  source.send_all();
  ASSERT_TRUE(radar.applied(frames.size()));
  EXPECT_GE(radar.metric("checkpoints_total"), static_cast<double>(frames.size()));
  EXPECT_GE(radar.reported().durable_sequence, frames.size() - 2);
  EXPECT_EQ(radar.out().of(columns).size(), 0u);  // the one window is open
}

TEST(RadarCheckpoint, FramesBecomeDurableWhenTheFeedIsSilent) {
  const auto frames = frames_of(session(3), 64);
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.checkpoint-windows=1000000"});
  feed source(radar.on(), frames);
  source.send_all();
  EXPECT_TRUE(
      eventually([&] { return radar.reported().durable_sequence + 1 == frames.size(); }, std::chrono::seconds(10)));
  EXPECT_EQ(radar.metric("checkpoints_total"), 2);
}

TEST(RadarCheckpoint, NoneIsWrittenWhileTheRecordingCannotBe) {
  const auto events = session(20);
  const auto frames = frames_of(events, 64);
  isobar::testing::temp_dir data;
  const auto folder = data.path() / "radar-physics" / "esh4";
  const auto file =
      folder / ("radar-" + std::to_string(to_yyyymmdd(session_rule{}.of(events.back().ts_event))) + ".rec");
  // Neither can be opened nor put aside.
  std::filesystem::create_directories(file / "x");
  std::filesystem::create_directories(file.string() + ".1/x");
  running_radar radar(data.path(), keeping);
  feed source(radar.on(), frames);
  source.send_all();
  ASSERT_TRUE(radar.applied(frames.size()));
  EXPECT_EQ(radar.metric("checkpoints_total"), 0);
  EXPECT_GT(radar.metric("checkpoint_failures_total"), 0);
  EXPECT_GT(radar.metric("recording_failures_total"), 0);
  EXPECT_EQ(radar.reported().durable_sequence, 0u);
  std::filesystem::remove_all(file);
  EXPECT_TRUE(
      eventually([&] { return radar.reported().durable_sequence + 1 == frames.size(); }, std::chrono::seconds(10)));
}

TEST(RadarStream, AWorkerThatBeginsAnewSendsABase) {
  const auto frames = frames_of(session(20), 64);
  isobar::testing::temp_dir left;
  run_and_kill(frames, frames.size() / 2, left / "data");
  const auto other = frames_of(session(20, 2), 64);
  running_radar radar(left / "data", resuming());
  ASSERT_TRUE(eventually([&] { return radar.metric("history_columns") > 2; }));
  ::grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(15));
  pb::StreamRadarRequest q;
  q.set_symbol("ES");
  q.set_heartbeat_ms(100);
  auto stream = radar.stub().StreamRadar(&context, q);
  pb::StreamRadarResponse m;
  ASSERT_TRUE(stream->Read(&m));
  EXPECT_TRUE(m.base());
  feed source(radar.on(), other);
  source.send(1, other.size() / 2 + 1);  // about as many columns as the subscriber holds
  do {
    ASSERT_TRUE(stream->Read(&m));  // until the deadline
  } while (m.columns_size() == 0);
  EXPECT_TRUE(m.base());
  ASSERT_GT(m.columns_size(), 0);
  EXPECT_EQ(m.columns(0).header().sequence(), 1u);
  context.TryCancel();
}

}  // namespace
}  // namespace isobar::radar_physics
