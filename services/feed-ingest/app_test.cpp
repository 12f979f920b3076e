#include "feed-ingest/app.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "bus/local_bus.hpp"
#include "bus/nats_bus.hpp"
#include "core/date.hpp"
#include "feed-ingest/testing/running_feed_fixture.hpp"
#include "market/naive_book.hpp"
#include "testing/nats_server.hpp"
#include "wire/dbn/convert.hpp"
#include "wire/dbn/reader.hpp"

namespace isobar::feed_ingest {
namespace {

using testing::esh4_session;
using testing::esh4_snapshot;
using testing::files;
using ::testing::HasSubstr;
using testing::running_feed;
using kind = subjects::kind;

/// Every order record of a DBN file, read without the service.
std::vector<market::book_event> orders_of(const char* relative) {
  std::vector<market::book_event> out;
  auto in = wire::dbn::reader::open(isobar::testing::shared_data(relative));
  EXPECT_TRUE(in);
  while (const auto r = in->next()) {
    const auto* m = r.as<wire::dbn::mbo_record>();
    market::book_event e;
    if (m != nullptr && wire::dbn::to_book_event(*m, e) == wire::dbn::refusal::none) out.push_back(e);
  }
  EXPECT_EQ(in->error(), nullptr);
  return out;
}

/// A row of best prices behind every live event that changes them, by a book of another make.
std::vector<market::top_quote> rows_of(const std::vector<market::book_event>& orders) {
  std::vector<market::top_quote> out;
  market::naive_book book({.tick = price(250'000'000)});
  market::top_quote before;
  for (const auto& e : orders) {
    (void)book.apply(e);
    if (!e.has(market::event_flag::last) || e.has(market::event_flag::snapshot)) continue;
    market::top_quote now{.ts_event = e.ts_event, .trusted = book.trust() == market::book_trust::whole};
    if (const auto bid = book.best(market::book_side::bid)) {
      now.bid = price(bid->tick * 250'000'000);
      now.bid_size = static_cast<std::uint32_t>(bid->size);
    }
    if (const auto ask = book.best(market::book_side::ask)) {
      now.ask = price(ask->tick * 250'000'000);
      now.ask_size = static_cast<std::uint32_t>(ask->size);
    }
    if (now.bid == before.bid && now.ask == before.ask && now.trusted == before.trusted) continue;
    out.push_back(before = now);
  }
  return out;
}

class FeedIngest : public ::testing::Test {
 protected:
  running_feed run(std::vector<std::string> words, std::vector<std::string> futures, bool report = true) {
    words.push_back("--feed-ingest.start-wait-ms=0");
    return running_feed({.words = std::move(words),
                         .futures = std::move(futures),
                         .data_dir = data.path().string(),
                         .bus = bus::make_local_bus(),
                         .report = report});
  }
  isobar::testing::temp_dir data;
};

TEST_F(FeedIngest, ReplaysTheRealSessionWholeWhateverTheFrames) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  const auto expected = orders_of(esh4_session);
  ASSERT_EQ(expected.size(), 40'000u);
  const auto best_prices = rows_of(expected);
  ASSERT_GT(best_prices.size(), 1'000u);
  std::vector<market::trade_event> trades;
  for (const char* size : {"64", "1024"}) {
    auto r =
        run({"--feed-ingest.source=dbn", files({esh4_session}), std::string("--feed-ingest.frame-records=") + size},
            {"ESH4"});
    ASSERT_TRUE(r.started) << r.started.error().evidence;
    ASSERT_TRUE(r.until_end("ESH4"));
    EXPECT_TRUE(r.events("ESH4") == expected);
    const auto all = r.trades("ESH4");
    EXPECT_EQ(all.size(), 1'627u) << "trades of the session's first 40,000 records";
    EXPECT_TRUE(trades.empty() || all == trades);
    trades = all;
    EXPECT_TRUE(r.quotes("ESH4") == best_prices);
    EXPECT_THAT(r.metrics(), HasSubstr("isobar_feed_ingest_records_total{kind=\"mbo\",symbol=\"ESH4\"} 40000"));
    const auto frames = r.of("ESH4", kind::feed_book);
    EXPECT_EQ(frames.front().header.record_count, 8'725u) << "the snapshot is one event";
    EXPECT_EQ(frames.front().header.watermark, start_of_time) << "which moves no time";
    for (std::size_t i = 1; i < frames.size(); ++i)
      EXPECT_GE(frames[i].header.watermark, frames[i - 1].header.watermark);
  }
}

TEST_F(FeedIngest, AnswersForWhatItHasRead) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  auto r = run({"--feed-ingest.source=dbn", files({esh4_session})}, {"ES"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ES"));
  const auto status = r.status();
  ASSERT_EQ(status.feeds_size(), 1);
  const auto& feed = status.feeds(0);
  EXPECT_EQ(feed.symbol(), "ES");
  EXPECT_THAT(feed.source(), HasSubstr("dbn esh4-glbx-mdp3-20231225"));
  EXPECT_EQ(feed.instrument().id(), 17'077u);
  EXPECT_EQ(feed.instrument().raw_symbol(), "ESH4");
  EXPECT_EQ(feed.watermark_ns(), INT64_MAX);
  EXPECT_EQ(to_iso(timestamp{feed.ts_last_ns()}), "2023-12-25T23:26:31.081957261Z");
  EXPECT_EQ(feed.book_sequence(), r.of("ES", kind::feed_book).size());
  EXPECT_EQ(feed.oldest_kept_sequence(), 1u) << "nothing was said to be durable";
  ASSERT_EQ(feed.records_size(), 1);
  EXPECT_EQ(feed.records(0).kind(), "mbo");
  EXPECT_EQ(feed.records(0).count(), 40'000u);

  ::grpc::ClientContext first, second;
  feed::v1::GetGapsRequest asked;
  feed::v1::GetGapsResponse gaps;
  asked.set_symbol("ES");
  EXPECT_TRUE(r.stub()->GetGaps(&first, asked, &gaps).ok());
  EXPECT_EQ(gaps.gaps_size(), 0);
  asked.set_symbol("NQ");
  EXPECT_EQ(r.stub()->GetGaps(&second, asked, &gaps).error_code(), ::grpc::StatusCode::NOT_FOUND);
}

TEST_F(FeedIngest, AProductMeansItsOnlyContract) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  auto r = run({"--feed-ingest.source=dbn", files({esh4_session})}, {"ESH4"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ::grpc::ClientContext first, second, third;
  feed::v1::GetFeedStatusRequest asked;
  feed::v1::GetFeedStatusResponse feeds;
  asked.set_symbol("ES");
  ASSERT_TRUE(r.stub()->GetFeedStatus(&first, asked, &feeds).ok());
  ASSERT_EQ(feeds.feeds_size(), 1);
  EXPECT_EQ(feeds.feeds(0).symbol(), "ESH4");
  feed::v1::GetGapsRequest asked_gaps;
  feed::v1::GetGapsResponse gaps;
  asked_gaps.set_symbol("ES");
  EXPECT_TRUE(r.stub()->GetGaps(&second, asked_gaps, &gaps).ok());
  asked.set_symbol("NQ");
  EXPECT_EQ(r.stub()->GetFeedStatus(&third, asked, &feeds).error_code(), ::grpc::StatusCode::NOT_FOUND);
}

TEST_F(FeedIngest, MergesTheDayOfTheSnapshotAndTheSession) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  // Named in the wrong order: the order of delivery decides.
  auto r = run({"--feed-ingest.source=dbn", files({esh4_session, esh4_snapshot})}, {});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ESH4"));
  auto expected = orders_of(esh4_snapshot);
  const auto session = orders_of(esh4_session);
  expected.insert(expected.end(), session.begin(), session.end());
  EXPECT_TRUE(r.events("ESH4") == expected);
}

TEST_F(FeedIngest, AccountsForEveryRecordOfAMixedLiveStream) {
  constexpr auto live = "databento/schemas-v3-and-live/LIVE/test_data.live.dbn.zst";
  ISOBAR_SKIP_WITHOUT_SHARED(live);
  auto r = run({"--feed-ingest.source=dbn", files({live}), "--feed-ingest.exit-at-end=true"}, {});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until([&] { return r.process->wait(std::chrono::milliseconds(0)); }));
  EXPECT_EQ(r.process->exit_code(), 0);
  std::uint64_t records = 0;
  std::istringstream lines(r.metrics());
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("isobar_feed_ingest_records_total{") || line.starts_with("isobar_feed_ingest_rejected_total{"))
      records += std::stoull(line.substr(line.rfind(' ') + 1));
  EXPECT_EQ(records, 46u) << r.metrics();
  const auto symbol = r.status().feeds(0).symbol();
  ASSERT_TRUE(r.until_end(symbol));
  EXPECT_GT(r.of(symbol, kind::feed_definition).size(), 0u);
  EXPECT_GT(r.of(symbol, kind::feed_statistics).size(), 0u);
}

/// Best prices by event time, the last row of each; sides that are empty or untrusted are nothing.
std::map<timestamp, std::pair<price, price>> prices_of(const std::vector<market::top_quote>& rows) {
  std::map<timestamp, std::pair<price, price>> out;
  for (const auto& q : rows) out[q.ts_event] = {q.bid, q.ask};
  return out;
}

TEST_F(FeedIngest, TakesBestPricesFromByPriceRecords) {
  constexpr auto levels =
      "databento/glbx/historical_bars_catalog__databento__futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst";
  ISOBAR_SKIP_WITHOUT_SHARED(levels);
  auto r = run({"--feed-ingest.source=dbn", files({levels})}, {"ESU4"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ESU4"));
  EXPECT_EQ(r.trades("ESU4").size(), 120u);
  EXPECT_THAT(r.metrics(), HasSubstr("isobar_feed_ingest_records_total{kind=\"mbp-1\",symbol=\"ESU4\"} 2288"));
  const auto rows = r.quotes("ESU4");
  ASSERT_FALSE(rows.empty());
  EXPECT_LT(rows.size(), 2'288u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_LT(rows[i].bid, rows[i].ask);
    EXPECT_TRUE(rows[i].trusted);
    EXPECT_TRUE(i == 0 || rows[i].bid != rows[i - 1].bid || rows[i].ask != rows[i - 1].ask);
  }
  auto off = run({"--feed-ingest.source=dbn", files({levels}), "--feed-ingest.quotes=false"}, {"ESU4"});
  ASSERT_TRUE(off.until_end("ESU4"));
  EXPECT_EQ(off.quotes("ESU4").size(), 0u);
  EXPECT_EQ(off.trades("ESU4").size(), 120u);
}

TEST_F(FeedIngest, ReadsCsvExports) {
  constexpr auto orders = "databento/equities-mbo-mbp10/ARL_XNAS_20250717.mbo.csv";
  constexpr auto levels = "databento/equities-mbo-mbp10/ARL_XNAS_20250717.mbp10.csv";
  ISOBAR_SKIP_WITHOUT_SHARED(orders);
  auto r = run({"--feed-ingest.source=csv", files({orders})}, {"ARL"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ARL"));
  EXPECT_EQ(r.events("ARL").size(), 5'886u);
  auto by_price = run({"--feed-ingest.source=csv", files({levels})}, {});
  ASSERT_TRUE(by_price.started) << by_price.started.error().evidence;
  ASSERT_TRUE(by_price.until_end("ARL"));
  EXPECT_EQ(by_price.events("ARL").size(), 0u);
  auto one = by_price.trades("ARL"), other = r.trades("ARL");
  // Some of the two exports' trades name opposite sides; all else is the same.
  for (auto* trades : {&one, &other})
    for (auto& t : *trades) t.aggressor = market::book_side::none;
  EXPECT_FALSE(one.empty());
  EXPECT_TRUE(one == other) << "both exports tell of the same trades";
  EXPECT_TRUE(prices_of(by_price.quotes("ARL")) == prices_of(r.quotes("ARL"))) << "and of the same best prices";
}

TEST_F(FeedIngest, AFileThatBreaksOffEndsTheProcessWithWhatWasRead) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  const auto torn = data.path() / "torn.mbo.dbn.zst";
  {
    std::ifstream in(isobar::testing::shared_data(esh4_session), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    std::ofstream(torn, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  }
  auto r = run({"--feed-ingest.source=dbn", "--feed-ingest.files=" + torn.string()}, {"ESH4"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ESH4"));
  ASSERT_TRUE(r.until([&] { return r.process->wait(std::chrono::milliseconds(0)); }));
  EXPECT_EQ(r.process->exit_code(), 1);
  const auto events = r.events("ESH4");
  const auto expected = orders_of(esh4_session);
  ASSERT_LT(events.size(), expected.size());
  ASSERT_GT(events.size(), 10'000u);
  EXPECT_TRUE(std::equal(events.begin(), events.end(), expected.begin()));
  feed::v1::GetGapsRequest asked;
  asked.set_symbol("ESH4");
  feed::v1::GetGapsResponse gaps;
  ::grpc::ClientContext context;
  ASSERT_TRUE(r.stub()->GetGaps(&context, asked, &gaps).ok());
  ASSERT_EQ(gaps.gaps_size(), 1);
  EXPECT_EQ(gaps.gaps(0).kind(), "corrupt");
  EXPECT_THAT(gaps.gaps(0).evidence(),
              HasSubstr("torn.mbo.dbn.zst: record " + std::to_string(events.size() + 1) + " at byte"));
}

TEST_F(FeedIngest, APacedReplayIsNeverAheadOfTheClock) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  constexpr std::int64_t speed = 50;
  const timestamp from = *parse_iso_timestamp("2023-12-25T23:20:00Z");
  const timestamp before = testing::wall_now();
  auto r = run({"--feed-ingest.source=dbn", files({esh4_session}), "--feed-ingest.speed=50",
                "--feed-ingest.from=2023-12-25T23:20:00Z", "--feed-ingest.until=2023-12-25T23:20:40Z"},
               {"ESH4"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ESH4"));
  std::size_t paced = 0;
  timestamp first = end_of_time;
  for (const auto& f : r.of("ESH4", kind::feed_book)) {
    if (f.header.ts_last < from) continue;
    // The first paced frame is the clock's zero, and it left after `before`.
    first = std::min(first, f.header.ts_last);
    EXPECT_GE((f.wall - before).value, (f.header.ts_last - first).value / speed);
    ++paced;
  }
  EXPECT_GT(paced, 20u);
  EXPECT_LT((testing::wall_now() - before).value, 24'000'000'000 / 2)
      << "the twenty minutes before `from`, 24 s at this speed, were not paced";
  auto expected = orders_of(esh4_session);
  const timestamp until = *parse_iso_timestamp("2023-12-25T23:20:40Z");
  expected.erase(std::find_if(expected.begin(), expected.end(), [&](const auto& e) { return e.ts_event >= until; }),
                 expected.end());
  EXPECT_TRUE(r.events("ESH4") == expected) << "all records before `until`, those before `from` among them";
}

TEST_F(FeedIngest, RefusesSymbolsThatTheInputDoesNotHave) {
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  auto r = run({"--feed-ingest.source=dbn", files({esh4_session})}, {"NQ"});
  ASSERT_FALSE(r.started);
  EXPECT_EQ(r.started.error().code, service::errc::configuration);
  EXPECT_EQ(r.started.error().evidence, "feed-ingest: the input has no instrument NQ and no future of it; it has ESH4");
}

TEST_F(FeedIngest, StartsQuicklyOnAFileWithThirteenThousandMappings) {
  constexpr auto opra = "databento/glbx/definition-opra.dbn.zst";
  ISOBAR_SKIP_WITHOUT_SHARED(opra);
  const auto began = std::chrono::steady_clock::now();
  auto r = run({"--feed-ingest.source=dbn", files({opra})}, {"SPY"});
  EXPECT_TRUE(r.started) << "options on SPY, and nothing else";
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10)) << "debug build, shared machine";
}

TEST_F(FeedIngest, ASimulatedMarketIsTheSameEveryTime) {
  const std::vector<std::string> words{"--sim.speed=0", "--sim.duration-ms=5000", "--feed-ingest.exit-at-end=true"};
  auto first = run(words, {"ES"}), second = run(words, {"ES", "NQ"});
  ASSERT_TRUE(first.started && second.started);
  ASSERT_TRUE(first.until_end("ES"));
  ASSERT_TRUE(second.until_end("ES"));
  ASSERT_TRUE(second.until_end("NQ"));
  EXPECT_GT(first.events("ES").size(), 1'000u);
  ASSERT_EQ(first.frames["ES"].size(), second.frames["ES"].size());
  for (std::size_t i = 0; i < first.frames["ES"].size(); ++i)
    EXPECT_EQ(first.frames["ES"][i].bytes, second.frames["ES"][i].bytes);
  EXPECT_EQ(first.frames["ES"].front().header.quality, market::quality::synthetic);
  EXPECT_GT(first.of("ES", kind::feed_definition).size(), 0u);
}

TEST_F(FeedIngest, PublishesTheSameOnNats) {
  ISOBAR_SKIP_WITHOUT_NATS_SERVER();
  ISOBAR_SKIP_WITHOUT_SHARED(esh4_session);
  isobar::testing::nats_server server;
  const std::vector<std::string> words{"--feed-ingest.source=dbn", files({esh4_session})};
  running_feed there({.words = words,
                      .futures = {"ESH4"},
                      .data_dir = data.path().string(),
                      .bus = *bus::make_nats_bus({.url = server.url()})});
  ASSERT_TRUE(there.started) << there.started.error().evidence;
  ASSERT_TRUE(there.until_end("ESH4"));
  auto here = run(words, {"ESH4"});
  ASSERT_TRUE(here.until_end("ESH4"));
  for (const auto k : {kind::feed_book, kind::feed_trades, kind::feed_quotes}) {
    const auto a = there.of("ESH4", k), b = here.of("ESH4", k);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].bytes, b[i].bytes);
  }
}

}  // namespace
}  // namespace isobar::feed_ingest
