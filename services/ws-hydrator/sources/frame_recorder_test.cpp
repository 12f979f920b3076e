#include "ws-hydrator/sources/frame_recorder.hpp"

#include <gtest/gtest.h>

#include "testing/temp_dir.hpp"

namespace isobar::ws_hydrator {
namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(frame_recorder, appends_a_line_a_frame_over_restarts) {
  isobar::testing::temp_dir dir;
  const auto file = dir / "feed.ndjson";
  EXPECT_TRUE(frame_recorder(file, 1000).append("[1,\n2]"));
  EXPECT_TRUE(frame_recorder(file, 1000).append("[3]"));
  EXPECT_EQ(content(file), "[1, 2]\n[3]\n");
}

TEST(frame_recorder, stays_within_its_bytes_and_keeps_the_newest) {
  isobar::testing::temp_dir dir;
  const auto file = dir / "feed.ndjson";
  frame_recorder r(file, 1000);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(r.append("[" + std::to_string(i) + "]"));
  const std::string all = content(dir / "feed.ndjson.1") + content(file);
  EXPECT_LE(all.size(), 1000u);
  EXPECT_GT(all.size(), 400u);
  EXPECT_TRUE(all.ends_with("[498]\n[499]\n"));
}

TEST(frame_recorder, says_when_it_cannot_write) {
  isobar::testing::temp_dir dir;
  frame_recorder r(dir / "absent" / "feed.ndjson", 1000);
  EXPECT_FALSE(r.append("[]"));
}

}  // namespace
}  // namespace isobar::ws_hydrator
