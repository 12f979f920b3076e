#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>

#include "core/numeric.hpp"
#include "market/naive_book.hpp"
#include "radar-physics/domain/engine_streams_fixture.hpp"

// The wall and vacuum rows against the obvious way to make them: whole maps per window, ages from a walk over all
// orders.
namespace isobar::radar_physics {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

struct flow {
  std::uint64_t added = 0, pulled = 0, filled = 0, pulled_rest = 0;
};
using key = std::pair<int, tick_index>;  // bids first
struct naive_window {
  std::int64_t end = 0;
  std::map<key, std::uint64_t> start, depth, rest;
  std::map<key, flow> flows;
  bool rebuilt = false;
  std::map<key, bool> marked;  // rows that were rebuilt
  std::optional<price> mid;
};

class naive_medium {
 public:
  explicit naive_medium(const radar_config& c) : config_(c), book_({.tick = c.tick}) {}

  void apply(const book_event& e) {
    if (!e.has(event_flag::snapshot)) {
      const std::int64_t end = window_end_of(e.ts_event, config_.window).ns;
      if (!open_) {
        open_ = true;
        now_.end = end;
        now_.start = depth();
      }
      while (now_.end < end) close();
    }
    const bool may_clear = e.action == book_action::clear || e.has(event_flag::snapshot);
    const auto before = open_ && may_clear ? depth() : std::map<key, std::uint64_t>{};
    const market::book_change c = book_.apply(e);
    if (!open_) return;
    now_.rebuilt |= c.snapshot || c.cleared;
    if (c.cleared)
      for (const auto& [k, lots] : before) now_.marked[k] = true;
    if (c.snapshot && c.old_size != 0) now_.marked[{c.old_side == book_side::bid ? 0 : 1, c.old_tick}] = true;
    if (c.snapshot && c.new_size != 0) now_.marked[{c.side == book_side::bid ? 0 : 1, c.new_tick}] = true;
    if (c.pulled + c.filled > 0) {
      flow& f = now_.flows[{c.old_side == book_side::bid ? 0 : 1, c.old_tick}];
      f.pulled += c.pulled;
      f.filled += c.filled;
      if (c.ts_event - c.ts_entered >= config_.rest) f.pulled_rest += c.pulled;
    }
    if (c.added > 0) now_.flows[{c.side == book_side::bid ? 0 : 1, c.new_tick}].added += c.added;
  }
  void close() {
    now_.depth = depth();
    for (const auto& [where, lots] : now_.depth) {
      std::vector<market::book_order> orders;
      book_.queue(where.first == 0 ? book_side::bid : book_side::ask, where.second, orders);
      for (const market::book_order& o : orders)
        if (now_.end - o.ts_entered.ns >= config_.rest.value) now_.rest[where] += o.size;
    }
    const auto bid = book_.best(book_side::bid), ask = book_.best(book_side::ask);
    if (bid && ask && bid->tick < ask->tick && book_.trust() != market::book_trust::snapshot)
      mid_ = price((bid->tick + ask->tick) * config_.tick.value / 2);
    now_.mid = mid_;
    const std::int64_t next = now_.end + config_.window.value;
    windows.push_back(std::move(now_));
    now_ = {};
    now_.end = next;
    now_.start = windows.back().depth;
  }

  std::vector<naive_window> windows;

 private:
  std::map<key, std::uint64_t> depth() const {
    std::map<key, std::uint64_t> all;
    for (const book_side side : {book_side::bid, book_side::ask}) {
      std::vector<market::book_level> levels;
      book_.depth(side, SIZE_MAX, levels);
      for (const market::book_level& l : levels) all[{side == book_side::bid ? 0 : 1, l.tick}] = l.size;
    }
    return all;
  }

