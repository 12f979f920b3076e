#include <gtest/gtest.h>

#include "bus/bus.hpp"
#include "service/exit_codes.hpp"
#include "service/host.hpp"
#include "service/test/echo_app.hpp"
#include "service/test/grpc_probe.hpp"
#include "service/test/http_get.hpp"
#include "testing/eventually.hpp"
#include "testing/nats_server.hpp"
#include "testing/temp_dir.hpp"

namespace isobar::service {
namespace {

using isobar::testing::eventually;
using test::http_get;
using test::status_of;

TEST(HostOnNats, LivesWithoutAServerAndBecomesReadyWhenItComes) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server({}, false);
  isobar::testing::temp_dir dir("isobar-host-nats");
  host_options options;
  options.bus = server.url();
  options.grpc = options.http = "127.0.0.1:0";
  options.data_dir = dir.path().string();
  std::vector<std::unique_ptr<app>> apps;
  apps.push_back(test::make_echo_app());
  process p(options, std::move(apps));
  const auto started = p.start();
  ASSERT_TRUE(started) << started.error().evidence;
  const int http = p.get_host().http_port();
  test::grpc_probe client(p.get_host().grpc_port());
  EXPECT_EQ(status_of(http_get(http, "/healthz")), "200");
  const std::string reply = http_get(http, "/readyz");
  EXPECT_EQ(status_of(reply), "503");
  EXPECT_NE(reply.find("bus: not connected to nats://"), std::string::npos) << reply;
  EXPECT_EQ(client.health("echo"), "NOT_SERVING");
  EXPECT_EQ(client.ask("SPX"), "SPX") << "queries that need no bus are answered";

  server.start();
  EXPECT_TRUE(eventually([&] { return status_of(http_get(http, "/readyz")) == "200"; }));
  EXPECT_TRUE(eventually([&] { return client.health("echo") == "SERVING"; }));
  // The subscription made before the server came is in force.
  bus::bus& on = p.get_host().bus();
  auto out = on.subscribe("echo.out", {}, [] {});
  ASSERT_TRUE(out);
  ASSERT_TRUE(on.flush());
  EXPECT_TRUE(eventually([&] {
    (void)on.publish("echo.in", "x");
    (void)on.flush();
    return (*out)->stats().received > 0;
  }));

  server.kill();
  EXPECT_TRUE(eventually([&] { return status_of(http_get(http, "/readyz")) == "503"; }));
  server.start();
  EXPECT_TRUE(eventually([&] { return status_of(http_get(http, "/readyz")) == "200"; }));
  EXPECT_TRUE(p.stop());
}

TEST(HostOnNats, EndsWhenTheServerRefusesItForGood) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  // The example user of the NATS documentation. Configuration files include only below or beside themselves.
  const isobar::testing::temp_dir keys("isobar-keys");
  const std::string seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
  keys.write("users.conf",
             "authorization { users: [ {nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4} ] }");
  isobar::testing::nats_server server(
      {.extra_config = "include \"../" + keys.path().filename().string() + "/users.conf\""});
  isobar::testing::temp_dir dir("isobar-host-nats");
  host_options options;
  options.bus = server.url();
  options.nats_nkey_seed = keys.write("user.nk", seed + "\n").string();
  options.grpc = options.http = "off";
  options.data_dir = dir.path().string();
  std::vector<std::unique_ptr<app>> apps;
  apps.push_back(test::make_echo_app());
  process p(options, std::move(apps));
  const auto started = p.start();
  ASSERT_TRUE(started) << started.error().evidence;
  EXPECT_TRUE(eventually([&] { return p.get_host().bus().stats().connected; }));
  EXPECT_FALSE(p.wait(std::chrono::milliseconds(300)));
  keys.write("users.conf", "authorization { user: somebody, password: else }");
  server.restart();
  EXPECT_TRUE(p.wait(std::chrono::seconds(20)));
  EXPECT_EQ(p.exit_code(), exit_bus_ended);
  EXPECT_TRUE(p.stop());
}

TEST(HostOnNats, EndsInTimeWithTheServerDown) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server({}, false);
  isobar::testing::temp_dir dir("isobar-host-nats");
  host_options options;
  options.bus = server.url();
  options.grpc = options.http = "off";
  options.data_dir = dir.path().string();
  std::vector<std::unique_ptr<app>> apps;
  apps.push_back(test::make_echo_app());
  process p(options, std::move(apps));
  ASSERT_TRUE(p.start());
  ASSERT_TRUE(p.get_host().bus().publish("lost", "x"));
  EXPECT_TRUE(p.stop());
}

}  // namespace
}  // namespace isobar::service
