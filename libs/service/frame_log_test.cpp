#include "service/frame_log.hpp"

#include <gtest/gtest.h>

#include "testing/temp_dir.hpp"

namespace isobar::service {
namespace {

class FrameLog : public ::testing::Test {
 protected:
  std::unique_ptr<frame_log_writer> writer(std::uint64_t keep) {
    auto made = frame_log_writer::open(file_, keep);
    EXPECT_TRUE(made) << made.error().evidence;
    return std::move(*made);
  }
  /// "subject=bytes" of each record, then the error, if any.
  std::vector<std::string> records() {
    std::vector<std::string> out;
    auto reader = frame_log_reader::open(file_);
    EXPECT_TRUE(reader);
    while ((*reader)->next()) {
      std::string bytes;
      const auto read = (*reader)->read(bytes);
      out.push_back(read ? (*reader)->subject() + "=" + bytes : read.error().evidence.substr(file_.string().size()));
    }
    if (!(*reader)->error().empty()) out.push_back((*reader)->error().substr(file_.string().size()));
    return out;
  }
  testing::temp_dir dir_;
  std::filesystem::path file_ = dir_ / "a.rec";
};

using list = std::vector<std::string>;

TEST_F(FrameLog, KeepsFramesInOrder) {
  {
    auto w = writer(0);
    EXPECT_TRUE(w->append("a.b", "one"));
    EXPECT_TRUE(w->append("c", ""));
    EXPECT_TRUE(w->append("a.b", std::string(3u << 20, 'x')));
    EXPECT_TRUE(w->sync());
    EXPECT_EQ(w->size(), std::filesystem::file_size(file_));
  }
  const auto seen = records();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0], "a.b=one");
  EXPECT_EQ(seen[1], "c=");
  EXPECT_EQ(seen[2].size(), 4 + (3u << 20));
}

TEST_F(FrameLog, GoesOnBehindWhatIsKept) {
  std::uint64_t kept = 0;
  {
    auto w = writer(0);
    w->append("a", "one");
    kept = w->size();
    w->append("a", "lost");
  }
  {
    auto w = writer(kept);
    w->append("a", "two");
  }
  EXPECT_EQ(records(), (list{"a=one", "a=two"}));
  EXPECT_EQ(frame_log_writer::open(file_, 1'000'000).error().code, frame_log_errc::damaged);
  { auto w = writer(0); }
  EXPECT_TRUE(records().empty());
}

TEST_F(FrameLog, SkipsWhatNobodyReads) {
  {
    auto w = writer(0);
    for (int i = 0; i < 5; ++i) w->append("s" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'x'));
  }
  auto reader = *frame_log_reader::open(file_);
  int n = 0;
  while (reader->next()) EXPECT_EQ(reader->length(), static_cast<std::uint32_t>(n++));
  EXPECT_EQ(n, 5);
  EXPECT_EQ(reader->next_offset(), std::filesystem::file_size(file_));
}

TEST_F(FrameLog, SaysWhereItIsTornOrDamaged) {
  {
    auto w = writer(0);
    w->append("a", "one");
    w->append("a", "two");
  }
  const auto size = std::filesystem::file_size(file_);
  {
    std::fstream f(file_, std::ios::in | std::ios::out | std::ios::binary);
    f.seekp(8 + 16 + 1);
    f.put('O');
  }
  EXPECT_EQ(records(), (list{" at byte 8: its digest does not match", "a=two"}));
  std::filesystem::resize_file(file_, size - 1);
  EXPECT_EQ(records().back(), " at byte 28: the record is torn");
  std::filesystem::resize_file(file_, 4);
  EXPECT_EQ(frame_log_reader::open(file_).error().code, frame_log_errc::not_a_log);
  EXPECT_EQ(frame_log_reader::open(dir_ / "none").error().code, frame_log_errc::unreadable);
}

}  // namespace
}  // namespace isobar::service
