// Bench `heatmap` (owner: heatmap-builder). Quotes through hydrate -> dirty -> tiles -> emission (encoded TileDelta
// bytes), one core and its CPU time, against loops that rebuild everything, in the same run. See docs/benchmarks.md.
//
// Every pipeline sees the same quotes. The correctness hash is over the final tiles of each; they must agree.

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "core/decimal.hpp"
#include "core/digest.hpp"
#include "heatmap-builder/domain/gradient.hpp"
#include "heatmap-builder/domain/history.hpp"
#include "heatmap-builder/domain/surface.hpp"
#include "heatmap-builder/transport/tile_encoder.hpp"
#include "market/black_scholes.hpp"
#include "ws-hydrator/domain/hydrator.hpp"

namespace {

using namespace isobar;
using namespace isobar::heatmap_builder;
using heatmap_builder::board;
using ws_hydrator::feed_event;

constexpr std::int64_t window_ns = 200'000'000;
constexpr timestamp first_window{1'766'154'600'000'000'000};

/// A fixed generator, so that every run and machine sees the same quotes (Steele, Lea and Flood 2014).
struct splitmix64 {
  std::uint64_t state;
  std::uint64_t operator()() {
    std::uint64_t z = state += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return (*this)() % n; }
};

/// SPX-like ladder of 600 strikes: 5 points apart around the money, 25 in the wings.
market::epoch make_epoch(int expiries) {
  market::epoch e;
  e.symbol = e.board.symbol = *symbol::parse("SPX");
  e.id = 1;
  for (int i = 0; i < expiries; ++i) {
    market::expiry_plane p;
    p.key = {*from_yyyymmdd(20251219) + i, "SPXW"};
    p.settles_at = timestamp{first_window.ns + (i + 1) * 86'400'000'000'000};
    std::int64_t k = 3800;
    for (int s = 0; s < 600; ++s) {
      p.strikes.push_back(strike(k * nanos_per_unit));
      k += s < 80 || s >= 520 ? 25 : 5;
    }
    p.listed.assign(p.strikes.size(), 3);
    e.board.planes.push_back(std::move(p));
  }
  for (int w = 20; w <= 50; w += 5) e.board.widths.push_back(strike_width(w * nanos_per_unit));
  e.effective_from = first_window - duration_ns{window_ns};
  e.board.finish();
  e.hash = e.board.hash();
  return e;
}

/// Opening quotes of the whole board: Black-Scholes mids around 6900, ticks of 0.05 below 3 and 0.10 above, spreads
/// that widen.
struct quote_source {
  explicit quote_source(const board& b, std::uint64_t seed) : random{seed} {
    for (std::size_t i = 0; i < b.planes.size(); ++i) {
      const plane_board& p = b.planes[i];
      for (std::uint32_t row = 0; row < p.rows(); ++row) {
        const double k = to_double(p.strikes[row >> 1]);
        const double fair = market::black_scholes_price(static_cast<market::right>(row & 1),
                                                        {6900, k, (static_cast<double>(i) + 0.5) / 365, 0.05, 0.15});
        const std::int64_t tick = fair < 3 ? 50'000'000 : 100'000'000;
        const std::int64_t steps = 1 + static_cast<std::int64_t>(fair / 40);
        const auto middle = static_cast<std::int64_t>(fair * 1e9 / static_cast<double>(tick));
        keys.push_back(
            ws_hydrator::key_of({p.key.root, p.key.expiry, static_cast<market::right>(row & 1), p.strikes[row >> 1]}));
        ticks.push_back(tick);
        base_bid.push_back(std::max<std::int64_t>(0, (middle - steps / 2) * tick));
        base_ask.push_back(base_bid.back() + steps * tick);
      }
    }
  }
  feed_event opening(market::contract_index c) { return event(c, base_bid[c], base_ask[c], first_window.ns - 1); }
  feed_event next(market::contract_index c, std::int64_t ts) {
    const std::uint64_t r = random();
    const std::int64_t shift = static_cast<std::int64_t>(r % 7) - 3, widen = static_cast<std::int64_t>((r >> 8) % 2);
    const std::int64_t bid = std::max<std::int64_t>(0, base_bid[c] + shift * ticks[c]);
    return event(c, bid, std::max(bid + ticks[c], base_ask[c] + (shift + widen) * ticks[c]), ts);
  }
  feed_event event(market::contract_index c, std::int64_t bid, std::int64_t ask, std::int64_t ts) {
    feed_event e;
    e.contract = keys[c];
    e.ts_event = timestamp{ts};
    e.sequence = ++sequence;
    e.first = price(bid);
    e.second = price(ask);
    e.first_size = e.second_size = quantity(10);
    return e;
  }
  splitmix64 random;
  std::vector<std::int64_t> ticks, base_bid, base_ask;
  std::vector<ws_hydrator::contract_key> keys;
  std::uint64_t sequence = 0;
};

/// The hydrator of ws-hydrator, fed by packed contract key as a feed does; its frozen windows become heatmap rows as in
/// decomposer.
class hydration {
 public:
  explicit hydration(const market::epoch& e)
      : hydrator_(e.symbol, {}, [this](const market::frozen_window& w) { take(w); }) {
    if (!hydrator_.apply(e)) std::abort();
    hydrator_.advance_epochs(end_of_time);
    hydrator_.advance_chains(end_of_time);
  }
  const market::heatmap_rows& close(const std::vector<feed_event>& quotes, std::size_t window) {
    for (std::size_t at = 0; at < quotes.size(); at += 1024)
      hydrator_.apply(std::span(quotes).subspan(at, std::min<std::size_t>(1024, quotes.size() - at)));
    hydrator_.advance_quotes({first_window.ns + static_cast<std::int64_t>(window) * window_ns});
    return rows_;
  }

