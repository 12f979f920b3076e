#include "isobar/query_health.hpp"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "isobar/chain/v1/chain_service.grpc.pb.h"

namespace isobar::cli {
namespace {

/// A server with gRPC's own health service, on a free loopback port.
class health_server {
 public:
  health_server() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);  // without any, a server of this version has nothing that drives it
    server_ = builder.BuildAndStart();
  }
  void set(const std::string& service, bool serving) {
    server_->GetHealthCheckService()->SetServingStatus(service, serving);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int port_ = 0;
  chain::v1::ChainService::Service service_;
  std::unique_ptr<grpc::Server> server_;
};

/// `isobar query health` with these words: its exit code, 2 when they are refused.
int ask(const std::string& words) {
  CLI::App top;
  endpoint to;
  std::function<int()> chosen;
  declare_health_query(top, to, chosen);
  try {
    top.parse("health " + words);
    return chosen();
  } catch (const CLI::ParseError&) {
    return 2;
  }
}

TEST(QueryHealth, AsksForAServiceOrTheWholeServer) {
  EXPECT_EQ(health_target_of("a:1").service, "");
  const auto t = health_target_of("a:1/isobar.chain.v1.ChainService");
  EXPECT_EQ(t.address, "a:1");
  EXPECT_EQ(t.service, "isobar.chain.v1.ChainService");
}

TEST(QueryHealth, IsWellWhenEveryTargetServes) {
  health_server one, two;
  one.set("x.v1.Service", true);
  two.set("x.v1.Service", true);
  EXPECT_EQ(ask(one.address() + "/x.v1.Service " + two.address() + "/x.v1.Service " + two.address()), 0);
}

TEST(QueryHealth, FailsForOneThatDoesNotServeIsUnknownOrIsAway) {
  health_server server;
  server.set("good", true);
  server.set("bad", false);
  EXPECT_EQ(ask(server.address() + "/good"), 0);
  EXPECT_EQ(ask(server.address() + "/good " + server.address() + "/bad"), 1);
  EXPECT_EQ(ask(server.address() + "/never-heard-of"), 1);
  EXPECT_EQ(ask("127.0.0.1:1"), 1);
}

TEST(QueryHealth, WaitsUntilAllServe) {
  health_server server;
  server.set("late", false);
  std::thread later([&] { server.set("late", true); });
  EXPECT_EQ(ask("--wait-s=20 " + server.address() + "/late"), 0);
  later.join();
}

TEST(QueryHealth, RefusesWhatIsNoAddress) {
  EXPECT_EQ(ask("somewhere"), 2);
  EXPECT_EQ(ask(""), 2);
  EXPECT_EQ(ask("--wait-s=-1 a:1"), 2);
}

}  // namespace
}  // namespace isobar::cli
