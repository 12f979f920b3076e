#include "service/shard_agent.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "bus/local_bus.hpp"
#include "bus/nats_bus.hpp"
#include "core/rendezvous.hpp"
#include "testing/eventually.hpp"
#include "testing/nats_server.hpp"
#include "wire/progress_codec.hpp"
#include "wire/subjects.hpp"

namespace isobar::service {
namespace {

using namespace std::chrono_literals;
using isobar::testing::eventually;

symbol sym(const std::string& text) { return *symbol::parse(text); }

/// Workers that do nothing; `published()` says whether one may publish.
class idle_workers final : public symbol_workers {
 public:
  symbol_kind kind() const override { return symbol_kind::futures; }
  result<void> add(const symbol& s, const symbol_place& place) override {
    const std::lock_guard lock(mutex_);
    if (refuses_) return fail(errc::internal, "told to");
    const auto before = place.checkpoints->read(0);
    lives_[s] = before && *before ? std::stoi(**before) + 1 : 1;
    (void)place.checkpoints->write(std::to_string(lives_[s]));
    places_[s] = place;
    return {};
  }
  void remove(const symbol& s, bool graceful) override {
    const std::lock_guard lock(mutex_);
    places_.erase(s);
    (graceful ? graceful_ : abrupt_) += 1;
  }
  std::set<symbol> running() {
    const std::lock_guard lock(mutex_);
    std::set<symbol> out;
    for (const auto& [s, place] : places_) out.insert(s);
    return out;
  }
  bool publishes(const symbol& s) {
    const std::lock_guard lock(mutex_);
    const auto at = places_.find(s);
    return at != places_.end() && at->second.bus->publish("isobar.test", "x").has_value();
  }
  int life(const symbol& s) {
    const std::lock_guard lock(mutex_);
    return lives_[s];
  }
  void refuse(bool on) {
    const std::lock_guard lock(mutex_);
    refuses_ = on;
  }
  int abrupt() {
    const std::lock_guard lock(mutex_);
    return abrupt_;
  }

