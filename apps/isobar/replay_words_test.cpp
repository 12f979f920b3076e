#include "isobar/replay_words.hpp"

#include <gmock/gmock.h>

namespace isobar::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refused(std::vector<std::string> line) {
  line.insert(line.begin(), "replay");
  const auto read = spelt_out(line);
  return read ? "" : read.error();
}

TEST(ReplayWords, FilesEndAtTheNextOption) {
  for (const auto& line : {std::vector<std::string>{"replay", "--dbn", "a.dbn", "b.dbn", "--futures", "ES"},
                           {"replay", "--dbn=a.dbn", "b.dbn", "--futures", "ES"},
                           {"replay", "--dbn=a.dbn", "--futures", "ES", "--dbn=b.dbn"}}) {
    const auto read = spelt_out(line);
    ASSERT_TRUE(read) << read.error();
    EXPECT_TRUE(read->futures);
    EXPECT_THAT(read->files, ElementsAre("a.dbn", "b.dbn"));
    EXPECT_THAT(read->words, Contains("--feed-ingest.source=dbn"));
    EXPECT_THAT(read->words, Contains("--feed-ingest.files=a.dbn,b.dbn"));
    EXPECT_TRUE(read->has("--futures"));
  }
}

TEST(ReplayWords, FilesThatAreNoneAreRefused) {
  EXPECT_EQ(refused({"--dbn"}), "--dbn: no file is named");
  EXPECT_EQ(refused({"--csv", "--hold"}), "--csv: no file is named");
  EXPECT_EQ(refused({"--dbn", "-h"}), "--dbn: no file is named");
  EXPECT_EQ(refused({"--dbn="}), "--dbn: a file's name is empty");
  EXPECT_THAT(refused({"--dbn", "a,b.dbn"}), HasSubstr("must not hold a comma"));
  EXPECT_THAT(refused({"--csv=a,b.csv"}), HasSubstr("must not hold a comma"));
  EXPECT_EQ(refused({"--dbn", "a", "--csv", "b"}), "--dbn and --csv cannot be replayed together");
}

TEST(ReplayWords, TimesAndPaceAreTheFeedsOwnOptions) {
  const auto read = spelt_out({"replay", "--from", "2023-12-25T23:00:00Z", "--dbn", "a", "--until=2023-12-26T00:00:00Z",
                               "--speed", "10", "--hold"});
  ASSERT_TRUE(read) << read.error();
  EXPECT_THAT(read->words, Contains("--feed-ingest.from=2023-12-25T23:00:00Z"));
  EXPECT_THAT(read->words, Contains("--feed-ingest.until=2023-12-26T00:00:00Z"));
  EXPECT_THAT(read->words, Contains("--feed-ingest.speed=10"));
  EXPECT_TRUE(read->hold);
  EXPECT_EQ(refused({"--dbn", "a", "--from"}), "--from: its value is missing");
  EXPECT_EQ(refused({"--dbn", "a", "--until", "--hold"}), "--until: its value is missing");
  EXPECT_EQ(refused({"--chains", "folder", "--from", "2023-12-25T23:00:00Z"}), "--from is for --dbn and --csv");
}

TEST(ReplayWords, ChainsWithoutQuotesHaveNone) {
  const auto read = spelt_out({"replay", "--chains=folder"});
  ASSERT_TRUE(read) << read.error();
  EXPECT_FALSE(read->futures);
  EXPECT_THAT(read->words, ElementsAre("replay", "--chain-ingest.source=directory", "--chain-ingest.path=folder",
                                       "--ws-hydrator.source=none"));
}

}  // namespace
}  // namespace isobar::cli
