#include "service/kv_checkpoint.hpp"

#include <gtest/gtest.h>

#include "bus/local_bus.hpp"
#include "bus/nats_bus.hpp"
#include "service/shard_records.hpp"
#include "service/store_watch.hpp"
#include "testing/eventually.hpp"
#include "testing/nats_server.hpp"

namespace isobar::service {
namespace {

using errc = checkpoint_store::errc;

class KvCheckpoint : public ::testing::Test {
 protected:
  kv_checkpoint holder() {
    return {*bus_, "radar-physics.sim.es", ++fence_, [this] { return allowed_; }};
  }
  bus::kv_bucket& bucket() {
    if (!bucket_) bucket_ = *bus_->bucket(checkpoints_bucket);
    return *bucket_;
  }
  static std::string content(std::size_t size, char seed) {
    std::string out(size, seed);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(seed + static_cast<char>(i * i % 61));
    return out;
  }
  static std::string read(const kv_checkpoint& from, int generation) {
    const auto got = from.read(generation);
    if (!got) return "none";
    return *got ? **got : got->error().code == errc::damaged ? "damaged" : "unreadable";
  }

  std::unique_ptr<bus::bus> bus_ = bus::make_local_bus({.max_payload = 4096});  // chunks of 2,048 bytes
  std::shared_ptr<bus::kv_bucket> bucket_;
  std::uint64_t fence_ = 0;
  bool allowed_ = true;
};

TEST_F(KvCheckpoint, TheNextHolderReadsBothGenerations) {
  const auto first = holder();
  EXPECT_FALSE(first.read(0).has_value());
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2048}, std::size_t{10'000}}) {
    ASSERT_EQ(first.write(content(size, 'a')), std::nullopt) << size;
    ASSERT_EQ(first.write(content(size / 2, 'b')), std::nullopt) << size;
    auto next = holder();
    EXPECT_EQ(next.prefetch(), std::nullopt);
    EXPECT_EQ(read(next, 0), content(size / 2, 'b'));
    EXPECT_EQ(read(next, 1), content(size, 'a'));
    EXPECT_EQ(read(next, 0), content(size / 2, 'b')) << "not only once";
  }
}

TEST_F(KvCheckpoint, ChunksOfLongerOnesAreNotLeftBehind) {
  const auto one = holder();
  for (int i = 0; i < 4; ++i) ASSERT_EQ(one.write(content(10'000, 'a')), std::nullopt);
  EXPECT_EQ(bucket().keys()->size(), 1u + 2 * 5);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(one.write(content(100, 'b')), std::nullopt);
  EXPECT_EQ(bucket().keys()->size(), 1u + 2);
  one.remove();
  EXPECT_EQ(bucket().keys()->size(), 1u);
  EXPECT_EQ(read(holder(), 0), "none");
}

TEST_F(KvCheckpoint, DamageIsFoundAndTheOneBeforeStandsIn) {
  const auto one = holder();
  ASSERT_EQ(one.write(content(5'000, 'a')), std::nullopt);
  ASSERT_EQ(one.write(content(5'000, 'b')), std::nullopt);
  // The second write of the first holder: its third slot.
  auto chunk = bucket().get("radar-physics.sim.es.1-2.1")->value;
  chunk[77] ^= 1;
  ASSERT_TRUE(bucket().put("radar-physics.sim.es.1-2.1", chunk));
  auto next = holder();
  EXPECT_EQ(next.prefetch(), std::nullopt) << "damage is no reason to wait";
  EXPECT_EQ(read(next, 0), "damaged");
  EXPECT_EQ(read(next, 1), content(5'000, 'a'));
  ASSERT_TRUE(bucket().remove("radar-physics.sim.es.1-2.1"));
  EXPECT_EQ(read(holder(), 0), "damaged");
  auto short_one = bucket().get("radar-physics.sim.es.1-2.0")->value;
  ASSERT_TRUE(bucket().put("radar-physics.sim.es.1-2.1", short_one));
  EXPECT_EQ(read(holder(), 0), "damaged");
  auto head = bucket().get("radar-physics.sim.es.head")->value;
  head.pop_back();
  ASSERT_TRUE(bucket().put("radar-physics.sim.es.head", head));
  EXPECT_EQ(read(holder(), 0), "none");
}

TEST_F(KvCheckpoint, WhoHoldsTheSymbolNoMoreWritesNothing) {
  const auto old = holder();
  ASSERT_EQ(old.write(content(5'000, 'a')), std::nullopt);
  const auto next = holder();
  ASSERT_EQ(next.write(content(5'000, 'b')), std::nullopt);
  // It has not noticed: the head has another revision than it knows.
  EXPECT_NE(old.write(content(5'000, 'c')), std::nullopt);
  EXPECT_EQ(read(holder(), 0), content(5'000, 'b'));
  allowed_ = false;
  EXPECT_NE(next.write(content(5'000, 'd')), std::nullopt);
  next.remove();
  EXPECT_EQ(read(holder(), 0), content(5'000, 'b'));
}

TEST_F(KvCheckpoint, WhatAnInterruptedWriteLeftIsSweptByTheNextHolder) {
  const auto old = holder();
  ASSERT_EQ(old.write(content(5'000, 'a')), std::nullopt);
  ASSERT_TRUE(bucket().put("radar-physics.sim.es.1-2.0", "half"));
  ASSERT_TRUE(bucket().put("radar-physics.sim.esh4.1-2.0", "another symbol's"));
  const auto next = holder();
  ASSERT_EQ(next.write(content(5'000, 'b')), std::nullopt);
  EXPECT_EQ(bucket().keys()->size(), 1u + 2 * 3 + 1);
  EXPECT_EQ(read(holder(), 1), content(5'000, 'a'));
}

TEST_F(KvCheckpoint, AStoreThatIsGoneIsNotTakenForAnEmptyOne) {
  auto one = holder();
  bus_->close();
  EXPECT_NE(one.prefetch(), std::nullopt);
  EXPECT_EQ(read(one, 0), "unreadable");
  EXPECT_NE(one.write("x"), std::nullopt);
}

TEST(KvCheckpointStore, IsDoubtfulOnceTheServerLostItAndWholeAfterTheNextWrite) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  isobar::testing::nats_server server;
  const auto on = make_watching_bus(*bus::make_nats_bus({.url = server.url()}), {.look_every = std::chrono::hours(1)});
  ASSERT_TRUE(isobar::testing::eventually([&] { return on->stats().connected; }));
  const kv_checkpoint c(*on, "radar-physics.sim.es", 1, [] { return true; });
  ASSERT_FALSE(c.write("one"));
  ASSERT_FALSE(c.write("two"));
  EXPECT_FALSE(c.doubtful());
  server.kill();
  server.lose_store();
  server.start();
  ASSERT_TRUE(isobar::testing::eventually([&] { return c.doubtful(); }));
  EXPECT_FALSE(c.write("three")) << "at the first attempt";
  EXPECT_FALSE(c.doubtful());
  kv_checkpoint next(*on, "radar-physics.sim.es", 2, [] { return true; });
  ASSERT_FALSE(next.prefetch());
  const auto newest = next.read(0);
  ASSERT_TRUE(newest && *newest);
  EXPECT_EQ(**newest, "three");
  EXPECT_FALSE(next.read(1)) << "what was lost is not taken for the one before";
}

}  // namespace
}  // namespace isobar::service