 private:
  std::mutex mutex_;
  std::map<symbol, symbol_place> places_;
  std::map<symbol, int> lives_;
  bool refuses_ = false;
  int graceful_ = 0, abrupt_ = 0;
};

/// One process of the service.
struct shard {
  shard(bus::bus& on, std::uint32_t ordinal, std::uint32_t expected, std::chrono::milliseconds lease)
      : agent(on, workers, metrics,
              {.service = "radar-physics", .venue = "sim", .place = {ordinal, expected}, .lease = lease}) {
    agent.start();
  }
  telemetry::registry metrics;
  idle_workers workers;
  shard_agent agent;
};

void list(bus::bus& on, int count) {
  const auto registry = *on.bucket(registry_bucket);
  for (int i = 0; i < count; ++i) {
    const symbol s = sym("S" + std::to_string(i));
    ASSERT_TRUE(registry->put(registry_key("sim", symbol_kind::futures, s), s.str()));
    ASSERT_TRUE(registry->put(registry_key("sim", symbol_kind::options, sym("OTHER")), "OTHER"));
  }
}

std::set<symbol> meant(int count, std::uint32_t owner, const std::set<std::uint32_t>& members) {
  std::set<symbol> out;
  for (int i = 0; i < count; ++i) {
    const symbol s = sym("S" + std::to_string(i));
    if (*rendezvous(s.str(), members, [](auto m) { return std::to_string(m); }) == owner) out.insert(s);
  }
  return out;
}

void shares_out_and_moves(bus::bus& on) {
  list(on, 12);
  const auto lease = 3000ms;  // longer than this machine ever stands still
  std::vector<std::unique_ptr<shard>> shards;
  for (std::uint32_t i = 0; i < 3; ++i) shards.push_back(std::make_unique<shard>(on, i, 3, lease));
  const auto share = [&](std::size_t at, const std::set<std::uint32_t>& members) {
    return shards[at]->workers.running() == meant(12, static_cast<std::uint32_t>(at), members);
  };
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(eventually([&] { return share(i, {0, 1, 2}); })) << i;
  EXPECT_TRUE(eventually([&] { return shards[0]->agent.why_not_ready().empty(); }));

  // A fourth comes.
  shards.push_back(std::make_unique<shard>(on, 3, 3, lease));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(eventually([&] { return share(i, {0, 1, 2, 3}); })) << i;
  for (const symbol& s : shards[3]->workers.running()) {
    EXPECT_EQ(shards[3]->workers.life(s), 2) << "it found the checkpoint of the holder before";
    EXPECT_TRUE(shards[3]->workers.publishes(s));
  }
  // One leaves: well before its lease would end.
  const auto before = std::chrono::steady_clock::now();
  shards[1]->agent.stop(10s);
  EXPECT_TRUE(shards[1]->workers.running().empty());
  for (const std::size_t i : {0, 2, 3}) EXPECT_TRUE(eventually([&] { return share(i, {0, 2, 3}); })) << i;
  EXPECT_LT(std::chrono::steady_clock::now() - before, lease);
  // The registry changes.
  const auto registry = *on.bucket(registry_bucket);
  ASSERT_TRUE(registry->remove(registry_key("sim", symbol_kind::futures, sym("S3"))));
  ASSERT_TRUE(registry->put(registry_key("sim", symbol_kind::futures, sym("NEW")), "NEW"));
  EXPECT_TRUE(eventually([&] {
    std::set<symbol> all;
    for (auto& s : shards) all.merge(s->workers.running());
    return all.contains(sym("NEW")) && !all.contains(sym("S3")) && all.size() == 12;
  }));
  for (auto& s : shards) EXPECT_EQ(s->workers.abrupt(), 0);
}

TEST(ShardAgent, SharesOutAndMovesOnTheLocalBus) {
  const auto on = bus::make_local_bus();
  shares_out_and_moves(*on);
}

TEST(ShardAgent, SharesOutAndMovesOverNats) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  const auto on = bus::make_nats_bus({.url = server.url()});
  ASSERT_TRUE(on.has_value());
  ASSERT_TRUE(eventually([&] { return (*on)->stats().connected; }));
  shares_out_and_moves(**on);
}

TEST(ShardAgent, SaysWhatCannotBeStartedAndTriesAgain) {
  const auto on = bus::make_local_bus();
  list(*on, 1);
  shard one(*on, 0, 1, 600ms);
  one.workers.refuse(true);
  const auto failures = [&] {
    return one.metrics.scrape().find("isobar_shard_start_failures_total{service=\"radar-physics\"} 0") ==
           std::string::npos;
  };
  EXPECT_TRUE(eventually([&] { return failures() || !one.workers.running().empty(); }));
  one.workers.refuse(false);
  EXPECT_TRUE(eventually([&] { return one.workers.running().size() == 1; }));
}

TEST(ShardAgent, StopsPublishingWhenTheServerDoesNotAnswer) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  const auto on = bus::make_nats_bus({.url = server.url()});
  ASSERT_TRUE(on.has_value());
  ASSERT_TRUE(eventually([&] { return (*on)->stats().connected; }));
  list(**on, 3);
  shard one(**on, 0, 1, 1500ms);
  ASSERT_TRUE(eventually([&] { return one.workers.running().size() == 3; }));
  ASSERT_TRUE(one.workers.publishes(sym("S0")));
  server.pause();
  const auto since = std::chrono::steady_clock::now();
  // The gate shuts by the clock, though the store's thread hangs in a write.
  EXPECT_TRUE(eventually([&] { return !one.workers.publishes(sym("S0")); }, 3s));
  EXPECT_LT(std::chrono::steady_clock::now() - since, 1500ms);
  EXPECT_TRUE(eventually([&] { return one.workers.abrupt() == 3; }, 20s));
  server.resume();
  EXPECT_TRUE(eventually([&] { return one.workers.running().size() == 3 && one.workers.publishes(sym("S0")); }, 20s));
  EXPECT_EQ(one.workers.life(sym("S0")), 2);
}

TEST(ShardAgent, AServerThatLostItsStoreIsFilledAgain) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  const auto on = bus::make_nats_bus({.url = server.url()});
  ASSERT_TRUE(on.has_value());
  ASSERT_TRUE(eventually([&] { return (*on)->stats().connected; }));
  list(**on, 3);
  shard one(**on, 0, 1, 6000ms);
  ASSERT_TRUE(eventually([&] { return one.workers.running().size() == 3; }));
  server.kill();
  std::filesystem::remove_all(server.store_dir());
  server.start();
  // Who holds what is there again, and nobody was stopped for it.
  const auto filled = [&] {
    const auto leases = (*on)->bucket(leases_bucket);
    const auto keys = leases ? (*leases)->keys() : bus::result<std::vector<std::string>>{};
    return keys && keys->size() == 3;
  };
  EXPECT_TRUE(eventually(filled, 20s));
  EXPECT_EQ(one.workers.running().size(), 3u);
  EXPECT_EQ(one.workers.abrupt(), 0);
  EXPECT_TRUE(one.workers.publishes(sym("S1")));
}

