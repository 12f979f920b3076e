// The service on the local bus with the simulator, fed with an epoch and a chain by the test.
#include "ws-hydrator/app.hpp"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "bus/local_bus.hpp"
#include "config/config.hpp"
#include "isobar/window/v1/window_service.grpc.pb.h"
#include "sim/options.hpp"
#include "telemetry/metrics.hpp"
#include "testing/eventually.hpp"
#include "testing/temp_dir.hpp"
#include "wire/chain_codec.hpp"
#include "wire/epoch_codec.hpp"
#include "wire/stream_digest.hpp"
#include "wire/subjects.hpp"
#include "wire/window_codec.hpp"

namespace isobar::ws_hydrator {
namespace {

const symbol spx = *symbol::parse("SPX");

market::epoch epoch_of(const market::chain_snapshot& chain, std::uint64_t id, timestamp from) {
  market::epoch e;
  e.symbol = chain.symbol;
  e.id = id;
  e.effective_from = from;
  e.reasons = {market::epoch::reason::first};
  e.board.symbol = chain.symbol;
  for (const market::expiry_chain& x : chain.expiries) {
    market::expiry_plane plane;
    plane.key = x.key;
    plane.settles = x.settles;
    plane.settles_at = x.settles_at;
    plane.multiplier = x.multiplier;
    for (const market::chain_contract& c : x.contracts) {
      if (plane.strikes.empty() || plane.strikes.back() != c.strike) {
        plane.strikes.push_back(c.strike);
        plane.listed.push_back(0);
      }
      plane.listed.back() = static_cast<std::uint8_t>(plane.listed.back() | (1u << static_cast<unsigned>(c.right)));
    }
    e.board.planes.push_back(std::move(plane));
  }
  e.board.widths = {strike_width(5 * nanos_per_unit)};
  e.board.finish();
  e.hash = e.board.hash();
  return e;
}

/// A process with the service alone; the test plays its neighbours.
class running {
 public:
  explicit running(std::vector<std::string> flags) {
    auto app = make_app();
    config::schema schema("test", "", "0");
    app->declare(schema);
    sim::declare_options(schema, sim);
    flags.insert(flags.begin(), "test");
    flags.push_back("--sim.duration-ms=3000");
    flags.push_back("--sim.expirations=2");
    std::vector<const char*> argv;
    for (const std::string& f : flags) argv.push_back(f.c_str());
    const char* const nothing[] = {nullptr};
    const auto parsed = schema.parse(static_cast<int>(argv.size()), argv.data(), nothing);
    if (!parsed) ADD_FAILURE() << parsed.error().evidence;

    service::host_options o;
    o.grpc = "127.0.0.1:0";
    o.http = "off";
    o.symbols = {spx};
    o.mode = "replay";
    o.data_dir = dir.path().string();
    std::vector<std::unique_ptr<service::app>> apps;
    apps.push_back(std::move(app));
    frames = *bus->subscribe(subjects::window_frame(o.venue, spx), {}, [] {});
    acks = *bus->subscribe(subjects::epoch_ack(o.venue, spx), {}, [] {});
    process = std::make_unique<service::process>(o, std::move(apps), bus);
    if (const auto started = process->start(); !started) ADD_FAILURE() << started.error().evidence;
    venue = o.venue;
  }
  ~running() { EXPECT_TRUE(process->stop()); }

  void publish_chain(const market::chain_snapshot& chain, std::uint64_t sequence) {
    wire::frame_info info;
    info.producer = "chain-ingest";
    info.sequence = sequence;
    info.ts_first = info.ts_last = info.watermark = chain.ts_event;
    EXPECT_TRUE(bus->publish(subjects::chain_snapshot(venue, spx), wire::encode_chain(chain, info)));
  }
  void publish_epoch(const market::epoch& e, std::uint64_t sequence) {
    wire::frame_info info;
    info.producer = "epoch-manager";
    info.sequence = sequence;
    info.ts_first = info.ts_last = info.watermark = e.effective_from;
    EXPECT_TRUE(bus->publish(subjects::epoch_switch(venue, spx),
                             wire::encode_epoch({.epoch = e, .missing_acks = {}, .windows = {}}, info)));
  }
  void end(const std::string& subject, std::uint64_t sequence) {
    wire::frame_info info;
    info.producer = "test";
    info.sequence = sequence;
    info.watermark = end_of_time;
    EXPECT_TRUE(bus->publish(subject, wire::encode_heartbeat(info)));
    EXPECT_TRUE(bus->flush());
  }
  /// Collects frames until the heartbeat that says that everything has been emitted.
  bool finished() {
    std::vector<bus::message> batch;
    while (frames->drain(batch, 64) == 64) {}
    for (const bus::message& m : batch) {
      digest.add(m.subject, m.bytes());
      const auto header = wire::peek_header(m.bytes());
      if (!header) return false;
      if (!header->heartbeat) windows.push_back(std::move(wire::decode_window(m.bytes())->body));
      ended = ended || (header->heartbeat && header->watermark == end_of_time);
    }
    return ended;
  }
  /// The whole life: an epoch from the simulator's first chain, a chain, the end of all inputs.
  void run() {
    sim.duration_ms = 3000;
    sim::option_market market(*sim::market_config(sim, spx));
    const auto chain = market.snapshot();
    const timestamp from = window_end_of(chain.ts_event, milliseconds(200));
    publish_chain(chain, 1);
    publish_epoch(epoch_of(chain, 1, from), 1);
    end(subjects::chain_snapshot(venue, spx), 1);
    std::vector<bus::message> acked;
    EXPECT_TRUE(testing::eventually([&] { return acks->drain(acked, 1) == 1; }));
    end(subjects::epoch_switch(venue, spx), 1);
    EXPECT_TRUE(testing::eventually([&] { return finished(); }));
  }

