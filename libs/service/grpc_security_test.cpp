// A real server with the certificates that ./dev nats-auth makes, and real clients with and without what they need.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "isobar/level/v1/level_service.grpc.pb.h"
#include "service/grpc_access.hpp"
#include "service/grpc_server.hpp"
#include "telemetry/metrics.hpp"
#include "testing/eventually.hpp"
#include "testing/temp_dir.hpp"

namespace isobar::service {
namespace {

using namespace std::chrono_literals;
using ::grpc::StatusCode;
using isobar::testing::eventually;
using isobar::testing::temp_dir;

constexpr const char* reader = "read-me-0123456789abcdef";
constexpr const char* writer = "write-me-0123456789abcdef";

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// An authority, a server's and a client's certificate; false without openssl or python3-yaml.
bool make_certificates(const std::filesystem::path& folder) {
  const std::string make = "/usr/bin/python3 " ISOBAR_SOURCE_DIR "/scripts/nats_auth.py --tls localhost --out " +
                           folder.string() + " >/dev/null 2>&1";
  return std::system(make.c_str()) == 0;
}

/// Two authorities that know nothing of each other, made once.
const temp_dir* certificates() {
  static const temp_dir dir("isobar-tls");
  static const bool made = make_certificates(dir / "ours") && make_certificates(dir / "theirs");
  return made ? &dir : nullptr;
}

/// Counts what gets to its handlers.
class levels final : public level::v1::LevelService::CallbackService {
 public:
  ::grpc::ServerUnaryReactor* GetLevels(::grpc::CallbackServerContext* context, const level::v1::GetLevelsRequest*,
                                        level::v1::GetLevelsResponse*) override {
    return finish(context);
  }
  ::grpc::ServerUnaryReactor* AddUserLevel(::grpc::CallbackServerContext* context,
                                           const level::v1::AddUserLevelRequest* request,
                                           level::v1::AddUserLevelResponse*) override {
    ++(request->symbol().empty() ? emptied : added);
    return finish(context);
  }
  /// Waits for let_go().
  ::grpc::ServerUnaryReactor* Explain(::grpc::CallbackServerContext* context, const level::v1::ExplainRequest*,
                                      level::v1::ExplainResponse*) override {
    return waiting = context->DefaultReactor();
  }
  void let_go() {
    if (auto* reactor = waiting.exchange(nullptr)) reactor->Finish(::grpc::Status::OK);
  }
  ::grpc::ServerWriteReactor<level::v1::StreamSignalsResponse>* StreamSignals(
      ::grpc::CallbackServerContext*, const level::v1::StreamSignalsRequest*) override {
    class quiet final : public ::grpc::ServerWriteReactor<level::v1::StreamSignalsResponse> {
      void OnCancel() override { Finish(::grpc::Status::CANCELLED); }
      void OnDone() override { delete this; }
    };
    auto* made = new quiet;
    made->StartSendInitialMetadata();
    return made;
  }
  std::atomic<int> added{0}, emptied{0};
  std::atomic<::grpc::ServerUnaryReactor*> waiting{nullptr};

 private:
  static ::grpc::ServerUnaryReactor* finish(::grpc::CallbackServerContext* context) {
    auto* reactor = context->DefaultReactor();
    reactor->Finish(::grpc::Status::OK);
    return reactor;
  }
};

class GrpcSecurity : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!certificates()) GTEST_SKIP() << "openssl or python3-yaml is not installed";
    ours = *certificates() / "ours";
    theirs = *certificates() / "theirs";
    options.listen = {"localhost", 0};
  }
  void TearDown() override {
    service.let_go();
    if (server) server->stop(0ms);
  }
  result<void> start() {
    server = std::make_unique<grpc_server>();
    server->add(service, "levels");
    return server->start(options, &metrics);
  }
  void with_tls() {
    options.tls_cert_file = ours / "server.pem";
    options.tls_key_file = ours / "server.key";
  }
  void with_tokens() {
    options.tokens_file = dir.write("tokens", std::string("dashboard read ") + reader + "\nme full " + writer).string();
  }
  using stub = level::v1::LevelService::Stub;
  std::shared_ptr<::grpc::Channel> channel(const std::shared_ptr<::grpc::ChannelCredentials>& credentials) {
    ::grpc::ChannelArguments own;
    own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // no connection of another channel
    return ::grpc::CreateCustomChannel("localhost:" + std::to_string(server->port()), credentials, own);
  }
  std::unique_ptr<stub> client(const std::shared_ptr<::grpc::ChannelCredentials>& credentials) {
    return level::v1::LevelService::NewStub(channel(credentials));
  }
  std::unique_ptr<stub> client() { return client(tls(ours)); }
  static std::shared_ptr<::grpc::ChannelCredentials> tls(const std::filesystem::path& authority,
                                                         const std::filesystem::path& own = {}) {
    ::grpc::SslCredentialsOptions o;
    o.pem_root_certs = read(authority / "ca.pem");
    if (!own.empty()) {
      o.pem_cert_chain = read(own / "client.pem");
      o.pem_private_key = read(own / "client.key");
    }
    return ::grpc::SslCredentials(o);
  }
  static void prepare(::grpc::ClientContext& context, const char* token) {
    context.set_deadline(std::chrono::system_clock::now() + 5s);
    if (token) context.AddMetadata("authorization", std::string("Bearer ") + token);
  }
  static ::grpc::Status get(stub& from, const char* token = nullptr) {
    ::grpc::ClientContext context;
    prepare(context, token);
    level::v1::GetLevelsResponse answer;
    return from.GetLevels(&context, {}, &answer);
  }
  static ::grpc::Status add(stub& to, const char* token = nullptr) {
    ::grpc::ClientContext context;
    prepare(context, token);
    level::v1::AddUserLevelRequest request;
    request.set_symbol("ES");
    level::v1::AddUserLevelResponse answer;
    return to.AddUserLevel(&context, request, &answer);
  }
  /// DEADLINE_EXCEEDED: it was open, and silent.
  static ::grpc::Status stream(stub& from, const char* token = nullptr) {
    ::grpc::ClientContext context;
    prepare(context, token);
    context.set_deadline(std::chrono::system_clock::now() + 400ms);
    const auto reading = from.StreamSignals(&context, {});
    level::v1::StreamSignalsResponse answer;
    while (reading->Read(&answer)) {}
    return reading->Finish();
  }
  std::uint64_t refused(const char* reason) {
    return metrics.get_counter("isobar_grpc_refused_total", {{"reason", reason}}).value();
  }
  std::string why_not() {
    const auto started = start();
    return started ? "started" : started.error().evidence;
  }

  std::filesystem::path ours, theirs;
  temp_dir dir{"isobar-grpc"};
  grpc_server_options options;
  telemetry::registry metrics;
  levels service;
  std::unique_ptr<grpc_server> server;
};

