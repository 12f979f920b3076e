#include "actors/actors.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace isobar::actors {
namespace {

using namespace std::chrono_literals;

// Long enough for a loaded machine; a test that waits so long has failed.
constexpr auto patience = 20s;

struct add {
  int n;
};
struct read {
  std::shared_ptr<std::promise<int>> answer;
};
struct boom {};
struct leave {};
struct tick {
  int n;
};
struct unheard_of {};

template <class T>
T get(std::future<T> f) {
  if (f.wait_for(patience) != std::future_status::ready) throw std::runtime_error("no answer in time");
  return f.get();
}

int total_of(const ref& counter) {
  auto p = std::make_shared<std::promise<int>>();
  auto f = p->get_future();
  counter.send(read{p});
  return get(std::move(f));
}

struct counter {
  using messages = message_list<add, read, boom, leave>;
  void on(context&, const add& m) { total += m.n; }
  void on(context&, const read& m) { m.answer->set_value(total); }
  void on(context&, const boom&) { throw std::runtime_error("boom"); }
  void on(context& self, const leave&) { self.quit(); }
  int total = 0;
};

/// Holds its thread until the latch opens, so that a test can fill the mailbox.
struct gate {
  std::shared_ptr<std::latch> entered, open;
};

TEST(Actor, HandlesMessagesInOrderOfSending) {
  struct recorder {
    using messages [[maybe_unused]] = message_list<add, read>;
    void on(context&, const add& m) { seen->push_back(m.n); }
    void on(context&, const read& m) { m.answer->set_value(0); }
    std::shared_ptr<std::vector<int>> seen;
  };
  system s;
  auto seen = std::make_shared<std::vector<int>>();
  const ref r = s.spawn("recorder", recorder{seen});
  for (int i = 0; i < 1000; ++i) r.send(add{i});
  total_of(r);
  ASSERT_EQ(seen->size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ((*seen)[static_cast<std::size_t>(i)], i);
}

TEST(Actor, LosesNothingFromManyThreads) {
  system s;
  const ref r = s.spawn("counter", counter{});
  {
    std::vector<std::jthread> senders;
    for (int t = 0; t < 4; ++t)
      senders.emplace_back([&] {
        for (int i = 0; i < 5000; ++i) r.send(add{1});
      });
  }
  EXPECT_EQ(total_of(r), 20'000);
  EXPECT_EQ(r.mailbox_depth(), 0u);
}

TEST(Actor, CountsUnexpectedMessagesAndGoesOn) {
  system s;
  const ref r = s.spawn("counter", counter{});
  r.send(unheard_of{});
  r.send(add{2});
  EXPECT_EQ(total_of(r), 2);
  EXPECT_EQ(s.stats().unexpected_messages, 1u);
}

struct gated_recorder {
  using messages = message_list<gate, add, read>;
  void on(context&, const gate& g) {
    g.entered->count_down();
    g.open->wait();
  }
  void on(context&, const add& m) { seen->push_back(m.n); }
  void on(context&, const read& m) { m.answer->set_value(static_cast<int>(seen->size())); }
  std::shared_ptr<std::vector<int>> seen;
};

TEST(Actor, ControlLaneOvertakesDataAndDepthCountsWhatWaits) {
  system s;
  auto seen = std::make_shared<std::vector<int>>();
  auto entered = std::make_shared<std::latch>(1), open = std::make_shared<std::latch>(1);
  const ref r = s.spawn("recorder", gated_recorder{seen});
  r.send(gate{entered, open});
  entered->wait();
  for (int i = 0; i < 10; ++i) r.send(add{i});
  r.send(add{100}, lane::control);
  EXPECT_EQ(r.mailbox_depth(), 11u);
  ASSERT_EQ(s.list().size(), 1u);
  EXPECT_EQ(s.list()[0].mailbox_depth, 11u);
  open->count_down();
  ASSERT_EQ(total_of(r), 11);
  EXPECT_EQ(seen->front(), 100);
}

TEST(Actor, HandlesItsMailboxBeforeAStopTakesEffect) {
  system s;
  auto seen = std::make_shared<std::vector<int>>();
  auto entered = std::make_shared<std::latch>(1), open = std::make_shared<std::latch>(1);
  const ref r = s.spawn("recorder", gated_recorder{seen});
  r.send(gate{entered, open});
  entered->wait();
  for (int i = 0; i < 500; ++i) r.send(add{i}, i % 5 == 0 ? lane::control : lane::data);
  s.stop(r);
  r.send(add{-1});
  open->count_down();
  ASSERT_TRUE(s.shutdown(patience));
  EXPECT_EQ(seen->size(), 500u);
  EXPECT_EQ(s.stats().dead_letters, 1u);
  EXPECT_EQ(s.stats().actors, 0u);
}

TEST(Actor, AStopThatWaitsIsBackWhenTheActorHasEnded) {
  system s;
  auto seen = std::make_shared<std::vector<int>>();
  auto entered = std::make_shared<std::latch>(1), open = std::make_shared<std::latch>(1);
  const ref r = s.spawn("recorder", gated_recorder{seen});
  r.send(gate{entered, open});
  entered->wait();
  r.send(add{7});
  EXPECT_FALSE(s.stop(r, std::chrono::milliseconds(1))) << "it is still at the gate";
  open->count_down();
  EXPECT_TRUE(s.stop(r, patience));
  EXPECT_EQ(*seen, std::vector<int>{7});
  EXPECT_TRUE(s.stop(r, patience)) << "twice is once";
  EXPECT_TRUE(s.stop(ref(), patience)) << "of none";
}

TEST(Actor, QuitLeavesTheRestAsDeadLetters) {
  struct quitter {
    using messages [[maybe_unused]] = message_list<gate, leave, add>;
    void on(context&, const gate& g) {
      g.entered->count_down();
      g.open->wait();
    }
    void on(context& self, const leave&) { self.quit(); }
    void on(context&, const add&) {}
  };
  system s;
  auto entered = std::make_shared<std::latch>(1), open = std::make_shared<std::latch>(1);
  const ref r = s.spawn("quitter", quitter{});
  r.send(gate{entered, open});
  entered->wait();
  r.send(leave{});
  for (int i = 0; i < 7; ++i) r.send(add{1});
  open->count_down();
  ASSERT_TRUE(s.shutdown(patience));
  r.send(add{1});
  EXPECT_EQ(s.stats().dead_letters, 8u);
}

TEST(Actor, ExceptionEndsItAndIsReported) {
  system s;
  std::promise<std::string> heard;
  s.on_failure([&](const std::string& name, const exit_reason& why) { heard.set_value(name + ": " + why.what); });
  const ref r = s.spawn("counter", counter{});
  r.send(boom{});
  EXPECT_EQ(get(heard.get_future()), "counter: boom");
  ASSERT_TRUE(s.shutdown(patience));
  EXPECT_EQ(s.stats().failures, 1u);
  EXPECT_EQ(s.stats().restarts, 0u);
}

TEST(Actor, ExceptionInOnStartCountsAndMessagesBecomeDeadLetters) {
  struct stillborn {
    using messages [[maybe_unused]] = message_list<add>;
    void on_start(context&) { throw std::runtime_error("no"); }
    void on(context&, const add&) {}
  };
  system s;
  const ref r = s.spawn("stillborn", stillborn{});
  r.send(add{1});
  ASSERT_TRUE(s.shutdown(patience));
  EXPECT_EQ(s.stats().failures, 1u);
  EXPECT_EQ(s.stats().dead_letters, 1u);
}

TEST(Actor, DetachedMayBlockWithoutHoldingTheOthersUp) {
  system s({.threads = 1});
  auto seen = std::make_shared<std::vector<int>>();
  auto entered = std::make_shared<std::latch>(1), open = std::make_shared<std::latch>(1);
  const ref blocked = s.spawn("bridge", gated_recorder{seen}, {.detached = true});
  blocked.send(gate{entered, open});
  entered->wait();
  const ref other = s.spawn("counter", counter{});
  other.send(add{3});
  EXPECT_EQ(total_of(other), 3);
  open->count_down();
}

struct ticker {
  using messages = message_list<tick>;
  void on_start(context& self) { self.send_after(1ms, tick{1}); }
  void on(context& self, const tick& m) {
    if (m.n == 5)
      done->set_value(m.n);
    else
      self.send_after(1ms, tick{m.n + 1});
  }
  std::shared_ptr<std::promise<int>> done = std::make_shared<std::promise<int>>();
};

TEST(Timer, DeliversLater) {
  system s;
  ticker t;
  auto f = t.done->get_future();
  const auto before = std::chrono::steady_clock::now();
  s.spawn("ticker", t);
  EXPECT_EQ(get(std::move(f)), 5);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 5ms);
}

TEST(Timer, NeverHoldsShutdownUp) {
  struct far {
    using messages [[maybe_unused]] = message_list<tick>;
    void on_start(context& self) { self.send_after(1h, tick{1}); }
    void on(context&, const tick&) {}
  };
  const auto before = std::chrono::steady_clock::now();
  {
    system s;
    for (int i = 0; i < 100; ++i) s.spawn("far", far{});
    EXPECT_TRUE(s.shutdown(patience));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, patience);
}

constexpr restart_policy quick{.base = 1ms, .max = 4ms};

TEST(Supervisor, RestartsAndLosesOnlyTheMessageThatFailed) {
  system s;
  auto made = std::make_shared<std::atomic<int>>(0);
  const ref r = s.supervise(
      "counter",
      [made] {
        made->fetch_add(1);
        return counter{.total = 1000};
      },
      quick);
  r.send(add{1});
  r.send(boom{});
  for (int i = 0; i < 500; ++i) r.send(add{1});
  EXPECT_EQ(total_of(r), 1500);
  EXPECT_EQ(made->load(), 2);
  const system_stats st = s.stats();
  EXPECT_EQ(st.failures, 1u);
  EXPECT_EQ(st.restarts, 1u);
  EXPECT_EQ(st.down, 0u);
  EXPECT_EQ(st.dead_letters, 0u);
  EXPECT_EQ(r.mailbox_depth(), 0u);
}

TEST(Supervisor, HoldsAtMostSoManyMessages) {
  system s;
  auto fail = std::make_shared<std::atomic<bool>>(true);
  const ref r = s.supervise(
      "counter",
      [fail] {
        if (fail->load()) throw std::runtime_error("checkpoint unreadable");
        return counter{};
      },
      {.base = 50ms, .max = 50ms}, 10);
  for (int i = 0; i < 25; ++i) r.send(add{1});
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (s.stats().dead_letters < 15 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(s.stats().dead_letters, 15u);
  fail->store(false);
  while (s.stats().down != 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(total_of(r), 10);
}

TEST(Supervisor, GivesUpAfterTheStatedAttempts) {
  system s;
  const ref r = s.supervise("hopeless", []() -> counter { throw std::runtime_error("never"); },
                            {.base = 1ms, .max = 1ms, .attempts_max = 3});
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (s.stats().actors != 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(s.stats().actors, 0u);
  EXPECT_EQ(s.stats().failures, 4u);
  EXPECT_EQ(s.stats().restarts, 3u);
}

TEST(Supervisor, TimersOfAFailedIncarnationDoNotFire) {
  struct fragile {
    using messages [[maybe_unused]] = message_list<tick, boom, read>;
    void on(context& self, const boom&) {
      self.send_after(3ms, tick{1});
      throw std::runtime_error("boom");
    }
    void on(context&, const tick&) { ticks->fetch_add(1); }
    void on(context& self, const read& m) {
      // Fires after the stale one would have.
      self.send_after(20ms, tick{2});
      m.answer->set_value(0);
    }
    std::shared_ptr<std::atomic<int>> ticks;
  };
  system s;
  auto ticks = std::make_shared<std::atomic<int>>(0);
  const ref r = s.supervise("fragile", [ticks] { return fragile{ticks}; }, quick);
  r.send(boom{});
  total_of(r);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (ticks->load() == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  while (s.stats().timers != 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  ASSERT_TRUE(s.shutdown(patience));
  EXPECT_EQ(ticks->load(), 1);
}

TEST(Supervisor, AnActorThatIsDownStopsAtOnce) {
  system s;
  s.supervise("down", []() -> counter { throw std::runtime_error("never"); }, {.base = 1h, .max = 1h});
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (s.stats().down == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(s.shutdown(patience));
}

TEST(System, ShutdownEndsActorsInReverseOrderOfSpawning) {
  struct last_words {
    using messages [[maybe_unused]] = message_list<add>;
    void on(context&, const add&) {}
    ~last_words() {
      if (order) order->push_back(id);
    }
    last_words(std::shared_ptr<std::vector<int>> o, int i) : order(std::move(o)), id(i) {}
    last_words(last_words&&) = default;
    std::shared_ptr<std::vector<int>> order;
    int id;
  };
  system s;
  auto order = std::make_shared<std::vector<int>>();
  for (int i = 0; i < 5; ++i) s.spawn("last", last_words(order, i));
  ASSERT_TRUE(s.shutdown(patience));
  EXPECT_EQ(*order, (std::vector{4, 3, 2, 1, 0}));
  EXPECT_EQ(s.spawn("late", counter{}).mailbox_depth(), 0u);
  EXPECT_EQ(s.stats().actors, 0u);
}

TEST(System, ShutdownReportsAnActorThatDoesNotEnd) {
  system s;
  auto entered = std::make_shared<std::latch>(1), open = std::make_shared<std::latch>(1);
  const ref r = s.spawn("stuck", gated_recorder{std::make_shared<std::vector<int>>()});
  r.send(gate{entered, open});
  entered->wait();
  EXPECT_FALSE(s.shutdown(10ms));
  open->count_down();
  EXPECT_TRUE(s.shutdown(patience));
}

TEST(System, StartsAndEndsTwoHundredTimes) {
  ref survivor;
  for (int i = 0; i < 200; ++i) {
    system s;
    std::vector<ref> all;
    for (int n = 0; n < 10; ++n) all.push_back(s.spawn("counter", counter{}));
    all.push_back(s.supervise("supervised", [] { return counter{}; }, quick));
    all.push_back(s.spawn("ticker", ticker{}));
    for (const ref& r : all) r.send(add{1});
    all[10].send(boom{});
    if (i % 2 == 0) {
      ASSERT_TRUE(s.shutdown(patience)) << i;
    }
    survivor = all[0];
  }
  // A ref may outlive its system.
  survivor.send(add{1});
}

}  // namespace
}  // namespace isobar::actors