 private:
  void take(const market::frozen_window& w) {
    rows_.header = {w.symbol, w.epoch, w.sequence, w.start, w.end, w.base, w.spot, w.quality};
    rows_.rows.clear();
    for (const market::contract_row& r : w.rows)
      rows_.rows.push_back({r.contract, r.state.bid, r.state.ask, r.state.ts_quote});
  }
  ws_hydrator::hydrator hydrator_;
  market::heatmap_rows rows_;
};

std::uint64_t hash_of(const surface_snapshot& s) {
  digest64 d;
  tile_columns c;
  for (std::size_t i = 0; i < s.planes.size(); ++i) {
    valid_tiles(s.board->planes[i], *s.planes[i], c);
    for (std::size_t t = 0; t < c.changed.size(); ++t) {
      d.update(static_cast<std::int64_t>(c.changed[t]));
      d.update(c.mid[t]);
      d.update(c.natural_debit[t]);
      d.update(c.natural_credit[t]);
    }
  }
  return d.value();
}

/// The reference's full model (spec 7.1 and 5.6-1): one object per (strategy, dte, width, strike) with both sides, all
/// of it at every emission.
void write_json(const surface_snapshot& s, std::string& out) {
  out = "{\"ts\":1766154600.2,\"symbol\":\"I:SPX\",\"epoch\":\"current\",\"version\":1766154600200,\"tiles\":{";
  static constexpr const char* names[] = {"", "single", "vertical", "butterfly"};
  const auto money = [](std::int64_t v) { return format_nanos(v); };
  for (std::size_t i = 0; i < s.planes.size(); ++i) {
    const plane_board& p = s.board->planes[i];
    for (std::uint32_t position = 0; position < p.strikes.size(); ++position) {
      for (std::uint32_t column = 0; column < p.columns; ++column) {
        const tile_place place = p.place_of(2 * position * p.columns + column);
        const std::string width = place.kind == strategy::single ? "0" : money(p.width_nanos[place.width]);
        const std::string k = money(p.strikes[position].value), dte = std::to_string(i);
        std::string sides;
        for (std::uint32_t side = 0; side < 2; ++side) {
          const std::uint32_t tile = (2 * position + side) * p.columns + column;
          if (!p.tile_exists(tile)) continue;
          const tile_value v = evaluate(p, *s.planes[i], tile);
          if (!v.valid()) continue;
          sides += side == 0 ? ",\"call\":{" : ",\"put\":{";
          if (place.kind == strategy::single)
            sides += "\"mid\":" + money(v.mid) + ",\"market_mid\":" + money(v.mid) + "}";
          else
            sides += "\"debit\":" + money(v.mid) + ",\"max_profit\":" + money(p.width_nanos[place.width] - v.mid) +
                     ",\"max_loss\":" + money(v.mid) + ",\"market_debit\":" + money(v.mid) + "}";
        }
        if (sides.empty()) continue;
        const char* name = names[static_cast<int>(place.kind)];
        out += "\"" + std::string(name) + ":" + dte + ":" + width + ":" + k +
               "\":{\"symbol\":\"I:SPX\",\"strategy\":\"" + name + "\",\"dte\":" + dte + ",\"strike\":" + k +
               ",\"width\":" + width + sides + "},";
      }
    }
  }
  out += "}}";
}

/// CPU time of this thread: the figures are per core, and must not tell what else the machine does.
double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}
double seconds_since(double start) { return cpu_seconds() - start; }

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

