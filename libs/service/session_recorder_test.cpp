#include "service/session_recorder.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "testing/temp_dir.hpp"

namespace isobar::service {
namespace {

const timestamp noon{1'703'505'600'000'000'000};  // 2023-12-25 12:00 UTC

/// The disk takes no file beyond so many bytes while it lives.
class full_disk {
 public:
  explicit full_disk(std::uint64_t bytes) {
    former_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~full_disk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, former_);
  }

 private:
  rlimit before_{};
  void (*former_)(int) = nullptr;
};

std::string subjects_in(const std::filesystem::path& file) {
  auto reader = frame_log_reader::open(file);
  EXPECT_TRUE(reader);
  std::string out, bytes;
  while ((*reader)->next()) {
    EXPECT_TRUE((*reader)->read(bytes));
    out += (*reader)->subject() + " ";
  }
  EXPECT_EQ((*reader)->error(), "");
  return out;
}

TEST(SessionRecorder, WhatAFullDiskRefusesIsKeptAndWrittenOnceItTakesItAgain) {
  isobar::testing::temp_dir folder;
  session_recorder recorder(folder.path(), "radar-", {});
  const std::string frame(1'000, 'x');
  EXPECT_TRUE(recorder.append("a", noon, frame));
  ASSERT_TRUE(recorder.sync());
  const recording_place there = recorder.place();
  const auto file = recorded_sessions(folder.path(), "radar-").at(0).file;
  {
    const full_disk full(there.bytes + 100);
    EXPECT_TRUE(recorder.append("b", noon, frame));  // it waits
    EXPECT_FALSE(recorder.sync());
    EXPECT_NE(recorder.error().find("cannot be written"), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(file), there.bytes);
    EXPECT_FALSE(recorder.append("c", noon, frame));
    EXPECT_FALSE(recorder.sync());
  }
  EXPECT_FALSE(recorder.append("d", noon, frame));  // until it is tried again
  ASSERT_TRUE(recorder.sync());
  EXPECT_TRUE(recorder.append("e", noon, frame));
  ASSERT_TRUE(recorder.sync());
  EXPECT_EQ(subjects_in(file), "a b c d e ");
  EXPECT_EQ(std::filesystem::file_size(file), recorder.place().bytes);
  EXPECT_EQ(recorder.take_lost(), 0u);
}

TEST(SessionRecorder, WhatIsKeptForAFullDiskIsBoundedAndWhatIsLostIsCounted) {
  isobar::testing::temp_dir folder;
  session_recorder recorder(folder.path(), "radar-", {}, 4'000);
  const std::string frame(1'000, 'x');
  for (const char* subject : {"a", "b", "c", "d", "e"}) EXPECT_TRUE(recorder.append(subject, noon, frame));
  ASSERT_TRUE(recorder.sync());
  const auto file = recorded_sessions(folder.path(), "radar-").at(0).file;
  {
    const full_disk full(recorder.place().bytes);
    for (const char* subject : {"f", "g", "h", "i", "j"}) (void)recorder.append(subject, noon, frame);
  }
  const std::uint64_t lost = recorder.take_lost();
  EXPECT_GE(lost, 3u);
  EXPECT_LT(lost, 5u);
  EXPECT_EQ(recorder.take_lost(), 0u);
  ASSERT_TRUE(recorder.sync());
  EXPECT_EQ(subjects_in(file), lost == 3 ? "a b c d e i j " : "a b c d e j ");
}

TEST(SessionRecorder, TheNextSessionIsRecordedWhateverBecameOfTheOneBefore) {
  isobar::testing::temp_dir folder;
  session_recorder recorder(folder.path(), "radar-", {});
  EXPECT_TRUE(recorder.append("a", noon, "1"));
  EXPECT_TRUE(recorder.append("b", noon + seconds(86'400), "2"));
  ASSERT_TRUE(recorder.sync());
  const auto all = recorded_sessions(folder.path(), "radar-");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(subjects_in(all[0].file), "a ");
  EXPECT_EQ(subjects_in(all[1].file), "b ");
}

}  // namespace
}  // namespace isobar::service
