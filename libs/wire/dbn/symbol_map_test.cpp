#include "wire/dbn/symbol_map.hpp"

#include <gtest/gtest.h>

#include "testing/testdata.hpp"
#include "wire/dbn/dbn_fixture.hpp"

namespace isobar::wire::dbn {
namespace {

timestamp day(unsigned d, std::int64_t hours = 0) {
  return utc_midnight(*make_date(2023, 12, d)) + seconds(hours * 3600);
}

symbol_mapping_v2 live(std::uint32_t id, std::string_view in, std::string_view out, timestamp at) {
  symbol_mapping_v2 r{};
  r.hd = make_header<symbol_mapping_v2>(rtype::symbol_mapping, 1, id, static_cast<std::uint64_t>(at.ns));
  r.stype_in = symbol_type::raw_symbol;
  r.stype_out = symbol_type::instrument_id;
  set_text(r.stype_in_symbol, in);
  set_text(r.stype_out_symbol, out);
  r.start_ts = r.end_ts = undefined_time;
  return r;
}

TEST(DbnSymbolMap, MetadataFromSymbolsToIds) {
  metadata m = fixture::header(3);
  m.mappings = {{"ESH4", {{*make_date(2023, 12, 24), *make_date(2023, 12, 26), "17077"}}},
                {"ESM4",
                 {{*make_date(2023, 12, 26), *make_date(2023, 12, 27), "17077"},
                  {*make_date(2023, 12, 27), *make_date(2023, 12, 28), ""}}}};
  symbol_map map;
  map.add(m);
  EXPECT_EQ(map.find(17'077, day(23, 23)), std::nullopt);
  EXPECT_EQ(map.find(17'077, day(24)), "ESH4");
  EXPECT_EQ(map.find(17'077, day(25, 23)), "ESH4");
  EXPECT_EQ(map.find(17'077, day(26)), "ESM4") << "an id used again";
  EXPECT_EQ(map.find(17'077, day(27)), std::nullopt);
  EXPECT_EQ(map.find(1, day(24)), std::nullopt);
  EXPECT_EQ(map.instruments(), 1u);
}

TEST(DbnSymbolMap, MetadataFromIdsToSymbols) {
  metadata m = fixture::header(2);
  m.stype_in = symbol_type::instrument_id;
  m.stype_out = symbol_type::raw_symbol;
  m.mappings = {{"17077", {{*make_date(2023, 12, 24), *make_date(2023, 12, 26), "ESH4"}}}, {"x", {{{0}, {1}, "y"}}}};
  symbol_map map;
  map.add(m);
  EXPECT_EQ(map.find(17'077, day(24)), "ESH4");
  EXPECT_EQ(map.refused(), 1u);
  m.stype_in = symbol_type::parent;
  symbol_map neither;
  neither.add(m);
  EXPECT_EQ(neither.refused(), 2u);
  EXPECT_EQ(neither.instruments(), 0u);
}

TEST(DbnSymbolMap, DaysBeyondTimeAreItsEnds) {  // found by the fuzzer
  metadata m = fixture::header(3);
  m.mappings = {{"ESH4", {{*make_date(1, 1, 1), *make_date(9999, 12, 31), "5"}}}};
  symbol_map map;
  map.add(m);
  EXPECT_EQ(map.find(5, start_of_time), "ESH4");
  EXPECT_EQ(map.find(5, {INT64_MAX - 1}), "ESH4");
}

TEST(DbnSymbolMap, RecordsOfALiveStream) {
  symbol_map map;
  map.add(live(5, "ESH4", "5", day(24)));
  EXPECT_EQ(map.find(5, day(23)), "ESH4") << "nothing else was known";
  map.add(live(5, "ESM4", "5", day(25)));
  EXPECT_EQ(map.find(5, day(24)), "ESH4");
  EXPECT_EQ(map.find(5, day(25)), "ESM4");
  auto parent = live(6, "ES.FUT", "ESU4", day(24));
  parent.stype_in = symbol_type::parent;
  parent.stype_out = symbol_type::raw_symbol;
  map.add(parent);
  EXPECT_EQ(map.find(6, day(24)), "ESU4");
  auto unsaid = live(7, "ESZ4", "7", day(24));
  unsaid.stype_in = unsaid.stype_out = symbol_type::unsaid;
  map.add(unsaid);
  EXPECT_EQ(map.find(7, day(24)), "ESZ4");
  for (int i = 0; i < 100; ++i) map.add(unsaid);
  EXPECT_EQ(map.intervals(), 4u) << "repeats need no place";
}

TEST(DbnSymbolMap, IsBounded) {
  symbol_map map(3);
  for (std::uint32_t id = 0; id < 10; ++id) map.add(live(id, "S", "x", day(24)));
  EXPECT_EQ(map.intervals(), 3u);
  EXPECT_EQ(map.refused(), 7u);
}

/// Definitions state the symbol of their own id: the metadata of the same file must agree, in every version.
TEST(DbnSymbolMap, AgreesWithTheDefinitionsOfTheRealFiles) {
  ISOBAR_SKIP_WITHOUT_SHARED("databento");
  int compared = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(testing::shared_data("databento"))) {
    const auto name = entry.path().filename().string();
    if (name.find("definition") == std::string::npos || entry.path().extension() == ".dbz") continue;
    auto in = reader::open(entry.path());
    ASSERT_TRUE(in) << in.error().text();
    if (!in->metadata() || in->metadata()->mappings.empty()) continue;  // requests for all symbols state none
    symbol_map map;
    map.add(*in->metadata());
    while (const record r = in->next()) {
      const auto d = as_definition(r);
      ASSERT_TRUE(d);
      const auto found = map.find(d->hd.instrument_id, {static_cast<std::int64_t>(d->ts_recv)});
      ASSERT_TRUE(found) << entry.path() << " " << d->hd.instrument_id;
      EXPECT_EQ(*found, text_of(d->raw_symbol)) << entry.path();
      ++compared;
    }
  }
  EXPECT_GE(compared, 20);
}

TEST(DbnSymbolMap, ReadsTheMappingsOfALiveStream) {
  ISOBAR_SKIP_WITHOUT_SHARED("databento");
  auto in = reader::open(testing::shared_data("databento/schemas-v3-and-live/LIVE/test_data.live.dbn.zst"));
  ASSERT_TRUE(in);
  symbol_map map;
  std::uint64_t mapped = 0, named = 0, market = 0;
  while (const record r = in->next()) {
    if (const auto m = as_symbol_mapping(r)) {
      map.add(*m);
      ++mapped;
    } else if (r.type() != rtype::system && r.type() != rtype::error) {
      ++market;
      named += map.find(r.header().instrument_id, {static_cast<std::int64_t>(r.header().ts_event)}) == "ESZ4";
    }
  }
  EXPECT_GT(mapped, 0u);
  EXPECT_EQ(named, market) << "every record of the stream is of ESZ4";
}

}  // namespace
}  // namespace isobar::wire::dbn
