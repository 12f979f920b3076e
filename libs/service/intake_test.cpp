#include "service/intake.hpp"

#include <gtest/gtest.h>

#include <future>
#include <numeric>
#include <thread>

#include "bus/local_bus.hpp"
#include "testing/eventually.hpp"

namespace isobar::service {
namespace {

using isobar::testing::eventually;

struct count {
  std::atomic<int> handled{0}, announced{0};
};

struct drainer {
  using messages = actors::message_list<intake_ready>;
  void on(actors::context& self, const intake_ready& m) {
    ++seen->announced;
    const bool more = m.source->drain([this](const bus::message&) { ++seen->handled; }, 8);
    if (more) self.self().send(m);
  }
  std::shared_ptr<count> seen;
};

TEST(Intake, FeedsTheActorEverythingFromManyThreads) {
  const std::shared_ptr<bus::bus> on = bus::make_local_bus();
  auto seen = std::make_shared<count>();
  actors::system system;
  const auto worker = system.spawn("drainer", drainer{seen});
  auto in = intake::open(*on, "t.>", {}, worker, 3);
  ASSERT_TRUE(in);
  EXPECT_EQ((*in)->tag(), 3);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 500; ++i) ASSERT_TRUE(on->publish("t." + std::to_string(t), "x"));
      });
  }
  ASSERT_TRUE(on->flush());
  EXPECT_TRUE(eventually([&] { return seen->handled == 2000; })) << seen->handled;
  EXPECT_EQ((*in)->stats().dropped, 0u);
}

TEST(Intake, DeliversNothingAfterClose) {
  const std::shared_ptr<bus::bus> on = bus::make_local_bus();
  auto seen = std::make_shared<count>();
  actors::system system;
  const auto worker = system.spawn("drainer", drainer{seen});
  auto in = intake::open(*on, "t", {}, worker);
  ASSERT_TRUE(in);
  ASSERT_TRUE(on->publish("t", "x"));
  ASSERT_TRUE(on->flush());
  ASSERT_TRUE(eventually([&] { return seen->handled == 1; }));
  (*in)->close();
  (*in)->close();
  ASSERT_TRUE(on->publish("t", "x"));
  ASSERT_TRUE(on->flush());
  EXPECT_FALSE((*in)->drain([](const bus::message&) { FAIL(); }));
  EXPECT_EQ((*in)->stats().received, 1u);
  EXPECT_TRUE(system.shutdown(std::chrono::seconds(10)));
  EXPECT_EQ(seen->handled, 1);
}

TEST(Intake, RefusesABadPattern) {
  const std::shared_ptr<bus::bus> on = bus::make_local_bus();
  const auto in = intake::open(*on, "a..b", {}, {});
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().code, bus::errc::invalid_subject);
}

}  // namespace
}  // namespace isobar::service
