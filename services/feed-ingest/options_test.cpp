#include <gmock/gmock.h>

#include <fstream>

#include "bus/local_bus.hpp"
#include "core/date.hpp"
#include "feed-ingest/testing/running_feed_fixture.hpp"
#include "wire/dbn/writer.hpp"

// Options from files to feed.options, through the whole service.
namespace isobar::feed_ingest {
namespace {

using market::option_record;
using testing::files;
using ::testing::HasSubstr;
using testing::running_feed;
using kind = subjects::kind;
namespace dbn = wire::dbn;

constexpr std::uint64_t noon = 1'703'505'600'000'000'000;
constexpr std::uint64_t milli = 1'000'000;
constexpr std::uint32_t esh4 = 17'077, first_option = 500, late_option = 600;

/// What feed.options said, frames joined: contracts by number and events, bases apart.
struct said {
  std::map<std::uint32_t, market::listed_option> contracts;
  std::vector<market::option_feed_event> news, repeated;
  std::size_t bases = 0;
};

class FeedOptions : public ::testing::Test {
 protected:
  running_feed run(std::vector<std::string> words, std::vector<std::string> futures, bool report = true) {
    words.push_back("--feed-ingest.start-wait-ms=0");
    return running_feed({.words = std::move(words),
                         .futures = std::move(futures),
                         .data_dir = data.path().string(),
                         .bus = bus::make_local_bus(),
                         .report = report});
  }
  static said options_of(running_feed& r, const std::string& s) {
    said out;
    wire::option_frame frame;
    std::uint64_t sequence = 1;
    bool first = true;
    for (const auto& f : r.of(s, kind::feed_options)) {
      EXPECT_EQ(f.header.sequence, sequence++);
      const auto ok = wire::decode_options(f.bytes, frame);
      EXPECT_TRUE(ok) << ok.error().evidence;
      EXPECT_EQ(frame.symbol.str(), s);
      for (const auto& c : frame.contracts) out.contracts[c.number] = c;
      const bool base = frame.base && !first;
      EXPECT_TRUE(!first || frame.base) << "the first frame is a base";
      first = false;
      out.bases += base ? 1 : 0;
      auto& to = base ? out.repeated : out.news;
      to.insert(to.end(), frame.events.begin(), frame.events.end());
    }
    return out;
  }

  static dbn::definition_v3 definition(std::uint32_t id, std::uint64_t at, const std::string& name, char what) {
    dbn::definition_v3 r{};
    r.hd = dbn::make_header<dbn::definition_v3>(dbn::rtype::definition, 1, id, at);
    r.ts_recv = at;
    r.min_price_increment = what == 'F' ? 250'000'000 : dbn::undefined_price;
    r.unit_of_measure_qty = 50'000'000'000;
    r.expiration = noon + 7'200'000 * milli;
    r.activation = dbn::undefined_time;
    r.strike_price = what == 'F' ? dbn::undefined_price : 5'000'000'000'000;
    dbn::set_text(r.raw_symbol, name);
    dbn::set_text(r.asset, what == 'F' ? "ES" : "E1A");
    if (what != 'F') dbn::set_text(r.underlying, "ESH4");
    if (what != 'F') dbn::set_text(r.cfi, "OCEFPS");
    r.instrument_class = what;
    r.security_update_action = 'A';
    return r;
  }
  static dbn::mbo_record order(std::uint32_t id, std::uint64_t at, char action, char side, std::int64_t cents,
                               std::uint64_t number) {
    dbn::mbo_record r{};
    r.hd = dbn::make_header<dbn::mbo_record>(dbn::rtype::mbo, 1, id, at);
    r.order_id = number;
    r.price = action == 'R' ? dbn::undefined_price : cents * 10'000'000;
    r.size = action == 'R' ? 0 : 3;
    r.flags = market::event_flag::last;
    r.action = action;
    r.side = side;
    r.ts_recv = at;
    r.sequence = static_cast<std::uint32_t>((at - noon) / milli + 1);
    return r;
  }
  static dbn::statistics_v3 interest(std::uint32_t id, std::uint64_t at, std::uint16_t type, std::int64_t amount) {
    dbn::statistics_v3 r{};
    r.hd = dbn::make_header<dbn::statistics_v3>(dbn::rtype::statistics, 1, id, at);
    r.ts_recv = at;
    r.ts_ref = dbn::undefined_time;
    r.price = dbn::undefined_price;
    r.quantity = amount;
    r.stat_type = type;
    r.update_action = 1;
    return r;
  }

