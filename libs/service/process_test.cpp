#include <gtest/gtest.h>

#include <fstream>

#include "bus/bus.hpp"
#include "bus/local_bus.hpp"
#include "service/host.hpp"
#include "service/test/echo_app.hpp"
#include "service/test/grpc_probe.hpp"
#include "service/test/http_get.hpp"
#include "testing/eventually.hpp"

namespace isobar::service {
namespace {

using isobar::testing::eventually;
using test::echo_faults;
using test::grpc_probe;
using test::http_get;
using test::make_echo_app;
using test::status_of;

/// Host with echo apps, free ports and a data directory of its own.
class Process : public ::testing::Test {
 protected:
  Process() {
    options.grpc = "127.0.0.1:0";
    options.http = "127.0.0.1:0";
    options.data_dir = (std::filesystem::temp_directory_path() / ("isobar-host-" + std::to_string(getpid()))).string();
  }
  ~Process() override { std::filesystem::remove_all(options.data_dir); }
  void add(std::string name, std::shared_ptr<echo_faults> faults = nullptr) {
    apps.push_back(make_echo_app(std::move(name), std::move(faults)));
  }
  process& make(std::shared_ptr<bus::bus> on = nullptr) {
    made = std::make_unique<process>(options, std::move(apps), std::move(on));
    return *made;
  }
  int grpc_port() { return made->get_host().grpc_port(); }
  int http_port() { return made->get_host().http_port(); }

  host_options options;
  std::vector<std::unique_ptr<app>> apps;
  std::unique_ptr<process> made;
};

TEST_F(Process, AnswersHealthReflectionAndAQueryThroughAnActor) {
  add("echo");
  ASSERT_TRUE(make().start());
  grpc_probe client(grpc_port());
  EXPECT_EQ(client.ask("SPX"), "SPX");
  EXPECT_TRUE(eventually([&] { return client.health("") == "SERVING"; }));
  EXPECT_EQ(client.health("echo"), "SERVING");
  EXPECT_EQ(client.health("nobody"), "5") << "NOT_FOUND";
  const std::string services = client.reflected_services();
  EXPECT_NE(services.find("isobar.epoch.v1.EpochService"), std::string::npos) << services;
  EXPECT_NE(services.find("grpc.health.v1.Health"), std::string::npos);
  EXPECT_TRUE(made->stop());
  EXPECT_EQ(client.ask("SPX"), "14") << "UNAVAILABLE";
}

TEST(HostOptions, ServersBindToLoopbackUnlessTold) {
  const host_options defaults;
  EXPECT_TRUE(defaults.grpc.starts_with("127.0.0.1:")) << defaults.grpc;
  EXPECT_TRUE(defaults.http.starts_with("127.0.0.1:")) << defaults.http;
}

TEST_F(Process, ReflectionCanBeOff) {
  add("echo");
  options.reflection = false;
  ASSERT_TRUE(make().start());
  EXPECT_EQ(grpc_probe(grpc_port()).reflected_services(), "12") << "UNIMPLEMENTED";
}

TEST_F(Process, RefusesGrpcMessagesAboveTheBound) {
  add("echo");
  options.grpc_message_bytes_max = 4096;
  ASSERT_TRUE(make().start());
  grpc_probe client(grpc_port());
  EXPECT_EQ(client.ask(std::string(5000, 'x')), "8") << "RESOURCE_EXHAUSTED";
  EXPECT_EQ(client.ask("SPX"), "SPX");
}

TEST_F(Process, ReadinessNamesTheConditionAndTurnsWithIt) {
  std::atomic<bool> ready{false};
  auto faults = std::make_shared<echo_faults>();
  faults->ready = &ready;
  faults->silent = true;
  add("slow", faults);
  add("quick");
  ASSERT_TRUE(make().start());
  const std::string reply = http_get(http_port(), "/readyz");
  EXPECT_EQ(status_of(reply), "503");
  EXPECT_NE(reply.find("slow: waits for its test"), std::string::npos) << reply;
  EXPECT_EQ(status_of(http_get(http_port(), "/healthz")), "200");

  grpc_probe client(grpc_port());
  EXPECT_TRUE(eventually([&] { return client.health("quick") == "SERVING"; }));
  EXPECT_EQ(client.health("slow"), "NOT_SERVING");
  EXPECT_EQ(client.health(""), "NOT_SERVING");

  ready = true;
  EXPECT_EQ(status_of(http_get(http_port(), "/readyz")), "200");
  EXPECT_TRUE(eventually([&] { return client.health("") == "SERVING"; }));
  EXPECT_EQ(client.health("slow"), "SERVING");
}

TEST_F(Process, ExportsBusActorsAndMemory) {
  add("echo");
  ASSERT_TRUE(make().start());
  bus::bus& on = made->get_host().bus();
  auto out = on.subscribe("echo.out", {}, [] {});
  ASSERT_TRUE(out);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(on.publish("echo.in", "x"));
  ASSERT_TRUE(on.flush());
  ASSERT_TRUE(eventually([&] { return (*out)->stats().received == 3; }));
  const std::string text = http_get(http_port(), "/metrics");
  for (const char* line : {"isobar_bus_connected 1\n", "isobar_bus_published_total 6\n", "isobar_actors_count 1\n",
                           "isobar_build_info{version=\"", "isobar_process_resident_bytes ", "isobar_ready "})
    EXPECT_NE(text.find(line), std::string::npos) << line << "not in\n" << text;
}

TEST_F(Process, PortInUseNamesTheAddress) {
  add("echo");
  ASSERT_TRUE(make().start());
  for (const bool grpc : {true, false}) {
    host_options other = options;
    (grpc ? other.grpc : other.http) = "127.0.0.1:" + std::to_string(grpc ? grpc_port() : http_port());
    std::vector<std::unique_ptr<app>> more;
    more.push_back(make_echo_app("other"));
    process second(other, std::move(more));
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, errc::port_in_use);
    EXPECT_NE(started.error().evidence.find(grpc ? other.grpc : other.http), std::string::npos)
        << started.error().evidence;
  }
}

TEST_F(Process, UnwritableDataDirectoryIsNamed) {
  const std::string file = options.data_dir + "-file";
  std::ofstream(file) << "not a folder";
  options.data_dir = file + "/below";
  add("echo");
  const auto started = make().start();
  std::filesystem::remove(file);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, errc::unwritable);
  EXPECT_NE(started.error().evidence.find(file), std::string::npos) << started.error().evidence;
}