TEST_F(GrpcSecurity, SpeaksTlsToThoseWhoKnowItsAuthority) {
  with_tls();
  ASSERT_TRUE(start());
  EXPECT_TRUE(get(*client()).ok());
  EXPECT_EQ(get(*client(tls(theirs))).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(get(*client(::grpc::InsecureChannelCredentials())).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(GrpcSecurity, AsksClientsForACertificateOfTheirAuthority) {
  with_tls();
  options.tls_client_ca_file = ours / "ca.pem";
  ASSERT_TRUE(start());
  EXPECT_TRUE(get(*client(tls(ours, ours))).ok());
  EXPECT_EQ(get(*client(tls(ours))).error_code(), StatusCode::UNAVAILABLE) << "none";
  EXPECT_EQ(get(*client(tls(ours, theirs))).error_code(), StatusCode::UNAVAILABLE) << "of another authority";
}

TEST_F(GrpcSecurity, TakesNewCertificatesWithoutARestart) {
  for (const char* file : {"server.pem", "server.key"}) std::filesystem::copy(ours / file, dir.path());
  options.tls_cert_file = dir / "server.pem";
  options.tls_key_file = dir / "server.key";
  ASSERT_TRUE(start());
  auto before = client();
  EXPECT_TRUE(get(*before).ok());
  EXPECT_FALSE(get(*client(tls(theirs))).ok());
  for (const char* file : {"server.pem", "server.key"})
    std::filesystem::copy(theirs / file, dir.path(), std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(eventually([&] { return get(*client(tls(theirs))).ok(); }, 20s));
  EXPECT_TRUE(get(*before).ok()) << "connections that stand go on";
}

TEST_F(GrpcSecurity, AsksEveryMethodForATokenAndQueriesOnlyForAReadersOne) {
  with_tls();
  with_tokens();
  ASSERT_TRUE(start());
  auto c = client();
  EXPECT_EQ(get(*c).error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(add(*c).error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(stream(*c).error_code(), StatusCode::UNAUTHENTICATED);
  const auto unknown = get(*c, "guess-0123456789abcdefghij");
  EXPECT_EQ(unknown.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_FALSE(unknown.error_message().contains("guess"));
  EXPECT_TRUE(get(*c, reader).ok());
  EXPECT_EQ(stream(*c, reader).error_code(), StatusCode::DEADLINE_EXCEEDED) << "open until then";
  EXPECT_EQ(add(*c, reader).error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(service.added + service.emptied, 0) << "no handler ran";
  EXPECT_TRUE(add(*c, writer).ok());
  EXPECT_EQ(service.added, 1);
  EXPECT_EQ(refused("unauthenticated"), 4u);
  EXPECT_EQ(refused("permission"), 1u);
}

TEST_F(GrpcSecurity, AnswersHealthWithoutATokenAndReflectionOnlyWithOne) {
  with_tls();
  with_tokens();
  ASSERT_TRUE(start());
  const auto code = [&](const char* method) {
    ::grpc::ClientContext context;
    prepare(context, nullptr);
    ::grpc::CompletionQueue queue;
    ::grpc::GenericStub generic(channel(tls(ours)));
    const auto call = generic.PrepareUnaryCall(&context, method, ::grpc::ByteBuffer(nullptr, 0), &queue);
    call->StartCall();
    ::grpc::ByteBuffer answer;
    ::grpc::Status status;
    call->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status.error_code();
  };
  EXPECT_EQ(code("/grpc.health.v1.Health/Check"), StatusCode::OK);
  EXPECT_EQ(code("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code("/isobar.nobody.v1.Nothing/Get"), StatusCode::UNAUTHENTICATED);
}

TEST_F(GrpcSecurity, BoundsTheRateOfEachClientAndARefusedCallChangesNothing) {
  with_tls();
  with_tokens();
  options.rate_max = 5;
  ASSERT_TRUE(start());
  auto c = client();
  int ok = 0, exhausted = 0;
  for (int i = 0; i < 40; ++i) {
    const auto status = add(*c, writer);
    ok += status.ok();
    exhausted += status.error_code() == StatusCode::RESOURCE_EXHAUSTED;
  }
  EXPECT_EQ(ok + exhausted, 40);
  EXPECT_GE(ok, 5);
  EXPECT_GT(exhausted, 10);
  EXPECT_EQ(service.added, ok);
  EXPECT_EQ(service.emptied, exhausted) << "the others got to the handler without their content";
  EXPECT_EQ(refused("rate"), static_cast<std::uint64_t>(exhausted));
  EXPECT_EQ(metrics.get_gauge("isobar_grpc_rate_clients").value(), 1);
  EXPECT_TRUE(get(*c, reader).ok()) << "another client";
  EXPECT_EQ(metrics.get_gauge("isobar_grpc_rate_clients").value(), 2);
  EXPECT_TRUE(eventually([&] { return add(*c, writer).ok(); })) << "and later again";
}

TEST_F(GrpcSecurity, BoundsStreamsToo) {
  options.rate_max = 2;
  ASSERT_TRUE(start());
  auto c = client(::grpc::InsecureChannelCredentials());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(get(*c).ok());
  EXPECT_EQ(stream(*c).error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(eventually([&] { return stream(*c).error_code() == StatusCode::DEADLINE_EXCEEDED; }));
}

TEST_F(GrpcSecurity, EndsAUnaryCallThatTakesTooLong) {
  options.deadline_ms_max = 150;
  ASSERT_TRUE(start());
  auto c = client(::grpc::InsecureChannelCredentials());
  for (const bool asked_for_more : {false, true}) {
    ::grpc::ClientContext context;
    if (asked_for_more) context.set_deadline(std::chrono::system_clock::now() + 1h);
    level::v1::ExplainResponse answer;
    const auto status = c->Explain(&context, {}, &answer);
    EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED);
    EXPECT_TRUE(status.error_message().contains("the server's bound of 150 ms")) << status.error_message();
    service.let_go();
  }
  EXPECT_EQ(refused("deadline"), 2u);
  EXPECT_TRUE(get(*c).ok());
  // A client's own shorter deadline stays the client's.
  ::grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 50ms);
  level::v1::ExplainResponse answer;
  EXPECT_EQ(c->Explain(&context, {}, &answer).error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(refused("deadline"), 2u);
}

TEST_F(GrpcSecurity, RefusesOptionsThatCannotWorkAndNamesThem) {
  options.tokens_file = dir.write("tokens", std::string("a read ") + reader).string();
  EXPECT_TRUE(why_not().contains("--grpc-tokens needs --grpc-tls-cert")) << why_not();
  options.tokens_file.clear();
  options.tls_client_ca_file = ours / "ca.pem";
  EXPECT_TRUE(why_not().contains("--grpc-tls-client-ca needs")) << why_not();
  with_tls();
  options.tls_key_file.clear();
  EXPECT_TRUE(why_not().contains("both or neither")) << why_not();
  options.tls_key_file = theirs / "server.key";
  EXPECT_TRUE(why_not().contains("--grpc-tls-key")) << why_not();
  options.tls_key_file = "/nowhere/key.pem";
  EXPECT_TRUE(why_not().contains("/nowhere/key.pem")) << why_not();
  with_tls();
  options.tls_cert_file = ours / "server.key";
  EXPECT_TRUE(why_not().contains("--grpc-tls-cert")) << why_not();
  EXPECT_FALSE(why_not().contains("PRIVATE KEY"));
  with_tls();
  options.tls_client_ca_file = dir.write("empty", "").string();
  EXPECT_TRUE(why_not().contains("--grpc-tls-client-ca")) << why_not();
}

TEST(GrpcAccess, KnowsQueriesByTheirFirstWordAndNothingElse) {
  for (const char* query : {"/isobar.level.v1.LevelService/GetLevels", "/isobar.a.v1.A/ListB", "/isobar.a.v1.A/StreamC",
                            "/isobar.a.v1.A/ExplainTile", "/isobar.color.v1.ColorService/ColorSurface"})
    EXPECT_TRUE(is_query(query)) << query;
  for (const char* other :
       {"/isobar.level.v1.LevelService/AddUserLevel", "/isobar.level.v1.LevelService/RemoveUserLevel",
        "/other.v1.A/GetB", "/isobar.a.v1.A/Reset", "", "/", "GetLevels"})
    EXPECT_FALSE(is_query(other)) << other;
}

}  // namespace
}  // namespace isobar::service