struct workload {
  market::epoch epoch;
  std::vector<std::vector<feed_event>> windows;  ///< [0]: every contract once
  std::size_t quotes = 0;                        ///< without the first window
  std::size_t changed = 0;
};

/// `changed` contracts quote in each window, `quotes` times in total; others stay.
workload make_workload(const market::epoch& e, const board& b, std::size_t windows, std::size_t quotes,
                       std::size_t changed) {
  workload w;
  w.epoch = e;
  quote_source source(b, 20251219);
  w.windows.resize(windows + 1);
  for (market::contract_index c = 0; c < b.contracts; ++c) w.windows[0].push_back(source.opening(c));
  std::vector<market::contract_index> order(b.contracts);
  for (market::contract_index c = 0; c < b.contracts; ++c) order[c] = c;
  for (std::size_t i = 1; i <= windows; ++i) {
    for (std::size_t j = 0; j < changed; ++j) std::swap(order[j], order[j + source.random.below(order.size() - j)]);
    const std::int64_t start = first_window.ns + static_cast<std::int64_t>(i - 1) * window_ns;
    for (std::size_t q = 0; q < quotes; ++q) {
      const std::size_t pick = q < changed ? q : source.random.below(changed);
      w.windows[i].push_back(source.next(order[pick], start + static_cast<std::int64_t>(q * window_ns / quotes)));
    }
  }
  w.quotes = windows * quotes;
  w.changed = changed;
  return w;
}

market::heatmap_rows frame_of(std::size_t i) {
  market::heatmap_rows rows;
  rows.header.symbol = *symbol::parse("SPX");
  rows.header.epoch = 1;
  rows.header.base = i == 0;
  rows.header.window_end = timestamp{first_window.ns + static_cast<std::int64_t>(i) * window_ns};
  rows.header.window_start = rows.header.window_end - duration_ns{window_ns};
  return rows;
}

struct outcome {
  double seconds = 0;
  std::size_t bytes = 0, tiles = 0;
  std::uint64_t hash = 0;
};

/// hydrate -> dirty -> tiles -> encoded deltas; with `gradient` also the colorizer's input, counted apart.
outcome run_incremental(const std::shared_ptr<const board>& b, const workload& w, bool gradient) {
  surface s({});
  s.prepare(b);
  hydration hydrated(w.epoch);
  std::vector<gradient_plane> gradients;
  for (std::uint32_t i = 0; gradient && i < b->planes.size(); ++i) gradients.emplace_back(b->planes[i], i);
  tile_encoder encoder;
  std::string frame;
  outcome o;
  double start = cpu_seconds();
  for (std::size_t i = 0; i < w.windows.size(); ++i) {
    if (i == 1) start = cpu_seconds();
    if (s.apply(hydrated.close(w.windows[i], i)) != apply_outcome::applied) std::abort();
    for (const plane_delta* d : s.delta().planes) {
      if (!gradient) encoder.encode(s.delta(), *d, frame);
      if (!gradient && i > 0) {
        o.bytes += frame.size();
        o.tiles += d->changed.size() + d->removed.size();
      }
      if (!gradient) continue;
      const gradient_delta* g = gradients[d->plane].apply(*d, s.published_of(d->plane));
      if (!g) continue;
      encoder.encode_gradient(s.delta(), *g, frame);
      if (i > 0) {
        o.bytes += frame.size();
        o.tiles += g->changed.size() + g->removed.size();
      }
    }
  }
  o.seconds = seconds_since(start);
  o.hash = hash_of(*s.snapshot());
  return o;
}

