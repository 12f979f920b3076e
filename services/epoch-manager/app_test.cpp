// epoch-manager as a process hosts it: the real app on the local bus, with its real KV.
#include "epoch-manager/app.hpp"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "bus/local_bus.hpp"
#include "bus/nats_bus.hpp"
#include "epoch-manager/domain/test_chain.hpp"
#include "isobar/epoch/v1/epoch_service.grpc.pb.h"
#include "service/shard_records.hpp"
#include "service/store_watch.hpp"
#include "telemetry/metrics.hpp"
#include "testing/nats_server.hpp"
#include "wire/chain_codec.hpp"
#include "wire/epoch_codec.hpp"
#include "wire/feed_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::epoch_manager {
namespace {

using namespace test;
using frame = wire::framed<wire::epoch_record>;
using epoch_state = enum market::epoch::state;

/// Waits for a condition; the deadline is far above what is needed.
bool eventually(const std::function<bool()>& condition, std::chrono::seconds limit = std::chrono::seconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

struct hosted : ::testing::Test {
  std::shared_ptr<bus::bus> bus = bus::make_local_bus();
  std::unique_ptr<bus::subscription> switches = *bus->subscribe(subjects::epoch_switch("sim", spx), {}, [] {});
  std::unique_ptr<service::process> process;
  std::vector<frame> frames;
  std::vector<frame> beats;
  std::uint64_t chain_sequence = 0;

  void start(const std::string& mode = "live", const std::string& shard = "") {
    service::host_options options;
    if (shard.empty()) options.symbols = {spx};
    options.shard = shard;
    options.lease_ms = 300;
    options.grpc = options.http = "127.0.0.1:0";
    options.data_dir = ::testing::TempDir() + "epoch-manager";
    options.mode = mode;
    std::vector<std::unique_ptr<service::app>> apps;
    apps.push_back(make_app());
    process = std::make_unique<service::process>(options, std::move(apps), bus);
    const auto started = process->start();
    ASSERT_TRUE(started) << started.error().evidence;
  }
  void publish_chain(std::int64_t ms, std::int64_t high = 7000) {
    const auto at = open_time + milliseconds(ms);
    wire::frame_info info{.producer = "chain-ingest", .sequence = ++chain_sequence};
    info.ts_first = info.ts_last = info.watermark = at;
    publish(subjects::chain_snapshot("sim", spx),
            wire::encode_chain(chain_of({expiry(20251219, 6800, high)}, at), info));
  }
  void publish_ack(std::uint64_t id, const std::string& who) {
    publish(subjects::epoch_ack("sim", spx),
            wire::encode_epoch_ack({.symbol = spx, .epoch_id = id, .participant = who, .pause = {1'000}},
                                   {.producer = who}));
  }
  void acknowledge(std::uint64_t id) {
    publish_ack(id, "ws-hydrator");
    publish_ack(id, "heatmap-builder");
  }
  void publish(const std::string& subject, std::string bytes) {
    ASSERT_TRUE(bus->publish(subject, std::move(bytes)));
    ASSERT_TRUE(bus->flush());
  }
  /// Data frames so far, once there are at least `n`.
  bool frames_reach(std::size_t n) {
    return eventually([&] {
      take();
      return frames.size() >= n;
    });
  }
  void take() {
    std::vector<bus::message> batch;
    switches->drain(batch, 100);
    for (const auto& m : batch) {
      auto decoded = wire::decode_epoch(m.bytes());
      ASSERT_TRUE(decoded) << decoded.error().evidence;
      (decoded->header.heartbeat ? beats : frames).push_back(std::move(*decoded));
    }
  }
  grpc::Status get(const std::string& symbol_text, std::uint64_t id, epoch::v1::GetEpochResponse& response) {
    auto stub = epoch::v1::EpochService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(process->get_host().grpc_port()), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    epoch::v1::GetEpochRequest request;
    request.set_symbol(symbol_text);
    request.set_epoch_id(id);
    return stub->GetEpoch(&context, request, &response);
  }
};
using EpochManager = hosted;

// docs/adr/0014: epochs come again aside, since ws-hydrator and heatmap-builder count those of epoch.switch.
TEST_F(EpochManager, GivesSwitchesAgainInReplay) {
  std::unique_ptr<bus::subscription> again = *bus->subscribe(subjects::epoch_refill("sim", spx), {}, [] {});
  start("replay");
  publish_chain(50);
  ASSERT_TRUE(frames_reach(1));
  acknowledge(1);
  ASSERT_TRUE(frames_reach(2));
  publish(subjects::feed_resync("sim", spx),
          wire::encode_refill_request({.symbol = spx,
                                       .requester = "gamma-fuel",
                                       .from_sequence = 2,
                                       .subject = subjects::epoch_switch("sim", spx)}));
  std::vector<bus::message> given;
  ASSERT_TRUE(eventually([&] { return again->drain(given, 10), given.size() >= 2; }));
  const auto again_given = wire::decode_epoch(given[0].bytes());
  ASSERT_TRUE(again_given);
  EXPECT_EQ(again_given->header, frames[1].header);
  EXPECT_EQ(again_given->body.epoch.state, epoch_state::active);
  EXPECT_TRUE(wire::decode_epoch(given[1].bytes())->header.heartbeat);
  take();
  EXPECT_EQ(frames.size(), 2u);
}

TEST_F(EpochManager, PreparesSwitchesAndServesTheEpoch) {
  start();
  epoch::v1::GetEpochResponse answer;
  EXPECT_EQ(get("SPX", 0, answer).error_code(), grpc::StatusCode::UNAVAILABLE);
  publish_chain(50);
  ASSERT_TRUE(frames_reach(1));
  EXPECT_EQ(frames[0].body.epoch.state, epoch_state::preparing);
  EXPECT_EQ(frames[0].header.sequence, 1u);
  EXPECT_EQ(frames[0].header.watermark, open_time + milliseconds(200));
  acknowledge(1);
  ASSERT_TRUE(frames_reach(2));
  EXPECT_EQ(frames[1].body.epoch.state, epoch_state::active);
  EXPECT_EQ(frames[1].header.sequence, 2u);

  EXPECT_TRUE(get("SPX", 0, answer).ok());
  EXPECT_EQ(answer.epoch().epoch_id(), 1u);
  EXPECT_EQ(answer.epoch().geometry().planes_size(), 1);
  EXPECT_FALSE(answer.dormant());
  EXPECT_EQ(get("NDX", 0, answer).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(get("", 0, answer).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(get("SPX", 99, answer).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(process->stop());
}

TEST_F(EpochManager, HeartbeatsFollowTheChainAndRepeatTheSequence) {
  start();
  publish_chain(50);
  ASSERT_TRUE(frames_reach(1));
  acknowledge(1);
  ASSERT_TRUE(frames_reach(2));
  publish_chain(5'000);
  wire::frame_info end{.producer = "chain-ingest", .sequence = chain_sequence};
  end.watermark = end_of_time;
  publish(subjects::chain_snapshot("sim", spx), wire::encode_heartbeat(end));
  std::vector<timestamp> told;
  ASSERT_TRUE(eventually([&] {
    take();
    told.clear();
    for (const frame& b : beats)
      if (told.empty() || told.back() != b.header.watermark) told.push_back(b.header.watermark);
    return !told.empty() && told.back() == end_of_time;
  }));
  EXPECT_EQ(told.size() - (told[0] == open_time + milliseconds(200)), 2u);  // a repeat of the switch's may come first
  EXPECT_EQ(told[told.size() - 2], open_time + milliseconds(5'000));
  for (const frame& b : beats) EXPECT_EQ(b.header.sequence, 2u);
  EXPECT_EQ(frames.size(), 2u);
}

// A hydrator that comes back has its epoch from the store and lacks only the watermark.
TEST_F(EpochManager, TellsTheWatermarkToWhoBeginsAndOnceASecond) {
  start();
  publish_chain(50);
  ASSERT_TRUE(frames_reach(1));
  acknowledge(1);
  ASSERT_TRUE(frames_reach(2));
  publish_chain(5'000);
  const auto told = [&] {
    take();
    return std::count_if(beats.begin(), beats.end(),
                         [](const frame& b) { return b.header.watermark == open_time + milliseconds(5'000); });
  };
  ASSERT_TRUE(eventually([&] { return told() >= 1; }));
  for (int i = 0; i < 50; ++i) publish_ack(1, "ws-hydrator");
  ASSERT_TRUE(eventually([&] { return told() >= 50; }));  // ten seconds of ticks are not enough
  const auto answered = told();
  ASSERT_TRUE(eventually([&] { return told() >= answered + 2; }));
  EXPECT_EQ(frames.size(), 2u);
  for (const frame& b : beats) EXPECT_EQ(b.header.sequence, 2u);
}

TEST_F(EpochManager, SaysEachWatermarkOnceInReplay) {
  start("replay");
  publish_chain(50);
  ASSERT_TRUE(frames_reach(1));
  acknowledge(1);
  ASSERT_TRUE(frames_reach(2));
  publish_ack(1, "ws-hydrator");
  publish_ack(9, "ws-hydrator");  // counted: the one before it has been handled then
  auto refused = process->get_host().metrics().get_counter("isobar_epoch_manager_rejected_total",
                                                           {{"symbol", "SPX"}, {"reason", "other_epoch"}});
  ASSERT_TRUE(eventually([&] { return refused.value() == 1; }));
  take();
  EXPECT_TRUE(beats.empty());
}

TEST_F(EpochManager, RestartContinuesTheEpochFromTheStore) {
  start();
  publish_chain(50);
  ASSERT_TRUE(frames_reach(1));
  acknowledge(1);
  ASSERT_TRUE(frames_reach(2));
  auto bucket = *bus->bucket(subjects::epochs_bucket);
  ASSERT_TRUE(eventually([&] { return bucket->get(subjects::active_epoch_key("sim", spx)).has_value(); }));
  EXPECT_TRUE(process->stop());
  process.reset();
  frames.clear();

  start();
  ASSERT_TRUE(frames_reach(1));  // announced again
  EXPECT_EQ(frames[0].body.epoch.id, 1u);
  EXPECT_EQ(frames[0].body.epoch.state, epoch_state::active);
  EXPECT_EQ(frames[0].header.sequence, 3u);
  publish_chain(60'000);        // the same geometry
  publish_chain(61'000, 7050);  // another one
  ASSERT_TRUE(frames_reach(2));
  EXPECT_EQ(frames[1].body.epoch.id, 2u);
  EXPECT_EQ(frames[1].body.epoch.previous, 1u);
  epoch::v1::GetEpochResponse answer;
  EXPECT_TRUE(get("SPX", 0, answer).ok());
  EXPECT_EQ(answer.epoch().epoch_id(), 1u);
  EXPECT_TRUE(get("SPX", 2, answer).ok());
  EXPECT_EQ(answer.epoch().state(), epoch::v1::EPOCH_STATE_PREPARING);
}

TEST_F(EpochManager, TheNextHolderOfASymbolContinuesItsEpoch) {
  ASSERT_TRUE((*bus->bucket(service::registry_bucket))
                  ->put(service::registry_key("sim", service::symbol_kind::options, spx), "SPX"));
  const auto works = [&] {
    return eventually([&] {
      return process->get_host().metrics().scrape().find("isobar_shard_takeovers_total{service=\"epoch-manager\"} 1") !=
             std::string::npos;
    });
  };
  start("live", "0/1");
  ASSERT_TRUE(works());
  publish_chain(50);
  ASSERT_TRUE(frames_reach(1));
  acknowledge(1);
  ASSERT_TRUE(frames_reach(2));
  EXPECT_TRUE(process->stop());
  EXPECT_EQ((*(*bus->bucket("epochs"))->keys()).size(), 2u)
      << "the epoch and which is active, before it gave the symbol back";

  start("live", "0/1");
  ASSERT_TRUE(works());
  epoch::v1::GetEpochResponse answer;
  ASSERT_TRUE(eventually([&] { return get("SPX", 0, answer).ok(); }));
  EXPECT_EQ(answer.epoch().epoch_id(), 1u);
  publish_chain(5'050, 7005);
  ASSERT_TRUE(frames_reach(4)) << "the epoch in force again, then the next";
  EXPECT_EQ(frames.back().body.epoch.id, 2u);
  EXPECT_GT(frames.back().header.sequence, frames[1].header.sequence);
}

TEST_F(EpochManager, AStoreThatLostItsEpochsGetsThemAgain) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  bus = service::make_watching_bus(*bus::make_nats_bus({.url = server.url()}));
  ASSERT_TRUE(eventually([&] { return bus->stats().connected; }));
  switches = *bus->subscribe(subjects::epoch_switch("sim", spx), {}, [] {});
  start();
  ASSERT_TRUE(eventually([&] {
    publish_chain(50);
    take();
    return !frames.empty();
  }));
  acknowledge(1);
  const auto bucket = *bus->bucket(subjects::epochs_bucket, {.create = false});
  const auto active = [&] { return bucket->get(subjects::active_epoch_key("sim", spx)); };
  ASSERT_TRUE(eventually([&] { return active().has_value(); }));
  const std::string before = active()->value;
  server.kill();
  server.lose_store();
  server.start();
  ASSERT_TRUE(eventually([&] { return active().has_value(); }, std::chrono::seconds(20)));
  EXPECT_EQ(active()->value, before);
  EXPECT_TRUE(eventually([&] { return bucket->get(subjects::epoch_key("sim", spx, 1)).has_value(); }));
  EXPECT_TRUE(process->stop());
  process.reset();
}

TEST_F(EpochManager, SwitchesWithoutTheLateAndNamesThem) {
  start();
  publish_chain(50);
  ASSERT_TRUE(frames_reach(1));
  publish_ack(1, "ws-hydrator");
  ASSERT_TRUE(frames_reach(2));  // after the limit of two seconds
  EXPECT_EQ(frames[1].body.missing_acks, std::vector<std::string>{"heatmap-builder"});
}

TEST_F(EpochManager, KeepsEveryEpochOfABurstOfChainsInOrder) {
  start("replay");
  for (int i = 0; i < 40; ++i) publish_chain(50 + 1'000 * i, 7000 + 50 * i);
  for (std::uint64_t id = 1; id <= 40; ++id) {
    ASSERT_TRUE(frames_reach(2 * id - 1)) << id;
    EXPECT_EQ(frames[2 * id - 2].body.epoch.id, id);
    acknowledge(id);
    ASSERT_TRUE(frames_reach(2 * id)) << id;
  }
  auto bucket = *bus->bucket(subjects::epochs_bucket);
  ASSERT_TRUE(eventually([&] {
    const auto entry = bucket->get(subjects::epoch_key("sim", spx, 39));
    const auto record = entry ? wire::decode_epoch(entry->value) : fail(wire::errc::malformed, "");
    return record && record->body.epoch.state == epoch_state::retired;
  }));
}

TEST_F(EpochManager, HostileFramesAreCountedAndChangeNothing) {
  start();
  const auto subject = subjects::chain_snapshot("sim", spx);
  publish(subject, "garbage");
  publish(subject, "");
  common::v1::FrameHeader future;
  wire::write_header({.version = 9, .producer = "chain-ingest", .sequence = 1}, future);
  chain::v1::ChainSnapshot message;
  *message.mutable_header() = future;
  publish(subject, wire::serialize(message));
  publish(subjects::epoch_ack("sim", spx), std::string(1000, '\xff'));
  publish_ack(1, "stranger");
  publish_chain(50);
  ASSERT_TRUE(frames_reach(1));
  EXPECT_EQ(frames[0].body.epoch.id, 1u);
  auto& registry = process->get_host().metrics();
  const auto count = [&](const std::string& reason) {
    return registry.get_counter("isobar_epoch_manager_rejected_total", {{"symbol", "SPX"}, {"reason", reason}}).value();
  };
  EXPECT_TRUE(eventually([&] { return count("unknown_participant") == 1; }));
  EXPECT_EQ(count("no_header"), 1u);
  EXPECT_EQ(count("unknown_version"), 1u);
  EXPECT_EQ(count("malformed"), 2u);
}

}  // namespace
}  // namespace isobar::epoch_manager
