#include "service/http_server.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "service/test/http_get.hpp"
#include "testing/eventually.hpp"

namespace isobar::service {
namespace {

using test::http_get;
using test::status_of;
using test::talk;

class HttpServer : public ::testing::Test {
 protected:
  void start(http_limits limits = {}) {
    server = std::make_unique<http_server>([](std::string_view path) { return http_reply{.body = std::string(path)}; },
                                           limits);
    ASSERT_TRUE(server->start({"127.0.0.1", 0}));
  }
  std::unique_ptr<http_server> server;
};

TEST_F(HttpServer, AnswersGetWithThePathAndHeadWithoutBody) {
  start();
  const std::string get = http_get(server->port(), "/a/b?c=d");
  EXPECT_EQ(status_of(get), "200");
  EXPECT_TRUE(get.ends_with("\r\n\r\n/a/b")) << get;
  const std::string head = talk(server->port(), "HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_of(head), "200");
  EXPECT_NE(head.find("Content-Length: 2"), std::string::npos) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST_F(HttpServer, ServesSeveralRequestsOfOneConnection) {
  start();
  const std::string two = talk(server->port(),
                               "GET /one HTTP/1.1\r\nHost: x\r\n\r\n"
                               "GET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(two.find("/one"), std::string::npos);
  EXPECT_NE(two.find("/two"), std::string::npos);
}

TEST_F(HttpServer, RefusesWhatItDoesNotServe) {
  start();
  EXPECT_EQ(status_of(talk(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), "405");
  EXPECT_EQ(status_of(talk(server->port(), "\x16\x03\x01 what is this\r\n\r\n")), "400");
  EXPECT_EQ(status_of(talk(server->port(), "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n")), "431");
  EXPECT_EQ(status_of(http_get(server->port(), "/still-alive")), "200");
}

TEST_F(HttpServer, ClosesIdleConnectionsAndRefusesTooMany) {
  start({.connections_max = 1, .idle_ms_max = 50});
  EXPECT_EQ(talk(server->port(), "GET / HT"), "") << "an unfinished request is given up";
  start({.connections_max = 0});
  EXPECT_EQ(http_get(server->port(), "/"), "");
  EXPECT_EQ(server->connections_refused(), 1u);
}

TEST_F(HttpServer, GivesUpOnAClientThatSendsDropByDrop) {
  start({.idle_ms_max = 300});
  test::http_client slow(server->port());
  const auto begun = std::chrono::steady_clock::now();
  // Every byte is progress, and still the whole request has one limit.
  while (slow.send("x") && std::chrono::steady_clock::now() < begun + std::chrono::seconds(10))
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST_F(HttpServer, AnswersAProbeWhileSlowClientsHoldEveryPlace) {
  start({.connections_max = 8});
  std::vector<std::unique_ptr<test::http_client>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<test::http_client>(server->port()));
    slow.back()->send("GET /metrics HT");
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status_of(http_get(server->port(), "/readyz")), "200");
  EXPECT_GE(server->connections_refused(), 42u);
}

TEST_F(HttpServer, NamesTheAddressInUse) {
  start();
  http_server second([](std::string_view) { return http_reply{}; });
  const auto started = second.start({"127.0.0.1", static_cast<std::uint16_t>(server->port())});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, errc::port_in_use);
  EXPECT_NE(started.error().evidence.find(std::to_string(server->port())), std::string::npos);
}

}  // namespace
}  // namespace isobar::service
