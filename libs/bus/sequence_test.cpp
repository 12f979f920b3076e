#include "bus/sequence.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace isobar::bus {
namespace {

TEST(SequenceCheck, CountsEveryMissingFrameOnce) {
  sequence_check check;
  EXPECT_EQ(check.observe(1, false), arrival::first);
  EXPECT_EQ(check.observe(2, false), arrival::next);
  EXPECT_EQ(check.observe(5, false), arrival::gap);
  EXPECT_EQ(check.missing(), 2u);
  EXPECT_EQ(check.observe(6, false), arrival::next);
  EXPECT_EQ(check.missing(), 2u);
}

TEST(SequenceCheck, SeesALostTailThroughTheHeartbeat) {
  sequence_check check;
  check.observe(7, false);
  EXPECT_EQ(check.observe(7, true), arrival::next);
  EXPECT_EQ(check.observe(9, true), arrival::gap);
  EXPECT_EQ(check.missing(), 2u);
  EXPECT_EQ(check.observe(9, true), arrival::next);
  EXPECT_EQ(check.observe(10, false), arrival::next);
}

TEST(SequenceCheck, StartsFromAnIdleProducersHeartbeat) {
  sequence_check check;
  EXPECT_EQ(check.observe(0, true), arrival::first);
  EXPECT_EQ(check.observe(1, false), arrival::next);
}

TEST(SequenceCheck, DropsWhatItHasSeen) {
  sequence_check check;
  for (std::uint64_t n = 1; n <= 5; ++n) check.observe(n, false);
  EXPECT_EQ(check.observe(5, false), arrival::duplicate);
  EXPECT_EQ(check.observe(3, false), arrival::duplicate);
  EXPECT_EQ(check.observe(6, false), arrival::next);
}

TEST(SequenceCheck, KnowsAProducerThatBeganAgain) {
  sequence_check check;
  for (std::uint64_t n = 1; n <= 100; ++n) check.observe(n, false);
  EXPECT_EQ(check.observe(1, false), arrival::restarted);
  EXPECT_EQ(check.observe(2, false), arrival::next);
  EXPECT_EQ(check.observe(0, true), arrival::restarted);
}

TEST(SequenceCheck, KnowsARestartWhoseFirstFramesWereLost) {
  sequence_check check;
  for (std::uint64_t n = 1; n <= 100; ++n) check.observe(n, false);
  EXPECT_EQ(check.observe(4, false), arrival::duplicate);
  EXPECT_EQ(check.observe(5, false), arrival::restarted);
  EXPECT_EQ(check.observe(6, false), arrival::next);
  check.reset(100);
  EXPECT_EQ(check.observe(3, true), arrival::duplicate);
  EXPECT_EQ(check.observe(3, true), arrival::restarted);
  EXPECT_EQ(check.observe(4, false), arrival::next);
}

TEST(SequenceCheck, ContinuesAfterASnapshot) {
  sequence_check check;
  check.reset(41);
  EXPECT_EQ(check.observe(42, false), arrival::next);
  EXPECT_EQ(check.missing(), 0u);
}

RC_GTEST_PROP(SequenceCheck, SeenPlusMissingIsSent, (const std::set<std::uint8_t>& lost)) {
  sequence_check check;
  std::uint64_t seen = 0;
  check.observe(1000, false);
  for (std::uint64_t n = 1; n <= 256; ++n) {
    if (lost.contains(static_cast<std::uint8_t>(n - 1))) continue;
    const arrival kind = check.observe(1000 + n, false);
    RC_ASSERT(kind == arrival::next || kind == arrival::gap);
    ++seen;
  }
  check.observe(1256, true);
  RC_ASSERT(seen + check.missing() == 256u);
}

}  // namespace
}  // namespace isobar::bus
