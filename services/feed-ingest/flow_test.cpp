#include <gmock/gmock.h>

#include <fstream>

#include "bus/local_bus.hpp"
#include "feed-ingest/testing/running_feed_fixture.hpp"
#include "service/checkpoint_file.hpp"
#include "service/kept_frames.hpp"

namespace isobar::feed_ingest {
namespace {

using testing::esh4_session;
using testing::files;
using ::testing::HasSubstr;
using testing::running_feed;
using kind = subjects::kind;

class FeedFlow : public ::testing::Test {
 protected:
  running_feed run(std::vector<std::string> more, bool report = false) {
    std::vector<std::string> words{"--feed-ingest.source=dbn", files({esh4_session}), "--feed-ingest.frame-records=64",
                                   "--feed-ingest.start-wait-ms=0"};
    words.insert(words.end(), more.begin(), more.end());
    return running_feed({.words = std::move(words),
                         .futures = {"ESH4"},
                         .data_dir = data.path().string(),
                         .bus = bus::make_local_bus(),
                         .report = report});
  }
  static std::size_t books(running_feed& r) { return r.of("ESH4", kind::feed_book).size(); }
  std::filesystem::path checkpoint() { return data.path() / "feed-ingest" / "esh4.ckpt"; }
  isobar::testing::temp_dir data;
};

TEST_F(FeedFlow, RunsAtMostItsLeadAheadOfTheSlowestConsumer) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  auto r = run({"--feed-ingest.lead-frames=20", "--feed-ingest.heartbeat-ms=50"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until([&] { return books(r) == 20; }));
  // Ten further heartbeats bring no further frame.
  const auto seen = r.heartbeats["ESH4"].size();
  ASSERT_TRUE(r.until([&] { return r.heartbeats["ESH4"].size() >= seen + 10 * channels; }));
  EXPECT_EQ(books(r), 20u);
  EXPECT_EQ(r.heartbeats["ESH4"].back().header.watermark, r.of("ESH4", kind::feed_book).back().header.watermark);
  r.report("ESH4", 15, 0);
  ASSERT_TRUE(r.until([&] { return books(r) == 35; }));
  r.report("ESH4", 1'000'000, 0);
  ASSERT_TRUE(r.until_end("ESH4"));
}

TEST_F(FeedFlow, SilentSubjectsSayTheTimeWhileTheSourceIsHeld) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  auto r = run({"--feed-ingest.lead-frames=200", "--feed-ingest.heartbeat-ms=60000"});
  ASSERT_TRUE(r.until([&] { return books(r) == 200; }));
  const auto reached = r.of("ESH4", kind::feed_book).back().header.watermark;
  for (const auto k : {kind::feed_trades, kind::feed_quotes, kind::feed_options})
    EXPECT_TRUE(r.until([&] {
      timestamp told = start_of_time;
      for (const auto* all : {&r.frames["ESH4"], &r.heartbeats["ESH4"]})
        for (const auto& m : *all)
          if (m.kind == k) told = std::max(told, m.header.watermark);
      return told > reached - milliseconds(250);
    }));
}

TEST_F(FeedFlow, WithoutWaitingItGoesToTheEnd) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  auto r = run({"--feed-ingest.lead-frames=20", "--feed-ingest.wait-for-consumers=false"});
  ASSERT_TRUE(r.until_end("ESH4"));
  EXPECT_EQ(r.events("ESH4").size(), 40'000u);
}

TEST_F(FeedFlow, PublishesKeptFramesAgainByteForByte) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  auto r = run({}, true);
  ASSERT_TRUE(r.until_end("ESH4"));
  const auto book = r.of("ESH4", kind::feed_book);
  const auto refill_ended = [&](std::uint64_t last) {
    for (const auto& h : r.heartbeats["ESH4"])
      if (h.kind == kind::feed_refill && h.header.sequence == last) return true;
    return false;
  };
  r.ask("ESH4", book.size() - 9);
  ASSERT_TRUE(r.until([&] { return refill_ended(book.size()); }));
  auto again = r.of("ESH4", kind::feed_refill);
  ASSERT_EQ(again.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(again[i].bytes, book[book.size() - 10 + i].bytes);

  // What is durable is kept no more: the answer begins behind it.
  r.report("ESH4", book.size(), book.size() - 3);
  r.frames["ESH4"].clear();
  r.heartbeats["ESH4"].clear();
  ASSERT_TRUE(r.until(
      [&] { return r.status().feeds(0).oldest_kept_sequence() == 0 || std::filesystem::exists(checkpoint()); }));
  r.ask("ESH4", 1);
  ASSERT_TRUE(r.until([&] { return refill_ended(book.size()); }));
  again = r.of("ESH4", kind::feed_refill);
  ASSERT_EQ(again.size(), 3u);
  EXPECT_EQ(again.front().header.sequence, book.size() - 2);
}

/// A market that says more than a mebibyte.
std::vector<std::string> busy_market() {
  return {"--sim.speed=0",
          "--sim.duration-ms=60000",
          "--sim.futures-events-per-second=3000",
          "--feed-ingest.refill-mebibytes=1",
          "--feed-ingest.heartbeat-ms=50",
          "--feed-ingest.start-wait-ms=0"};
}

TEST_F(FeedFlow, AFullStoreHoldsTheSourceInReplay) {
  running_feed r({.words = busy_market(),
                  .futures = {"ES"},
                  .data_dir = data.path().string(),
                  .bus = bus::make_local_bus(),
                  .report = true});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  const auto kept = [&] {
    std::size_t out = 0;
    for (const auto& f : r.of("ES", kind::feed_book)) out += f.bytes.size();
    return out;
  };
  ASSERT_TRUE(r.until([&] { return kept() >= 1u << 20; }));
  const auto seen = r.heartbeats["ES"].size();
  ASSERT_TRUE(r.until([&] { return r.heartbeats["ES"].size() >= seen + 10 * channels; }));
  // A few batches were on their way when the store was full.
  EXPECT_LT(kept(), (1u << 20) + 20 * 64'000u);
  EXPECT_FALSE(r.ended("ES"));
  ASSERT_TRUE(r.until([&] {
    const auto book = r.of("ES", kind::feed_book).back().header.sequence;
    r.report("ES", book, book);
    return r.ended("ES");
  }));
  EXPECT_THAT(r.metrics(), HasSubstr("isobar_feed_ingest_kept_dropped_total{symbol=\"ES\"} 0"));
}

TEST_F(FeedFlow, AFullStoreDropsItsOldestFramesLive) {
  running_feed r({.words = busy_market(),
                  .futures = {"ES"},
                  .data_dir = data.path().string(),
                  .bus = bus::make_local_bus(),
                  .mode = "live",
                  .report = true});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ES"));
  const auto kept = r.status().feeds(0).oldest_kept_sequence();
  EXPECT_GT(kept, 1u);
  EXPECT_THAT(r.metrics(),
              HasSubstr("isobar_feed_ingest_kept_dropped_total{symbol=\"ES\"} " + std::to_string(kept - 1)));
}

TEST_F(FeedFlow, AResumedRunMakesTheFramesThatAreMissing) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  auto whole = run({}, true);
  ASSERT_TRUE(whole.until_end("ESH4"));
  whole.stop();
  const auto expected = whole.of("ESH4", kind::feed_book), trades = whole.of("ESH4", kind::feed_trades),
             quotes = whole.of("ESH4", kind::feed_quotes);
  for (const std::uint64_t durable : {std::uint64_t{1}, std::uint64_t{37}, std::uint64_t{160}}) {
    std::filesystem::remove(checkpoint());
    std::map<std::uint64_t, std::string> joined, joined_trades, joined_quotes;
    const auto collect = [&](running_feed& r) {
      for (const auto& f : r.of("ESH4", kind::feed_book)) {
        const auto [at, fresh] = joined.try_emplace(f.header.sequence, f.bytes);
        EXPECT_EQ(at->second, f.bytes) << "frame " << f.header.sequence << " is made again as it was";
      }
      for (const auto& f : r.of("ESH4", kind::feed_trades)) {
        const auto [at, fresh] = joined_trades.try_emplace(f.header.sequence, f.bytes);
        EXPECT_EQ(at->second, f.bytes);
      }
      for (const auto& f : r.of("ESH4", kind::feed_quotes)) {
        const auto [at, fresh] = joined_quotes.try_emplace(f.header.sequence, f.bytes);
        EXPECT_EQ(at->second, f.bytes);
      }
    };
    {
      auto killed = run({"--feed-ingest.lead-frames=11"});
      ASSERT_TRUE(killed.until([&] { return books(killed) == 11; }));
      killed.report("ESH4", durable + 3, 0);
      ASSERT_TRUE(killed.until([&] { return books(killed) == durable + 14; }));
      killed.report("ESH4", durable + 3, durable);
      ASSERT_TRUE(killed.until([&] { return std::filesystem::exists(checkpoint()); }));
      collect(killed);
    }
    // Far behind the lead: frames that are not published again do not count as ahead.
    auto resumed = run({"--feed-ingest.resume=true", "--feed-ingest.lead-frames=11"}, true);
    ASSERT_TRUE(resumed.started) << resumed.started.error().evidence;
    ASSERT_TRUE(resumed.until_end("ESH4"));
    EXPECT_EQ(resumed.of("ESH4", kind::feed_book).front().header.sequence, durable + 1);
    collect(resumed);
    // What it does not publish again it has all the same, for a consumer that lost it.
    resumed.frames["ESH4"].clear();
    resumed.ask("ESH4", kind::feed_trades, 1);
    const std::size_t most = std::min<std::size_t>(trades.size(), service::kept_frames::answer_max);
    ASSERT_TRUE(resumed.until([&] { return resumed.of("ESH4", kind::feed_trades).size() >= most; }));
    const auto again = resumed.of("ESH4", kind::feed_trades);
    for (std::size_t i = 0; i < most; ++i) EXPECT_EQ(again[i].bytes, trades[i].bytes);
    ASSERT_EQ(joined.size(), expected.size());
    for (const auto& f : expected) EXPECT_EQ(joined.at(f.header.sequence), f.bytes);
    ASSERT_EQ(joined_trades.size(), trades.size());
    for (const auto& f : trades) EXPECT_EQ(joined_trades.at(f.header.sequence), f.bytes);
    ASSERT_EQ(joined_quotes.size(), quotes.size());
    for (const auto& f : quotes) EXPECT_EQ(joined_quotes.at(f.header.sequence), f.bytes);
  }
}

TEST_F(FeedFlow, FramesBesideTheBookAreKeptUntilTheyAreReleased) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  auto r = run({}, true);
  ASSERT_TRUE(r.until_end("ESH4"));
  const auto quotes = r.of("ESH4", kind::feed_quotes);
  ASSERT_GT(quotes.size(), 20u);
  r.frames["ESH4"].clear();
  r.ask("ESH4", kind::feed_quotes, quotes.size() - 4);
  ASSERT_TRUE(r.until([&] { return r.of("ESH4", kind::feed_quotes).size() == 5; }));
  const auto again = r.of("ESH4", kind::feed_quotes);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(again[i].bytes, quotes[quotes.size() - 5 + i].bytes);
  r.ask("ESH4", kind::feed_quotes, quotes.size(), wire::refill_purpose::release);
  r.ask("ESH4", kind::feed_quotes, quotes.size() - 4);
  r.frames["ESH4"].clear();
  r.ask("ESH4", kind::feed_quotes, quotes.size());
  ASSERT_TRUE(r.until([&] { return !r.of("ESH4", kind::feed_quotes).empty(); }));
  EXPECT_EQ(r.of("ESH4", kind::feed_quotes).size(), 1u);
}

