#include "service/fenced_bus.hpp"

#include <gtest/gtest.h>

#include "bus/local_bus.hpp"

namespace isobar::service {
namespace {

struct FencedBus : ::testing::Test {
  std::shared_ptr<bus::bus> plain = bus::make_local_bus();
  std::shared_ptr<std::atomic<std::int64_t>> valid_until = std::make_shared<std::atomic<std::int64_t>>(INT64_MAX);
  std::shared_ptr<symbol_gate> gate = std::make_shared<symbol_gate>(valid_until);
  std::shared_ptr<std::atomic<std::uint64_t>> refused = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<bus::bus> fenced = make_fenced_bus(*plain, gate, refused);

  /// How many of all the ways to write are refused.
  int refusals() {
    const auto bucket = *fenced->bucket("things");
    const auto closed = [](const auto& done) { return !done && done.error().code == bus::errc::closed; };
    return closed(fenced->publish("isobar.test", "x")) + closed(bucket->put("a", "1")) +
           closed(bucket->create("b" + std::to_string(*refused), "1")) + closed(bucket->update("a", "2", 1)) +
           closed(bucket->remove("a"));
  }
};

TEST_F(FencedBus, NothingIsWrittenOnceTheSymbolIsAnothers) {
  EXPECT_EQ(refusals(), 0);
  gate->shut();
  EXPECT_EQ(refusals(), 5);
  EXPECT_EQ(*refused, 5u);
}

TEST_F(FencedBus, NothingIsWrittenBehindTheLease) {
  *valid_until = 0;
  EXPECT_EQ(refusals(), 5);
  *valid_until = INT64_MAX;
  EXPECT_EQ(refusals(), 0);
}

TEST_F(FencedBus, WhatIsReadPasses) {
  ASSERT_TRUE((*plain->bucket("things"))->put("a", "1").has_value());
  gate->shut();
  const auto bucket = *fenced->bucket("things");
  EXPECT_EQ(bucket->get("a")->value, "1");
  EXPECT_EQ(bucket->keys()->size(), 1u);
  const auto heard = *fenced->subscribe("isobar.test", {}, [] {});
  ASSERT_TRUE(plain->publish("isobar.test", "x").has_value());
  ASSERT_TRUE(plain->flush().has_value());
  std::vector<bus::message> got;
  EXPECT_EQ(heard->drain(got, 10), 1u);
}

}  // namespace
}  // namespace isobar::service
