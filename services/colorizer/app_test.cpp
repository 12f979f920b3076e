// colorizer as a process hosts it: the real app on the local bus.
#include "colorizer/app.hpp"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "bus/local_bus.hpp"
#include "isobar/color/v1/color_service.grpc.pb.h"
#include "telemetry/metrics.hpp"
#include "wire/numeric_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::colorizer {
namespace {

const symbol spx = *symbol::parse("SPX");

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

market::numeric_delta gradient() {
  market::numeric_delta d;
  d.symbol = spx;
  d.surface = "heatmap.gradient";
  d.plane = "SPXW-20251219";
  d.window_end = {1'000};
  d.value_unit = 0.01;
  d.cells = {4, 9};
  d.values = {0, 12'500};
  return d;
}

struct hosted : testing::Test {
  std::shared_ptr<bus::bus> bus = bus::make_local_bus();
  std::unique_ptr<bus::subscription> colors = *bus->subscribe(subjects::color_cells("sim", spx), {}, [] {});
  std::vector<std::unique_ptr<service::process>> processes;
  std::vector<bus::message> sent;

  void start() {
    service::host_options options;
    options.symbols = {spx};
    options.grpc = options.http = "127.0.0.1:0";
    options.data_dir = testing::TempDir() + "colorizer" + std::to_string(processes.size());
    std::vector<std::unique_ptr<service::app>> apps;
    apps.push_back(make_app());
    processes.push_back(std::make_unique<service::process>(options, std::move(apps), bus));
    const auto started = processes.back()->start();
    ASSERT_TRUE(started) << started.error().evidence;
  }
  void publish(std::string bytes) {
    ASSERT_TRUE(bus->publish(subjects::heatmap_gradient("sim", spx), std::move(bytes)));
    ASSERT_TRUE(bus->flush());
  }
  bool frames_reach(std::size_t n) {
    return eventually([&] {
      colors->drain(sent, 1000);
      return sent.size() >= n;
    });
  }
};
using Colorizer = hosted;

TEST_F(Colorizer, ColoursASurfaceUnderItsSequence) {
  start();
  publish(wire::encode_numeric(gradient(), {.producer = "heatmap-builder", .sequence = 42}));
  wire::frame_info end{.producer = "heatmap-builder", .sequence = 42};
  end.watermark = end_of_time;
  publish(wire::encode_heartbeat(end));
  ASSERT_TRUE(frames_reach(2));
  color::v1::ColorDelta message;
  const auto header = wire::parse_frame(sent[0].bytes(), message);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->sequence, 42u);
  EXPECT_EQ(header->producer, "colorizer");
  EXPECT_EQ(message.rgb(0), 0x3b82f6u);
  EXPECT_EQ(message.rgb(1), 0xef4444u);
  EXPECT_EQ(wire::peek_header(sent[1].bytes())->watermark, end_of_time);
}

TEST_F(Colorizer, TwoProcessesShareTheWork) {
  start();
  start();
  for (std::uint64_t i = 1; i <= 50; ++i)
    publish(wire::encode_numeric(gradient(), {.producer = "heatmap-builder", .sequence = i}));
  ASSERT_TRUE(frames_reach(50));
  const auto taken = [&](std::size_t p) {
    return processes[p]
        ->get_host()
        .metrics()
        .get_counter("isobar_colorizer_frames_in_total", {{"symbol", "SPX"}})
        .value();
  };
  EXPECT_TRUE(eventually([&] { return taken(0) + taken(1) == 50; }));
  EXPECT_EQ(sent.size(), 50u);
}

TEST_F(Colorizer, HostileFramesAreCounted) {
  start();
  publish("garbage");
  auto other = gradient();
  other.symbol = *symbol::parse("NDX");
  publish(wire::encode_numeric(other, {.producer = "heatmap-builder", .sequence = 1}));
  publish(wire::encode_numeric(gradient(), {.producer = "heatmap-builder", .sequence = 2}));
  ASSERT_TRUE(frames_reach(1));
  const auto rejected = [&](const std::string& reason) {
    return processes[0]
        ->get_host()
        .metrics()
        .get_counter("isobar_colorizer_rejected_total", {{"symbol", "SPX"}, {"reason", reason}})
        .value();
  };
  EXPECT_EQ(rejected("malformed"), 1u);
  EXPECT_EQ(rejected("wrong_symbol"), 1u);
}

TEST_F(Colorizer, AnswersQueriesAndRefusesBadOnes) {
  start();
  auto stub = color::v1::ColorService::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(processes[0]->get_host().grpc_port()), grpc::InsecureChannelCredentials()));
  const auto ask = [&](const color::v1::ColorSurfaceRequest& request, color::v1::ColorSurfaceResponse& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    return stub->ColorSurface(&context, request, &response).error_code();
  };
  color::v1::ColorSurfaceRequest good;
  wire::to_proto(gradient(), {.producer = "client"}, *good.mutable_surface());
  good.mutable_surface()->clear_header();
  color::v1::ColorSurfaceResponse answer;
  EXPECT_EQ(ask(good, answer), grpc::StatusCode::OK);
  EXPECT_EQ(answer.colors().rgb(1), 0xef4444u);
  auto bad = good;
  bad.mutable_surface()->add_value(1);
  EXPECT_EQ(ask(bad, answer), grpc::StatusCode::INVALID_ARGUMENT);
  bad = good;
  bad.mutable_scale()->set_threshold(0);
  EXPECT_EQ(ask(bad, answer), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ask({}, answer), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace isobar::colorizer
