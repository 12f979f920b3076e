#include "service/stream_search.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "bus/local_bus.hpp"
#include "service/test/frames.hpp"

namespace isobar::service {
namespace {

using test::frame;

/// A stream of two subjects on a bus of its own.
struct kept_pair {
  explicit kept_pair(std::int64_t bytes_max = 1 << 20) {
    (void)bus->keep("s", {.patterns = {"a", "b"}, .bytes_max = bytes_max});
    kept = *bus->kept("s");
  }
  void publish(std::string_view subject, std::uint64_t sequence, bool heartbeat = false) {
    ASSERT_TRUE(bus->publish(subject, frame(sequence, heartbeat)));
  }
  std::string find(std::uint64_t first, std::uint64_t last) {
    const auto found = find_frames(*kept, "a", {first, last});
    if (!found) return std::string(to_string(found.error()));
    std::string all;
    for (const auto& m : *found) all += (all.empty() ? "" : " ") + std::to_string(test::sequence_of(m.bytes()));
    return all;
  }
  std::unique_ptr<bus::bus> bus = bus::make_local_bus();
  std::shared_ptr<bus::stream> kept;
};

TEST(StreamSearch, FindsARangeAmongOtherSubjectsAndHeartbeats) {
  kept_pair s;
  for (std::uint64_t n = 1; n <= 300; ++n) {
    s.publish("a", n);
    for (std::uint64_t i = 0; i < n % 5; ++i) s.publish("b", n * 10 + i);
    if (n % 3 == 0) s.publish("a", n, true);
  }
  EXPECT_EQ(s.find(17, 20), "17 18 19 20");
  EXPECT_EQ(s.find(1, 2), "1 2");
  EXPECT_EQ(s.find(300, 300), "300");
  EXPECT_EQ(s.find(299, 301), "not_yet") << "it may still come";
  EXPECT_EQ(s.find(400, 401), "not_yet");
}

TEST(StreamSearch, SaysWhatIsNoLongerKept) {
  kept_pair s(2'000);
  EXPECT_EQ(s.find(1, 1), "not_yet") << "an empty stream";
  for (std::uint64_t n = 1; n <= 300; ++n) s.publish("a", n);
  EXPECT_EQ(s.find(1, 3), "gone");
  EXPECT_EQ(s.find(299, 300), "299 300");
  kept_pair holed;
  for (const std::uint64_t n : {1, 2, 5, 6}) holed.publish("a", n);
  EXPECT_EQ(holed.find(2, 5), "gone");
  holed.bus->close();
  EXPECT_EQ(holed.find(2, 5), "unavailable");
}

TEST(StreamSearch, TakesTheFramesOfTheProducerThatSpokeLast) {
  kept_pair s;
  for (std::uint64_t n = 1; n <= 50; ++n) s.publish("a", n);
  for (std::uint64_t n = 1; n <= 9; ++n) s.publish("a", n);
  EXPECT_EQ(s.find(2, 4), "2 3 4");
  EXPECT_EQ(s.find(20, 21), "not_yet") << "of the producer before";
}

RC_GTEST_PROP(StreamSearch, FindsEveryRangeThatIsKept, ()) {
  kept_pair s;
  const auto first = *rc::gen::inRange<std::uint64_t>(1, 1'000);
  const auto count = *rc::gen::inRange<std::uint64_t>(1, 120);
  const auto others = *rc::gen::container<std::vector<std::uint8_t>>(count, rc::gen::arbitrary<std::uint8_t>());
  for (std::uint64_t i = 0; i < count; ++i) {
    for (int k = 0; k < others[i] % 20; ++k) s.publish("b", 1);
    s.publish("a", first + i);
    if (others[i] % 7 == 0) s.publish("a", first + i, true);
  }
  const auto from = first + *rc::gen::inRange<std::uint64_t>(0, count);
  const auto to = from + *rc::gen::inRange<std::uint64_t>(0, first + count - from);
  std::string expected;
  for (auto n = from; n <= to; ++n) expected += (n == from ? "" : " ") + std::to_string(n);
  RC_ASSERT(s.find(from, to) == expected);
}

}  // namespace
}  // namespace isobar::service
