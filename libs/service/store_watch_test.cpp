#include "service/store_watch.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "bus/local_bus.hpp"
#include "bus/nats_bus.hpp"
#include "testing/eventually.hpp"
#include "testing/nats_server.hpp"

namespace isobar::service {
namespace {

using isobar::testing::eventually;
using isobar::testing::nats_server;
using namespace std::chrono_literals;

constexpr int keys = 40;

std::string value_of(int i) { return std::string(20'000, static_cast<char>('a' + i % 26)); }
std::string key_of(int i) { return "sim.k" + std::to_string(i); }

/// Losses told of one store; -1 while it is not in use.
std::int64_t losses(bus::bus& on, std::string_view store) {
  for (const auto& c : on.stats().store_losses)
    if (c.store == store) return static_cast<std::int64_t>(c.losses);
  return -1;
}

/// Every file of a bucket's messages, changed in place.
template <class Change>
void damage(const nats_server& server, Change change) {
  int changed = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(server.store_dir())) {
    if (file.path().extension() != ".blk" || file.path().string().find("KV_things") == std::string::npos) continue;
    std::ifstream in(file.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    change(bytes);
    std::ofstream(file.path(), std::ios::binary | std::ios::trunc) << bytes;
    ++changed;
  }
  ASSERT_EQ(changed, 1);
}

class StoreWatch : public ::testing::Test {
 protected:
  void SetUp() override {
    ISOBAR_SKIP_WITHOUT_NATS_SERVER();
    server_ = std::make_unique<nats_server>();
    on_ = make_watching_bus(*bus::make_nats_bus({.url = server_->url()}), {.look_every = 100ms});
    ASSERT_TRUE(eventually([&] { return on_->stats().connected; }));
    auto opened = on_->bucket("things");
    ASSERT_TRUE(opened) << opened.error().evidence;
    things_ = std::move(*opened);
    for (int i = 0; i < keys; ++i) ASSERT_TRUE(things_->put(key_of(i), value_of(i)));
    ASSERT_TRUE(on_->keep("kept", {.patterns = {"kept.>"}}));
    ASSERT_TRUE(on_->publish("kept.a", "1"));
    ASSERT_TRUE(on_->flush());
    ASSERT_TRUE(eventually([&] {
      const auto state = (*on_->kept("kept"))->state();
      return state && state->messages == 1;
    }));
    std::this_thread::sleep_for(300ms);  // looks that must see nothing
    ASSERT_EQ(losses(*on_, "things"), 0);
    ASSERT_EQ(losses(*on_, "kept"), 0);
  }
  void back() {
    server_->start();
    ASSERT_TRUE(eventually([&] { return on_->stats().reconnects == 1; }));
  }

  std::unique_ptr<nats_server> server_;
  std::shared_ptr<bus::bus> on_;
  std::shared_ptr<bus::kv_bucket> things_;
};

TEST_F(StoreWatch, AnEmptiedStoreIsNoticedAndMadeAgain) {
  server_->kill();
  server_->lose_store();
  back();
  EXPECT_TRUE(eventually([&] { return losses(*on_, "things") == 1 && losses(*on_, "kept") == 1; }));
  EXPECT_EQ(things_->losses(), 1u);
  EXPECT_TRUE(eventually([&] {
    const auto state = (*on_->kept("kept"))->state();
    return state && state->messages == 0;
  }));
  EXPECT_TRUE(things_->put("sim.new", "1"));
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(losses(*on_, "things"), 1) << "once";
}

TEST_F(StoreWatch, AFlippedBitIsNoticedThoughTheEntryReadsLikeOneThatNeverWas) {
  server_->stop();
  damage(*server_, [](std::string& bytes) { bytes[bytes.size() / 2] ^= 4; });
  back();
  EXPECT_TRUE(eventually([&] { return losses(*on_, "things") == 1; }));
  int absent = 0;
  for (int i = 0; i < keys; ++i) absent += !things_->get(key_of(i));
  EXPECT_EQ(absent, 1);
  EXPECT_EQ(losses(*on_, "kept"), 0);
}

TEST_F(StoreWatch, ATruncatedStoreIsNoticed) {
  server_->stop();
  damage(*server_, [](std::string& bytes) { bytes.resize(bytes.size() * 6 / 10); });
  back();
  EXPECT_TRUE(eventually([&] { return losses(*on_, "things") == 1; }));
  EXPECT_TRUE(things_->put(key_of(keys - 1), "again"));
  EXPECT_EQ(things_->get(key_of(keys - 1))->value, "again");
}

TEST_F(StoreWatch, ARestartAloneIsNoLoss) {
  ASSERT_TRUE(things_->remove(key_of(0)));
  ASSERT_TRUE(things_->put(key_of(1), "newer"));
  server_->stop();
  back();
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(losses(*on_, "things"), 0);
  EXPECT_EQ(losses(*on_, "kept"), 0);
}

TEST_F(StoreWatch, WhatAnotherWroteIsNoLoss) {
  const auto other = *bus::make_nats_bus({.url = server_->url()});
  ASSERT_TRUE(eventually([&] { return other->stats().connected; }));
  ASSERT_TRUE((*other->bucket("things"))->put(key_of(3), "theirs"));
  server_->stop();
  back();
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(losses(*on_, "things"), 0);
}

TEST(StoreWatchLocal, PassesEverythingOn) {
  const auto on = make_watching_bus(bus::make_local_bus(), {.look_every = 10ms});
  const auto things = *on->bucket("things");
  ASSERT_TRUE(things->put("a", "1"));
  EXPECT_EQ(things->state()->messages, 1u);
  EXPECT_EQ(things->state()->last, 1u);
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(losses(*on, "things"), 0);
  on->close();
  EXPECT_EQ(things->put("a", "1").error().code, bus::errc::closed);
}

}  // namespace
}  // namespace isobar::service
