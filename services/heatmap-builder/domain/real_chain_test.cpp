// Every tile of the twelve real SPX days against brute force straight over the files: own reader, std::map, no board.

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "core/decimal.hpp"
#include "heatmap-builder/domain/board_fixture.hpp"
#include "market/root.hpp"
#include "testing/testdata.hpp"

namespace isobar::heatmap_builder {
namespace {

using namespace fixture;

const std::vector<std::int64_t> widths_nanos = {20'000'000'000, 25'000'000'000, 30'000'000'000, 35'000'000'000,
                                                40'000'000'000, 45'000'000'000, 50'000'000'000};

/// The oracle's own reader: text columns only, decimals digit by digit.
struct csv_row {
  std::string ticker, bid, ask;
};

std::int64_t nanos_by_hand(const std::string& text) {
  std::int64_t value = 0, scale = 0;
  for (const char c : text) {
    if (c == '.') {
      scale = 1;
      continue;
    }
    value = value * 10 + (c - '0');
    if (scale > 0) scale *= 10;
  }
  return value * (1'000'000'000 / (scale > 0 ? scale : 1));
}

std::vector<csv_row> read_csv(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  std::vector<csv_row> rows;
  while (std::getline(in, line)) {
    std::vector<std::string> cells;
    std::stringstream split(line);
    for (std::string cell; std::getline(split, cell, ',');) cells.push_back(cell);
    rows.push_back({cells.at(3), cells.at(10), cells.at(11)});
  }
  return rows;
}

/// Oracle per "root+yymmdd", from the text of the tickers alone.
std::map<std::string, oracle> oracle_of(const std::vector<csv_row>& rows) {
  std::map<std::string, oracle> out;
  for (const csv_row& r : rows) {
    const std::size_t n = r.ticker.size();
    const auto right = r.ticker[n - 9] == 'C' ? market::right::call : market::right::put;
    const std::int64_t strike_nanos = std::stoll(r.ticker.substr(n - 8)) * 1'000'000;
    out[r.ticker.substr(0, n - 9)].quotes[{right, strike_nanos}] = {nanos_by_hand(r.bid), nanos_by_hand(r.ask)};
  }
  return out;
}

/// The code under test's way in: tickers and decimals through libs, a geometry, one base window of rows.
struct loaded {
  market::epoch epoch;
  market::heatmap_rows rows;
};
loaded load(const std::vector<csv_row>& csv, timestamp as_of, bool really_settles) {
  std::map<market::expiry_key, std::map<strike, std::array<std::optional<std::pair<price, price>>, 2>>> listed;
  for (const csv_row& r : csv) {
    const auto id = market::parse_ticker(r.ticker, false);
    EXPECT_TRUE(id.has_value()) << r.ticker;
    if (!id) continue;
    listed[{id->expiry, id->root}][id->strike][static_cast<std::size_t>(id->right)] = {price(*parse_nanos(r.bid)),
                                                                                       price(*parse_nanos(r.ask))};
  }
  loaded out;
  out.epoch.symbol = out.epoch.board.symbol = *symbol::parse("SPX");
  out.epoch.id = 1;
  out.rows.header.symbol = out.epoch.symbol;
  out.rows.header.epoch = 1;
  out.rows.header.base = true;
  out.rows.header.window_end = window_end_of(as_of, milliseconds(200));
  for (const auto& [key, strikes] : listed) {
    market::expiry_plane p;
    p.key = key;
    p.settles = market::find_root(key.root)->settles;
    p.settles_at = really_settles ? market::settlement_time(key.expiry, p.settles) : far_settlement;
    for (const auto& [k, sides] : strikes) {
      p.strikes.push_back(k);
      p.listed.push_back(static_cast<std::uint8_t>((sides[0] ? 1 : 0) | (sides[1] ? 2 : 0)));
    }
    out.epoch.board.planes.push_back(std::move(p));
  }
  for (const std::int64_t w : widths_nanos) out.epoch.board.widths.push_back(strike_width(w));
  out.epoch.board.finish();
  for (const market::expiry_plane& p : out.epoch.board.planes)
    for (std::size_t i = 0; i < p.strikes.size(); ++i)
      for (const market::right r : {market::right::call, market::right::put})
        if (const auto& q = listed[p.key][p.strikes[i]][static_cast<std::size_t>(r)])
          out.rows.rows.push_back({p.contract(i, r), q->first, q->second, as_of});
  return out;
}

std::string oracle_key(const market::expiry_key& key) {
  return key.root + std::to_string(to_yyyymmdd(key.expiry)).substr(2);
}

struct tally {
  std::size_t expiries = 0, expired = 0, contracts = 0, listed = 0, valid = 0;
  std::size_t flies = 0, fly_no_debit = 0, fly_above_width = 0, fly_unquoted = 0;
  std::size_t parity_pairs = 0, parity_mid_differs = 0, parity_arbitrage = 0;
};

/// Call and put butterflies pay the same at expiry: their mids should agree, and one must not be sold above the other's
/// cost. Bounds are those of decisions 23.
void report(const plane_board& p, const quote_columns& q, tally& t) {
  for (std::uint32_t position = 0; position < p.strikes.size(); ++position) {
    for (std::uint32_t w = 0; w < p.widths; ++w) {
      const std::uint32_t call = p.tile_at({position, market::right::call, strategy::butterfly, w});
      const std::uint32_t put = p.tile_at({position, market::right::put, strategy::butterfly, w});
      for (const std::uint32_t tile : {call, put}) {
        if (!p.tile_exists(tile)) continue;
        const tile_value v = evaluate(p, q, tile);
        ++t.flies;
        t.fly_no_debit += has(v.reasons, reason::no_net_debit);
        t.fly_above_width += has(v.reasons, reason::above_width);
        t.fly_unquoted += has(v.reasons, reason::missing_leg) || has(v.reasons, reason::crossed_leg);
      }
      if (!p.tile_exists(call) || !p.tile_exists(put)) continue;
      const tile_value c = evaluate(p, q, call), d = evaluate(p, q, put);
      ++t.parity_pairs;
      t.parity_mid_differs += c.mid != d.mid;
      t.parity_arbitrage += c.natural_credit > d.natural_debit || d.natural_credit > c.natural_debit;
    }
  }
}

TEST(RealChain, EveryTileOfTwelveDaysEqualsBruteForceOverTheFiles) {
  ISOBAR_SKIP_WITHOUT_SHARED("options/spx-eod-2019");
  std::set<std::filesystem::path> files;
  for (const auto& f : std::filesystem::directory_iterator(testing::shared_data("options/spx-eod-2019")))
    if (f.path().extension() == ".csv") files.insert(f.path());
  ASSERT_EQ(files.size(), 12u);
  tally all;
  for (const std::filesystem::path& file : files) {
    const std::string stem = file.stem().string();  // SPX_20190425
    const date day = *from_yyyymmdd(std::stoi(stem.substr(4)));
    const timestamp as_of = market::settlement_time(day, market::settlement::pm);  // decisions 19: 16:00 New York
    const auto csv = read_csv(file);
    const auto truth = oracle_of(csv);
    tally t;
    t.contracts = csv.size();
    for (const bool really_settles : {false, true}) {
      const loaded in = load(csv, as_of, really_settles);
      ASSERT_EQ(in.rows.rows.size(), csv.size()) << "a contract is listed twice in " << stem;
      const auto b = make_board(in.epoch);
      surface s({});
      s.prepare(b);
      ASSERT_EQ(s.apply(in.rows), apply_outcome::applied);
      ASSERT_EQ(s.delta().rows_rejected, 0u);
      ASSERT_EQ(b->planes.size(), truth.size());
      for (std::size_t i = 0; i < b->planes.size(); ++i) {
        const plane_board& p = b->planes[i];
        const auto emitted = named(p, *s.delta().planes[i]);
        if (really_settles && p.key.expiry <= day) {
          EXPECT_TRUE(emitted.empty()) << stem << ' ' << to_string(p.key) << " has settled";
          ++t.expired;
          continue;
        }
        const auto expected = truth.at(oracle_key(p.key)).all(widths_nanos);
        ASSERT_EQ(emitted.size(), expected.size()) << stem << ' ' << to_string(p.key);
        ASSERT_TRUE(emitted == expected) << stem << ' ' << to_string(p.key);
        ASSERT_TRUE(named(p, *s.snapshot()->planes[i]) == expected);
        if (!really_settles) {
          ++t.expiries;
          t.listed += p.listed_tiles;
          t.valid += expected.size();
          report(p, *s.snapshot()->planes[i], t);
        }
      }
    }
    std::cout << stem << " expiries=" << t.expiries << " settled=" << t.expired << " contracts=" << t.contracts
              << " tiles=" << t.listed << " valid=" << t.valid << " flies=" << t.flies << " fly<=0=" << t.fly_no_debit
              << " fly>width=" << t.fly_above_width << " fly_unquoted=" << t.fly_unquoted
              << " call/put pairs=" << t.parity_pairs << " mids differ=" << t.parity_mid_differs
              << " parity arbitrage=" << t.parity_arbitrage << '\n';
    all.valid += t.valid;
    all.listed += t.listed;
  }
  std::cout << "all tiles=" << all.listed << " valid=" << all.valid << '\n';
  EXPECT_GT(all.valid, 500'000u);
}

}  // namespace
}  // namespace isobar::heatmap_builder
