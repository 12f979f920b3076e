#include "chain-ingest/app.hpp"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "bus/local_bus.hpp"
#include "chain-ingest/testing/example_chain.hpp"
#include "chain-ingest/testing/vendor_rest_server.hpp"
#include "config/config.hpp"
#include "isobar/chain/v1/chain_service.grpc.pb.h"
#include "telemetry/metrics.hpp"
#include "testing/eventually.hpp"
#include "testing/temp_dir.hpp"
#include "testing/testdata.hpp"
#include "wire/chain_codec.hpp"
#include "wire/feed_codec.hpp"
#include "wire/progress_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::chain_ingest {
namespace {

using chain_ingest::testing::fault;
using chain_ingest::testing::vendor_rest_server;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

const isobar::symbol spx = *isobar::symbol::parse("SPX");

/// The service in a process of its own on a local bus that the test listens to.
class Running {
 public:
  Running(std::vector<std::string> words, std::string mode, bool consumers = true) {
    words.insert(words.begin(), "chain-ingest");
    auto service = make_app();
    config::schema schema("chain-ingest", "test", "0");
    schema.ignore_environment("ISOBAR_CHAIN_INGEST_API_KEY_FILE");
    service->declare(schema);
    std::vector<const char*> argv, env{"ISOBAR_CHAIN_INGEST_API_KEY=k3y", nullptr};
    for (const auto& w : words) argv.push_back(w.c_str());
    const auto parsed = schema.parse(static_cast<int>(argv.size()), argv.data(), env.data());
    EXPECT_TRUE(parsed) << parsed.error().evidence;
    service::host_options options;
    options.symbols = {spx};
    options.venue = "test";
    options.mode = mode;
    options.grpc = "127.0.0.1:0";
    options.http = "off";
    options.data_dir = data.path().string();
    frames_ = *bus->subscribe(subjects::chain_snapshot("test", spx), {.queue_limit = 100'000}, [this] {
      const std::lock_guard lock(mutex_);
      ready_.notify_all();
    });
    std::vector<std::unique_ptr<service::app>> apps;
    apps.push_back(std::move(service));
    process = std::make_unique<service::process>(options, std::move(apps), bus);
    started = process->start();
    if (started && consumers) report(end_of_time);
  }
  ~Running() {
    if (process) process->stop();
  }

  void report(timestamp done) {
    const wire::frame_info info{.producer = "test", .sequence = 1};
    ASSERT_TRUE(bus->publish(subjects::control_progress("test", spx),
                             wire::encode_progress({spx, "heatmap-builder", done}, info)));
    ASSERT_TRUE(bus->flush());
  }

  /// Collects frames until `enough` or 20 s have passed; false when it was not enough.
  template <class F>
  bool until(F&& enough) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::vector<bus::message> batch;
    while (!enough()) {
      batch.clear();
      if (frames_->drain(batch, 1000) == 0) {
        std::unique_lock lock(mutex_);
        ready_.wait_for(lock, milliseconds(5));
        if (std::chrono::steady_clock::now() > deadline) return false;
      }
      for (const auto& m : batch) {
        auto f = wire::decode_chain(m.bytes());
        EXPECT_TRUE(f) << f.error().evidence;
        if (!f) continue;
        EXPECT_GE(f->header.watermark, watermark) << "the watermark went back";
        watermark = std::max(watermark, f->header.watermark);
        (f->header.heartbeat ? heartbeats : chains).push_back(std::move(*f));
      }
    }
    return true;
  }
  std::unique_ptr<chain::v1::ChainService::Stub> stub() {
    const std::string where = "127.0.0.1:" + std::to_string(process->get_host().grpc_port());
    return chain::v1::ChainService::NewStub(::grpc::CreateChannel(where, ::grpc::InsecureChannelCredentials()));
  }
  std::string metrics() { return process->get_host().metrics().scrape(); }

  using frame = wire::framed<market::chain_snapshot>;
  isobar::testing::temp_dir data;
  std::shared_ptr<bus::bus> bus = bus::make_local_bus();
  std::unique_ptr<service::process> process;
  service::result<void> started;
  std::vector<frame> chains, heartbeats;
  timestamp watermark = start_of_time;

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::unique_ptr<bus::subscription> frames_;
};

