#include <benchmark/benchmark.h>

#include <vector>

#include "radar-physics/domain/bucket_radar.hpp"
#include "radar-physics/domain/features.hpp"
#include "radar-physics/domain/levels.hpp"

/// What a window costs after its rows are there: features and bucket column (the budget is 30 us for 600 to 2,000 rows
/// and 5,000 changes), and what watched levels add per change of the book.
namespace isobar::radar_physics {
namespace {

constexpr tick_index reference = 27'480;

struct dense_window {
  window_info info;
  std::vector<medium_row> rows;
  std::size_t bid_rows = 0;
  std::vector<market::book_change> changes;

  dense_window(std::int64_t n_rows, std::int64_t n_changes) {
    info.end = timestamp{} + seconds(1);
    info.anchor = price(reference * 250'000'000 + 125'000'000);
    info.ref_tick = reference;
    const std::int64_t half = n_rows / 2;
    for (std::int64_t i = -half; i < half; ++i) {
      medium_row& r = rows.emplace_back();
      r.side = i < 0 ? book_side::bid : book_side::ask;
      r.tick = reference + i + 1;
      r.depth_start = r.depth_end = r.depth_rest = static_cast<std::uint64_t>(20 + 37 * (i * i % 11));
      r.vacuum_score = static_cast<double>((i * i) % 97) / 100;
    }
    bid_rows = static_cast<std::size_t>(half);
    for (std::int64_t i = 0; i < n_changes; ++i) {
      market::book_change& c = changes.emplace_back();
      c.action = i % 3 == 0   ? market::book_action::add
                 : i % 3 == 1 ? market::book_action::cancel
                              : market::book_action::modify;
      c.side = i % 2 == 0 ? book_side::bid : book_side::ask;
      const tick_index away = 1 + i * 7 % 30;
      c.old_tick = c.new_tick = reference + (c.side == book_side::bid ? -away : away);
      if (i % 3 == 2) c.new_tick += 1;
      c.old_size = i % 3 == 0 ? 0 : 5;
      c.new_size = i % 3 == 1 ? 0 : 5;
      c.added = i % 3 == 1 ? 0 : 5;
      c.pulled = i % 3 == 0 ? 0 : 5;
      c.ts_event = info.end - milliseconds(1'000 - i * 1'000 / n_changes);
      c.ts_entered = c.ts_event - milliseconds(i % 1'000);
    }
  }
};

gex_input strikes() {
  gex_input g{{1}, {}};
  for (std::int64_t k = -12; k <= 12; ++k) g.strikes.push_back({price((6'870 + 5 * k) * 1'000'000'000), 3e5, 2e5});
  return g;
}

void features_and_column(benchmark::State& state) {
  const dense_window w(state.range(0), state.range(1));
  const gex_input gex = strikes();
  radar_config config;
  feature_builder features(config);
  bucket_radar radar(config);
  feature_vector vector;
  radar_column column;
  for (auto _ : state) {
    features.build(w.info, w.rows, w.bid_rows, w.changes, vector);
    radar.build(w.info, w.rows, bootstrap_calibration(), &gex, false, {}, column);
    benchmark::DoNotOptimize(vector.value.data());
    benchmark::DoNotOptimize(column.rows.data());
  }
}
BENCHMARK(features_and_column)->Args({600, 0})->Args({600, 5'000})->Args({2'000, 5'000})->Unit(benchmark::kMicrosecond);

void changes_near_levels(benchmark::State& state) {
  const dense_window w(600, 5'000);
  market::order_book book{market::book_config{}};
  level_monitor monitor{radar_config{}};
  level_set_input set;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    set.levels.push_back({"L" + std::to_string(i), "round", price((reference - 100 + 2 * i) * 250'000'000)});
  }
  monitor.take(set);
  level_outputs out;
  timestamp now = w.info.end;
  for (auto _ : state) {
    for (const market::book_change& c : w.changes) monitor.observe(c, book);
    now = now + milliseconds(250);
    benchmark::DoNotOptimize(monitor.tick(now, book, true, out));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(w.changes.size()));
}
BENCHMARK(changes_near_levels)->Arg(1)->Arg(20)->Arg(256)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace isobar::radar_physics

BENCHMARK_MAIN();
