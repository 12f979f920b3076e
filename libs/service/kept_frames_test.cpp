#include "service/kept_frames.hpp"

#include <gtest/gtest.h>

#include "core/archive.hpp"
#include "service/frame_follower.hpp"

namespace isobar::service {
namespace {

std::shared_ptr<const std::string> frame(std::uint64_t n) {
  return std::make_shared<const std::string>(std::to_string(n));
}
std::string answer(const kept_frames& kept, std::uint64_t from) {
  std::string out;
  kept.answer(from, [&](const std::string& bytes) { out += bytes + " "; });
  return out;
}

TEST(KeptFrames, GivesFramesFromANumberOn) {
  kept_frames kept(1'000);
  for (std::uint64_t n = 1; n <= 5; ++n) kept.push(n, frame(n));
  EXPECT_EQ(answer(kept, 3), "3 4 5 ");
  EXPECT_EQ(answer(kept, 6), "");
  EXPECT_EQ(kept.first(), 1u);
}

TEST(KeptFrames, TheOldestGiveWayAndAreCounted) {
  kept_frames kept(3);
  for (std::uint64_t n = 1; n <= 5; ++n) kept.push(n, frame(n));
  EXPECT_EQ(kept.dropped(), 2u);
  EXPECT_EQ(answer(kept, 2), "");
  EXPECT_EQ(answer(kept, kept.first()), "3 4 5 ");
}

TEST(KeptFrames, GoWhenNobodyWillAskForThem) {
  kept_frames kept(1'000);
  for (std::uint64_t n = 1; n <= 5; ++n) kept.push(n, frame(n));
  kept.release("a", 4);
  EXPECT_EQ(kept.first(), 4u);
  kept.release("b", 2);
  kept.release("a", 6);
  EXPECT_EQ(kept.first(), 4u);
  kept.release("b", 5);
  EXPECT_EQ(answer(kept, 5), "5 ");
  kept.release("b", 9);
  EXPECT_EQ(kept.size(), 0u);
  kept.push(6, frame(6));
  EXPECT_EQ(answer(kept, 6), "6 ");
}

TEST(KeptFrames, ANumberThatDoesNotFollowBeginsAnew) {
  kept_frames kept(1'000);
  kept.push(7, frame(7));
  EXPECT_EQ(kept.first(), 7u);
  kept.push(1, frame(1));
  EXPECT_EQ(answer(kept, 1), "1 ");
  EXPECT_EQ(kept.bytes(), 1u);
}

TEST(KeptFrames, AnAnswerIsBounded) {
  kept_frames kept(100'000);
  for (std::uint64_t n = 1; n <= 1'000; ++n) kept.push(n, frame(n));
  EXPECT_EQ(kept.answer(2, [](const std::string&) {}), kept_frames::answer_max);
}

TEST(KeptFrames, AnAnswerOfLargeFramesIsBoundedByTheirBytes) {
  kept_frames kept(4 * kept_frames::answer_bytes_max);
  const auto large = std::make_shared<const std::string>(kept_frames::answer_bytes_max / 2 + 1, 'x');
  for (std::uint64_t n = 1; n <= 4; ++n) kept.push(n, large);
  EXPECT_EQ(kept.answer(1, [](const std::string&) {}), 1u) << "one goes whatever its size";
}

TEST(KeptFrames, OutliveTheProcessInACheckpoint) {
  kept_frames kept(1'000), again(1'000);
  for (std::uint64_t n = 1; n <= 5; ++n) kept.push(n, frame(n));
  kept.release("a", 3);
  std::string bytes;
  archive_writer w(bytes);
  kept.write(w);
  archive_reader r(bytes);
  again.read(r);
  ASSERT_TRUE(r.finished());
  EXPECT_EQ(answer(again, 3), "3 4 5 ");
  EXPECT_EQ(again.first(), 3u);
  EXPECT_EQ(again.bytes(), 3u);
}

TEST(FrameFollower, TakesTheNextAndDropsTheRest) {
  using enum frame_follower::verdict;
  frame_follower f;
  EXPECT_EQ(f.observe(0, true), next);
  EXPECT_EQ(f.observe(1, false), next);
  EXPECT_EQ(f.observe(1, true), next);
  EXPECT_EQ(f.observe(1, false), repeat);
  EXPECT_FALSE(f.wants());
  EXPECT_EQ(f.observe(3, false), early);
  EXPECT_TRUE(f.wants());
  EXPECT_FALSE(f.wants());  // asked for
  EXPECT_EQ(f.observe(2, false), next);
  EXPECT_EQ(f.observe(0, true), repeat);
  EXPECT_TRUE(f.wants());  // the answer ended before 3
  EXPECT_EQ(f.observe(3, false), next);
  EXPECT_FALSE(f.missing());
  EXPECT_EQ(f.observe(4, true), early);  // a lost tail
  EXPECT_TRUE(f.wants());
}

TEST(FrameFollower, GoesOnBehindWhatIsKeptNoMore) {
  frame_follower f;
  f.resume_after(4);
  EXPECT_EQ(f.observe(9, false), frame_follower::verdict::early);
  EXPECT_TRUE(f.wants());
  EXPECT_FALSE(f.kept_from(2));
  EXPECT_TRUE(f.kept_from(8));
  EXPECT_EQ(f.next(), 8u);
  EXPECT_TRUE(f.wants());
}

TEST(FrameFollower, DoesNotWaitForEverWhereNobodyKeepsFrames) {
  frame_follower f;
  EXPECT_EQ(f.observe(9, false), frame_follower::verdict::early);
  EXPECT_TRUE(f.wants());
  int asked = 0;
  for (int i = 0; i < frame_follower::patience; ++i) asked += f.again();
  EXPECT_EQ(asked, 6);  // behind 1, 2, 4, 8, 16, 32 calls
  EXPECT_FALSE(f.missing());
  EXPECT_EQ(f.observe(10, false), frame_follower::verdict::gap);
  EXPECT_EQ(f.observe(11, false), frame_follower::verdict::next);
  EXPECT_EQ(f.observe(13, false), frame_follower::verdict::gap);
}

TEST(FrameFollower, WaitsForAProducerThatAnswers) {
  frame_follower f;
  EXPECT_EQ(f.observe(9, false), frame_follower::verdict::early);
  EXPECT_TRUE(f.wants());
  EXPECT_FALSE(f.kept_from(1));
  for (int i = 0; i < 10 * frame_follower::patience; ++i) (void)f.again();
  EXPECT_TRUE(f.missing());
}

}  // namespace
}  // namespace isobar::service
