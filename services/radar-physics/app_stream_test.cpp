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

TEST(RadarStream, GivesTheMatrixThenEachColumn) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  feed source(radar.on(), frames_of(session(12), 64));
  const std::size_t half = source.size() / 2;
  source.send(1, half);
  ASSERT_TRUE(radar.applied(half));
  ::grpc::ClientContext context;
  pb::StreamRadarRequest q;
  q.set_symbol("ES");
  q.set_heartbeat_ms(100);
  auto stream = radar.stub().StreamRadar(&context, q);
  pb::StreamRadarResponse m;
  ASSERT_TRUE(stream->Read(&m));
  EXPECT_TRUE(m.base());
  ASSERT_GT(m.columns_size(), 2);
  std::uint64_t last = m.columns(m.columns_size() - 1).header().sequence();
  ASSERT_TRUE(stream->Read(&m));  // nothing new: a heartbeat
  EXPECT_EQ(m.columns_size(), 0);
  source.send(half + 1, source.size());
  source.end();
  while (last < 12) {
    ASSERT_TRUE(stream->Read(&m));
    for (const auto& c : m.columns()) EXPECT_EQ(c.header().sequence(), ++last);
    EXPECT_FALSE(m.base());
  }
  // Another one that holds the tenth already.
  pb::RadarColumn tenth;
  ASSERT_TRUE(tenth.ParseFromString(radar.out().of(columns).at(10)));
  ::grpc::ClientContext again;
  q.set_from_revision(tenth.window().revision());
  auto rest = radar.stub().StreamRadar(&again, q);
  ASSERT_TRUE(rest->Read(&m));
  EXPECT_FALSE(m.base());
  ASSERT_EQ(m.columns_size(), 2);
  EXPECT_EQ(m.columns(0).header().sequence(), 11u);
  context.TryCancel();
  again.TryCancel();
  while (stream->Read(&m)) {}
  EXPECT_TRUE(eventually([&] { return radar.plain_metric("isobar_radar_physics_stream_subscribers") == 0; }));
}

TEST(RadarStream, RefusesWhatItCannotServe) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path());
  const auto code = [&](const std::string& name, std::uint32_t heartbeat) {
    ::grpc::ClientContext context;
    pb::StreamRadarRequest q;
    q.set_symbol(name);
    q.set_heartbeat_ms(heartbeat);
    auto stream = radar.stub().StreamRadar(&context, q);
    pb::StreamRadarResponse m;
    while (stream->Read(&m)) {}
    return stream->Finish().error_code();
  };
  EXPECT_EQ(code("ES", 50), ::grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code("ES", 0), ::grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(code("CL", 0), ::grpc::StatusCode::NOT_FOUND);
}

/// A client that does not read is ended; one that reads late is given the newest matrix.
TEST(RadarStream, ALaggingReaderIsConflatedThenEnded) {
  isobar::testing::temp_dir data;
  running_radar radar(data.path(), {"--radar-physics.columns=4", "--radar-physics.rows=401",
                                    "--radar-physics.window-ms=100", "--radar-physics.stream-stall-ms=400"});
  feed source(radar.on(), frames_of(session(60), 64));
  source.send(1, 60);
  ASSERT_TRUE(radar.applied(60));
  ::grpc::ChannelArguments arguments;
  ::grpc::ClientContext context;
  pb::StreamRadarRequest q;
  q.set_symbol("ES");
  q.set_heartbeat_ms(100);
  auto stream = radar.stub().StreamRadar(&context, q);
  pb::StreamRadarResponse m;
  ASSERT_TRUE(stream->Read(&m));
  EXPECT_EQ(m.columns_size(), 4);
  source.send(61, source.size());
  source.end();
  ASSERT_TRUE(radar.ended());
  // Heartbeats and columns fill what gRPC holds for a reader; then a write stalls.
  EXPECT_TRUE(eventually(
      [&] {
        source.heartbeat(end_of_time);
        return radar.plain_metric("isobar_radar_physics_stream_conflated_columns_total") > 0 ||
               radar.plain_metric("isobar_radar_physics_streams_ended_total{reason=\"stalled\"}") == 1;
      },
      std::chrono::seconds(20)));
  context.TryCancel();
}

}  // namespace
}  // namespace isobar::radar_physics
