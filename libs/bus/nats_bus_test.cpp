// What only a bus with a server behind it can show: the server dies, is late, is slow, wants a key.
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "bus/bus_fixture.hpp"
#include "bus/sequence.hpp"
#include "testing/free_port.hpp"

namespace isobar::bus {
namespace {

using namespace std::chrono_literals;
using testing::collector;
using testing::connect;
using testing::eventually;
using testing::nats_server;
using testing::send;

class NatsBus : public ::testing::Test {
 protected:
  void SetUp() override { ISOBAR_SKIP_WITHOUT_NATS_SERVER(); }
};

/// Publishes 1, 2, 3, ... on one subject until told to stop; refusals use up their number, as a lost frame would.
class numbered_stream {
 public:
  numbered_stream(bus& on, std::string subject) : bus_(on), subject_(std::move(subject)), thread_([this] { run(); }) {}
  ~numbered_stream() { stop(); }
  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::uint64_t sent() const { return sent_; }

 private:
  void run() {
    while (!stopped_) {
      (void)bus_.publish(subject_, std::to_string(++sent_));
      (void)bus_.flush();
      std::this_thread::sleep_for(200us);
    }
  }
  bus& bus_;
  const std::string subject_;
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> sent_{0};
  std::thread thread_;
};

TEST_F(NatsBus, SurvivesARestartInMidStream) {
  nats_server server;
  auto publisher = connect(server);
  auto consumer = connect(server);
  std::atomic<int> ups{0};
  std::atomic<int> downs{0};
  consumer->on_connection([&](bool up) { ++(up ? ups : downs); });
  collector all(*consumer, "s.*", {.queue_limit = 1'000'000});
  numbered_stream stream(*publisher, "s.n");
  ASSERT_TRUE(all.wait_for(100));
  for (int round = 0; round < 3; ++round) {
    if (round == 1) {
      server.stop();
    } else {
      server.kill();
    }
    ASSERT_TRUE(eventually([&] { return !publisher->stats().connected && !consumer->stats().connected; }));
    server.start();
    ASSERT_TRUE(eventually([&] { return publisher->stats().connected && consumer->stats().connected; }));
    const std::size_t before = all.messages().size();
    ASSERT_TRUE(all.wait_for(before + 100)) << "resubscribed";
  }
  stream.stop();
  ASSERT_TRUE(publisher->flush());
  ASSERT_TRUE(eventually([&] {
    all.drain();
    return !all.messages().empty() && all.texts().back() == std::to_string(stream.sent());
  }));
  sequence_check check;
  check.reset(0);
  for (const message& m : all.messages()) {
    const arrival kind = check.observe(std::stoull(std::string(m.bytes())), false);
    ASSERT_TRUE(kind == arrival::next || kind == arrival::gap) << m.bytes();
  }
  EXPECT_EQ(all.messages().size() + check.missing(), stream.sent()) << "every frame is here or known to be missing";
  EXPECT_EQ(publisher->stats().reconnects, 3u);
  EXPECT_TRUE(eventually([&] { return ups == 4 && downs == 3; }));
}

TEST_F(NatsBus, FindsItsKeysAndGoesOnWatchingAfterTheServersDeath) {
  nats_server server;
  auto bus = connect(server);
  auto kv = *bus->bucket("epochs");
  ASSERT_TRUE(kv->put("spx", "1"));
  std::mutex mutex;
  std::vector<std::string> seen;
  auto watch = *kv->watch(">", [&](const kv_entry& e) {
    const std::scoped_lock lock(mutex);
    seen.push_back(e.value);
  });
  const auto count = [&] {
    const std::scoped_lock lock(mutex);
    return seen.size();
  };
  ASSERT_TRUE(eventually([&] { return count() == 1; }));
  server.kill();
  ASSERT_TRUE(eventually([&] { return !bus->stats().connected; }));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(kv->put("spx", "2").error().code, errc::disconnected);
  EXPECT_EQ(kv->get("spx").error().code, errc::disconnected);
  EXPECT_EQ(kv->keys().error().code, errc::disconnected);
  EXPECT_EQ(bus->bucket("other").error().code, errc::disconnected);
  EXPECT_EQ(bus->request("s", "x", 5s).error().code, errc::disconnected);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 500ms) << "says so at once";
  server.start();
  ASSERT_TRUE(eventually([&] { return kv->get("spx").has_value(); }));
  EXPECT_EQ(kv->get("spx")->value, "1");
  ASSERT_TRUE(eventually([&] { return kv->put("spx", "2").has_value(); }));
  ASSERT_TRUE(eventually([&] { return count() >= 2; }, 30s));
  ASSERT_TRUE(kv->put("spx", "3"));
  ASSERT_TRUE(eventually([&] { return count() >= 3; }, 30s));
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(NatsBus, WritesIntoABucketThatTheServerLost) {
  nats_server server;
  auto bus = connect(server);
  auto kv = *bus->bucket("epochs");
  auto reader = *bus->bucket("epochs", {.create = false});
  ASSERT_TRUE(kv->put("spx", "1"));
  std::mutex mutex;
  std::vector<std::string> seen;
  auto watch = *reader->watch(">", [&](const kv_entry& e) {
    const std::scoped_lock lock(mutex);
    seen.push_back(e.value);
  });
  ASSERT_TRUE(eventually([&] {
    const std::scoped_lock lock(mutex);
    return seen.size() == 1;
  }));
  server.kill();
  server.lose_store();
  server.start();
  ASSERT_TRUE(eventually([&] { return bus->stats().connected; }));
  EXPECT_EQ(reader->get("spx").error().code, errc::not_found);
  EXPECT_FALSE(reader->put("spx", "2")) << "only who may make it does";
  const auto created = kv->create("spx", "2");
  ASSERT_TRUE(created) << created.error().evidence;
  EXPECT_EQ(*created, 1u) << "revisions begin again";
  EXPECT_EQ(reader->get("spx")->value, "2");
  EXPECT_EQ(kv->state()->messages, 1u);
  // Though it is the revision that the watch has told already.
  EXPECT_TRUE(eventually(
      [&] {
        const std::scoped_lock lock(mutex);
        return seen == std::vector<std::string>{"1", "2"};
      },
      30s));
}

TEST_F(NatsBus, StartsBeforeItsServer) {
  nats_server server({}, false);
  const auto start = std::chrono::steady_clock::now();
  auto bus = connect(server);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s) << "returns at once";
  EXPECT_FALSE(bus->stats().connected);
  std::atomic<int> ups{0};
  bus->on_connection([&](bool up) { ups += up; });
  collector all(*bus, "s");
  ASSERT_TRUE(bus->publish("s", "early"));
  EXPECT_GT(bus->stats().pending_bytes, 0u);
  EXPECT_EQ(bus->flush().error().code, errc::disconnected);
  EXPECT_EQ(bus->bucket("b").error().code, errc::disconnected);
  server.start();
  ASSERT_TRUE(all.wait_for(1)) << "the subscription and what waited reach the server in order";
  EXPECT_EQ(all.texts()[0], "early");
  EXPECT_TRUE(eventually([&] { return ups == 1; }));
  EXPECT_EQ(bus->max_payload(), 8u << 20);
  EXPECT_TRUE(eventually([&] { return bus->stats().pending_bytes == 0; }));
}

TEST_F(NatsBus, BoundsWhatWaitsForAnAbsentServer) {
  nats_server server;
  auto bus = connect(server, {.pending_bytes_max = 100'000});
  collector all(*bus, "s", {.queue_limit = 100'000});
  server.stop();
  ASSERT_TRUE(eventually([&] { return !bus->stats().connected; }));
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto ok = bus->publish("s", std::string(1000, 'x'));
    if (ok) {
      ++accepted;
    } else {
      EXPECT_EQ(ok.error().code, errc::disconnected);
      ++refused;
    }
  }
  EXPECT_GT(accepted, 90);
  EXPECT_LT(accepted, 110);
  EXPECT_EQ(bus->stats().publish_errors, static_cast<std::uint64_t>(refused));
  server.start();
  ASSERT_TRUE(all.wait_for(static_cast<std::size_t>(accepted)));
  send(*bus, "s", "and on");
  EXPECT_TRUE(all.wait_for(static_cast<std::size_t>(accepted) + 1));
}

TEST_F(NatsBus, NeverBlocksAPublisherOnAFrozenServer) {
  nats_server server;
  auto bus = connect(server, {.pending_bytes_max = 20'000'000});
  collector all(*bus, "s", {.queue_limit = 100'000});
  server.pause();
  std::size_t accepted = 0;
  bool refused = false;
  for (int i = 0; i < 1000 && !refused; ++i) {
    if (bus->publish("s", std::string(100'000, 'x'))) {
      ++accepted;
    } else {
      refused = true;
    }
    (void)bus->flush();
  }
  EXPECT_TRUE(refused) << "a publisher that blocked would hang here: nobody thaws the server";
  server.resume();
  EXPECT_TRUE(all.wait_for(accepted)) << "what was taken arrives";
  EXPECT_EQ(all.messages().size(), accepted);
}

TEST_F(NatsBus, FailsRequestsWhenTheConnectionBreaks) {
  nats_server server;
  auto bus = connect(server);
  auto other = connect(server);
  collector silent(*other, "s");
  std::atomic<int> answers{0};
  bus->request_async("s", "x", 60s, [&](result<message> answer) {
    if (!answer && answer.error().code == errc::disconnected) ++answers;
  });
  ASSERT_TRUE(silent.wait_for(1));
  server.kill();
  EXPECT_TRUE(eventually([&] { return answers == 1; }));
}

TEST_F(NatsBus, ProvesItselfWithAnNKey) {
  // The example pair of the NATS documentation.
  nats_server server({.extra_config = "authorization { users: [ "
                                      "{nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4} ] }"});
  const isobar::testing::temp_dir dir;
  const auto seed = dir.write("user.nk", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY\n");
  auto bus = connect(server, {.nkey_seed_file = seed.string()});
  ASSERT_TRUE(bus->stats().connected);
  collector all(*bus, "s");
  send(*bus, "s", "x");
  EXPECT_TRUE(all.wait_for(1));
  auto stranger = connect(server);
  EXPECT_FALSE(stranger->stats().connected);
}

TEST_F(NatsBus, AnswersArriveBelowItsOwnInboxAloneAndRefusalsAreCounted) {
  // The example user of the NATS documentation may use one subject, its bucket and its own inboxes.
  nats_server server({.extra_config = "authorization { users: [ "
                                      "{nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4, permissions: {"
                                      " publish: {allow: [ask, \"_INBOX_me.>\", \"$KV.own.>\", \"$JS.API.*.*.KV_own\","
                                      "  \"$JS.API.*.*.KV_own.>\", \"$JS.API.STREAM.NAMES\"]},"
                                      " subscribe: {allow: [ask, \"_INBOX_me.>\"]} }} ] }"});
  const isobar::testing::temp_dir dir;
  const auto seed = dir.write("user.nk", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY\n").string();
  auto me = connect(server, {.nkey_seed_file = seed, .inbox_prefix = "_INBOX_me"});
  std::vector<message> asked;
  std::unique_ptr<subscription> asking;
  asking = *me->subscribe("ask", {}, [] {});
  std::atomic<bool> answered{false};
  me->request_async("ask", "?", 10s, [&](result<message> answer) { answered = answer && answer->bytes() == "!"; });
  ASSERT_TRUE(eventually([&] { return asking->drain(asked, 1) == 1; }));
  EXPECT_TRUE(asked[0].reply_to.starts_with("_INBOX_me.")) << asked[0].reply_to;
  ASSERT_TRUE(me->reply(asked[0], "!"));
  ASSERT_TRUE(me->flush());
  EXPECT_TRUE(eventually([&] { return answered.load(); }));
  auto own = me->bucket("own");
  ASSERT_TRUE(own) << own.error().evidence;
  ASSERT_TRUE((*own)->put("k", "v"));
  EXPECT_EQ((*own)->get("k")->value, "v");
  std::atomic<int> seen{0};
  auto watch = (*own)->watch(">", [&](const kv_entry&) { ++seen; });
  ASSERT_TRUE(watch) << watch.error().evidence;
  EXPECT_TRUE(eventually([&] { return seen == 1; }));
  EXPECT_EQ(me->stats().permission_errors, 0u);
  send(*me, "not.mine", "x");
  EXPECT_TRUE(eventually([&] { return me->stats().permission_errors == 1; }));
}

TEST_F(NatsBus, SpeaksTlsAndSurvivesARestartWithIt) {
  const isobar::testing::temp_dir dir;
  const std::string cert = (dir / "cert.pem").string();
  const std::string key = (dir / "key.pem").string();
  const std::string make =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
      "subjectAltName=DNS:localhost -keyout " +
      key + " -out " + cert + " >/dev/null 2>&1";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "the openssl program is not installed";
  nats_server server({.extra_config = "tls { cert_file: \"" + cert + "\", key_file: \"" + key + "\", ca_file: \"" +
                                      cert + "\", verify: true }"});
  const std::string url = "tls://localhost:" + std::to_string(server.port());
  auto made = make_nats_bus({.url = url,
                             .tls_ca_file = cert,
                             .tls_cert_file = cert,
                             .tls_key_file = key,
                             .reconnect_wait = 20ms,
                             .reconnect_wait_max = 200ms});
  ASSERT_TRUE(made) << made.error().evidence;
  bus& secure = **made;
  ASSERT_TRUE(secure.stats().connected);
  collector all(secure, "s");
  const std::string frame(3'000'000, 'x');  // more than one socket buffer
  for (std::size_t i = 1; i <= 5; ++i) {
    send(secure, "s", frame);
    ASSERT_TRUE(all.wait_for(i));
    EXPECT_EQ(all.messages().back().bytes(), frame);
  }
  server.restart();
  ASSERT_TRUE(eventually([&] { return secure.stats().reconnects == 1 && secure.stats().connected; }));
  send(secure, "s", frame);
  EXPECT_TRUE(all.wait_for(6));
  auto stranger = connect(server);
  EXPECT_FALSE(stranger->stats().connected) << "a client without a certificate is refused";
}

TEST_F(NatsBus, RefusesOptionsThatCanNeverWork) {
  const auto code = [](nats_options options) {
    auto made = make_nats_bus(std::move(options));
    return made ? std::string("made") : made.error().evidence;
  };
  EXPECT_NE(code({.url = "nats://127.0.0.1:not-a-port"}), "made");
  const std::string refused = code({.url = "nats://me:hunter2@127.0.0.1:4222"});
  EXPECT_TRUE(refused.contains("belong into a file")) << refused;
  EXPECT_FALSE(refused.contains("hunter2")) << refused;
  EXPECT_TRUE(code({.credentials_file = "/nowhere/x.creds"}).contains("/nowhere/x.creds"));
  EXPECT_TRUE(code({.nkey_seed_file = "/nowhere/x.nk"}).contains("/nowhere/x.nk"));
  EXPECT_TRUE(code({.tls_ca_file = "/nowhere/ca.pem"}).contains("/nowhere/ca.pem"));
  const isobar::testing::temp_dir dir;
  const auto file = dir.write("not.pem", "no certificate").string();
  EXPECT_NE(code({.tls_ca_file = file}), "made");
  EXPECT_TRUE(code({.tls_cert_file = file}).contains("both or neither"));
  EXPECT_TRUE(code({.credentials_file = file}).contains("no NATS credentials"));
  EXPECT_TRUE(code({.credentials_file = file, .nkey_seed_file = file}).contains("one of them"));
  EXPECT_TRUE(code({.nkey_seed_file = file}).contains("NKEY seed"));
}

TEST_F(NatsBus, OutlivesManyConnections) {
  nats_server server;
  for (int i = 0; i < 30; ++i) {
    auto bus = connect(server);
    collector all(*bus, "s");
    send(*bus, "s", "x");
    ASSERT_TRUE(all.wait_for(1));
  }
}

}  // namespace
}  // namespace isobar::bus
