// What every bus promises, run on each of them. NATS: a real server, a connection each for publisher and consumer.
#include <algorithm>
#include <thread>

#include "bus/bus_fixture.hpp"
#include "bus/sequence.hpp"

namespace isobar::bus {
namespace {

using namespace std::chrono_literals;
using testing::collector;
using testing::eventually;
using testing::nats_server;
using testing::send;

enum class kind { local, nats };

class Bus : public ::testing::TestWithParam<kind> {
 protected:
  void SetUp() override {
    if (GetParam() == kind::nats && !nats_server::program()) GTEST_SKIP() << "nats-server is not installed";
    publisher_ = make();
    consumer_ = GetParam() == kind::nats ? make() : nullptr;
  }
  std::unique_ptr<bus> make() {
    if (GetParam() == kind::local) return make_local_bus();
    static nats_server server;
    return testing::connect(server);
  }
  bus& publisher() { return *publisher_; }
  bus& consumer() { return consumer_ ? *consumer_ : *publisher_; }
  /// Names of this test only: the server outlives it.
  static std::string name(const std::string& rest = "") {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string out = std::string("t-") + info->name();
    std::ranges::replace(out, '/', '-');
    return rest.empty() ? out : out + "." + rest;
  }
  static std::string bucket_name() { return name(); }

