#include <gtest/gtest.h>

#include "feed-ingest/domain/checkpoint.hpp"
#include "feed-ingest/domain/consumers.hpp"
#include "feed-ingest/domain/refill_ring.hpp"

namespace isobar::feed_ingest {
namespace {

checkpoint example() {
  return {.symbol = "ESH4",
          .identity = {"source dbn", "frame-records 512", "file a b.dbn.zst 504620 bytes"},
          .at = {.ordinal = 17, .records = 9'000, .sequences = {1, 0, 2, 3, 15}}};
}

TEST(Checkpoint, RoundTripsThroughText) { EXPECT_EQ(parse_checkpoint(to_text(example())).value(), example()); }

TEST(Checkpoint, RefusesTextThatIsNotWhole) {
  const auto text = to_text(example());
  for (std::size_t n = 0; n + 1 < text.size(); ++n) EXPECT_FALSE(parse_checkpoint(text.substr(0, n))) << n;
  EXPECT_FALSE(parse_checkpoint("isobar feed-ingest checkpoint 1\n" + text.substr(text.find('\n') + 1)));
}

TEST(Checkpoint, OfAnotherRunSaysWhatIsDifferent) {
  auto now = example();
  EXPECT_TRUE(check(example(), now));
  now.identity[1] = "frame-records 64";
  EXPECT_EQ(check(example(), now).error().evidence,
            "it was made with \"frame-records 512\", this run has \"frame-records 64\"");
  now.identity = {"source dbn"};
  EXPECT_EQ(check(example(), now).error().evidence, "it was made with \"frame-records 512\", this run has \"nothing\"");
}

TEST(Consumers, TheLeastOfThoseThatCountFramesMatters) {
  consumers all;
  EXPECT_FALSE(all.any());
  all.report("heatmap-builder", 0, 0);
  EXPECT_FALSE(all.any()) << "it counts no frames";
  all.report("radar-physics", 10, 4);
  all.report("other", 7, 6);
  EXPECT_EQ(all.least_input(), 7u);
  EXPECT_EQ(all.least_durable(), 4u);
  all.report("radar-physics", 5, 0);
  EXPECT_EQ(all.least_input(), 5u) << "it restarted from its checkpoint";
  EXPECT_EQ(all.least_durable(), 4u) << "what was durable stays so";
}

refill_ring::entry entry(std::uint64_t sequence, std::size_t bytes) {
  return {sequence, std::make_shared<const std::string>(bytes, 'x'), {.ordinal = sequence}};
}

TEST(RefillRing, ForgetsWhatIsDurableAndSaysWhereThatWas) {
  refill_ring ring(100);
  for (std::uint64_t i = 1; i <= 5; ++i) ring.push(entry(i, 30));
  EXPECT_TRUE(ring.full());
  EXPECT_EQ(ring.forget(3)->ordinal, 3u);
  EXPECT_FALSE(ring.forget(3));
  EXPECT_FALSE(ring.full());
  EXPECT_EQ(ring.oldest(), 4u);
  std::vector<std::uint64_t> sent;
  ring.from(5, [&](const auto& e) { sent.push_back(e.sequence); });
  EXPECT_EQ(sent, (std::vector<std::uint64_t>{5}));
}

TEST(RefillRing, MakesRoomByDroppingTheOldest) {
  refill_ring ring(100);
  for (std::uint64_t i = 1; i <= 5; ++i) ring.push(entry(i, 30));
  EXPECT_EQ(ring.make_room(), 2u);
  EXPECT_EQ(ring.oldest(), 3u);
  EXPECT_EQ(ring.bytes(), 90u);
  ring.push(entry(6, 1'000));
  EXPECT_EQ(ring.make_room(), 3u);
  EXPECT_EQ(ring.size(), 1u) << "the newest is kept whatever its size";
}

}  // namespace
}  // namespace isobar::feed_ingest
