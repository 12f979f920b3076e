// Real server, real client.
#include "gamma-fuel/transport/gamma_grpc.hpp"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "gamma-fuel/transport/features_json.hpp"
#include "gamma-fuel/transport/gamma_fixture.hpp"
#include "gamma-fuel/transport/user_levels.hpp"
#include "service/grpc_server.hpp"
#include "testing/eventually.hpp"

namespace isobar::gamma_fuel {
namespace {

using namespace fixture;
using isobar::testing::eventually;
using namespace gex::v1;
using namespace level::v1;
using ::grpc::StatusCode;

/// A worker's mailbox: gRPC's threads put, the test takes.
template <class Call>
class mailbox {
 public:
  using entry = std::pair<symbol, std::shared_ptr<Call>>;
  void put(const symbol& s, std::shared_ptr<Call> call) {
    const std::lock_guard lock(mutex_);
    entries_.emplace_back(s, std::move(call));
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }
  std::vector<entry> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(entries_, {});
  }

 private:
  mutable std::mutex mutex_;
  std::vector<entry> entries_;
};

class GammaGrpc : public ::testing::Test {
 protected:
  void SetUp() override { start({}); }
  void start(service::grpc_stream_limits limits) {
    stop();
    stub_.reset();
    stream_meters meters;
    meters.streams.ended_stalled = stalled_;
    streams_ = std::make_unique<gamma_streams>(stores_, limits, meters, stream_meters());
    es_.store->on_change([this] { streams_->wake(); });
    gex_ = std::make_unique<gex_grpc>(stores_, *streams_, metrics_);
    const worker_askers ask{.add_level = [this](const symbol& s, auto call) { added_.put(s, std::move(call)); },
                            .remove_level = [this](const symbol& s, auto call) { removed_.put(s, std::move(call)); },
                            .explain = [](const symbol&, auto) {}};  // a worker that is gone
    levels_ =
        std::make_unique<level_grpc>(stores_, *streams_, ask, price_steps{{es(), price(250'000'000)}}, 2, metrics_);
    server_ = std::make_unique<service::grpc_server>();
    server_->add(*gex_, "isobar.gex.v1.GexService");
    server_->add(*levels_, "isobar.level.v1.LevelService");
    ASSERT_TRUE(server_->start({.listen = {.host = "127.0.0.1", .port = 0}}));
    const auto channel =
        ::grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()), ::grpc::InsecureChannelCredentials());
    stub_ = GexService::NewStub(channel);
    level_stub_ = LevelService::NewStub(channel);
  }
  void stop() {
    if (streams_) streams_->close();
    (void)added_.take();
    (void)removed_.take();
    if (server_) server_->stop(std::chrono::milliseconds(500));
    server_.reset();
    gex_.reset();
    levels_.reset();
    streams_.reset();
  }
  void TearDown() override { stop(); }

  static std::unique_ptr<::grpc::ClientContext> context() {
    auto c = std::make_unique<::grpc::ClientContext>();
    c->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    return c;
  }
  template <class Request, class Response>
  ::grpc::Status call(::grpc::Status (LevelService::Stub::*method)(::grpc::ClientContext*, const Request&, Response*),
                      const Request& q, Response& r) {
    return (level_stub_.get()->*method)(context().get(), q, &r);
  }

  telemetry::registry metrics_;
  telemetry::counter stalled_ =
      metrics_.get_counter("isobar_radar_physics_streams_ended_total", {{"reason", "stalled"}});  // any will do
  filled_store es_;
  gamma_stores stores_{{es(), es_.store}};
  std::unique_ptr<gamma_streams> streams_;
  std::unique_ptr<gex_grpc> gex_;
  std::unique_ptr<level_grpc> levels_;
  std::unique_ptr<service::grpc_server> server_;
  std::unique_ptr<GexService::Stub> stub_;
  std::unique_ptr<LevelService::Stub> level_stub_;
  mailbox<add_level_call> added_;
  mailbox<remove_level_call> removed_;
};

