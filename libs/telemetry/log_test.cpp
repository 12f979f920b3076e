#include "telemetry/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

namespace isobar::telemetry {
namespace {

using std::chrono::hours;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Log : public ::testing::Test {
 protected:
  Log() : path_(std::filesystem::path(::testing::TempDir()) / ("isobar_log_" + name() + ".txt")) {
    std::filesystem::remove(path_);
  }
  ~Log() override { start_logging({}); }

  static std::string name() { return ::testing::UnitTest::GetInstance()->current_test_info()->name(); }

  void start(bool json, level minimum = level::info) { start_logging({minimum, json, path_.string()}); }

  // Starting again flushes what was written so far.
  std::vector<std::string> lines() {
    start_logging({});
    std::ifstream in(path_);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }

  std::filesystem::path path_;
  logger log_{"heatmap-builder"};
};

TEST_F(Log, WritesTextLinesFromTheMinimumLevelUp) {
  start(false);
  const auto before = lines_written();
  log_.debug("tile computed");
  log_.info("epoch started symbol=SPX");
  log_.error("frame refused");
  EXPECT_EQ(lines_written() - before, 2u);
  const auto got = lines();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_THAT(got[0], MatchesRegex("[0-9-]+T[0-9:.]+Z info heatmap-builder: epoch started symbol=SPX"));
  EXPECT_THAT(got[1], EndsWith("error heatmap-builder: frame refused"));
}

TEST_F(Log, AMessageCannotForgeALine) {
  start(false);
  log_.warn("quote refused ticker=A\n2026-01-01 info x: fine\x01 {} %v");
  const auto got = lines();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_THAT(got[0], HasSubstr("ticker=A\\n2026-01-01 info x: fine\\x01 {} %v"));
}

TEST_F(Log, WritesOneJsonObjectALine) {
  start(true, level::debug);
  log_.debug("say \"x\"\n\xff {}");
  const auto got = lines();
  ASSERT_EQ(got.size(), 1u);
  const auto line = nlohmann::json::parse(got[0]);
  EXPECT_EQ(line["level"], "debug");
  EXPECT_EQ(line["component"], "heatmap-builder");
  EXPECT_EQ(line["message"], "say \"x\"\n\xEF\xBF\xBD {}");
  EXPECT_THAT(line["time"].get<std::string>(), MatchesRegex("[0-9-]+T[0-9:.]+Z"));
}

TEST_F(Log, LimitsARepeatedWarningAndCountsWhatItHeldBack) {
  start(false);
  const auto before = lines_suppressed();
  for (int i = 0; i < 5; ++i) log_.warn_limited("gap", "gap met", hours(1));
  log_.warn_limited("other", "another key", hours(1));
  EXPECT_EQ(lines_suppressed() - before, 4u);
  log_.warn_limited("gap", "gap met again", std::chrono::milliseconds(0));
  const auto got = lines();
  ASSERT_EQ(got.size(), 3u);
  EXPECT_THAT(got[2], EndsWith("gap met again suppressed=4"));
}

TEST_F(Log, BoundsItsKeys) {
  start(false);
  for (int i = 0; i < 5000; ++i) log_.warn_limited(std::to_string(i), "key", hours(1));
  EXPECT_EQ(lines().size(), 4097u) << "4,096 keys and one shared by the rest";
}

TEST_F(Log, TakesLinesOfSeveralThreadsWhole) {
  start(true);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([this] {
        for (int i = 0; i < 200; ++i) log_.info("line");
      });
    }
  }
  const auto got = lines();
  EXPECT_EQ(got.size(), 800u);
  for (const auto& line : got) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST_F(Log, FallsBackToStandardErrorWhenTheFileIsRefused) {
  ::testing::internal::CaptureStderr();
  start_logging({level::info, false, "/proc/nowhere/log.txt"});
  log_.info("still here");
  const auto text = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("log file refused"));
  EXPECT_THAT(text, HasSubstr("still here"));
}

TEST(LogLevel, IsParsedFromItsName) {
  EXPECT_EQ(parse_level("warn"), level::warn);
  EXPECT_EQ(parse_level("debug"), level::debug);
  EXPECT_FALSE(parse_level("loud"));
}

}  // namespace
}  // namespace isobar::telemetry