// ---- standbys ----

std::string frame_of(std::uint64_t n) {
  return wire::encode_progress({.symbol = sym("S0"), .participant = "p", .done_until = {}, .input_sequence = n},
                               {.producer = "p", .sequence = n, .ts_last = timestamp{static_cast<std::int64_t>(n)}});
}

/// Workers that publish frame n when they are told to, whether they stand by or not; a checkpoint is a number.
class counting_workers final : public symbol_workers {
 public:
  symbol_kind kind() const override { return symbol_kind::futures; }
  result<void> add(const symbol& s, const symbol_place& place) override {
    const std::lock_guard lock(mutex_);
    const auto before = place.checkpoints->read(0);
    running_[s] = {place, before && *before ? std::stoull(**before) : 0};
    ++added_;
    return {};
  }
  void remove(const symbol& s, bool) override {
    const std::lock_guard lock(mutex_);
    running_.erase(s);
  }
  std::vector<std::string> outputs(std::string_view, const symbol& s) const override { return {output(s)}; }
  bool keeps_up(const symbol&) const override { return well_; }

  static std::string output(const symbol& s) { return subjects::radar_column("sim", s); }
  /// Every worker here makes its frames up to `n`.
  void make(std::uint64_t n) {
    const std::lock_guard lock(mutex_);
    for (auto& [s, r] : running_) {
      while (r.made < n) (void)r.place.bus->publish(output(s), frame_of(++r.made));
      (void)r.place.bus->publish("isobar.control.test", "done " + std::to_string(n));
      (void)r.place.bus->flush();
    }
  }
  bool save() {
    const std::lock_guard lock(mutex_);
    return std::ranges::all_of(
        running_, [](const auto& r) { return !r.second.place.checkpoints->write(std::to_string(r.second.made)); });
  }
  int count(bool standing_by) {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(
        std::ranges::count_if(running_, [&](const auto& r) { return r.second.place.stands_by() == standing_by; }));
  }
  int added() {
    const std::lock_guard lock(mutex_);
    return added_;
  }
  std::atomic<bool> well_{true};
  /// The next frames of workers that stand by are others.
  void lie() {
    const std::lock_guard lock(mutex_);
    for (auto& [s, r] : running_)
      if (r.place.stands_by()) ++r.made;
  }

 private:
  struct running {
    symbol_place place;
    std::uint64_t made = 0;
  };
  std::mutex mutex_;
  std::map<symbol, running> running_;
  int added_ = 0;
};

struct standby_pair {
  static constexpr auto lease = 1500ms;
  struct one {
    one(bus::bus& on, std::uint32_t ordinal)
        : agent(on, workers, metrics,
                {.service = "radar-physics", .venue = "sim", .place = {ordinal, 2}, .lease = lease, .standby = true}) {
      agent.start();
    }
    double figure(const std::string& name) {
      const std::string text = metrics.scrape(), line = "isobar_shard_" + name + "{service=\"radar-physics\"} ";
      const auto at = text.find(line);
      return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size()));
    }
    telemetry::registry metrics;
    counting_workers workers;
    shard_agent agent;
  };
  /// Each process has a connection of its own, so that one can be cut off.
  explicit standby_pair(const std::string& url) {
    for (auto& c : connections) {
      c = *bus::make_nats_bus({.url = url});
      EXPECT_TRUE(eventually([&] { return c->stats().connected; }));
    }
    list(*connections[2], 1);
    heard = *connections[2]->subscribe(counting_workers::output(sym("S0")), {}, [] {});
    for (std::uint32_t i = 0; i < 2; ++i) pair[i] = std::make_unique<one>(*connections[i], i);
    holder = meant(1, 0, {0, 1}).empty() ? 1 : 0;
    EXPECT_TRUE(eventually(
        [&] { return pair[holder]->workers.count(false) == 1 && pair[1 - holder]->figure("standbys") == 1; }));
  }
  one& first() { return *pair[holder]; }
  one& second() { return *pair[1 - holder]; }
  std::vector<std::string> frames(std::size_t count) {
    std::vector<bus::message> got;
    EXPECT_TRUE(eventually([&] {
      heard->drain(got, 100);
      return got.size() >= count;
    }));
    std::vector<std::string> out;
    for (const auto& m : got) out.emplace_back(m.bytes());
    return out;
  }
  std::shared_ptr<bus::bus> connections[3];
  std::unique_ptr<bus::subscription> heard;
  std::unique_ptr<one> pair[2];
  std::size_t holder = 0;
};

