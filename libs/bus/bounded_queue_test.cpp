#include "bus/bounded_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace isobar::bus {
namespace {

message text(std::string payload) { return {"s", std::make_shared<const std::string>(std::move(payload)), {}}; }

std::vector<std::string> take(bounded_queue& queue, std::size_t most = 100) {
  std::vector<message> out;
  queue.drain(out, most);
  std::vector<std::string> texts;
  for (const message& m : out) texts.emplace_back(m.bytes());
  return texts;
}

TEST(BoundedQueue, DropsTheNewestWhenTold) {
  bounded_queue queue({.queue_limit = 2, .policy = overflow::drop_newest}, {});
  for (const char* t : {"1", "2", "3"}) queue.push(text(t));
  EXPECT_EQ(take(queue), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(queue.stats().received, 3u);
  EXPECT_EQ(queue.stats().dropped, 1u);
  EXPECT_EQ(queue.stats().depth_max, 2u);
  EXPECT_EQ(queue.stats().depth, 0u);
}

TEST(BoundedQueue, DropsTheOldestWhenTold) {
  bounded_queue queue({.queue_limit = 2, .policy = overflow::drop_oldest}, {});
  for (const char* t : {"1", "2", "3"}) queue.push(text(t));
  EXPECT_EQ(take(queue), (std::vector<std::string>{"2", "3"}));
  EXPECT_EQ(queue.stats().dropped, 1u);
}

TEST(BoundedQueue, BoundsBytesToo) {
  bounded_queue newest({.byte_limit = 10, .policy = overflow::drop_newest}, {});
  newest.push(text("12345678"));
  newest.push(text("123"));
  newest.push(text("12"));
  EXPECT_EQ(take(newest), (std::vector<std::string>{"12345678", "12"}));
  bounded_queue oldest({.byte_limit = 10, .policy = overflow::drop_oldest}, {});
  oldest.push(text("12345678"));
  oldest.push(text("123"));
  oldest.push(text("longer than ten"));  // never fits: goes itself rather than emptying the queue for nothing
  EXPECT_EQ(take(oldest), (std::vector<std::string>{"123"}));
  EXPECT_EQ(oldest.stats().dropped, 2u);
}

TEST(BoundedQueue, SaysReadyOncePerFilling) {
  int ready = 0;
  bounded_queue queue({}, [&] { ++ready; });
  queue.push(text("1"));
  queue.push(text("2"));
  EXPECT_EQ(ready, 1);
  take(queue, 1);
  queue.push(text("3"));
  EXPECT_EQ(ready, 1) << "not empty in between";
  take(queue, 2);
  queue.push(text("4"));
  EXPECT_EQ(ready, 2);
}

TEST(BoundedQueue, LosesNoWakeUpBetweenThreads) {
  constexpr std::size_t total = 40000;
  std::atomic<int> ready{0};
  bounded_queue queue({.queue_limit = total}, [&] {
    ++ready;
    ready.notify_one();
  });
  std::vector<std::jthread> producers;
  for (int p = 0; p < 2; ++p) {
    producers.emplace_back([&] {
      for (std::size_t i = 0; i < total / 2; ++i) queue.push(text("x"));
    });
  }
  std::size_t seen = 0;
  std::vector<message> out;
  for (int woken = 0; seen < total;) {
    ready.wait(woken);  // hangs, and the test times out, if a wake-up is lost
    woken = ready;
    std::size_t n = 0;
    do {
      out.clear();
      n = queue.drain(out, 7);
      seen += n;
    } while (n == 7);
  }
  EXPECT_EQ(seen, total);
  EXPECT_EQ(queue.stats().dropped, 0u);
}

TEST(BoundedQueue, CloseWaitsForTheCallbackThatRuns) {
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<bool> left{false};
  bounded_queue queue({}, [&] {
    entered.set_value();
    leave.get_future().wait();
    left = true;
  });
  std::jthread producer([&] { queue.push(text("1")); });
  entered.get_future().wait();
  auto closing = std::async(std::launch::async, [&] {
    queue.close();
    return left.load();
  });
  leave.set_value();
  EXPECT_TRUE(closing.get());
  queue.push(text("2"));
  EXPECT_EQ(queue.stats().received, 1u);
}

TEST(BoundedQueue, MayBeClosedFromItsOwnCallback) {
  bounded_queue* self = nullptr;
  bounded_queue queue({}, [&] { self->close(); });
  self = &queue;
  queue.push(text("1"));
  queue.push(text("2"));
  EXPECT_EQ(queue.stats().received, 1u);
}

}  // namespace
}  // namespace isobar::bus