TEST(ChainIngest, ReplaysTheRealDaysAndEnds) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/spx-eod-2019");
  Running r({"--chain-ingest.source=directory",
             "--chain-ingest.path=" + isobar::testing::shared_data("options/spx-eod-2019").string()},
            "replay");
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until([&] { return r.watermark == end_of_time; })) << r.chains.size();
  ASSERT_EQ(r.chains.size(), 12u);
  std::size_t contracts = 0;
  for (std::size_t i = 0; i < r.chains.size(); ++i) {
    const auto& f = r.chains[i];
    EXPECT_EQ(f.header.sequence, i + 1);
    EXPECT_EQ(f.header.producer, "chain-ingest");
    EXPECT_EQ(f.header.watermark, f.body.ts_event);
    EXPECT_EQ(f.header.record_count, f.body.contract_count());
    contracts += f.body.contract_count();
  }
  EXPECT_EQ(contracts, 161'966u - 2'736u);  // awk: rows, and rows that expire on their own date
  EXPECT_EQ(r.heartbeats.front().header.watermark, r.chains.front().body.ts_event);
  EXPECT_THAT(r.metrics(), HasSubstr(R"(isobar_chain_ingest_rows_total{outcome="expired",symbol="SPX"} 2736)"));
  auto bucket = r.bus->bucket("chains");
  ASSERT_TRUE(bucket);
  r.process->stop();
  const auto latest = (*bucket)->get(subjects::latest_chain_key("test", spx));
  ASSERT_TRUE(latest);
  EXPECT_EQ(wire::decode_chain(latest->value)->body, r.chains.back().body);
}

TEST(ChainIngest, InReplayRunsAtMostItsLeadAheadOfTheConsumers) {
  Running r(
      {"--sim.speed=0", "--sim.duration-ms=20000", "--sim.quotes-per-second=200", "--sim.burst-quotes-per-second=200",
       "--chain-ingest.interval-ms=1000", "--chain-ingest.replay-lead-ms=3000", "--chain-ingest.start-wait-ms=50"},
      "replay", false);
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  const timestamp start = *parse_iso_timestamp("2025-12-19T14:30:00Z");
  // The chain after next is announced as watermark and then held.
  ASSERT_TRUE(r.until([&] { return r.watermark == start + seconds(4); }));
  EXPECT_EQ(r.chains.size(), 4u);
  r.report(start + seconds(4));
  ASSERT_TRUE(r.until([&] { return r.watermark == start + seconds(8); }));
  EXPECT_EQ(r.chains.size(), 8u);
  r.report(end_of_time);
  ASSERT_TRUE(r.until([&] { return r.watermark == end_of_time; }));
  EXPECT_EQ(r.chains.size(), 20u);
  EXPECT_EQ(r.chains.front().header.quality, market::quality::synthetic);
}

// docs/adr/0014: chains come again aside, since epoch-manager and ws-hydrator count those of chain.snapshot.
TEST(ChainIngest, GivesChainsAgainInReplay) {
  Running r({"--sim.speed=0", "--sim.duration-ms=5000", "--sim.quotes-per-second=200",
             "--sim.burst-quotes-per-second=200", "--chain-ingest.interval-ms=1000"},
            "replay");
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until([&] { return r.watermark == end_of_time; }));
  ASSERT_EQ(r.chains.size(), 5u);
  auto again = *r.bus->subscribe(subjects::chain_refill("test", spx), {}, [] {});
  ASSERT_TRUE(r.bus->publish(subjects::feed_resync("test", spx),
                             wire::encode_refill_request({.symbol = spx,
                                                          .requester = "gamma-fuel/ES",
                                                          .from_sequence = 4,
                                                          .subject = subjects::chain_snapshot("test", spx)})));
  std::vector<bus::message> given;
  ASSERT_TRUE(isobar::testing::eventually([&] { return again->drain(given, 10), given.size() >= 3; }));
  for (std::size_t n : {3u, 4u}) EXPECT_EQ(wire::decode_chain(given[n - 3].bytes())->body, r.chains[n].body);
  EXPECT_EQ(wire::decode_chain(given[2].bytes())->header.watermark, end_of_time);
  EXPECT_THAT(r.metrics(),
              HasSubstr(R"(isobar_chain_ingest_refill_answered_total{subject="snapshot",symbol="SPX"} 2)"));
}