  testing::temp_dir dir;
  sim::options sim;
  std::shared_ptr<bus::bus> bus = bus::make_local_bus();
  std::unique_ptr<bus::subscription> frames, acks;
  std::unique_ptr<service::process> process;
  std::string venue;
  wire::stream_digest digest;
  std::vector<market::frozen_window> windows;
  bool ended = false;
};

TEST(ws_hydrator_app, hydrates_the_simulated_market_window_by_window) {
  running r({});
  r.run();
  ASSERT_GE(r.windows.size(), 10u);
  EXPECT_TRUE(r.windows[0].base);
  EXPECT_EQ(r.windows[0].quality, market::quality::synthetic);
  EXPECT_GT(r.windows[0].rows.size(), 100u);
  for (std::size_t i = 0; i < r.windows.size(); ++i) EXPECT_EQ(r.windows[i].sequence, i + 1);
}

TEST(ws_hydrator_app, emits_the_same_bytes_whatever_the_batch_size) {
  std::uint64_t first = 0;
  for (const char* batch : {"1", "64", "100000"}) {
    running r({std::string("--ws-hydrator.batch-size=") + batch});
    r.run();
    if (first == 0) first = r.digest.value();
    EXPECT_EQ(r.digest.value(), first) << batch;
    EXPECT_GE(r.digest.frames(), 10u);
  }
}

TEST(ws_hydrator_app, answers_a_resync_with_a_base_window) {
  running r({});
  r.run();
  const std::size_t before = r.windows.size();
  const auto answer = r.bus->request(subjects::window_resync(r.venue, spx), wire::encode_resync({spx, "test"}),
                                     std::chrono::seconds(5));
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->bytes().empty());
  EXPECT_TRUE(testing::eventually([&] { return r.finished() && r.windows.size() == before + 1; }));
  EXPECT_TRUE(r.windows.back().base);
  EXPECT_EQ(r.windows.back().sequence, before + 1);
}

TEST(ws_hydrator_app, answers_queries_and_refuses_absurd_ones) {
  running r({});
  r.run();
  const auto channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(r.process->get_host().grpc_port()),
                                           grpc::InsecureChannelCredentials());
  const auto stub = window::v1::WindowService::NewStub(channel);
  const auto rows = [&](const std::string& name, std::int64_t as_of, const std::string& expiry,
                        window::v1::GetRowsResponse* response) {
    grpc::ClientContext context;
    window::v1::GetRowsRequest request;
    request.set_symbol(name);
    request.set_as_of_ns(as_of);
    request.set_expiry(expiry);
    return stub->GetRows(&context, request, response).error_code();
  };
  window::v1::GetRowsResponse all, early, plane;
  EXPECT_EQ(rows("SPX", 0, "", &all), grpc::StatusCode::OK);
  EXPECT_TRUE(all.window().base());
  EXPECT_EQ(all.window().window_end_ns(), r.windows.back().end.ns);
  EXPECT_EQ(rows("SPX", r.windows[2].end.ns, "", &early), grpc::StatusCode::OK);
  EXPECT_EQ(early.window().window_end_ns(), r.windows[2].end.ns);
  EXPECT_EQ(rows("SPX", 0, "SPXW-20251219", &plane), grpc::StatusCode::OK);
  EXPECT_LT(plane.window().rows().contract_delta_size(), all.window().rows().contract_delta_size());
  EXPECT_GT(plane.window().rows().contract_delta_size(), 0);
  EXPECT_EQ(rows("NOPE", 0, "", &all), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(rows("SPX", 1, "", &all), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(rows("SPX", -1, "", &all), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(rows("SPX", 0, "nonsense", &all), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(rows("SPX", 0, "SPXW-20301219", &all), grpc::StatusCode::NOT_FOUND);

  EXPECT_TRUE(testing::eventually([&] {
    grpc::ClientContext context;
    window::v1::GetFeedStatusRequest request;
    request.set_symbol("SPX");
    window::v1::GetFeedStatusResponse response;
    return stub->GetFeedStatus(&context, request, &response).ok() && response.source() == "sim" &&
           response.state() == "ended" && response.events() > 1000;
  }));
}

TEST(ws_hydrator_app, counts_frames_it_cannot_use_and_goes_on) {
  running r({});
  EXPECT_TRUE(r.bus->publish(subjects::chain_snapshot(r.venue, spx), "nonsense"));
  EXPECT_TRUE(r.bus->publish(subjects::epoch_switch(r.venue, spx), std::string(1000, '\xff')));
  EXPECT_TRUE(r.bus->publish(subjects::window_resync(r.venue, spx), "nonsense"));
  r.run();
  EXPECT_GE(r.windows.size(), 10u);
  const std::string scrape = r.process->get_host().metrics().scrape();
  EXPECT_NE(scrape.find("isobar_ws_hydrator_rejected_total"), std::string::npos);
}

}  // namespace
}  // namespace isobar::ws_hydrator
