// The vendor's client against a local server of ours that speaks the protocol, over real sockets.
#include "ws-hydrator/sources/massive_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/eventually.hpp"
#include "testing/temp_dir.hpp"
#include "wire/massive_ws.hpp"
#include "ws-hydrator/domain/subscription.hpp"
#include "ws-hydrator/domain/testing_market.hpp"
#include "ws-hydrator/sources/file_streams.hpp"
#include "ws-hydrator/testing/vendor_ws_server.hpp"

namespace isobar::ws_hydrator {
namespace {

using isobar::testing::eventually;
using namespace ws_hydrator::testing;
using wire::massive::encode_frame;
using wire::massive::ws_event;

const symbol spx = *symbol::parse("SPX");

massive_options options_for(const vendor_ws_server& server) {
  massive_options o;
  o.symbol = spx;
  o.url = server.url();
  o.api_key = "right";
  o.trades = false;
  o.reconnect = std::chrono::milliseconds(5);
  o.reconnect_max = std::chrono::milliseconds(50);
  o.clock = [] { return at_ms(60'000); };
  return o;
}

std::vector<contract_key> keys(std::int64_t low, std::int64_t high) {
  return plan_subscription(board(make_epoch(1, low, high, t0)), points(static_cast<double>(low)), 1000).wanted;
}

std::string frame(std::vector<ws_event> events) { return encode_frame(events); }

struct client {
  explicit client(massive_options o) : source(std::move(o)) { source.start(); }
  bool connected() {
    return eventually([&] { return source.status().state == "connected"; });
  }
  /// Waits until `n` events have come, then gives all of them.
  std::vector<feed_event> events(std::size_t n) {
    EXPECT_TRUE(eventually([&] {
      timestamp watermark = start_of_time;
      source.channel().drain(taken, 1'000'000, watermark);
      return taken.size() >= n;
    })) << taken.size();
    return taken;
  }
  massive_source source;
  std::vector<feed_event> taken;
};

TEST(massive_source, waits_for_auth_success_before_it_subscribes) {
  vendor_ws_server server("right");
  client c(options_for(server));
  c.source.set_filter(keys(90, 100));
  ASSERT_TRUE(c.connected());
  EXPECT_TRUE(eventually([&] { return server.channels().size() == 6; }));
  EXPECT_EQ(server.actions(), (std::vector<std::string>{"auth", "subscribe 6"}));
  EXPECT_TRUE(server.channels().contains("Q." + market::to_ticker(contract(95))));
  EXPECT_EQ(c.source.status().subscribed, 6u);
}

TEST(massive_source, keeps_trying_with_a_refused_key_and_says_so) {
  vendor_ws_server server("right");
  massive_options o = options_for(server);
  o.api_key = "wrong";
  client c(o);
  EXPECT_TRUE(eventually([&] { return server.connections() >= 2; }));
  EXPECT_TRUE(eventually([&] { return c.source.status().state == "auth_failed"; }));
  EXPECT_TRUE(server.channels().empty());
  EXPECT_EQ(c.source.channel().losses(), 0u);
}

TEST(massive_source, changes_the_filter_on_the_live_connection_by_difference) {
  vendor_ws_server server("right");
  client c(options_for(server));
  c.source.set_filter(keys(90, 100));
  ASSERT_TRUE(c.connected());
  c.source.set_filter(keys(95, 105));
  const std::string added = "Q." + market::to_ticker(contract(105)), removed = "Q." + market::to_ticker(contract(90));
  EXPECT_TRUE(eventually([&] { return server.channels().contains(added) && !server.channels().contains(removed); }));
  EXPECT_EQ(server.channels().size(), 6u);
  EXPECT_EQ(server.connections(), 1);
  const auto actions = server.actions();
  EXPECT_EQ(std::vector(actions.end() - 2, actions.end()), (std::vector<std::string>{"unsubscribe 2", "subscribe 2"}));
}

TEST(massive_source, subscribes_a_thousand_contracts_in_bounded_messages) {
  vendor_ws_server server("right");
  client c(options_for(server));
  c.source.set_filter(plan_subscription(board(make_epoch(1, 100, 5100, t0)), points(2600), 1000).wanted);
  ASSERT_TRUE(c.connected());
  EXPECT_TRUE(eventually([&] { return server.channels().size() == 1000; }));
  EXPECT_EQ(server.actions(), (std::vector<std::string>{"auth", "subscribe 500", "subscribe 500"}));
}

TEST(massive_source, hands_out_quotes_trades_and_index_values) {
  vendor_ws_server server("right");
  client c(options_for(server));
  ASSERT_TRUE(c.connected());
  server.send(frame({quote(contract(100), at_ms(10), 1, 1, 2), trade(contract(100), at_ms(11), 2, 1.5, 3),
                     wire::massive::index_value{"I:SPX", points(101.5), at_ms(12)},
                     wire::massive::index_value{"I:NDX", points(9999), at_ms(12)}}));
  const auto events = c.events(3);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0], to_feed_event(quote(contract(100), at_ms(10), 1, 1, 2)));
  EXPECT_EQ(events[1], to_feed_event(trade(contract(100), at_ms(11), 2, 1.5, 3)));
  EXPECT_EQ(events[2], spot_event(at_ms(12), points(101.5)));
}

TEST(massive_source, reconnects_after_a_service_restart_and_subscribes_again) {
  vendor_ws_server server("right");
  client c(options_for(server));
  c.source.set_filter(keys(90, 100));
  ASSERT_TRUE(c.connected());
  ASSERT_TRUE(eventually([&] { return server.channels().size() == 6; }));
  server.close(1012);
  EXPECT_TRUE(eventually([&] { return server.connections() == 2 && server.channels().size() == 6; }));
  EXPECT_EQ(c.source.status().reconnects, 1u);
  EXPECT_EQ(c.source.channel().losses(), 1u);
  server.send(frame({quote(contract(100), at_ms(10), 1, 1, 2)}));
  c.events(1);
}

TEST(massive_source, pings_a_silent_server_and_leaves_one_that_does_not_answer) {
  vendor_ws_server server("right");
  massive_options o = options_for(server);
  o.idle_timeout = std::chrono::milliseconds(400);
  client c(o);
  ASSERT_TRUE(c.connected());
  EXPECT_TRUE(eventually([&] { return server.pings() >= 2; }));
  EXPECT_EQ(server.connections(), 1);
  server.freeze();
  EXPECT_TRUE(eventually([&] { return c.source.status().reconnects >= 1; }));
  server.thaw();
  EXPECT_TRUE(eventually([&] { return server.connections() >= 2 && server.authenticated(); }));
}

TEST(massive_source, counts_malformed_frames_and_goes_on) {
  vendor_ws_server server("right");
  client c(options_for(server));
  ASSERT_TRUE(c.connected());
  const std::uint64_t before = c.source.status().frames;
  server.send("nonsense");
  server.send("[{\"ev\":\"Q\",\"sym\":\"O:SPXW251219C06900000\",\"bp\":\"NaN\",\"ap\":1,\"t\":1766522979369}]");
  server.send("[{\"ev\":\"Q\",\"sym\":\"SPXW\",\"bp\":1,\"ap\":1,\"t\":1766522979369}]");
  server.send(frame({quote(contract(100), at_ms(10), 1, 1, 2)}));
  c.events(1);
  EXPECT_EQ(c.source.status().frames, before + 4);
  EXPECT_EQ(c.source.status().bad_frames, 1u);
  EXPECT_EQ(c.source.status().bad_events, 2u);
  EXPECT_EQ(server.connections(), 1);
}

TEST(massive_source, refuses_events_from_the_future) {
  vendor_ws_server server("right");
  client c(options_for(server));
  ASSERT_TRUE(c.connected());
  server.send(frame({quote(contract(100), at_ms(66'000), 1, 1, 2), quote(contract(100), at_ms(59'000), 2, 1, 2)}));
  EXPECT_EQ(c.events(1).size(), 1u);
  EXPECT_EQ(c.source.status().bad_events, 1u);
}

TEST(massive_source, puts_fragments_together) {
  vendor_ws_server server("right");
  client c(options_for(server));
  ASSERT_TRUE(c.connected());
  std::vector<ws_event> many;
  for (int i = 0; i < 500; ++i) many.push_back(quote(contract(100), at_ms(i), static_cast<std::uint64_t>(i), 1, 2));
  server.send_fragmented(encode_frame(many), 100);
  EXPECT_EQ(c.events(500).size(), 500u);
}

TEST(massive_source, leaves_a_server_that_sends_too_much_at_once) {
  vendor_ws_server server("right");
  massive_options o = options_for(server);
  o.frame_bytes_max = 10'000;
  client c(o);
  ASSERT_TRUE(c.connected());
  server.send(std::string(50'000, ' '));
  EXPECT_TRUE(eventually([&] { return server.connections() == 2; }));
  ASSERT_TRUE(c.connected());
  server.send(frame({quote(contract(100), at_ms(10), 1, 1, 2)}));
  c.events(1);
}

TEST(massive_source, leaves_a_server_that_never_answers) {
  vendor_ws_server server("right");
  server.freeze();
  massive_options o = options_for(server);
  o.connect_timeout = std::chrono::milliseconds(200);
  client c(o);
  EXPECT_TRUE(eventually([&] { return c.source.status().reconnects >= 2; }));
  server.thaw();
  EXPECT_TRUE(c.connected());
}

TEST(massive_source, records_what_came_so_that_it_can_be_played_again) {
  isobar::testing::temp_dir dir;
  const std::string file = (dir / "feed.ndjson").string();
  std::vector<feed_event> live;
  {
    vendor_ws_server server("right");
    massive_options o = options_for(server);
    o.record_file = file;
    client c(o);
    ASSERT_TRUE(c.connected());
    server.send("not a frame\nat all");
    for (int i = 0; i < 20; ++i)
      server.send(frame({quote(contract(100), at_ms(10 * i), static_cast<std::uint64_t>(i), 1, 2),
                         wire::massive::index_value{"I:SPX", points(100 + i), at_ms(10 * i)}}));
    live = c.events(40);
    c.source.stop();
  }
  auto stream = open_recording({file}, spx);
  ASSERT_TRUE(stream);
  std::vector<feed_event> played;
  while ((*stream)->next()) (*stream)->read(played);
  EXPECT_EQ(played, live);
  EXPECT_FALSE(open_recording({(dir / "absent").string()}, spx));
}

TEST(massive_source, reads_urls) {
  const auto a = parse_ws_url("wss://socket.massive.com/options");
  ASSERT_TRUE(a);
  EXPECT_TRUE(a->tls);
  EXPECT_EQ(a->host, "socket.massive.com");
  EXPECT_EQ(a->port, "443");
  EXPECT_EQ(a->path, "/options");
  EXPECT_EQ(parse_ws_url("ws://127.0.0.1:8080")->path, "/");
  for (const char* bad : {"http://x", "ws://", "wss://:1/x", "ws://host:port/"}) EXPECT_FALSE(parse_ws_url(bad)) << bad;
}

}  // namespace
}  // namespace isobar::ws_hydrator
