#include "service/frame_history.hpp"

#include <gtest/gtest.h>

namespace isobar::service {
namespace {

kept_frame frame(std::uint64_t ordinal, std::int64_t first, std::int64_t last, std::size_t bytes = 10) {
  return {timestamp{first}, timestamp{last}, ordinal, std::make_shared<const std::string>(bytes, 'x')};
}
std::string ordinals(const std::vector<kept_frame>& frames) {
  std::string out;
  for (const auto& f : frames) out += std::to_string(f.ordinal) + " ";
  return out;
}

TEST(FrameHistory, AnswersAsOfAnyInstant) {
  frame_history h(10, 1000);
  EXPECT_FALSE(h.oldest());
  EXPECT_FALSE(h.newest());
  h.add(frame(1, 10, 10));
  h.add(frame(2, 20, 50));  // a span of four windows
  h.add(frame(3, 60, 60));
  EXPECT_EQ(ordinals(h.until(timestamp{9}, 5)), "");
  EXPECT_EQ(ordinals(h.until(timestamp{19}, 5)), "1 ");
  EXPECT_EQ(ordinals(h.until(timestamp{35}, 5)), "1 2 ");  // inside the span
  EXPECT_EQ(ordinals(h.until(end_of_time, 2)), "2 3 ");
  EXPECT_EQ(ordinals(h.after(1, 5)), "2 3 ");
  EXPECT_EQ(ordinals(h.after(0, 1)), "3 ");
  EXPECT_EQ(h.at(timestamp{50})->ordinal, 2u);
  EXPECT_FALSE(h.at(timestamp{20}));
  EXPECT_EQ(h.oldest(), timestamp{10});
}

TEST(FrameHistory, IsBoundedByCountAndBytesAndDropsRepeats) {
  frame_history h(3, 100);
  for (std::uint64_t i = 1; i <= 5; ++i)
    EXPECT_TRUE(h.add(frame(i, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i))));
  EXPECT_EQ(ordinals(h.until(end_of_time, 10)), "3 4 5 ");
  EXPECT_FALSE(h.add(frame(4, 4, 4)));
  EXPECT_EQ(h.bytes(), 30u);
  h.add(frame(6, 6, 6, 95));
  EXPECT_EQ(ordinals(h.until(end_of_time, 10)), "6 ");
  h.add(frame(7, 7, 7, 500));  // the newest stays
  EXPECT_EQ(ordinals(h.until(end_of_time, 10)), "7 ");
  h.clear();
  EXPECT_EQ(h.size() + h.bytes(), 0u);
}

}  // namespace
}  // namespace isobar::service
