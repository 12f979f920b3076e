#pragma once
// Boards and rows for tests, and the brute-force oracle: tiles straight from a map of quotes, by strikes and names
// only.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "heatmap-builder/domain/surface.hpp"

namespace isobar::heatmap_builder::fixture {

constexpr strike points(double p) { return strike(static_cast<std::int64_t>(p * 1e9 + (p < 0 ? -0.5 : 0.5))); }
constexpr price at(double p) { return price(static_cast<std::int64_t>(p * 1e9 + (p < 0 ? -0.5 : 0.5))); }
constexpr strike_width wide(double p) { return strike_width(static_cast<std::int64_t>(p * 1e9 + 0.5)); }

inline constexpr timestamp far_settlement{4'102'444'800'000'000'000};

struct listing {
  std::string root = "SPXW";
  std::int32_t yyyymmdd = 20251219;
  std::vector<double> strikes;
  std::vector<std::uint8_t> listed = {};  ///< empty: both rights everywhere
  timestamp settles_at = far_settlement;
};

inline market::epoch make_epoch(std::uint64_t id, const std::vector<listing>& listings,
                                const std::vector<double>& widths, std::string_view symbol_text = "SPX") {
  market::epoch e;
  e.symbol = *symbol::parse(symbol_text);
  e.id = id;
  e.board.symbol = e.symbol;
  for (const listing& l : listings) {
    market::expiry_plane p;
    p.key = {*from_yyyymmdd(l.yyyymmdd), l.root};
    p.settles_at = l.settles_at;
    for (const double k : l.strikes) p.strikes.push_back(points(k));
    p.listed = l.listed.empty() ? std::vector<std::uint8_t>(l.strikes.size(), 3) : l.listed;
    e.board.planes.push_back(std::move(p));
  }
  for (const double w : widths) e.board.widths.push_back(wide(w));
  e.board.finish();
  e.hash = e.board.hash();
  return e;
}

inline std::shared_ptr<const board> make_board(const market::epoch& e) {
  auto made = board::make(e);
  EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().evidence);
  return made ? *made : nullptr;
}

inline market::heatmap_rows window(std::uint64_t epoch, std::int64_t window_number, bool base,
                                   std::vector<market::heatmap_row> rows) {
  market::heatmap_rows w;
  w.header.symbol = *symbol::parse("SPX");
  w.header.epoch = epoch;
  w.header.window_start = timestamp{(window_number - 1) * 200'000'000};
  w.header.window_end = timestamp{window_number * 200'000'000};
  w.header.base = base;
  w.rows = std::move(rows);
  return w;
}

/// What the oracle knows of a contract; both sides always present.
struct quote {
  std::int64_t bid, ask, ts = 0;
};

/// Independent of the code under test: no positions, masks or neighbour tables.
class oracle {
 public:
  struct value {
    std::int64_t mid, natural_debit, natural_credit;
    bool operator==(const value&) const = default;
  };
  using name = std::tuple<market::right, int, std::int64_t, std::int64_t>;  ///< right, strategy, strike, width

  std::map<std::pair<market::right, std::int64_t>, quote> quotes;  ///< two-sided only

  std::optional<value> tile(market::right r, int kind, std::int64_t k, std::int64_t w) const {
    const std::int64_t up = k + w, down = k - w;
    std::vector<std::pair<std::int64_t, int>> legs;
    if (kind == 1) legs = {{k, 1}};
    if (kind == 2) legs = {{k, 1}, {r == market::right::call ? up : down, -1}};
    if (kind == 3) legs = {{down, 1}, {k, -2}, {up, 1}};
    value v{0, 0, 0};
    for (const auto& [strike_nanos, ratio] : legs) {
      const auto found = quotes.find({r, strike_nanos});
      if (found == quotes.end() || found->second.bid > found->second.ask) return std::nullopt;
      const quote& q = found->second;
      v.mid += ratio * floor_div(q.bid + q.ask, 2);
      v.natural_debit += ratio * (ratio > 0 ? q.ask : q.bid);
      v.natural_credit += ratio * (ratio > 0 ? q.bid : q.ask);
    }
    if (v.mid <= 0 || (kind != 1 && v.mid > w)) return std::nullopt;
    return v;
  }
  /// Every valid tile at the given strikes and widths.
  std::map<name, value> all(const std::vector<std::int64_t>& widths) const {
    std::map<name, value> out;
    for (const auto& [leg, q] : quotes) {
      if (auto v = tile(leg.first, 1, leg.second, 0)) out[{leg.first, 1, leg.second, 0}] = *v;
      for (const std::int64_t w : widths)
        for (const int kind : {2, 3})
          if (auto v = tile(leg.first, kind, leg.second, w)) out[{leg.first, kind, leg.second, w}] = *v;
    }
    return out;
  }
};

/// Name of a tile by strikes.
inline oracle::name name_of(const plane_board& p, std::uint32_t tile) {
  const tile_place t = p.place_of(tile);
  return {t.side, static_cast<int>(t.kind), p.strikes[t.position].value,
          t.kind == strategy::single ? 0 : p.width_nanos[t.width]};
}

inline std::map<oracle::name, oracle::value> named(const plane_board& p, const tile_columns& c) {
  std::map<oracle::name, oracle::value> out;
  for (std::size_t i = 0; i < c.changed.size(); ++i)
    out[name_of(p, c.changed[i])] = {c.mid[i], c.natural_debit[i], c.natural_credit[i]};
  return out;
}
inline std::map<oracle::name, oracle::value> named(const plane_board& p, const quote_columns& q) {
  tile_columns c;
  valid_tiles(p, q, c);
  return named(p, c);
}

}  // namespace isobar::heatmap_builder::fixture
