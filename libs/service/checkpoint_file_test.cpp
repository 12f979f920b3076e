#include "service/checkpoint_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/temp_dir.hpp"

namespace isobar::service {
namespace {

class CheckpointFile : public ::testing::Test {
 protected:
  std::string content(int generation) {
    const auto read = file_.read(generation);
    if (!read) return "(absent)";
    return *read ? **read : "(" + read->error().evidence.substr(read->error().evidence.rfind(": ") + 2) + ")";
  }
  void spoil(int generation, std::streamoff at, char with) {
    std::fstream f(file_.path(generation), std::ios::in | std::ios::out | std::ios::binary);
    f.seekp(at);
    f.put(with);
  }
  testing::temp_dir dir_;
  checkpoint_file file_{dir_.path(), "worker"};
};

TEST_F(CheckpointFile, KeepsTwoGenerations) {
  EXPECT_EQ(content(0), "(absent)");
  EXPECT_EQ(file_.write("one"), std::nullopt);
  EXPECT_EQ(content(0), "one");
  EXPECT_EQ(content(1), "(absent)");
  EXPECT_EQ(file_.write("two"), std::nullopt);
  EXPECT_EQ(file_.write(""), std::nullopt);
  EXPECT_EQ(content(0), "");
  EXPECT_EQ(content(1), "two");
  file_.remove();
  EXPECT_EQ(content(0), "(absent)");
  EXPECT_EQ(content(1), "(absent)");
}

TEST_F(CheckpointFile, TellsADamagedOne) {
  ASSERT_EQ(file_.write("one"), std::nullopt);
  ASSERT_EQ(file_.write("two"), std::nullopt);
  spoil(0, 24, 'T');
  EXPECT_EQ(content(0), "(its digest does not match)");
  EXPECT_EQ(content(1), "one");
  std::filesystem::resize_file(file_.path(0), 26);
  EXPECT_EQ(content(0), "(2 bytes of 3)");
  std::filesystem::resize_file(file_.path(0), 7);
  EXPECT_EQ(content(0), "(shorter than its head)");
  spoil(1, 0, 'X');
  EXPECT_EQ(content(1), "(not a checkpoint)");
}

TEST_F(CheckpointFile, AWriteThatFailsLeavesWhatWasThere) {
  ASSERT_EQ(file_.write("one"), std::nullopt);
  std::filesystem::create_directory(dir_ / "worker.ckpt.new");  // in the way of the temporary file
  const auto why = file_.write("two");
  ASSERT_TRUE(why);
  EXPECT_NE(why->find("worker.ckpt.new"), std::string::npos);
  EXPECT_EQ(content(0), "one");
}

}  // namespace
}  // namespace isobar::service
