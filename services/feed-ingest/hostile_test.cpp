#include <gmock/gmock.h>

#include "bus/local_bus.hpp"
#include "feed-ingest/testing/running_feed_fixture.hpp"
#include "wire/dbn/writer.hpp"

namespace isobar::feed_ingest {
namespace {

using ::testing::HasSubstr;
using testing::running_feed;
using kind = subjects::kind;
namespace dbn = wire::dbn;

constexpr std::uint64_t noon = 1'703'505'600'000'000'000;
constexpr std::uint32_t esh4 = 17'077, stranger = 99, neighbour = 5'602;

dbn::mbo_record order(std::uint64_t at, std::uint32_t id, std::int64_t price_nanos) {
  dbn::mbo_record r{};
  r.hd = dbn::make_header<dbn::mbo_record>(dbn::rtype::mbo, 1, id, at);
  r.order_id = at;
  r.price = price_nanos;
  r.size = 1;
  r.flags = market::event_flag::last;
  r.action = 'A';
  r.side = 'B';
  r.ts_recv = at;
  r.sequence = static_cast<std::uint32_t>(at - noon + 1);
  return r;
}

dbn::definition_v3 definition(std::uint64_t at) {
  dbn::definition_v3 r{};
  r.hd = dbn::make_header<dbn::definition_v3>(dbn::rtype::definition, 1, esh4, at);
  r.ts_recv = at;
  r.min_price_increment = 250'000'000;
  r.unit_of_measure_qty = 50'000'000'000;
  r.expiration = r.activation = dbn::undefined_time;
  r.strike_price = dbn::undefined_price;
  dbn::set_text(r.raw_symbol, "ESH4");
  dbn::set_text(r.asset, "ES\xff");
  r.instrument_class = 'F';
  r.security_update_action = 'A';
  return r;
}

class FeedHostile : public ::testing::Test {
 protected:
  dbn::metadata header() {
    dbn::metadata m;
    m.dataset = "GLBX.MDP3";
    m.schema = dbn::schema::mbo;
    m.start = noon;
    m.stype_in = dbn::symbol_type::raw_symbol;
    m.symbols = {"ESH4"};
    m.mappings = {{"ESH4", {{*make_date(2023, 12, 25), *make_date(2023, 12, 26), std::to_string(esh4)}}},
                  {"ESM4", {{*make_date(2023, 12, 25), *make_date(2023, 12, 26), std::to_string(neighbour)}}}};
    return m;
  }
  running_feed run(std::vector<std::string> futures, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"--feed-ingest.source=dbn", "--feed-ingest.files=" + path.string()};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back("--feed-ingest.start-wait-ms=0");
    return running_feed({.words = std::move(words),
                         .futures = std::move(futures),
                         .data_dir = data.path().string(),
                         .bus = bus::make_local_bus()});
  }
  isobar::testing::temp_dir data;
  std::filesystem::path path = data.path() / "made.dbn";
};

TEST_F(FeedHostile, CountsAndNamesWhatIsStrange) {
  {
    auto out = dbn::writer::create(path, header());
    ASSERT_TRUE(out);
    const auto put = [&](const auto& r) { ASSERT_TRUE(out->write(r)); };
    put(order(noon + 1, esh4, 4'800'000'000'000));
    put(order(noon + 2, stranger, 1));
    put(order(noon + 3, neighbour, 4'900'000'000'000));
    auto bad = order(noon + 4, esh4, 4'800'250'000'000);
    bad.action = 'X';
    put(bad);
    bad = order(noon + 5, esh4, 4'800'250'000'000);
    bad.side = 'Q';
    put(bad);
    put(order(std::uint64_t{INT64_MAX}, esh4, 4'800'250'000'000));
    put(order(dbn::undefined_time, esh4, 4'800'250'000'000));
    auto absurd = order(noon + 200'000'000'000'000, esh4, 4'800'250'000'000);
    absurd.ts_recv = noon + 6;
    put(absurd);
    put(order(noon + 6, esh4, dbn::undefined_price));
    put(definition(noon + 7));
    put(order(noon + 8, esh4, 4'800'100'000'000));
    auto many = order(noon + 9, esh4, 4'800'250'000'000);
    many.size = UINT32_MAX;
    put(many);
    put(order(noon + 5, esh4, INT64_MIN));
    ASSERT_TRUE(out->finish());
  }
  auto r = run({"ESH4"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ESH4"));
  const auto events = r.events("ESH4");
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[1].price, market::no_price);
  EXPECT_EQ(events[3].size, UINT32_MAX);
  EXPECT_EQ(events[4].price.value, INT64_MIN);
  const auto text = r.metrics();
  const auto rejected = [&](const char* symbol, const char* why, int n) {
    EXPECT_THAT(text, HasSubstr("isobar_feed_ingest_rejected_total{reason=\"" + std::string(why) + "\",symbol=\"" +
                                symbol + "\"} " + std::to_string(n) + "\n"));
  };
  rejected("", "unknown_instrument", 1);
  rejected("", "other_instrument", 1);
  rejected("ESH4", "bad_action", 1);
  rejected("ESH4", "bad_side", 1);
  rejected("ESH4", "bad_time", 3);
  for (const char* what : {"off_tick", "undefined_price", "backwards"})
    EXPECT_THAT(text,
                HasSubstr("isobar_feed_ingest_odd_records_total{symbol=\"ESH4\",what=\"" + std::string(what) + "\"}"));
  // The tick holds from its definition on, whatever the frames.
  wire::book_frame frame;
  const auto book = r.of("ESH4", kind::feed_book);
  ASSERT_EQ(book.size(), 2u);
  ASSERT_TRUE(wire::decode_book(book[0].bytes, frame));
  EXPECT_EQ(frame.tick, price(0));
  ASSERT_TRUE(wire::decode_book(book[1].bytes, frame));
  EXPECT_EQ(frame.tick, price(250'000'000));
  const auto known = wire::decode_definitions(r.of("ESH4", kind::feed_definition).at(0).bytes);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->body.instruments.at(0).asset, "ES?");
  EXPECT_EQ(known->body.instruments.at(0).multiplier, 50'000'000'000);
}

TEST_F(FeedHostile, ANameThatOnlyARecordTellsIsFound) {
  {
    auto bare = header();
    bare.mappings.clear();
    auto out = dbn::writer::create(path, bare);
    ASSERT_TRUE(out);
    ASSERT_TRUE(out->write(order(noon + 1, esh4, 4'800'000'000'000)));
    ASSERT_TRUE(out->write(definition(noon + 2)));
    ASSERT_TRUE(out->finish());
  }
  auto r = run({"ES"});
  ASSERT_TRUE(r.started) << r.started.error().evidence;
  ASSERT_TRUE(r.until_end("ES"));
  EXPECT_EQ(r.events("ES").size(), 1u) << "the record before the definition is not lost";
  auto by_number = run({"ES"}, {"--feed-ingest.contracts=ES=17077"});
  ASSERT_TRUE(by_number.until_end("ES"));
  EXPECT_EQ(by_number.events("ES").size(), 1u);
}

TEST_F(FeedHostile, SeveralFuturesOfAProductAreAQuestion) {
  {
    auto out = dbn::writer::create(path, header());
    ASSERT_TRUE(out->write(order(noon + 1, esh4, 4'800'000'000'000)));
    ASSERT_TRUE(out->write(order(noon + 2, neighbour, 4'900'000'000'000)));
    ASSERT_TRUE(out->finish());
  }
  auto r = run({"ES"});
  ASSERT_FALSE(r.started);
  EXPECT_THAT(r.started.error().evidence, HasSubstr("several futures of ES: ESH4, ESM4"));
  auto both = run({});
  ASSERT_TRUE(both.started) << both.started.error().evidence;
  ASSERT_TRUE(both.until_end("ESH4") && both.until_end("ESM4"));
  EXPECT_EQ(both.events("ESM4").size(), 1u);
  auto twice = run({"ESM4", "ES"}, {"--feed-ingest.contracts=ES=ESM4"});
  ASSERT_FALSE(twice.started);
  EXPECT_THAT(twice.started.error().evidence, HasSubstr("ESM4 and ES are both ESM4"));
  auto named = run({"ES"}, {"--feed-ingest.contracts=ES=ESM4"});
  ASSERT_TRUE(named.until_end("ES"));
  EXPECT_EQ(named.events("ES").at(0).price, price(4'900'000'000'000));
}

TEST_F(FeedHostile, FilesThatAreNoneAreRefusedAtTheStart) {
  auto absent = run({"ES"});
  ASSERT_FALSE(absent.started);
  EXPECT_THAT(absent.started.error().evidence, HasSubstr("made.dbn"));
}

}  // namespace
}  // namespace isobar::feed_ingest