TEST_F(Process, BadAddressesAndBusesAreConfigurationErrors) {
  for (const char* bad : {"7400", "127.0.0.1:", "127.0.0.1:70000", ":7400", "127.0.0.1:74x"}) {
    options.grpc = bad;
    add("echo");
    const auto started = make().start();
    ASSERT_FALSE(started) << bad;
    EXPECT_EQ(started.error().code, errc::configuration) << bad;
    EXPECT_NE(started.error().evidence.find(bad), std::string::npos) << started.error().evidence;
  }
  options.grpc = "127.0.0.1:0";
  options.bus = "kafka://x";
  add("echo");
  const auto started = make().start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, errc::configuration);
}

TEST_F(Process, ValidateStopsTheStartBeforeAnythingIsMade) {
  auto faults = std::make_shared<echo_faults>();
  faults->validate_error = "--echo.a and --echo.b exclude each other";
  add("echo", faults);
  const auto started = make().start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, errc::configuration);
  EXPECT_FALSE(std::filesystem::exists(options.data_dir));
}

TEST_F(Process, StopsAppsInReverseOrderAndOnlyOnce) {
  std::atomic<int> first{0}, second{0};
  auto a = std::make_shared<echo_faults>(), b = std::make_shared<echo_faults>();
  a->stopped = &first;
  b->stopped = &second;
  b->silent = true;
  add("first", a);
  add("second", b);
  ASSERT_TRUE(make().start());
  EXPECT_TRUE(made->stop());
  EXPECT_TRUE(made->stop());
  EXPECT_EQ(first, second + 1);
}

TEST_F(Process, RequestStopWakesTheWaitAndCarriesTheExitCode) {
  add("echo");
  ASSERT_TRUE(make().start());
  EXPECT_FALSE(made->wait(std::chrono::milliseconds(1)));
  made->get_host().request_stop("done", 7);
  made->get_host().request_stop("too late", 8);
  EXPECT_TRUE(made->wait(std::chrono::seconds(10)));
  EXPECT_EQ(made->exit_code(), 7);
}

TEST_F(Process, LeavesAForeignBusOpen) {
  std::shared_ptr<bus::bus> shared = bus::make_local_bus();
  add("echo");
  ASSERT_TRUE(make(shared).start());
  ASSERT_TRUE(made->stop());
  made.reset();
  EXPECT_TRUE(shared->publish("still.works", "x"));
}

TEST_F(Process, ServersCanBeOff) {
  options.grpc = options.http = "off";
  add("echo");
  ASSERT_TRUE(make().start());
  EXPECT_EQ(grpc_port(), 0);
  EXPECT_EQ(http_port(), 0);
}

}  // namespace
}  // namespace isobar::service
