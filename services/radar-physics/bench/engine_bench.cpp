#include <benchmark/benchmark.h>

#include <cstdlib>
#include <vector>

#include "radar-physics/domain/engine.hpp"
#include "sim/futures_market.hpp"

// A dense session of the simulated market, about 5,000 records a window: the engine beside the book alone, so that what
// windows, surfaces and radar cost is their difference.
namespace isobar::radar_physics {
namespace {

const std::vector<market::book_event>& session() {
  static const std::vector<market::book_event> events = [] {
    sim::futures_market_config c;
    c.path.start = c.start;
    c.events_per_second = 5'000;
    c.burst_events_per_second = 20'000;
    sim::futures_market market(c);
    std::vector<market::book_event> out;
    market.advance(c.start + seconds(std::getenv("ISOBAR_BENCH_SMOKE") != nullptr ? 3 : 60), out);
    return out;
  }();
  return events;
}

struct counting_sink final : radar_sink {
  std::uint64_t windows = 0, rows = 0;
  void on_window(const window_outputs& out) override {
    windows += out.window.span;
    rows += out.surface.rows.size();
  }
  void on_levels(const level_outputs&) override {}
};

void report(benchmark::State& state, std::uint64_t windows, std::uint64_t rows) {
  const auto records = static_cast<double>(session().size()) * static_cast<double>(state.iterations());
  state.counters["records/s"] = benchmark::Counter(records, benchmark::Counter::kIsRate);
  state.counters["ns/record"] =
      benchmark::Counter(records * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  if (windows == 0) return;
  state.counters["us/window"] = benchmark::Counter(static_cast<double>(windows) * 1e-6,
                                                   benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["records/window"] = records / static_cast<double>(windows);
  state.counters["rows/window"] = static_cast<double>(rows) / static_cast<double>(windows);
}

void book_alone(benchmark::State& state) {
  for (auto _ : state) {
    market::order_book book({});
    for (const market::book_event& e : session()) benchmark::DoNotOptimize(book.apply(e));
  }
  report(state, 0, 0);
}
BENCHMARK(book_alone)->Unit(benchmark::kMillisecond);

void engine(benchmark::State& state) {
  counting_sink sink;
  for (auto _ : state) {
    radar_config c;
    c.window = milliseconds(state.range(0));
    radar_engine engine(c, false);
    engine.apply(session(), sink);
    engine.advance(end_of_time, sink);
  }
  report(state, sink.windows, sink.rows);
}
BENCHMARK(engine)->ArgName("window_ms")->Arg(1'000)->Arg(500)->Arg(100)->Unit(benchmark::kMillisecond);

/// 33 hours without a record, in windows of 100 ms.
void idle_gap(benchmark::State& state) {
  counting_sink sink;
  radar_config c;
  c.window = milliseconds(100);
  std::string checkpoint;
  {
    radar_engine engine(c, false);
    engine.apply(std::span(session()).first(session().size() / 2), sink);
    engine.save(checkpoint);
  }
  for (auto _ : state) {
    radar_engine engine(c, false);
    if (!engine.restore(checkpoint)) state.SkipWithError("no checkpoint");
    engine.advance(session()[session().size() / 2].ts_event + seconds(33 * 3'600), sink);
  }
  state.counters["checkpoint bytes"] = static_cast<double>(checkpoint.size());
}
BENCHMARK(idle_gap)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace isobar::radar_physics

BENCHMARK_MAIN();