TEST(ChainIngest, TheLastGoodChainStandsWhileTheVendorFails) {
  auto data = testing::example_chain();
  // Fetched chains are as of the clock: expiries must lie ahead of it.
  const date ahead =
      utc_date(timestamp{std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()}) + 7;
  for (auto& c : data.contracts) c.id.expiry = ahead + (c.id.expiry - *make_date(2025, 12, 15));
  vendor_rest_server server({.chain = data, .vix = price(16 * nanos_per_unit)});
  std::atomic<bool> broken{false};
  server.on_request([&](const std::string& target, std::size_t) {
    if (broken && target.find("sort=strike_price") != std::string::npos) return fault{.body = "{"};
    return fault{};
  });
  Running r(
      {"--chain-ingest.source=massive", "--chain-ingest.url=" + server.base_url(), "--chain-ingest.interval-ms=50",
       "--chain-ingest.backoff-ms=10", "--chain-ingest.backoff-max-ms=20", "--chain-ingest.heartbeat-ms=20"},
      "live");
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until([&] { return r.chains.size() >= 2; }));
  broken = true;
  const std::string refused = R"(isobar_chain_ingest_rejected_total{reason="malformed",symbol="SPX"})";
  ASSERT_TRUE(r.until([&] { return r.metrics().find(refused) != std::string::npos; }));
  const std::size_t before = r.chains.size();
  const timestamp then = r.watermark;
  ASSERT_TRUE(r.until([&] { return r.watermark > then + isobar::milliseconds(100); })) << "heartbeats follow the clock";
  EXPECT_LE(r.chains.size(), before + 1);
  broken = false;
  const std::size_t published = r.chains.size();
  ASSERT_TRUE(r.until([&] { return r.chains.size() > published; }));
}

TEST(ChainIngest, AnswersQueriesWithCanonicalCodes) {
  Running r(
      {"--sim.speed=0", "--sim.duration-ms=1000", "--sim.quotes-per-second=200", "--chain-ingest.start-wait-ms=0"},
      "replay");
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until([&] { return r.watermark == end_of_time; }));
  ASSERT_EQ(r.chains.size(), 1u);
  const auto stub = r.stub();
  chain::v1::GetChainResponse response;
  const auto ask = [&](const std::string& symbol, std::vector<std::string> expiries) {
    ::grpc::ClientContext context;
    chain::v1::GetChainRequest request;
    request.set_symbol(symbol);
    for (auto& e : expiries) request.add_expiries(e);
    response.Clear();
    return stub->GetChain(&context, request, &response).error_code();
  };
  EXPECT_EQ(ask("SPX", {}), ::grpc::StatusCode::OK);
  const auto whole = wire::from_proto(response.chain());
  ASSERT_TRUE(whole) << whole.error().evidence;
  EXPECT_EQ(whole->body, r.chains[0].body);
  EXPECT_EQ(whole->header, r.chains[0].header);
  EXPECT_EQ(ask("SPX", {"SPXW-20251219"}), ::grpc::StatusCode::OK);
  ASSERT_EQ(response.chain().expiries_size(), 1);
  EXPECT_EQ(response.chain().expiries(0).key().root(), "SPXW");
  EXPECT_EQ(ask("SPX", {"SPXW-2025"}), ::grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ask("SPX", std::vector<std::string>(2000, "SPXW-20251219")), ::grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ask("", {}), ::grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ask("NDX", {}), ::grpc::StatusCode::NOT_FOUND);

  ::grpc::ClientContext context;
  chain::v1::GetSourceStatusRequest request;
  chain::v1::GetSourceStatusResponse status;
  ASSERT_TRUE(stub->GetSourceStatus(&context, request, &status).ok());
  ASSERT_EQ(status.sources_size(), 1);
  EXPECT_EQ(status.sources(0).health(), "ended");
  EXPECT_EQ(status.sources(0).source(), "sim");
  EXPECT_EQ(status.sources(0).published(), 1u);
  EXPECT_EQ(status.sources(0).contracts(), r.chains[0].body.contract_count());
}

TEST(ChainIngest, RefusesContradictoryOptions) {
  const auto refused = [](std::vector<std::string> words) {
    Running r(std::move(words), "live");
    EXPECT_FALSE(r.started);
    return r.started ? std::string() : r.started.error().evidence;
  };
  EXPECT_THAT(refused({"--chain-ingest.source=directory"}), HasSubstr("chain-ingest.path"));
  EXPECT_THAT(refused({"--chain-ingest.source=directory", "--chain-ingest.path=/nowhere"}),
              HasSubstr("/nowhere: no such file"));
  EXPECT_THAT(refused({"--chain-ingest.source=massive", "--chain-ingest.url=ftp://x"}), HasSubstr("chain-ingest.url"));
  EXPECT_THAT(refused({"--chain-ingest.em-mult=SPX"}), HasSubstr("em-mult"));
}

}  // namespace
}  // namespace isobar::chain_ingest
