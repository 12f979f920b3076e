// Every Databento file of the shared data is decoded, and written again to the same bytes. Numbers: MANIFEST.md there.
#include <gtest/gtest.h>
#include <zstd.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "testing/testdata.hpp"
#include "wire/dbn/convert.hpp"
#include "wire/dbn/dbn_fixture.hpp"
#include "wire/dbn/upgrade.hpp"

namespace isobar::wire::dbn {
namespace {

using testing::shared_data;
namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// libzstd alone: the oracle for our own streaming.
std::string unpacked(const std::string& bytes) {
  std::string out;
  std::string block(1 << 20, '\0');
  ZSTD_DStream* stream = ZSTD_createDStream();
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (in.pos < in.size) {
    ZSTD_outBuffer to{block.data(), block.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(stream, &to, &in))) break;
    out.append(block, 0, to.pos);
  }
  ZSTD_freeDStream(stream);
  return out;
}

std::vector<fs::path> dbn_files() {
  std::vector<fs::path> out;
  for (const char* folder : {"conformance", "fixtures-v3", "schemas-v3-and-live", "glbx"})
    for (const auto& entry : fs::recursive_directory_iterator(shared_data("databento") / folder))
      if (entry.is_regular_file() && entry.path().string().find(".dbn") != std::string::npos)
        out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::uint8_t version_of_fragment(const record& r) { return r.as<definition_v1>() ? 1 : r.as<definition_v2>() ? 2 : 3; }

#define NEEDS_DATA() ISOBAR_SKIP_WITHOUT_SHARED("databento")
#define FILE_OR_FAIL(in, path)  \
  auto in = reader::open(path); \
  ASSERT_TRUE(in) << in.error().text()

fs::path glbx(std::string_view name) { return shared_data("databento/glbx") / name; }

TEST(DbnRealFiles, EveryFileIsWrittenAgainToTheSameBytes) {
  NEEDS_DATA();
  const auto files = dbn_files();
  EXPECT_GE(files.size(), 140u);
  std::set<std::pair<int, rtype>> seen;
  for (const auto& path : files) {
    SCOPED_TRACE(path.string());
    const auto raw = bytes_of(path);
    const bool zstd = path.extension() == ".zst";
    const auto plain = zstd ? unpacked(raw) : raw;
    FILE_OR_FAIL(in, path);
    record first = in->next();
    const auto version = in->metadata() ? in->metadata()->version : version_of_fragment(first);
    for (const bool pack : {false, true}) {
      std::optional<metadata> m;
      if (in->metadata()) m = *in->metadata();
      std::string again;
      auto out = writer::over(std::make_unique<string_sink>(again), m, {.zstd = pack}, version);
      ASSERT_TRUE(out) << out.error().evidence;
      FILE_OR_FAIL(source, path);
      while (const record r = source->next()) {
        seen.emplace(version, r.type());
        const auto put = out->write(r);
        ASSERT_TRUE(put) << put.error().evidence;
      }
      ASSERT_EQ(source->error(), nullptr) << source->error()->text();
      EXPECT_EQ(source->unknown(), 0u);
      EXPECT_EQ(source->offset(), plain.size());
      EXPECT_EQ(source->compressed_offset(), zstd ? std::optional<std::uint64_t>(raw.size()) : std::nullopt);
      ASSERT_TRUE(out->finish());
      EXPECT_TRUE((pack ? unpacked(again) : again) == plain) << "other bytes";
    }
  }
  // Every type and version of the folder took part.
  for (const int version : {1, 2, 3})
    for (const rtype t : {rtype::mbo, rtype::mbp_0, rtype::mbp_1, rtype::mbp_10, rtype::ohlcv_1s, rtype::ohlcv_1m,
                          rtype::ohlcv_1h, rtype::definition, rtype::statistics, rtype::imbalance})
      EXPECT_TRUE(seen.contains({version, t})) << version << " " << name_of(t);
}

TEST(DbnRealFiles, LegacyDbzIsRefusedByName) {
  NEEDS_DATA();
  int files = 0;
  for (const auto& entry : fs::directory_iterator(shared_data("databento/conformance"))) {
    if (entry.path().extension() != ".dbz") continue;
    ++files;
    const auto in = reader::open(entry.path());
    ASSERT_FALSE(in);
    EXPECT_EQ(in.error().code, errc::legacy_dbz);
    EXPECT_NE(in.error().text().find(entry.path().filename().string()), std::string::npos);
    EXPECT_NE(in.error().text().find("DBZ"), std::string::npos);
  }
  EXPECT_EQ(files, 10);
}

TEST(DbnRealFiles, SnapshotOfEsh4HasItsFlags) {
  NEEDS_DATA();
  FILE_OR_FAIL(in, glbx("esh4-glbx-mdp3-20231224.mbo.dbn.zst"));
  std::vector<std::uint8_t> flags;
  while (const record r = in->next()) {
    const auto* m = r.as<mbo_record>();
    ASSERT_TRUE(m);
    EXPECT_EQ(m->action, 'A');
    EXPECT_EQ(m->hd.instrument_id, 17'077u);
    flags.push_back(m->flags);
  }
  ASSERT_EQ(flags.size(), 8'725u);
  EXPECT_EQ(std::count(flags.begin(), flags.end(), 40), 8'724);
  EXPECT_EQ(flags.back(), 168);
}

TEST(DbnRealFiles, Esm4BecomesBookEvents) {
  NEEDS_DATA();
  FILE_OR_FAIL(
      in, glbx("order_book_deltas_catalog__databento__orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst"));
  std::map<market::book_action, int> live;
  int snapshot = 0, closed = 0;
  refusal_counts refused;
  market::book_event e;
  while (const record r = in->next()) {
    ASSERT_TRUE(refused.taken(to_book_event(*r.as<mbo_record>(), e)));
    if (e.has(market::event_flag::snapshot)) {
      ++snapshot;
    } else {
      ++live[e.action];
      closed += e.has(market::event_flag::last);
    }
  }
  EXPECT_EQ(snapshot, 13'601);  // a clear and 13,600 adds
  EXPECT_EQ(closed, 184);
  using enum market::book_action;
  EXPECT_EQ(live, (std::map<market::book_action, int>{{add, 78}, {cancel, 80}, {modify, 27}, {trade, 5}, {fill, 5}}));
}

/// Prices, sizes and times of all trades of a file.
std::vector<market::trade_event> trades_of(const fs::path& path, std::uint64_t& records) {
  std::vector<market::trade_event> out;
  auto in = reader::open(path);
  if (!in) return out;
  market::trade_event t;
  while (const record r = in->next())
    if (to_trade_event(r, t) == refusal::none) out.push_back(t);
  records = in->records();
  return out;
}

TEST(DbnRealFiles, TheTradesInsideMbp1AreTheTradesFile) {
  NEEDS_DATA();
  std::uint64_t quotes = 0, trades = 0;
  const auto inside = trades_of(
      glbx("historical_bars_catalog__databento__futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"), quotes);
  const auto alone = trades_of(
      glbx("historical_bars_catalog__databento__futures_trades_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"), trades);
  EXPECT_EQ(quotes, 2'288u);
  EXPECT_EQ(trades, 120u);
  ASSERT_EQ(inside.size(), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(inside[i].ts_event, alone[i].ts_event);
    EXPECT_EQ(inside[i].price, alone[i].price);
    EXPECT_EQ(inside[i].size, alone[i].size);
    EXPECT_EQ(inside[i].sequence, alone[i].sequence);
    EXPECT_EQ(inside[i].aggressor, alone[i].aggressor);
  }
}

TEST(DbnRealFiles, MappingsOfTheLargeDefinitionFiles) {
  NEEDS_DATA();
  FILE_OR_FAIL(options, glbx("definition-glbx-es-opt.dbn.zst"));
  FILE_OR_FAIL(equities, glbx("definition-opra.dbn.zst"));
  EXPECT_EQ(options->metadata()->mappings.size(), 11'294u);
  EXPECT_EQ(equities->metadata()->mappings.size(), 13'492u);
}

TEST(DbnRealFiles, ALiveStreamMixesNineTypes) {
  NEEDS_DATA();
  FILE_OR_FAIL(in, shared_data("databento/schemas-v3-and-live/LIVE/test_data.live.dbn.zst"));
  EXPECT_EQ(in->metadata()->schema, schema::mixed);
  std::map<rtype, int> types;
  while (const record r = in->next()) ++types[r.type()];
  EXPECT_EQ(in->records(), 46u);
  EXPECT_EQ(types.size(), 9u);
}

TEST(DbnRealFiles, FragmentsHaveNoMetadata) {
  NEEDS_DATA();
  FILE_OR_FAIL(in, shared_data("databento/conformance/multi-frame.definition.v1.dbn.frag.zst"));
  EXPECT_EQ(in->metadata(), nullptr);
  while (const record r = in->next()) EXPECT_TRUE(r.as<definition_v1>());
  EXPECT_EQ(in->records(), 8u);  // one per frame
}

TEST(DbnRealFiles, DefinitionsOfAllVersionsSayTheSame) {
  NEEDS_DATA();
  const auto folder = shared_data("databento/conformance");
  std::vector<std::string> names;
  for (const char* version : {"v1", "v2", "v3"}) {
    FILE_OR_FAIL(in, folder / (std::string("test_data.definition.") + version + ".dbn.zst"));
    const auto d = as_definition(in->next());
    ASSERT_TRUE(d);
    EXPECT_EQ(text_of(d->raw_symbol), "MSFT");
    EXPECT_EQ(text_of(d->exchange), "XNAS");
    EXPECT_EQ(d->instrument_class, 'K');
    EXPECT_EQ(d->hd.instrument_id, 6819u);
    market::instrument i;
    EXPECT_EQ(to_instrument(*d, i), refusal::none);
    EXPECT_EQ(i.expiration, end_of_time);
  }
}

TEST(DbnRealFiles, DefinitionOfEsIsAnInstrument) {
  NEEDS_DATA();
  FILE_OR_FAIL(in, glbx("order_book_deltas_catalog__databento__orderbooks_definition.dbn.zst"));
  const auto d = as_definition(in->next());
  ASSERT_TRUE(d);
  market::instrument i;
  ASSERT_EQ(to_instrument(*d, i), refusal::none);
  EXPECT_EQ(i.raw_symbol, "ESM4");
  EXPECT_EQ(i.asset, "ES");
  EXPECT_EQ(i.exchange, "XCME");
  EXPECT_EQ(i.currency, "USD");
  EXPECT_EQ(i.instrument_class, 'F');
  EXPECT_EQ(i.tick, price(250'000'000));
  EXPECT_EQ(i.multiplier, 50 * nanos_per_unit);
  EXPECT_EQ(to_iso(i.expiration), "2024-06-21T13:30:00.000000000Z");
}

TEST(DbnRealFiles, StatisticsOfAllVersionsSayTheSame) {
  NEEDS_DATA();
  std::vector<market::statistic> first;
  for (const char* version : {"v1", "v2", "v3"}) {
    FILE_OR_FAIL(in,
                 shared_data("databento/conformance") / (std::string("test_data.statistics.") + version + ".dbn.zst"));
    const auto s = as_statistics(in->next());
    ASSERT_TRUE(s);
    EXPECT_EQ(s->quantity, undefined_quantity);
    market::statistic m;
    ASSERT_EQ(to_statistic(*s, m), refusal::none);
    EXPECT_EQ(m.amount, INT64_MAX);
    first.push_back(m);
  }
  EXPECT_EQ(first[0], first[1]);
  EXPECT_EQ(first[0].type, first[2].type);
  EXPECT_EQ(first[0].price, first[2].price);
}

/// No enum letter of the real data is refused by the conversions.
TEST(DbnRealFiles, EveryRecordConvertsOrIsOfAnotherKind) {
  NEEDS_DATA();
  std::map<rtype, refusal_counts> counts;
  for (const auto& path : dbn_files()) {
    FILE_OR_FAIL(in, path);
    while (const record r = in->next()) {
      auto& c = counts[r.type()];
      market::book_event event;
      market::trade_event trade;
      if (const auto* m = r.as<mbo_record>()) c.taken(to_book_event(*m, event));
      if (const auto d = as_definition(r)) {
        market::instrument i;
        c.taken(to_instrument(*d, i));
      } else if (const auto s = as_statistics(r)) {
        market::statistic m;
        c.taken(to_statistic(*s, m));
      } else if (const auto* st = r.as<status_record>()) {
        market::trading_status t;
        c.taken(to_trading_status(*st, t));
      } else {
        c.taken(to_trade_event(r, trade));
      }
    }
  }
  for (const auto& [type, c] : counts)
    for (const refusal why : {refusal::action, refusal::side, refusal::time, refusal::answer})
      EXPECT_EQ(c.of(why), 0u) << name_of(type) << " " << name_of(why);
}

}  // namespace
}  // namespace isobar::wire::dbn
