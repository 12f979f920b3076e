// decomposer as a process hosts it: the real app on the local bus.
#include "decomposer/app.hpp"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "bus/local_bus.hpp"
#include "isobar/model/v1/model_service.grpc.pb.h"
#include "service/shard_records.hpp"
#include "telemetry/metrics.hpp"
#include "wire/feed_codec.hpp"
#include "wire/model_codec.hpp"
#include "wire/subjects.hpp"
#include "wire/window_codec.hpp"

namespace isobar::decomposer {
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

struct hosted : testing::Test {
  std::shared_ptr<bus::bus> bus = bus::make_local_bus();
  std::unique_ptr<bus::subscription> models = *bus->subscribe("isobar.model.sim.spx.*", {}, [] {});
  std::unique_ptr<bus::subscription> requests = *bus->subscribe(subjects::window_resync("sim", spx), {}, [] {});
  std::unique_ptr<service::process> process;
  std::vector<bus::message> sent, asked;

  virtual std::string mode() const { return "live"; }
  virtual void place(service::host_options& o) const { o.symbols = {spx}; }
  void SetUp() override {
    service::host_options options;
    options.mode = mode();
    place(options);
    options.grpc = options.http = "127.0.0.1:0";
    options.data_dir = testing::TempDir() + "decomposer";
    std::vector<std::unique_ptr<service::app>> apps;
    apps.push_back(make_app());
    process = std::make_unique<service::process>(options, std::move(apps), bus);
    const auto started = process->start();
    ASSERT_TRUE(started) << started.error().evidence;
  }
  void publish(std::string bytes) {
    ASSERT_TRUE(bus->publish(subjects::window_frame("sim", spx), std::move(bytes)));
    ASSERT_TRUE(bus->flush());
  }
  void publish_window(std::uint64_t sequence, bool base) {
    market::frozen_window w;
    w.symbol = spx;
    w.epoch = 1;
    w.sequence = sequence;
    w.start = {static_cast<std::int64_t>(sequence) * 200'000'000};
    w.end = w.start + milliseconds(200);
    w.base = base;
    w.rows.resize(1);
    w.rows[0].contract = 5;
    w.rows[0].state.bid = price(100);
    w.rows[0].state.ask = price(200);
    w.rows[0].state.ts_quote = w.start;
    w.prints = {{5, w.start, price(150), quantity(3), price(100), price(200)}};
    wire::frame_info info{.producer = "ws-hydrator"};
    info.watermark = w.end;
    publish(wire::encode_window(w, info));
  }
  bool frames_reach(std::size_t n) {
    return eventually([&] {
      models->drain(sent, 1000);
      return sent.size() >= n;
    });
  }
  bool asked_reach(std::size_t n) {
    return eventually([&] {
      requests->drain(asked, 1000);
      return asked.size() >= n;
    });
  }
  std::uint64_t rejected(const std::string& reason) {
    return process->get_host()
        .metrics()
        .get_counter("isobar_decomposer_rejected_total", {{"symbol", "SPX"}, {"reason", reason}})
        .value();
  }
};
using Decomposer = hosted;
struct DecomposerReplay : hosted {
  std::string mode() const override { return "replay"; }
  void ask(std::uint64_t from, wire::refill_purpose purpose, std::string subject) {
    ASSERT_TRUE(
        bus->publish(subjects::feed_resync("sim", spx), wire::encode_refill_request({.symbol = spx,
                                                                                     .requester = "gamma-fuel",
                                                                                     .from_sequence = from,
                                                                                     .subject = std::move(subject),
                                                                                     .purpose = purpose})));
    ASSERT_TRUE(bus->flush());
  }
};

struct DecomposerShard : hosted {
  void place(service::host_options& o) const override {
    o.shard = "0/1";
    o.lease_ms = 300;
  }
  void list(bool listed) {
    const auto key = service::registry_key("sim", service::symbol_kind::options, spx);
    const auto registry = *bus->bucket(service::registry_bucket);
    ASSERT_TRUE(listed ? registry->put(key, "SPX").has_value() : registry->remove(key).has_value());
  }
  /// `what`: takeovers or handovers.
  bool reaches(const std::string& what, int n) {
    return eventually([&] {
      return process->get_host().metrics().scrape().find("isobar_shard_" + what + "_total{service=\"decomposer\"} " +
                                                         std::to_string(n)) != std::string::npos;
    });
  }
};

TEST_F(DecomposerShard, ASymbolComesAndGoesWhileTheProcessRuns) {
  list(true);
  ASSERT_TRUE(reaches("takeovers", 1));
  publish_window(7, false);
  ASSERT_TRUE(frames_reach(4));
  EXPECT_EQ(wire::peek_header(sent[0].bytes())->quality, market::quality::gap) << "joined in the middle";
  publish_window(8, true);
  ASSERT_TRUE(frames_reach(8));
  EXPECT_EQ(wire::peek_header(sent[4].bytes())->quality, market::quality::ok);
  list(false);
  ASSERT_TRUE(reaches("handovers", 1));
  publish_window(9, false);
  list(true);
  ASSERT_TRUE(reaches("takeovers", 2));
  publish_window(10, true);
  ASSERT_TRUE(frames_reach(12));
  EXPECT_EQ(wire::peek_header(sent[8].bytes())->sequence, 10u) << "nobody worked on 9";
}

// docs/adr/0014: gamma-fuel asks for what it lacks, by subject and sequence.
TEST_F(DecomposerReplay, GivesFramesOfModelsAgainUntilTheyAreNeededNoMore) {
  const std::string gex = subjects::model_gex("sim", spx);
  for (std::uint64_t n = 1; n <= 3; ++n) publish_window(n, n == 1);
  ASSERT_TRUE(frames_reach(12));
  const std::vector<bus::message> first = std::exchange(sent, {});
  ask(2, wire::refill_purpose::want, gex);
  ASSERT_TRUE(frames_reach(3));  // frames 2 and 3, then a heartbeat
  std::vector<std::string> expected;
  for (const bus::message& m : first)
    if (m.subject == gex && wire::peek_header(m.bytes())->sequence >= 2) expected.emplace_back(m.bytes());
  ASSERT_EQ(expected.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(sent[i].subject, gex);
    EXPECT_EQ(sent[i].bytes(), expected[i]) << "byte for byte";
  }
  EXPECT_TRUE(wire::peek_header(sent[2].bytes())->heartbeat);
  EXPECT_EQ(wire::peek_header(sent[2].bytes())->sequence, 3u);
  sent.clear();
  ask(3, wire::refill_purpose::release, gex);
  ask(1, wire::refill_purpose::want, gex);
  ASSERT_TRUE(frames_reach(1));  // 1 and 2 are kept no more: the note says so, the heartbeat what there is
  EXPECT_TRUE(wire::peek_header(sent[0].bytes())->heartbeat);
}

TEST_F(Decomposer, LiveKeepsNothing) {
  publish_window(1, true);
  ASSERT_TRUE(frames_reach(4));
  EXPECT_EQ(process->get_host().metrics().scrape().find("refill_kept_bytes"), std::string::npos);
}

TEST_F(Decomposer, SendsOneFrameToEachModelUnderTheWindowsSequence) {
  publish_window(1, true);
  publish_window(2, false);
  ASSERT_TRUE(frames_reach(8));
  market::heatmap_rows rows;
  const auto header = wire::decode_model(sent[4].bytes(), rows);
  ASSERT_TRUE(header) << header.error().evidence;
  EXPECT_EQ(sent[4].subject, "isobar.model.sim.spx.heatmap");
  EXPECT_EQ(header->producer, "decomposer");
  EXPECT_EQ(header->sequence, 2u);
  EXPECT_EQ(header->watermark, timestamp{600'000'000});
  EXPECT_EQ(header->quality, market::quality::ok);
  EXPECT_EQ(rows.rows, (std::vector<market::heatmap_row>{{5, price(100), price(200), {400'000'000}}}));
  market::flow_rows flow;
  ASSERT_TRUE(wire::decode_model(sent[7].bytes(), flow));
  EXPECT_EQ(sent[7].subject, "isobar.model.sim.spx.flow");
  EXPECT_EQ(flow.rows,
            (std::vector<market::option_print>{{5, {400'000'000}, price(150), quantity(3), price(100), price(200)}}));
  requests->drain(asked, 10);
  EXPECT_TRUE(asked.empty());
}

TEST_F(Decomposer, PassesHeartbeatsToEveryModel) {
  publish_window(1, true);
  wire::frame_info end{.producer = "ws-hydrator", .sequence = 1};
  end.watermark = end_of_time;
  publish(wire::encode_heartbeat(end));
  ASSERT_TRUE(frames_reach(8));
  for (std::size_t i = 4; i < 8; ++i) {
    const auto header = wire::peek_header(sent[i].bytes());
    ASSERT_TRUE(header);
    EXPECT_TRUE(header->heartbeat);
    EXPECT_EQ(header->sequence, 1u);
    EXPECT_EQ(header->watermark, end_of_time);
  }
}

TEST_F(Decomposer, MarksOutputsAfterAGapAndAsksUntilABaseWindow) {
  publish_window(1, true);
  publish_window(3, false);
  ASSERT_TRUE(frames_reach(8));
  EXPECT_EQ(wire::peek_header(sent[4].bytes())->quality, market::quality::gap);
  ASSERT_TRUE(asked_reach(2));  // at once, and again after the first pause
  EXPECT_EQ(wire::decode_resync(asked[0].bytes())->requester, "decomposer");
  publish_window(4, true);
  ASSERT_TRUE(frames_reach(12));
  EXPECT_EQ(wire::peek_header(sent[8].bytes())->quality, market::quality::ok);
}

TEST_F(Decomposer, JoiningInTheMiddleAsksForABaseWindow) {
  publish_window(7, false);
  ASSERT_TRUE(frames_reach(4));
  EXPECT_EQ(wire::peek_header(sent[0].bytes())->quality, market::quality::gap);
  EXPECT_TRUE(asked_reach(1));
}

TEST_F(Decomposer, HostileFramesAreCounted) {
  publish("garbage");
  publish_window(1, true);
  publish_window(2, false);
  publish_window(2, false);
  publish_window(3, false);
  ASSERT_TRUE(frames_reach(12));
  EXPECT_EQ(rejected("malformed"), 1u);
  EXPECT_EQ(rejected("duplicate"), 1u);
}

TEST_F(Decomposer, AnswersTheLastInputOfEachModel) {
  auto stub = model::v1::ModelService::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(process->get_host().grpc_port()), grpc::InsecureChannelCredentials()));
  const auto ask = [&](const std::string& s, const std::string& model, model::v1::GetLastInputResponse& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    model::v1::GetLastInputRequest request;
    request.set_symbol(s);
    request.set_model(model);
    return stub->GetLastInput(&context, request, &response).error_code();
  };
  model::v1::GetLastInputResponse answer;
  EXPECT_EQ(ask("SPX", "heatmap", answer), grpc::StatusCode::UNAVAILABLE);
  publish_window(1, true);
  ASSERT_TRUE(frames_reach(4));
  EXPECT_EQ(ask("SPX", "heatmap", answer), grpc::StatusCode::OK);
  EXPECT_EQ(answer.heatmap().window().window_sequence(), 1u);
  EXPECT_EQ(ask("SPX", "gex", answer), grpc::StatusCode::OK);
  EXPECT_EQ(answer.gex().bid_size(), 1);
  EXPECT_EQ(ask("SPX", "volume_profile", answer), grpc::StatusCode::OK);
  EXPECT_EQ(ask("SPX", "flow", answer), grpc::StatusCode::OK);
  EXPECT_EQ(answer.flow().prints().lots(0), 3u);
  EXPECT_EQ(ask("SPX", "astrology", answer), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ask("NDX", "gex", answer), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ask("", "gex", answer), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace isobar::decomposer