 private:
  std::unique_ptr<bus> publisher_;
  std::unique_ptr<bus> consumer_;
};

INSTANTIATE_TEST_SUITE_P(Each, Bus, ::testing::Values(kind::local, kind::nats),
                         [](const auto& each) { return each.param == kind::local ? "local" : "nats"; });

TEST_P(Bus, DeliversToEveryMatchingSubscriber) {
  collector exact(consumer(), name("spx.frame"));
  collector one(consumer(), name("*.frame"));
  collector rest(consumer(), name(">"));
  collector other(consumer(), name("ndx.frame"));
  send(publisher(), name("spx.frame"), "a");
  send(publisher(), name("es.frame"), "b");
  send(publisher(), name("es.frame.deep"), "c");
  EXPECT_TRUE(exact.wait_for(1));
  EXPECT_TRUE(one.wait_for(2));
  EXPECT_TRUE(rest.wait_for(3));
  EXPECT_EQ(exact.texts(), (std::vector<std::string>{"a"}));
  EXPECT_EQ(exact.messages()[0].subject, name("spx.frame"));
  EXPECT_EQ(one.texts(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(rest.texts(), (std::vector<std::string>{"a", "b", "c"}));
  other.drain();
  EXPECT_TRUE(other.texts().empty());
}

TEST_P(Bus, KeepsTheOrderOfOnePublisher) {
  constexpr int total = 5000;
  collector all(consumer(), name("s"), {.queue_limit = total});
  for (int i = 0; i < total; ++i) {
    ASSERT_TRUE(publisher().publish(name("s"), std::to_string(i)));
    if (i % 100 == 0) {
      ASSERT_TRUE(publisher().flush());
    }
  }
  ASSERT_TRUE(publisher().flush());
  ASSERT_TRUE(all.wait_for(total)) << all.messages().size() << " came, dropped " << all.stats().dropped;
  int last = -1;
  for (const auto& text : all.texts()) {
    EXPECT_GT(std::stoi(text), last);
    last = std::stoi(text);
  }
  EXPECT_EQ(publisher().stats().published, static_cast<std::uint64_t>(total));
}

TEST_P(Bus, CarriesAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  bytes = std::string("\0\r\n\0", 4) + bytes + bytes;
  collector all(consumer(), name("s"));
  send(publisher(), name("s"), bytes);
  send(publisher(), name("s"), "");
  ASSERT_TRUE(all.wait_for(2));
  EXPECT_EQ(all.texts(), (std::vector<std::string>{bytes, ""}));
}

TEST_P(Bus, CarriesUpToItsLimitAndRefusesMore) {
  collector all(consumer(), name("s"));
  const std::size_t limit = publisher().max_payload();
  EXPECT_EQ(limit, 8u << 20);
  send(publisher(), name("s"), std::string(limit, 'x'));
  ASSERT_TRUE(all.wait_for(1));
  EXPECT_EQ(all.messages()[0].bytes().size(), limit);
  const auto refused = publisher().publish(name("s"), std::string(limit + 1, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::too_large);
  EXPECT_EQ(publisher().stats().publish_errors, 1u);
  send(publisher(), name("s"), "still there");
  EXPECT_TRUE(all.wait_for(2));
}

TEST_P(Bus, RefusesMalformedSubjects) {
  for (const char* bad : {"", "a b", "a.*", "a..b", "a.>"}) {
    const auto refused = publisher().publish(bad, "x");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, errc::invalid_subject);
    EXPECT_EQ(publisher().request(bad, "x", 100ms).error().code, errc::invalid_subject) << bad;
  }
  for (const char* bad : {"", "a b", "a.>.b", "a..b"}) {
    const auto refused = consumer().subscribe(bad, {}, [] {});
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, errc::invalid_subject);
  }
  EXPECT_EQ(consumer().subscribe("a", {.queue_group = "b c"}, [] {}).error().code, errc::invalid_subject);
}

TEST_P(Bus, SharesAQueueGroupAmongItsMembers) {
  collector one(consumer(), name("s"), {.queue_group = "g"});
  collector two(consumer(), name("*"), {.queue_group = "g"});
  collector watcher(consumer(), name("s"));
  constexpr std::size_t total = 200;
  for (std::size_t i = 0; i < total; ++i) ASSERT_TRUE(publisher().publish(name("s"), std::to_string(i)));
  ASSERT_TRUE(publisher().flush());
  ASSERT_TRUE(watcher.wait_for(total));
  EXPECT_TRUE(eventually([&] {
    one.drain();
    two.drain();
    return one.messages().size() + two.messages().size() == total;
  }));
  EXPECT_GT(one.messages().size(), 0u);
  EXPECT_GT(two.messages().size(), 0u);
  if (GetParam() == kind::local) {
    EXPECT_EQ(one.messages().size(), total / 2) << "members take turns";
  }
  two.end();
  collector barrier(consumer(), name("barrier"));  // its subscription reaches the server after the other's end
  for (std::size_t i = 0; i < total; ++i) ASSERT_TRUE(publisher().publish(name("s"), "x"));
  const std::size_t before = one.messages().size();
  ASSERT_TRUE(publisher().flush());
  EXPECT_TRUE(one.wait_for(before + total)) << "the group goes on without the member that left";
}

/// Answers every request with what it asked, on the thread that has the message.
class echo {
 public:
  echo(bus& on, const std::string& subject) : bus_(on) {
    auto made = on.subscribe(subject, {}, [this] { answer(); });
    subscription_ = std::move(*made);
  }

 private:
  void answer() {
    std::vector<message> batch;
    while (subscription_ && subscription_->drain(batch, 10) > 0) {
      for (const message& m : batch) (void)bus_.reply(m, "echo " + std::string(m.bytes()));
      batch.clear();
    }
    (void)bus_.flush();
  }
  bus& bus_;
  std::unique_ptr<subscription> subscription_;
};

TEST_P(Bus, AnswersRequests) {
  echo server(consumer(), name("s"));
  for (int i = 0; i < 20; ++i) {
    const auto answer = publisher().request(name("s"), std::to_string(i), 5s);
    ASSERT_TRUE(answer) << answer.error().evidence;
    EXPECT_EQ(answer->bytes(), "echo " + std::to_string(i));
  }
  std::atomic<int> answered{0};
  for (int i = 0; i < 20; ++i) {
    publisher().request_async(name("s"), std::to_string(i), 5s, [&answered, i](result<message> answer) {
      if (answer && answer->bytes() == "echo " + std::to_string(i)) ++answered;
    });
  }
  EXPECT_TRUE(eventually([&] { return answered == 20; }));
}

TEST_P(Bus, SaysWhenNobodyServesASubject) {
  const auto none = publisher().request(name("s"), "x", 5s);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, errc::no_responders);
  std::atomic<int> called{0};
  std::atomic<bool> right{false};
  publisher().request_async(name("s"), "x", 5s, [&](result<message> answer) {
    right = !answer && answer.error().code == errc::no_responders;
    ++called;
  });
  EXPECT_TRUE(eventually([&] { return called == 1; }));
  EXPECT_TRUE(right);
}

TEST_P(Bus, GivesUpOnASilentServer) {
  collector silent(consumer(), name("s"));
  const auto late = publisher().request(name("s"), "x", 50ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, errc::timeout);
  std::atomic<int> called{0};
  publisher().request_async(name("s"), "x", 50ms, [&](result<message> answer) {
    if (!answer && answer.error().code == errc::timeout) ++called;
  });
  EXPECT_TRUE(eventually([&] { return called == 1; }));
  ASSERT_TRUE(silent.wait_for(2));
  // The answer that comes too late finds nobody and harms nothing.
  EXPECT_TRUE(consumer().reply(silent.messages()[0], "too late"));
  EXPECT_TRUE(consumer().flush());
}

TEST_P(Bus, BoundsAQueueAndShowsTheGap) {
  for (const overflow policy : {overflow::drop_newest, overflow::drop_oldest}) {
    const std::string subject = name(policy == overflow::drop_newest ? "newest" : "oldest");
    collector bounded(consumer(), subject, {.queue_limit = 10, .policy = policy});
    for (int i = 1; i <= 25; ++i) ASSERT_TRUE(publisher().publish(subject, std::to_string(i)));
    ASSERT_TRUE(publisher().flush());
    ASSERT_TRUE(eventually([&] { return bounded.stats().received == 25; }));
    EXPECT_EQ(bounded.stats().dropped, 15u);
    EXPECT_EQ(bounded.stats().depth, 10u);
    EXPECT_EQ(bounded.stats().depth_max, 10u);
    bounded.drain();
    ASSERT_TRUE(publisher().publish(subject, "26"));
    ASSERT_TRUE(publisher().flush());
    ASSERT_TRUE(bounded.wait_for(11));

    sequence_check check;
    check.reset(0);
    bool gap = false;
    for (const auto& text : bounded.texts()) gap |= check.observe(std::stoull(text), false) == arrival::gap;
    EXPECT_TRUE(gap);
    EXPECT_EQ(check.missing(), 15u) << "counted as dropped, seen as missing";
    EXPECT_EQ(bounded.texts().front(), policy == overflow::drop_newest ? "1" : "16");
    EXPECT_EQ(consumer().stats().dropped, policy == overflow::drop_newest ? 15u : 30u);
  }
}

TEST_P(Bus, CallsNobodyAfterTheSubscriptionEnded) {
  std::atomic<bool> alive{true};
  std::atomic<int> late{0};
  std::atomic<bool> stop{false};
  const std::string subject = name("s");
  std::jthread traffic([&] {
    while (!stop) {
      (void)publisher().publish(subject, "x");
      (void)publisher().flush();
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 50; ++i) {
    alive = true;
    std::atomic<int> called{0};
    std::vector<message> out;
    auto s = consumer().subscribe(subject, {.queue_limit = 1}, [&] {
      if (!alive) ++late;
      ++called;
    });
    ASSERT_TRUE(s);
    EXPECT_TRUE(eventually([&] {
      (*s)->drain(out, 10);
      return called > 2;
    }));
    s->reset();
    alive = false;
  }
  stop = true;
  EXPECT_EQ(late, 0);
}

TEST_P(Bus, TellsAListenerThatItIsConnected) {
  std::atomic<int> ups{0};
  auto own = make();
  own->on_connection([&](bool up) { ups += up; });
  EXPECT_TRUE(eventually([&] { return ups == 1; }));
  own->on_connection({});
  EXPECT_TRUE(own->stats().connected);
}

TEST_P(Bus, RefusesEverythingOnceClosed) {
  auto own = make();
  auto kv = own->bucket(bucket_name());
  ASSERT_TRUE(kv) << kv.error().evidence;
  collector sub(*own, name("s"));
  collector silent(*own, name("silent"));
  std::atomic<int> answers{0};
  own->request_async(name("silent"), "x", 60s, [&](result<message> answer) {
    if (!answer && answer.error().code == errc::closed) ++answers;
  });
  own->close();
  own->close();
  EXPECT_EQ(answers, 1) << "requests that wait are told";
  EXPECT_FALSE(own->stats().connected);
  EXPECT_EQ(own->publish(name("s"), "x").error().code, errc::closed);
  EXPECT_EQ(own->flush().error().code, errc::closed);
  EXPECT_EQ(own->request(name("s"), "x", 1s).error().code, errc::closed);
  EXPECT_EQ(own->subscribe(name("s"), {}, [] {}).error().code, errc::closed);
  EXPECT_EQ(own->bucket(bucket_name()).error().code, errc::closed);
  EXPECT_EQ((*kv)->put("a", "1").error().code, errc::closed);
  EXPECT_EQ((*kv)->keys().error().code, errc::closed);
  own.reset();
  EXPECT_EQ((*kv)->get("a").error().code, errc::closed) << "buckets and subscriptions may outlive the bus";
  sub.drain();
}

TEST_P(Bus, KeepsKeysWithRevisions) {
  auto kv = *publisher().bucket(bucket_name(), {.history = 3});
  const auto first = kv->put("epoch.i%3aspx", std::string("a\0b", 3));
  ASSERT_TRUE(first) << first.error().evidence;
  const auto second = kv->put("epoch.es", "2");
  ASSERT_TRUE(second);
  EXPECT_GT(*second, *first);
  const auto read = (*consumer().bucket(bucket_name(), {.history = 3}))->get("epoch.i%3aspx");
  ASSERT_TRUE(read) << read.error().evidence;
  EXPECT_EQ(read->value, std::string("a\0b", 3));
  EXPECT_EQ(read->key, "epoch.i%3aspx");
  EXPECT_EQ(read->revision, *first);
  EXPECT_EQ(kv->get("none").error().code, errc::not_found);
  EXPECT_EQ(*kv->keys(), (std::vector<std::string>{"epoch.es", "epoch.i%3aspx"}));
  EXPECT_EQ(kv->put("a b", "x").error().code, errc::invalid_subject);
  EXPECT_EQ(kv->put("a.*", "x").error().code, errc::invalid_subject);
  EXPECT_EQ(kv->put("big", std::string(publisher().max_payload() + 1, 'x')).error().code, errc::too_large);
  EXPECT_EQ(publisher().bucket("a.b").error().code, errc::invalid_subject);
}

TEST_P(Bus, OpensAnAbsentBucketOnlyForThoseWhoMayCreateIt) {
  EXPECT_EQ(consumer().bucket(bucket_name(), {.create = false}).error().code, errc::not_found);
  ASSERT_TRUE((*publisher().bucket(bucket_name()))->put("k", "v"));
  const auto read = (*consumer().bucket(bucket_name(), {.create = false}))->get("k");
  ASSERT_TRUE(read) << read.error().evidence;
  EXPECT_EQ(read->value, "v");
}

TEST_P(Bus, RefusesAWriteOnAChangedKey) {
  auto kv = *publisher().bucket(bucket_name());
  const auto r1 = kv->create("k", "1");
  ASSERT_TRUE(r1) << r1.error().evidence;
  EXPECT_EQ(kv->create("k", "1").error().code, errc::wrong_revision);
  const auto r2 = kv->update("k", "2", *r1);
  ASSERT_TRUE(r2);
  const auto stale = kv->update("k", "3", *r1);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, errc::wrong_revision) << stale.error().evidence;
  EXPECT_EQ(kv->get("k")->value, "2");
  EXPECT_EQ(kv->update("new", "x", 7).error().code, errc::wrong_revision);
  ASSERT_TRUE(kv->update("new", "x", 0));
  ASSERT_TRUE(kv->remove("k"));
  EXPECT_EQ(kv->get("k").error().code, errc::not_found);
  EXPECT_EQ(*kv->keys(), (std::vector<std::string>{"new"}));
  EXPECT_TRUE(kv->create("k", "again"));
  EXPECT_EQ(kv->get("k")->value, "again");
}

TEST_P(Bus, RemembersTheHistoryOfAKey) {
  auto kv = *publisher().bucket(bucket_name(), {.history = 3});
  for (const char* v : {"1", "2", "3"}) ASSERT_TRUE(kv->put("k", v));
  ASSERT_TRUE(kv->remove("k"));
  const auto line = kv->history("k");
  ASSERT_TRUE(line) << line.error().evidence;
  ASSERT_EQ(line->size(), 3u);
  EXPECT_EQ((*line)[0].value, "2");
  EXPECT_EQ((*line)[1].value, "3");
  EXPECT_TRUE((*line)[2].deleted);
  EXPECT_EQ(kv->history("none").error().code, errc::not_found);
}

TEST_P(Bus, RefusesAWriteBeyondABucketsBound) {
  auto kv = *publisher().bucket(bucket_name(), {.max_bytes = 100'000});
  ASSERT_TRUE(kv->put("a", std::string(60'000, 'x')));
  const auto refused = kv->put("b", std::string(60'000, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::too_large) << refused.error().evidence;
  EXPECT_TRUE(kv->get("a")) << "what is there stays";
}

TEST_P(Bus, WatchesKeysFromTheirPresentValueOn) {
  auto kv = *publisher().bucket(bucket_name());
  ASSERT_TRUE(kv->put("a.1", "one"));
  ASSERT_TRUE(kv->put("b.1", "not watched"));
  ASSERT_TRUE(kv->put("a.2", "two"));
  ASSERT_TRUE(kv->put("a.3", "gone"));
  ASSERT_TRUE(kv->remove("a.3"));
  std::mutex mutex;
  std::vector<kv_entry> seen;
  auto watch = (*consumer().bucket(bucket_name()))->watch("a.*", [&](const kv_entry& e) {
    const std::scoped_lock lock(mutex);
    seen.push_back(e);
  });
  ASSERT_TRUE(watch) << watch.error().evidence;
  const auto count = [&](std::size_t n) {
    return eventually([&] {
      const std::scoped_lock lock(mutex);
      return seen.size() >= n;
    });
  };
  EXPECT_TRUE(count(2));
  ASSERT_TRUE(kv->put("a.1", "uno"));
  ASSERT_TRUE(kv->put("b.1", "not watched"));
  ASSERT_TRUE(kv->remove("a.2"));
  ASSERT_TRUE(kv->put("a.i%3aspx", "new"));
  EXPECT_TRUE(count(5));
  watch->reset();
  ASSERT_TRUE(kv->put("a.1", "nobody sees this"));
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen[0].value, "one");
  EXPECT_EQ(seen[1].value, "two");
  EXPECT_EQ(seen[2].value, "uno");
  EXPECT_TRUE(seen[3].deleted);
  EXPECT_EQ(seen[3].key, "a.2");
  EXPECT_EQ(seen[4].key, "a.i%3aspx");
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_GT(seen[i].revision, seen[i - 1].revision);
}

TEST_P(Bus, MayEndAWatchFromItsOwnCallback) {
  auto kv = *publisher().bucket(bucket_name());
  std::unique_ptr<kv_watch> watch;
  std::mutex mutex;
  std::atomic<int> calls{0};
  {
    const std::scoped_lock lock(mutex);
    watch = *kv->watch(">", [&](const kv_entry&) {
      const std::scoped_lock inside(mutex);
      ++calls;
      watch.reset();
    });
  }
  ASSERT_TRUE(kv->put("a", "1"));
  EXPECT_TRUE(eventually([&] { return calls == 1; }));
  const std::scoped_lock the_callback_has_left(mutex);
  ASSERT_TRUE(kv->put("a", "2"));
  EXPECT_EQ(calls, 1);
}

/// Waits until a stream holds what was published: a server keeps a little later than it delivers.
bool holds(stream& kept, std::uint64_t messages) {
  return eventually([&] {
    const auto state = kept.state();
    return state && state->messages >= messages;
  });
}

TEST_P(Bus, KeepsASubjectForWhoeverMissedIt) {
  EXPECT_FALSE((*consumer().kept(name()))->last(name("a.x"))) << "before there is any";
  const auto made = publisher().keep(name(), {.patterns = {name("a.*"), name("b")}});
  ASSERT_TRUE(made) << made.error().evidence;
  for (const char* text : {"1", "2", "3"}) {
    send(publisher(), name("a.x"), text);
    send(publisher(), name("a.y"), "other");
    send(publisher(), name("c"), "not kept");
  }
  const auto kept = consumer().kept(name());
  ASSERT_TRUE(kept) << kept.error().evidence;
  ASSERT_TRUE(holds(**kept, 6));
  std::vector<std::string> seen;
  std::uint64_t place = 0;
  while (const auto next = (*kept)->next(name("a.x"), place + 1)) {
    EXPECT_GT(next->place, place);
    EXPECT_EQ(next->content.subject, name("a.x"));
    seen.emplace_back(next->content.bytes());
    place = next->place;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ((*kept)->last(name("a.x"))->content.bytes(), "3");
  EXPECT_EQ((*kept)->next(name("a.x"), place + 1).error().code, errc::not_found);
  EXPECT_EQ((*kept)->last(name("c")).error().code, errc::not_found);
  EXPECT_EQ((*kept)->last("a b").error().code, errc::invalid_subject);
  const auto state = (*kept)->state();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->messages, 6u);
  EXPECT_EQ(state->last - state->first, 5u);
  EXPECT_EQ(publisher().keep("a.b", {}).error().code, errc::invalid_subject);
  EXPECT_EQ(publisher().keep(name("z"), {.patterns = {"a b"}}).error().code, errc::invalid_subject);
}

TEST_P(Bus, BoundsAStreamAndTakesNewOptions) {
  const auto made = publisher().keep(name(), {.patterns = {name("a")}, .bytes_max = 4'000});
  ASSERT_TRUE(made) << made.error().evidence;
  const auto kept = consumer().kept(name());
  for (int i = 0; i < 50; ++i) send(publisher(), name("a"), std::string(1'000, static_cast<char>('a' + i % 26)));
  ASSERT_TRUE(eventually([&] { return (*kept)->state()->last == 50; }));
  const auto state = (*kept)->state();
  EXPECT_LE(state->bytes, 4'000u);
  EXPECT_GT(state->first, 40u) << "the oldest leave first";
  EXPECT_EQ((*kept)->next(name("a"), 1)->place, state->first);
  const auto wider = consumer().keep(name(), {.patterns = {name("a"), name("b")}, .bytes_max = 100'000});
  ASSERT_TRUE(wider) << wider.error().evidence;
  send(publisher(), name("b"), "x");
  ASSERT_TRUE(eventually([&] { return (*kept)->last(name("b")).has_value(); }));
  EXPECT_EQ((*kept)->last(name("b"))->place, 51u) << "what was kept stays";
}

TEST_P(Bus, ServesManyThreads) {
  collector all(consumer(), name(">"), {.queue_limit = 100'000});
  constexpr int threads = 4;
  constexpr int each = 1000;
  {
    std::vector<std::jthread> pool;
    for (int t = 0; t < threads; ++t) {
      pool.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          (void)publisher().publish(name(std::to_string(t)), std::to_string(i));
          if (i % 16 == 0) (void)publisher().flush();
        }
        (void)publisher().flush();
      });
    }
  }
  ASSERT_TRUE(all.wait_for(threads * each));
  std::map<std::string, int> next;
  for (const message& m : all.messages()) EXPECT_EQ(std::to_string(next[m.subject]++), m.bytes());
  EXPECT_EQ(consumer().stats().dropped, 0u);
}

}  // namespace
}  // namespace isobar::bus