TEST_F(FeedFlow, ResumingAnotherRunIsRefused) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  {
    auto r = run({}, true);
    ASSERT_TRUE(r.until_end("ESH4"));
    r.report("ESH4", 20, 20);
    ASSERT_TRUE(r.until([&] { return std::filesystem::exists(checkpoint()); }));
  }
  auto other = run({"--feed-ingest.resume=true", "--feed-ingest.frame-ms=50"});
  ASSERT_FALSE(other.started);
  EXPECT_THAT(other.started.error().evidence,
              HasSubstr("esh4.ckpt: it was made with \"frame-ms 100\", this run has \"frame-ms 50\""));
  // A file of the same name and size with other records: found out when the checkpoint's batch is made.
  const service::checkpoint_file stored(checkpoint().parent_path(), "esh4");
  const std::string text = **stored.read(0);
  const auto records = text.find("records ", text.find("ordinal")) + 8;
  ASSERT_EQ(stored.write(text.substr(0, records) + "7" + text.substr(text.find('\n', records))), std::nullopt);
  auto changed = run({"--feed-ingest.resume=true"});
  ASSERT_TRUE(changed.started);
  ASSERT_TRUE(changed.until([&] { return changed.process->wait(std::chrono::milliseconds(0)); }));
  EXPECT_EQ(changed.process->exit_code(), 1);
  EXPECT_EQ(books(changed), 0u);
  ASSERT_EQ(stored.write("nonsense"), std::nullopt);
  auto bad = run({"--feed-ingest.resume=true"});
  ASSERT_FALSE(bad.started);
  EXPECT_THAT(bad.started.error().evidence, HasSubstr("esh4.ckpt: first line is not"));
  // Damaged on the disk: the one before it, when that is whole.
  ASSERT_EQ(stored.write(text), std::nullopt);
  ASSERT_EQ(stored.write(text), std::nullopt);
  std::ofstream(checkpoint()) << "torn";
  auto older = run({"--feed-ingest.resume=true"}, true);
  ASSERT_TRUE(older.started) << older.started.error().evidence;
  older.stop();
  std::ofstream(stored.path(1)) << "torn";
  auto none = run({"--feed-ingest.resume=true"});
  ASSERT_FALSE(none.started);
  EXPECT_THAT(none.started.error().evidence, HasSubstr("shorter than its head"));
}