TEST_F(GammaGrpc, AnswersQueriesWithCanonicalCodes) {
  GetGexRequest q;
  GetGexResponse r;
  q.set_symbol("ES");
  auto status = stub_->GetGex(context().get(), q, &r);
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE) << status.error_message();
  es_.give(1);
  ASSERT_TRUE(stub_->GetGex(context().get(), q, &r).ok());
  EXPECT_EQ(r.profile().strike_nanos_size(), 3);
  q.set_as_of_ns(1);
  status = stub_->GetGex(context().get(), q, &r);
  EXPECT_EQ(status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message().substr(0, 9), "as_of_ns:");
  q.set_as_of_ns(-5);
  EXPECT_EQ(stub_->GetGex(context().get(), q, &r).error_code(), StatusCode::INVALID_ARGUMENT);

  GetLevelsRequest lq;
  GetLevelsResponse lr;
  lq.set_symbol("ES");
  ASSERT_TRUE(call(&LevelService::Stub::GetLevels, lq, lr).ok());
  EXPECT_EQ(lr.levels().levels(0).id(), "CALL_WALL");
  EXPECT_EQ(lr.signals().levels(0).signal(), SIGNAL_BREAK);
  GetAlertsRequest aq;
  GetAlertsResponse ar;
  aq.set_symbol("ESH4");
  aq.set_limit(UINT32_MAX);
  status = call(&LevelService::Stub::GetAlerts, aq, ar);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "limit: above 1000");
}

TEST_F(GammaGrpc, TellsTheLearningSchema) {
  GetFeatureSchemaResponse r;
  ASSERT_TRUE(call(&LevelService::Stub::GetFeatureSchema, GetFeatureSchemaRequest{}, r).ok());
  EXPECT_EQ(r.json(), features_json());
  EXPECT_GT(r.features_size(), 0);
  EXPECT_FALSE(r.version().empty());
}