std::vector<std::string> frames_to(std::uint64_t n) {
  std::vector<std::string> out;
  for (std::uint64_t i = 1; i <= n; ++i) out.push_back(frame_of(i));
  return out;
}

TEST(ShardStandby, TakesOverWithoutAGapAndWithoutARepeat) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  standby_pair p(server.url());
  p.first().workers.make(5);
  p.second().workers.make(3);  // it is behind, then ahead
  EXPECT_EQ(p.frames(5), frames_to(5));
  EXPECT_FALSE(p.second().workers.save()) << "a standby keeps no checkpoint";
  p.second().workers.make(8);
  // The holder is cut off as by a kill: it never gives anything back.
  p.connections[p.holder]->close();
  EXPECT_EQ(p.frames(3), (std::vector<std::string>{frame_of(6), frame_of(7), frame_of(8)}));
  p.second().workers.make(9);
  EXPECT_EQ(p.frames(1), std::vector<std::string>{frame_of(9)});
  EXPECT_EQ(p.second().workers.added(), 1) << "the same worker";
  EXPECT_TRUE(eventually([&] { return p.second().figure("promotions_total") == 1; }));
  EXPECT_TRUE(p.second().workers.save());
}

TEST(ShardStandby, OneThatIsBehindGoesOnWhereTheHolderStopped) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  standby_pair p(server.url());
  p.second().workers.make(2);
  p.first().workers.make(6);
  EXPECT_EQ(p.frames(6), frames_to(6));
  p.first().agent.stop(5s);
  EXPECT_TRUE(eventually([&] { return p.second().workers.count(false) == 1; }));
  p.second().workers.make(8);
  EXPECT_EQ(p.frames(2), (std::vector<std::string>{frame_of(7), frame_of(8)}));
}

TEST(ShardStandby, WhatMakesSomethingElseIsNotPromoted) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  standby_pair p(server.url());
  p.first().workers.make(3);
  p.second().workers.make(3);
  EXPECT_EQ(p.frames(3), frames_to(3));
  ASSERT_TRUE(p.first().workers.save());
  p.second().workers.lie();  // it leaves out 4
  p.first().workers.make(6);
  p.second().workers.make(6);
  EXPECT_EQ(p.frames(3), (std::vector<std::string>{frame_of(4), frame_of(5), frame_of(6)}));
  // It begins again at the holder's checkpoint, and is of use again.
  EXPECT_TRUE(eventually([&] { return p.second().figure("standby_restarts_total") == 1; }, 5s));
  EXPECT_TRUE(eventually([&] { return p.second().workers.added() == 2; }));
  p.second().workers.make(7);
  p.connections[p.holder]->close();
  const auto after = p.frames(1);
  // It has not heard 4 to 6 being published; they are the same bytes.
  EXPECT_EQ(after.back(), frame_of(7));
  EXPECT_TRUE(eventually([&] { return p.second().figure("promotions_total") == 1; }));
}

TEST(ShardStandby, OneThatLacksInputIsStartedAnew) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  standby_pair p(server.url());
  p.first().workers.make(3);
  ASSERT_TRUE(p.first().workers.save());
  EXPECT_EQ(p.frames(3), frames_to(3));
  p.second().workers.well_ = false;
  p.first().agent.stop(5s);
  EXPECT_TRUE(eventually([&] { return p.second().workers.count(false) == 1; }));
  EXPECT_EQ(p.second().figure("promotions_total"), 0);
  p.second().workers.make(4);
  EXPECT_EQ(p.frames(1), std::vector<std::string>{frame_of(4)});
}

}  // namespace
}  // namespace isobar::service