  /// A future and its options in one file: five listed at once, one later, one of another future.
  std::string made() {
    dbn::metadata m;
    m.dataset = "GLBX.MDP3";
    m.start = noon;
    m.stype_in = dbn::symbol_type::raw_symbol;
    m.symbols = {"ESH4"};
    m.mappings = {{"ESH4", {{*make_date(2023, 12, 25), *make_date(2023, 12, 26), std::to_string(esh4)}}}};
    const auto path = data.path() / "made.dbn.zst";
    auto out = *dbn::writer::create(path, m);
    const auto write = [&](const auto& r) { EXPECT_TRUE(out.write(r)); };
    write(definition(esh4, noon, "ESH4", 'F'));
    for (std::uint32_t i = 0; i < 5; ++i)
      write(definition(first_option + i, noon, "E1AH4 C" + std::to_string(5'000 + 5 * i), 'C'));
    auto stranger = definition(700, noon, "E1AM4 C5000", 'C');
    dbn::set_text(stranger.underlying, "ESM4");
    write(stranger);
    write(order(esh4, noon, 'R', 'N', 0, 0));
    for (std::uint32_t i = 0; i < 5; ++i) {
      write(order(first_option + i, noon, 'R', 'N', 0, 0));
      write(interest(first_option + i, noon, 9, 1'000 + i));
      write(interest(first_option + i, noon, 1, 17));
    }
    for (std::uint32_t n = 1; n <= 4'000; ++n) {
      const std::uint64_t at = noon + n * 50 * milli;  // 200 s
      write(order(esh4, at, 'A', n % 2 ? 'B' : 'A', n % 2 ? 500'000 - 25 * (n % 9) : 500'100 + 25 * (n % 7), n));
      const auto option = first_option + n % 5;
      write(order(option, at + 1, 'A', n % 2 ? 'B' : 'A', n % 2 ? 1'000 + n : 6'000 - n, 10'000 + n));
      if (n % 10 == 0) write(order(option, at + 2, 'T', 'A', 1'000 + n, 0));
      if (n == 1'000) write(order(late_option, at, 'R', 'N', 0, 0));  // not defined yet
      if (n == 2'000) write(definition(late_option, at + 3, "E1AH4 C5100", 'C'));
      if (n == 2'500) write(order(late_option, at + 3, 'R', 'N', 0, 0));
      if (n == 2'501) write(order(late_option, at + 3, 'A', 'B', 125, 99'999));
    }
    EXPECT_TRUE(out.finish());
    return "--feed-ingest.files=" + path.string();
  }
  isobar::testing::temp_dir data;
};

TEST_F(FeedOptions, AreSaidBesideTheirFutureWhateverTheFrames) {
  const auto file = made();
  said before;
  std::vector<market::book_event> book;
  for (const char* size : {"64", "1024"}) {
    auto r = run({"--feed-ingest.source=dbn", file, std::string("--feed-ingest.frame-records=") + size}, {"ES"});
    ASSERT_TRUE(r.started) << r.started.error().evidence;
    ASSERT_TRUE(r.until_end("ES"));
    const auto all = options_of(r, "ES");
    ASSERT_EQ(all.contracts.size(), 6u);
    EXPECT_EQ(all.contracts.at(1).raw_symbol, "E1AH4 C5005");
    EXPECT_EQ(all.contracts.at(5).raw_symbol, "E1AH4 C5100");
    EXPECT_EQ(all.contracts.at(5).id.root, "E1A");
    EXPECT_EQ(all.contracts.at(5).settles_at, timestamp{static_cast<std::int64_t>(noon + 7'200'000 * milli)});
    EXPECT_EQ(all.contracts.at(5).multiplier, 50'000'000'000);
    EXPECT_EQ(all.bases, 3u) << "200 s of event time";
    const auto count = [&](option_record k) {
      return std::count_if(all.news.begin(), all.news.end(), [k](const auto& e) { return e.kind == k; });
    };
    EXPECT_EQ(count(option_record::trade), 400);
    EXPECT_EQ(count(option_record::open_interest), 5) << "statistic 9 and no other";
    EXPECT_GT(count(option_record::quote), 1'000);
    EXPECT_TRUE(std::any_of(all.news.begin(), all.news.end(), [](const auto& e) {
      return e.number == 5 && e.bid == price(1'250'000'000) && e.bid_size == 3;
    }));
    EXPECT_EQ(r.events("ES").size(), 4'001u) << "the future's records alone";
    EXPECT_FALSE(r.quotes("ES").empty());
    if (!book.empty()) {
      EXPECT_TRUE(r.events("ES") == book);
      EXPECT_TRUE(all.news == before.news);
      EXPECT_TRUE(all.repeated == before.repeated);
      EXPECT_TRUE(all.contracts == before.contracts);
    }
    book = r.events("ES");
    before = all;
    const auto feed = r.status().feeds(0);
    EXPECT_EQ(feed.options_listed(), 6u);
    EXPECT_EQ(feed.option_trades(), 400u);
    EXPECT_EQ(feed.quotes(), r.quotes("ES").size());
    EXPECT_THAT(r.metrics(),
                HasSubstr("isobar_feed_ingest_rejected_total{reason=\"unknown_instrument\",symbol=\"\"} 2"))
        << "another future's option, and a record before its definition";
    EXPECT_THAT(r.metrics(), HasSubstr("isobar_feed_ingest_rejected_total{reason=\"unused_schema\",symbol=\"ES\"} 5"));
  }
}

TEST_F(FeedOptions, AResumedRunMakesTheFramesThatAreMissing) {
  const auto file = made();
  const std::vector<std::string> words{"--feed-ingest.source=dbn", file, "--feed-ingest.frame-records=64"};
  auto whole = run(words, {"ES"});
  ASSERT_TRUE(whole.until_end("ES"));
  whole.report("ES", 40, 40);
  const auto checkpoint = data.path() / "feed-ingest" / "es.ckpt";
  ASSERT_TRUE(whole.until([&] { return std::filesystem::exists(checkpoint); }));
  whole.stop();
  const auto expected = whole.of("ES", kind::feed_options);
  auto more = words;
  more.push_back("--feed-ingest.resume=true");
  auto resumed = run(more, {"ES"});
  ASSERT_TRUE(resumed.started) << resumed.started.error().evidence;
  ASSERT_TRUE(resumed.until_end("ES"));
  EXPECT_EQ(resumed.of("ES", kind::feed_book).front().header.sequence, 41u);
  const auto again = resumed.of("ES", kind::feed_options);
  ASSERT_FALSE(again.empty());
  ASSERT_LT(again.size(), expected.size());
  const auto skipped = expected.size() - again.size();
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].header.sequence, expected[skipped + i].header.sequence);
    EXPECT_EQ(again[i].bytes, expected[skipped + i].bytes);
  }
}

TEST_F(FeedOptions, RealDefinitionsAndIntervalsOfTwoPuts) {
  constexpr auto futures = "databento/glbx/options_catalog__databento__futures_definition.dbn.zst";
  constexpr auto definitions = "databento/glbx/options_catalog__databento__options_definition.dbn.zst";
  constexpr auto intervals =
      "databento/glbx/options_catalog__databento__options_bbo-1m_2024-05-09T09-55_2024-05-09T10-05.dbn.zst";
  ISOBAR_SKIP_WITHOUT_SHARED(intervals);
  auto r = run({"--feed-ingest.source=dbn", files({futures, definitions, intervals})}, {"ESM4"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ESM4"));
  const auto all = options_of(r, "ESM4");
  ASSERT_EQ(all.contracts.size(), 2u);
  std::map<std::string, const market::listed_option*> by_name;
  for (const auto& [number, c] : all.contracts) by_name[c.raw_symbol] = &c;
  const auto& put = *by_name.at("ESM4 P5250");
  EXPECT_EQ(put.id.root, "ES");
  EXPECT_EQ(put.id.right, market::right::put);
  EXPECT_EQ(put.id.strike, strike(5'250 * nanos_per_unit));
  EXPECT_EQ(to_iso(put.settles_at), "2024-06-21T13:30:00.000000000Z");
  EXPECT_EQ(to_iso(put.id.expiry), "2024-06-21");
  EXPECT_EQ(put.multiplier, 50 * nanos_per_unit);
  EXPECT_TRUE(put.american) << "OPAFPS";
  EXPECT_GT(all.news.size(), 2u);
  EXPECT_LE(all.news.size(), 20u);
  for (const auto& e : all.news) {
    EXPECT_EQ(e.kind, option_record::quote);
    EXPECT_LT(e.bid, e.ask);
  }
  EXPECT_THAT(r.metrics(), HasSubstr("isobar_feed_ingest_records_total{kind=\"bbo\",symbol=\"ESM4\"} 20"));
}

TEST_F(FeedOptions, RealDefinitionsWithoutAFuture) {
  constexpr auto chain = "databento/glbx/definition-glbx-es-opt.dbn.zst";
  constexpr auto opra = "databento/glbx/definition-opra.dbn.zst";
  ISOBAR_SKIP_WITHOUT_SHARED(opra);
  auto es = run({"--feed-ingest.source=dbn", files({chain})}, {"ES"});
  ASSERT_TRUE(es.started) << es.started.error().evidence;
  ASSERT_TRUE(es.until_end("ES"));
  const auto futures_options = options_of(es, "ES");
  ASSERT_EQ(futures_options.contracts.size(), 2u);
  EXPECT_EQ(futures_options.contracts.at(0).raw_symbol, "ESM4 C4250");
  EXPECT_EQ(futures_options.contracts.at(1).id.strike, strike(3'550 * nanos_per_unit));
  auto spy = run({"--feed-ingest.source=dbn", files({opra})}, {"SPY"});
  ASSERT_TRUE(spy.started) << spy.started.error().evidence;
  ASSERT_TRUE(spy.until_end("SPY"));
  const auto shares = options_of(spy, "SPY");
  ASSERT_EQ(shares.contracts.size(), 2u);
  EXPECT_EQ(shares.contracts.at(0).raw_symbol, "SPY   240119P00340000");
  EXPECT_EQ(shares.contracts.at(0).id.strike, strike(340 * nanos_per_unit));
  EXPECT_EQ(to_iso(shares.contracts.at(0).settles_at), "2024-01-19T21:00:00.000000000Z");
  EXPECT_EQ(shares.contracts.at(0).multiplier, 100 * nanos_per_unit);
}

TEST_F(FeedOptions, TradesOfFlatFiles) {
  const auto path = data.path() / "2024-01-18.csv";
  std::ofstream(path) << "ticker,conditions,correction,exchange,price,sip_timestamp,size\n"
                         "O:SPX240119C04700000,209,0,312,81.5,1705588200000000300,2\n"
                         "O:SPXW240119P04700000,209,0,312,3.1,1705588200000000100,7\n"
                         "O:SPXW240119P04700000,201,0,312,3.1,1705588200000000200,7\n"
                         "O:SPY240119P00470000,209,0,312,3.1,1705588200000000200,7\n"
                         "O:SPXW240118P04700000,209,0,312,x,1705588200000000200,7\n";
  auto r = run({"--feed-ingest.source=flat-files", "--feed-ingest.files=" + path.string()}, {"SPX"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("SPX"));
  const auto all = options_of(r, "SPX");
  ASSERT_EQ(all.contracts.size(), 2u);
  EXPECT_EQ(all.contracts.at(0).id.root, "SPXW") << "by time, not by the file's order";
  EXPECT_EQ(to_iso(all.contracts.at(1).settles_at), "2024-01-19T14:30:00.000000000Z") << "AM";
  ASSERT_EQ(all.news.size(), 2u);
  EXPECT_EQ(all.news[0].last, price(3'100'000'000));
  EXPECT_EQ(all.news[1].size, 2u);
  EXPECT_EQ(all.news[1].aggressor, market::book_side::none);
  for (const char* reason : {"cancelled", "other_instrument", "bad_value"})
    EXPECT_TRUE(r.until([&] {
      return r.metrics().find("isobar_feed_ingest_rejected_total{reason=\"" + std::string(reason) +
                              "\",symbol=\"\"} 1") != std::string::npos;
    })) << reason;
  auto nobody = run({"--feed-ingest.source=flat-files", "--feed-ingest.files=" + path.string()}, {});
  ASSERT_FALSE(nobody.started);
  EXPECT_THAT(nobody.started.error().evidence, HasSubstr("--futures"));
}

TEST_F(FeedOptions, AFeedOfOptionsAloneRunsAtMostItsLeadAheadOfWhoTakesThem) {
  const auto path = data.path() / "2024-01-18.csv";
  {
    std::ofstream out(path);
    out << "ticker,conditions,correction,exchange,price,sip_timestamp,size\n";
    for (int i = 0; i < 200; ++i)  // 200 ms apart: a frame each
      out << "O:SPXW240119P04700000,209,0,312,3.1," << 1'705'588'200'000'000'000 + 200'000'000LL * i << ",7\n";
  }
  auto r = run({"--feed-ingest.source=flat-files", "--feed-ingest.files=" + path.string(),
                "--feed-ingest.lead-frames=20", "--feed-ingest.heartbeat-ms=50"},
               {"SPX"}, false);
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  const auto frames = [&] { return r.of("SPX", kind::feed_options).size(); };
  ASSERT_TRUE(r.until([&] { return frames() >= 20; }));
  const auto held_at = [&](std::size_t most) {
    const auto seen = r.heartbeats["SPX"].size();
    EXPECT_TRUE(r.until([&] { return r.heartbeats["SPX"].size() >= seen + 10 * channels; }));
    EXPECT_EQ(frames(), most);
  };
  held_at(20);
  r.report_options("SPX", 15);
  ASSERT_TRUE(r.until([&] { return frames() >= 35; }));
  held_at(35);
  r.report_options("SPX", 1'000'000);
  ASSERT_TRUE(r.until_end("SPX"));
  EXPECT_EQ(options_of(r, "SPX").news.size(), 200u);
}

}  // namespace
}  // namespace isobar::feed_ingest