TEST_F(GammaGrpc, HandsUserLevelsToTheWorkerAndRefusesWhatCannotBe) {
  AddUserLevelRequest q;
  AddUserLevelResponse r;
  q.set_symbol("ES");
  q.set_price_nanos(4'900'100'000'000);
  auto status = call(&LevelService::Stub::AddUserLevel, q, r);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "price_nanos: not a multiple of the price step 0.25");
  q.set_id(std::string(100'000, 'x'));
  EXPECT_EQ(call(&LevelService::Stub::AddUserLevel, q, r).error_message(), "id: longer than 32");
  q.clear_id();
  q.set_symbol("NOWHERE");
  EXPECT_EQ(call(&LevelService::Stub::AddUserLevel, q, r).error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(added_.size(), 0u);
  q.set_symbol("ES");
  q.set_price_nanos(4'900'250'000'000);
  std::jthread client([&] { status = call(&LevelService::Stub::AddUserLevel, q, r); });
  ASSERT_TRUE(eventually([&] { return added_.size() == 1; }));
  {
    const auto [name, asked] = added_.take().front();
    EXPECT_EQ(name, es());
    const auto level = user_level_of(asked->request(), price(250'000'000));
    ASSERT_TRUE(level);
    asked->response().mutable_level()->set_id(level->id);
    asked->finish(::grpc::Status::OK);
    asked->finish({StatusCode::INTERNAL, "only the first counts"});
  }
  client.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(r.level().id(), "USER_4900.25");
}

TEST_F(GammaGrpc, CallsToWorkersAreBoundedAndEndWithThem) {
  RemoveUserLevelRequest q;
  q.set_symbol("ES");
  RemoveUserLevelResponse r[3];
  EXPECT_EQ(call(&LevelService::Stub::RemoveUserLevel, q, r[0]).error_message(),
            "id: not 1 to 64 printable characters");
  q.set_id("mine");
  ::grpc::Status first[2];
  {
    std::jthread a([&] { first[0] = call(&LevelService::Stub::RemoveUserLevel, q, r[0]); });
    ASSERT_TRUE(eventually([&] { return removed_.size() == 1; }));
    std::jthread b([&] { first[1] = call(&LevelService::Stub::RemoveUserLevel, q, r[1]); });
    ASSERT_TRUE(eventually([&] { return removed_.size() == 2; }));
    const auto third = call(&LevelService::Stub::RemoveUserLevel, q, r[2]);
    EXPECT_EQ(third.error_code(), StatusCode::RESOURCE_EXHAUSTED) << third.error_message();
    auto calls = removed_.take();
    calls.front().second->finish({StatusCode::NOT_FOUND, "id: no user level mine"});
    calls.clear();  // the worker is gone
  }
  EXPECT_EQ(first[0].error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(first[1].error_code(), StatusCode::UNAVAILABLE);
  ExplainRequest e;
  ExplainResponse er;
  e.set_symbol("ES");
  e.set_level_id("VWAP");
  EXPECT_EQ(call(&LevelService::Stub::Explain, e, er).error_code(), StatusCode::UNAVAILABLE);
  e.set_level_id(std::string("\n"));
  EXPECT_EQ(call(&LevelService::Stub::Explain, e, er).error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(GammaGrpc, StreamsTheLandscapeThenEachNewOne) {
  es_.give(1);
  StreamGexRequest q;
  q.set_symbol("ES");
  q.set_model(SIGN_MODEL_ALL_SHORT);
  q.set_heartbeat_ms(100);
  const auto c = context();
  const auto reader = stub_->StreamGex(c.get(), q);
  StreamGexResponse r;
  ASSERT_TRUE(reader->Read(&r));
  EXPECT_EQ(r.profile().window_end_ns(), end_of(1).ns);
  EXPECT_EQ(r.profile().models_size(), 1);
  EXPECT_EQ(r.watermark_ns(), end_of(1).ns);
  for (std::uint64_t n = 2; n <= 9; ++n) es_.give(n);
  std::vector<std::int64_t> seen;
  std::int64_t watermark = 0;
  while (seen.size() < 8 && reader->Read(&r)) {
    EXPECT_GE(r.watermark_ns(), watermark);
    watermark = r.watermark_ns();
    if (!r.has_profile()) continue;
    EXPECT_EQ(r.conflated(), 0u);
    EXPECT_GE(watermark, r.profile().window_end_ns());
    seen.push_back(r.profile().window_end_ns());
  }
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], end_of(i + 2).ns);
  ASSERT_TRUE(reader->Read(&r));  // a heartbeat
  EXPECT_FALSE(r.has_profile());
  EXPECT_EQ(r.watermark_ns(), end_of(9).ns);
  c->TryCancel();
}

TEST_F(GammaGrpc, ASubscriberThatLagsGetsTheNewestAndHowManyWereLeftOut) {
  es_.give(1);
  StreamGexRequest q;
  q.set_symbol("ES");
  q.set_heartbeat_ms(60'000);
  const auto c = context();
  const auto reader = stub_->StreamGex(c.get(), q);
  StreamGexResponse r;
  ASSERT_TRUE(reader->Read(&r));
  // What the transport keeps for a client that does not read is far less than the frames by more than the lag.
  constexpr std::uint64_t last = 150;
  auto large = profile();
  large.grid.resize(1'000, large.grid.back());  // 250 kB
  for (std::uint64_t n = 2; n <= last; ++n) {
    large.end = end_of(n);
    es_.keep(es_.store->profiles, n, large.end, es_.encoder.profile(large, info(n, es_.encoder.extent(large))));
    es_.store->publish(end_of(n), end_of(1));
  }
  std::uint64_t at = 1, left_out = 0;
  while (at < last && reader->Read(&r)) {
    if (!r.has_profile()) continue;
    at += r.conflated() + 1;
    left_out += r.conflated();
    EXPECT_EQ(r.profile().window_end_ns(), end_of(at).ns);
  }
  EXPECT_EQ(at, last);
  EXPECT_GT(left_out, gamma_streams::lag_max);
  c->TryCancel();
}

TEST_F(GammaGrpc, ASubscriberHoldsNothingOfAnotherRun) {
  es_.give(7);
  StreamGexRequest q;
  q.set_symbol("ES");
  const auto c = context();
  const auto reader = stub_->StreamGex(c.get(), q);
  StreamGexResponse r;
  ASSERT_TRUE(reader->Read(&r));
  es_.store->clear();
  es_.give(2);
  do ASSERT_TRUE(reader->Read(&r));
  while (!r.has_profile());
  EXPECT_EQ(r.profile().window_end_ns(), end_of(2).ns);
  EXPECT_EQ(r.conflated(), 0u);
  c->TryCancel();
}

TEST_F(GammaGrpc, StreamsSignalsWithTheAlertsSinceTheMessageBefore) {
  es_.give_alert();  // before: not told
  es_.give(1);
  StreamSignalsRequest q;
  q.set_symbol("ES");
  const auto c = context();
  const auto reader = level_stub_->StreamSignals(c.get(), q);
  StreamSignalsResponse r;
  ASSERT_TRUE(reader->Read(&r));
  EXPECT_EQ(r.signals().levels(0).id(), "VWAP");
  EXPECT_EQ(r.alerts_size(), 0);
  constexpr int burst = 250;
  for (int i = 0; i < burst; ++i) es_.give_alert();
  es_.give(2);
  int alerts = 0, signals = 0;
  while (alerts < burst && reader->Read(&r)) {
    for (const auto& a : r.alerts()) EXPECT_EQ(a.header().sequence(), static_cast<std::uint64_t>(2 + alerts++));
    EXPECT_LE(r.alerts_size(), 100);
    signals += r.has_signals();
  }
  EXPECT_EQ(alerts, burst);
  EXPECT_EQ(signals, 1);
  c->TryCancel();
}

TEST_F(GammaGrpc, RefusesStreamsThatCannotBe) {
  const auto why = [&](const StreamGexRequest& q) {
    const auto c = context();
    const auto reader = stub_->StreamGex(c.get(), q);
    StreamGexResponse r;
    EXPECT_FALSE(reader->Read(&r));
    return reader->Finish();
  };
  StreamGexRequest q;
  q.set_symbol("ES");
  EXPECT_EQ(why(q).error_code(), StatusCode::UNAVAILABLE);
  es_.give(1);
  q.set_heartbeat_ms(99);
  EXPECT_EQ(why(q).error_message(), "heartbeat_ms: not between 100 and 60000");
  q.set_heartbeat_ms(60'001);
  EXPECT_EQ(why(q).error_code(), StatusCode::INVALID_ARGUMENT);
  q.set_heartbeat_ms(0);
  q.set_model(static_cast<SignModel>(77));
  EXPECT_EQ(why(q).error_message(), "model: 77 is not a sign model");
  q.set_model({});
  q.set_symbol("CL");
  EXPECT_EQ(why(q).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GammaGrpc, StreamsAreBoundedInNumberAndEndWithTheService) {
  start({.subscribers_max = 1});
  es_.give(1);
  StreamSignalsRequest q;
  q.set_symbol("ES");
  const auto first = context(), second = context();
  const auto reader = level_stub_->StreamSignals(first.get(), q);
  StreamSignalsResponse r;
  ASSERT_TRUE(reader->Read(&r));
  const auto refused = level_stub_->StreamSignals(second.get(), q);
  EXPECT_FALSE(refused->Read(&r));
  EXPECT_EQ(refused->Finish().error_code(), StatusCode::RESOURCE_EXHAUSTED);
  streams_->close();
  while (reader->Read(&r)) {}
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::UNAVAILABLE);
}

/// Frames far larger than what the transport keeps for a client that does not read; each gives the next.
TEST_F(GammaGrpc, AClientThatDoesNotReadIsEnded) {
  start({.stall_max = std::chrono::milliseconds(300)});
  es_.give(1);
  StreamGexRequest q;
  q.set_symbol("ES");
  const auto c = context();
  const auto reader = stub_->StreamGex(c.get(), q);
  StreamGexResponse r;
  ASSERT_TRUE(reader->Read(&r));
  auto large = profile(2);
  large.grid.resize(4'000, large.grid.back());  // 1 MB
  for (std::uint64_t n = 2; n < 20; ++n) {
    large.end = end_of(n);
    es_.keep(es_.store->profiles, n, large.end, es_.encoder.profile(large, info(n, es_.encoder.extent(large))));
  }
  es_.store->publish(end_of(20), end_of(20));
  ASSERT_TRUE(eventually([&] { return stalled_.value() == 1; }));
  while (reader->Read(&r)) {}
  const auto status = reader->Finish();
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
}

}  // namespace
}  // namespace isobar::gamma_fuel