/// The rival: the same hydration, then every tile of every plane evaluated and re-emitted, in the same encoding or as
/// JSON.
outcome run_full(const std::shared_ptr<const board>& b, const workload& w, bool json, std::size_t windows_most) {
  hydration hydrated(w.epoch);
  surface_snapshot now;
  now.board = b;
  std::vector<std::shared_ptr<plane_quotes>> planes;
  for (const plane_board& p : b->planes) {
    planes.push_back(std::make_shared<plane_quotes>());
    planes.back()->reset(p.rows());
    now.planes.push_back(planes.back());
  }
  tile_encoder encoder;
  tile_columns columns;
  std::string frame;
  outcome o;
  double start = cpu_seconds();
  const std::size_t windows = std::min(w.windows.size(), windows_most + 1);
  for (std::size_t i = 0; i < windows; ++i) {
    if (i == 1) start = cpu_seconds();
    const market::heatmap_rows& rows = hydrated.close(w.windows[i], i);
    for (const market::heatmap_row& r : rows.rows) {
      std::size_t plane = 0;
      while (r.contract >= b->planes[plane].first_contract + b->planes[plane].rows()) ++plane;
      plane_quotes& q = *planes[plane];
      const std::uint32_t row = r.contract - b->planes[plane].first_contract;
      q.bid[row] = r.bid.value;
      q.ask[row] = r.ask.value;
      q.status[row] = leg_status(r.bid.value, r.ask.value, r.ts_quote.ns, end_of_time, {0});
    }
    if (json) {
      write_json(now, frame);
      if (i > 0) o.bytes += frame.size();
      continue;
    }
    for (std::size_t p = 0; p < b->planes.size(); ++p) {
      valid_tiles(b->planes[p], *planes[p], columns);
      encoder.encode({.symbol = "SPX",
                      .epoch = 1,
                      .expiry = &b->planes[p].key,
                      .revision = i,
                      .window_end = rows.header.window_end,
                      .sequence = i,
                      .base = true},
                     columns, frame);
      if (i > 0) {
        o.bytes += frame.size();
        o.tiles += columns.changed.size();
      }
    }
  }
  o.seconds = seconds_since(start);
  o.hash = hash_of(now);
  return o;
}

int failures = 0;
void require(bool ok, const char* what) {
  if (ok) return;
  ++failures;
  std::printf("FAILED: %s\n", what);
}

void run_case(const char* name, int expiries, std::size_t windows, std::size_t quotes, double changed_fraction) {
  const market::epoch e = make_epoch(expiries);
  const auto b = *board::make(e);
  const auto changed = std::max<std::size_t>(1, static_cast<std::size_t>(changed_fraction * b->contracts));
  const workload w = make_workload(e, *b, windows, quotes, changed);
  const outcome fast = run_incremental(b, w, false);
  const outcome gradient = run_incremental(b, w, true);
  const outcome full = run_full(b, w, false, windows);
  const std::size_t json_windows = std::min<std::size_t>(windows, 3);
  const outcome json = run_full(b, w, true, json_windows);
  require(fast.hash == full.hash && fast.hash == gradient.hash, "incremental and full rebuild end in the same tiles");
  const auto n = static_cast<double>(windows);
  const double rate = static_cast<double>(w.quotes) / fast.seconds;
  const double per_window = static_cast<double>(fast.bytes) / n;
  std::printf("\n%s: %u contracts, %u tiles, %zu windows of %zu quotes, %zu contracts (%.1f %%) change per window\n",
              name, b->contracts, b->listed_tiles, windows, quotes, changed,
              100.0 * static_cast<double>(changed) / b->contracts);
  std::printf("  incremental          %12.0f quotes/s  %9.1f us/window  %10.0f bytes/window  %8.0f tiles/window\n",
              rate, 1e6 * fast.seconds / n, per_window, static_cast<double>(fast.tiles) / n);
  std::printf("  + gradient instead   %12.0f quotes/s  %9.1f us/window  %10.0f bytes/window  %8.0f cells/window\n",
              static_cast<double>(w.quotes) / gradient.seconds, 1e6 * gradient.seconds / n,
              static_cast<double>(gradient.bytes) / n, static_cast<double>(gradient.tiles) / n);
  std::printf(
      "  full, same encoding  %12.0f quotes/s  %9.1f us/window  %10.0f bytes/window  -> %.1fx the bytes, %.1fx the "
      "time\n",
      static_cast<double>(w.quotes) / full.seconds, 1e6 * full.seconds / n, static_cast<double>(full.bytes) / n,
      static_cast<double>(full.bytes) / static_cast<double>(fast.bytes), full.seconds / fast.seconds);
  const double json_bytes = static_cast<double>(json.bytes) / static_cast<double>(json_windows);
  const double json_seconds = json.seconds / static_cast<double>(json_windows);
  std::printf(
      "  full, JSON           %12.0f quotes/s  %9.1f us/window  %10.0f bytes/window  -> %.0fx the bytes, %.0fx the "
      "time\n",
      static_cast<double>(quotes) / json_seconds, 1e6 * json_seconds, json_bytes, json_bytes / per_window,
      json_seconds * n / fast.seconds);
  std::printf("  correctness hash %s\n", to_hex(fast.hash).c_str());
  if (changed_fraction > 0.01) return;
  require(static_cast<double>(full.bytes) >= 25 * static_cast<double>(fast.bytes), "25 times fewer bytes at 1 %");
  require(json_bytes >= 300 * per_window, "300 times fewer bytes than JSON at 1 %");
}