TEST_F(FeedFlow, ACheckpointThatCannotBeWrittenIsCounted) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  const auto failures = [](running_feed& r, int n) {
    return r.metrics().find("isobar_feed_ingest_checkpoint_failures_total{symbol=\"ESH4\"} " + std::to_string(n)) !=
           std::string::npos;
  };
  auto r = run({"--feed-ingest.heartbeat-ms=50"}, true);
  ASSERT_TRUE(r.until_end("ESH4"));
  EXPECT_TRUE(failures(r, 0));
  // A folder where the new file must be: no right of a user makes that writable.
  const std::filesystem::path in_the_way = checkpoint().string() + ".new";
  std::filesystem::create_directory(in_the_way);
  r.report("ESH4", 20, 20);
  ASSERT_TRUE(r.until([&] { return !failures(r, 0); }));
  EXPECT_FALSE(std::filesystem::exists(checkpoint()));
  std::filesystem::remove(in_the_way);
  EXPECT_TRUE(r.until([&] { return std::filesystem::exists(checkpoint()); })) << "tried again";
}

TEST_F(FeedFlow, WhatIsNotPublishedAgainIsNotPacedEither) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  {
    auto r = run({}, true);
    ASSERT_TRUE(r.until_end("ESH4"));
    r.report("ESH4", 160, 160);
    ASSERT_TRUE(r.until([&] { return std::filesystem::exists(checkpoint()); }));
  }
  // At recorded speed frame 161 is more than an hour behind the first.
  auto resumed = run({"--feed-ingest.resume=true", "--feed-ingest.speed=1"}, true);
  ASSERT_TRUE(resumed.started) << resumed.started.error().evidence;
  ASSERT_TRUE(resumed.until([&] { return books(resumed) > 0; }));
  EXPECT_EQ(resumed.of("ESH4", kind::feed_book).front().header.sequence, 161u);
}

}  // namespace
}  // namespace isobar::feed_ingest
