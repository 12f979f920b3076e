#include <benchmark/benchmark.h>

#include "sim/futures_market.hpp"

namespace isobar::sim {
namespace {

/// Records generated per second of a session at `rate` records per event second with `orders` resting orders.
void generate_orders(benchmark::State& state) {
  futures_market_config c;
  c.path.start = c.start;
  c.events_per_second = static_cast<double>(state.range(0));
  c.burst_events_per_second = 2 * c.events_per_second;
  c.orders = state.range(1);
  futures_market market(c);
  std::vector<market::book_event> events;
  market.advance(c.start + milliseconds(1), events);  // the snapshot
  std::uint64_t records = 0;
  for (auto _ : state) {
    events.clear();
    market.advance(market.now() + seconds(1), events);
    records += events.size();
    benchmark::DoNotOptimize(events.data());
  }
  state.counters["records/s"] = benchmark::Counter(static_cast<double>(records), benchmark::Counter::kIsRate);
}
BENCHMARK(generate_orders)
    ->ArgNames({"rate", "orders"})
    ->Args({500, 9'000})
    ->Args({5'000, 9'000})
    ->Args({5'000, 100'000})
    ->Args({100'000, 9'000})
    ->Unit(benchmark::kMillisecond);

/// What a session's start costs: two million resting orders are the benchmark book's worst case.
void open_session(benchmark::State& state) {
  futures_market_config c;
  c.path.start = c.start;
  c.orders = state.range(0);
  c.extent_ticks = 5'000;
  std::vector<market::book_event> events;
  for (auto _ : state) {
    futures_market market(c);
    events.clear();
    market.advance(c.start + milliseconds(1), events);
    benchmark::DoNotOptimize(events.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(open_session)->Arg(9'000)->Arg(2'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace isobar::sim