/// What a builder that holds the full chain adds to the process: surface, gradient, snapshot, encoder, and two minutes
/// of history.
void report_memory() {
  const std::size_t before = resident_bytes();
  const auto b = *board::make(make_epoch(10));
  surface s({});
  s.prepare(b);
  std::vector<gradient_plane> gradients;
  for (std::uint32_t i = 0; i < b->planes.size(); ++i) gradients.emplace_back(b->planes[i], i);
  history past({}, {0});
  tile_encoder encoder;
  std::string frame;
  quote_source source(*b, 7);
  std::size_t frame_bytes = 0;
  for (std::size_t i = 0; i < 600; ++i) {
    market::heatmap_rows rows = frame_of(i);
    const market::contract_index step = i == 0 ? 1 : 100;  // then one contract in a hundred
    for (auto c = static_cast<market::contract_index>(i % step); c < b->contracts; c += step) {
      const feed_event q = source.next(c, rows.header.window_start.ns);
      rows.rows.push_back({c, q.first, q.second, q.ts_event});
    }
    s.apply(rows);
    past.append(s.snapshot(), rows);
    for (const plane_delta* d : s.delta().planes) {
      encoder.encode(s.delta(), *d, frame);
      frame_bytes += frame.size();
      gradients[d->plane].apply(*d, s.published_of(d->plane));
    }
  }
  std::printf(
      "full chain held: %u contracts, %u tiles, %zu windows of history: %.1f MiB more resident (history says %.1f "
      "MiB), %zu frame bytes\n",
      b->contracts, b->listed_tiles, past.windows(), static_cast<double>(resident_bytes() - before) / 1048576.0,
      static_cast<double>(past.bytes()) / 1048576.0, frame_bytes);
}

}  // namespace

int main() {
  const char* set = std::getenv("ISOBAR_BENCH_SMOKE");
  const bool smoke = set && *set && std::strcmp(set, "0") != 0;
  const std::size_t windows = smoke ? 3 : 200, few = smoke ? 2 : 50;
  // 40,000 quotes in 200 ms are the 200,000 a second of a burst; 2,000 a quiet market.
  report_memory();
  run_case("0-DTE plane, burst, every contract", 1, windows, 40'000, 1.0);
  run_case("0-DTE plane, burst, a tenth of the contracts", 1, windows, 40'000, 0.1);
  run_case("0-DTE plane, 1 % of the contracts", 1, windows, 2'000, 0.01);
  run_case("full chain, burst, every contract", 10, few, 40'000, 1.0);
  run_case("full chain, burst, a tenth of the contracts", 10, few, 40'000, 0.1);
  run_case("full chain, burst, 1 % of the contracts", 10, few, 40'000, 0.01);
  run_case("full chain, quiet, 1 % of the contracts", 10, few, 2'000, 0.01);
  std::printf("\nresident memory at the end: %.1f MiB\n", static_cast<double>(resident_bytes()) / 1048576.0);
  return failures == 0 ? 0 : 1;
}