  radar_config config_;
  market::naive_book book_;
  bool open_ = false;
  naive_window now_;
  std::optional<price> mid_;
};

template <class Map>
auto value_at(const Map& m, const key& k) {
  const auto found = m.find(k);
  return found == m.end() ? typename Map::mapped_type{} : found->second;
}

/// Every row of window `w`, made from whole maps.
std::vector<medium_row> naive_rows(const std::vector<naive_window>& all, std::size_t w, const radar_config& c) {
  std::vector<medium_row> rows;
  const naive_window& now = all[w];
  if (!now.mid) return rows;
  const tick_index ref = floor_div(now.mid->value, c.tick.value);
  std::map<key, bool> keys;
  for (const auto& [k, lots] : now.depth) keys[k] = true;
  for (const auto& [k, f] : now.flows) keys[k] = true;
  for (const auto& [k, lots] : now.start)
    if (now.rebuilt) keys[k] = true;  // cleared levels have their last row
  // Before the first window the book stood as it did when that began.
  const auto depth_at = [&](std::ptrdiff_t i, const key& k) -> std::int64_t {
    return static_cast<std::int64_t>(i < 0 ? value_at(all[0].start, k)
                                           : value_at(all[static_cast<std::size_t>(i)].depth, k));
  };
  const auto log_at = [&](std::ptrdiff_t i, const key& k) {
    if (i < 0) return 0.0;
    const flow f = value_at(all[static_cast<std::size_t>(i)].flows, k);
    return std::log((static_cast<double>(f.pulled_rest) + 1) / (static_cast<double>(f.added) + 1));
  };
  for (const auto& [k, unused] : keys) {
    if (std::abs(k.second - ref) > c.wall_ticks) continue;
    const auto i = static_cast<std::ptrdiff_t>(w);
    const flow f = value_at(now.flows, k);
    medium_row r;
    r.side = k.first == 0 ? book_side::bid : book_side::ask;
    r.tick = k.second;
    r.rel_ticks = static_cast<std::int32_t>(k.second - ref);
    r.depth_start = value_at(now.start, k);
    r.depth_end = value_at(now.depth, k);
    if (r.depth_start == 0 && r.depth_end == 0 && f.added + f.pulled + f.filled == 0) continue;
    r.added = f.added;
    r.pulled = f.pulled;
    r.filled = f.filled;
    r.pulled_rest = f.pulled_rest;
    r.depth_rest = value_at(now.rest, k);
    r.rebuilt = value_at(now.marked, k);
    const std::int64_t e0 = depth_at(i, k), e1 = depth_at(i - 1, k), e2 = depth_at(i - 2, k), e3 = depth_at(i - 3, k);
    r.d1_depth = e0 - e1;
    r.d2_depth = e0 - 2 * e1 + e2;
    r.d3_depth = e0 - 3 * e1 + 3 * e2 - e3;
    const double p0 = log_at(i, k), p1 = log_at(i - 1, k), p2 = log_at(i - 2, k), p3 = log_at(i - 3, k);
    r.pull_add_log = p0;
    r.d1_pull_add_log = p0 - p1;
    r.d2_pull_add_log = p0 - 2 * p1 + p2;
    r.d3_pull_add_log = p0 - 3 * p1 + 3 * p2 - p3;
    r.pull_intensity_rest = static_cast<double>(f.pulled_rest) / (static_cast<double>(r.depth_start) + 1);
    r.wall_strength_log = std::log(static_cast<double>(r.depth_rest) + 1);
    r.wall_erosion = static_cast<double>(std::max<std::int64_t>(-r.d1_depth, 0));
    r.erosion_norm_arg = std::log(1 + r.wall_erosion / (static_cast<double>(r.depth_start) + 1));
    rows.push_back(r);
  }
  return rows;
}

void expect_row(const medium_row& row, const medium_row& e) {
  EXPECT_EQ(row.side, e.side);
  EXPECT_EQ(row.tick, e.tick);
  EXPECT_EQ(row.rel_ticks, e.rel_ticks);
  EXPECT_EQ(row.depth_start, e.depth_start);
  EXPECT_EQ(row.depth_end, e.depth_end);
  EXPECT_EQ(row.added, e.added);
  EXPECT_EQ(row.pulled, e.pulled);
  EXPECT_EQ(row.filled, e.filled);
  EXPECT_EQ(row.depth_rest, e.depth_rest);
  EXPECT_EQ(row.rebuilt, e.rebuilt);
  EXPECT_EQ(row.pulled_rest, e.pulled_rest);
  EXPECT_EQ(row.d1_depth, e.d1_depth);
  EXPECT_EQ(row.d2_depth, e.d2_depth);
  EXPECT_EQ(row.d3_depth, e.d3_depth);
  EXPECT_NEAR(row.pull_intensity_rest, e.pull_intensity_rest, 1e-12);
  EXPECT_NEAR(row.pull_add_log, e.pull_add_log, 1e-12);
  EXPECT_NEAR(row.d1_pull_add_log, e.d1_pull_add_log, 1e-11);
  EXPECT_NEAR(row.d2_pull_add_log, e.d2_pull_add_log, 1e-11);
  EXPECT_NEAR(row.d3_pull_add_log, e.d3_pull_add_log, 1e-11);
  EXPECT_NEAR(row.wall_strength_log, e.wall_strength_log, 1e-12);
  EXPECT_EQ(row.wall_erosion, e.wall_erosion);
  EXPECT_NEAR(row.erosion_norm_arg, e.erosion_norm_arg, 1e-12);
}

struct totals {
  std::size_t windows = 0, rows = 0, spans = 0, rebuilt = 0;
};

void compare(const std::vector<book_event>& events, const radar_config& config, totals& seen) {
  naive_medium naive(config);
  for (const book_event& e : events) naive.apply(e);
  naive.close();
  const recorder out = replay(events, config);
  std::size_t w = 0;
  for (const window_outputs& o : out.windows) {
    if (o.window.span > 1) ++seen.spans;
    for (std::uint32_t n = 0; n < o.window.span; ++n, ++w) {
      ASSERT_LT(w, naive.windows.size());
      SCOPED_TRACE("window " + std::to_string(w) + " of a span of " + std::to_string(o.window.span));
      const std::int64_t width = config.window.value;
      ASSERT_EQ(o.window.end.ns - width * (static_cast<std::int64_t>(o.window.span) - 1 - n), naive.windows[w].end);
      ASSERT_EQ(o.window.rebuilt, naive.windows[w].rebuilt);
      if (o.window.rebuilt) ++seen.rebuilt;
      const std::vector<medium_row> rows = naive_rows(naive.windows, w, config);
      ASSERT_EQ(o.surface.rows.size(), rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        expect_row(o.surface.rows[i], rows[i]);
        const medium_row& r = o.surface.rows[i];
        if (!r.rebuilt) {
          EXPECT_EQ(r.depth_end, r.depth_start + r.added - r.pulled - r.filled);
        }
        if (::testing::Test::HasFailure()) return;
      }
      seen.rows += rows.size();
    }
  }
  EXPECT_EQ(w, naive.windows.size());
  seen.windows += w;
}

TEST(RadarEngineOracle, GivesTheRowsOfTheNaiveMedium) {
  totals seen;
  for (std::uint64_t seed = 1; seed <= 12 && !HasFailure(); ++seed) compare(stream(seed), {}, seen);
  EXPECT_GT(seen.windows, 2'000u);
  EXPECT_GT(seen.rows, 150'000u);
  EXPECT_GT(seen.spans, 20u);
  EXPECT_GT(seen.rebuilt, 20u);
}

/// The stream behind a snapshot of orders that are young, or not yet there, when the first window ends. Some are
/// cancelled later on, some said twice.
std::vector<book_event> behind_a_fresh_snapshot(std::vector<book_event> events, std::uint64_t seed) {
  market::generators::random dice(seed + 5);
  const auto live = std::find_if(events.begin(), events.end(), [](auto& e) { return !e.has(event_flag::snapshot); });
  const std::int64_t open = live->ts_event.ns / 1'000'000;
  const tick_index middle = floor_div(live->price.value, es_tick_int);
  std::vector<book_event> out, cancels;
  for (std::uint64_t n = 0; n < 60; ++n) {
    const book_side side = n % 2 == 0 ? book_side::bid : book_side::ask;
    // Beyond the market, or the book would be crossed and have no rows.
    const tick_index away = dice.between(45, 65);
    const tick_index tick = middle + (side == book_side::bid ? -away : away);
    const double at = 0.25 * static_cast<double>(tick);
    const std::int64_t entered = open + (n < 40 ? dice.between(-800, 1'200) : dice.between(1'000, 40'000));
    out.push_back(record(entered, book_action::add, side, at, 1 + static_cast<std::uint32_t>(n), (1u << 30) + n,
                         event_flag::snapshot));
    if (n % 3 == 0) cancels.push_back(cancel(0, side, at, 1 + static_cast<std::uint32_t>(n), (1u << 30) + n));
    if (n % 7 == 0) {  // said twice: later, and now and then on the other side
      const bool across = n % 2 == 0;
      out.push_back(record(entered + 300, book_action::add, across ? book_side::ask : side,
                           across ? 0.25 * static_cast<double>(middle + away) : at, 1 + static_cast<std::uint32_t>(n),
                           (1u << 30) + n, event_flag::snapshot));
    }
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    out.push_back(events[i]);
    if (i < 3 || cancels.empty() || events[i].has(event_flag::snapshot) || !dice.one_in(4)) continue;
    cancels.back().ts_event = events[i].ts_event;
    out.push_back(cancels.back());
    cancels.pop_back();
  }
  return out;
}

TEST(RadarEngineOracle, HoldsBehindASnapshotOfYoungOrders) {
  totals seen;
  for (std::uint64_t seed = 1; seed <= 8 && !HasFailure(); ++seed) {
    stream_shape shape;
    shape.steps = 500;
    shape.market.snapshot_one_in = seed % 2 == 0 ? 0 : 200;
    radar_config c;
    c.rest = milliseconds(seed % 3 == 0 ? 2'500 : 500);
    compare(behind_a_fresh_snapshot(stream(seed, shape), seed), c, seen);
  }
  EXPECT_GT(seen.rows, 10'000u);
}

TEST(RadarEngineOracle, HoldsForWindowsShorterThanTheRestTimeAndForOddOnes) {
  totals seen;
  for (const std::int64_t window_ms : {100, 130, 500, 2'300}) {
    for (const std::int64_t rest_ms : {90, 500, 1'000}) {
      radar_config c;
      c.window = milliseconds(window_ms);
      c.rest = milliseconds(rest_ms);
      c.wall_ticks = 64;
      stream_shape shape;
      shape.steps = 400;
      SCOPED_TRACE(std::to_string(window_ms) + " ms windows, rest " + std::to_string(rest_ms) + " ms");
      compare(stream(static_cast<std::uint64_t>(window_ms + rest_ms), shape), c, seen);
      if (HasFailure()) return;
    }
  }
}

TEST(RadarEngineOracle, HoldsWhenTheMarketRunsThroughTheLadder) {
  totals seen;
  stream_shape shape;
  shape.market = {.orders = 200, .reach = 100, .far_one_in = 10, .move_one_in = 2, .jump_one_in = 60};
  shape.steps = 2'000;
  radar_config c;
  c.wall_ticks = 30;  // a ladder of 128 ticks
  for (std::uint64_t seed = 1; seed <= 8 && !HasFailure(); ++seed) compare(stream(seed, shape), c, seen);
  EXPECT_GT(seen.rows, 10'000u);
}

}  // namespace
}  // namespace isobar::radar_physics
