#include "sim/option_market.hpp"

#include <benchmark/benchmark.h>

namespace isobar::sim {
namespace {

/// Event generation with the listed number of expirations at 200,000 quotes per event second.
void generate(benchmark::State& state) {
  config c;
  c.expirations = static_cast<int>(state.range(0));
  c.quotes_per_second = 200'000;
  option_market market(c);
  std::vector<market::option_event> events;
  for (auto _ : state) {
    events.clear();
    market.advance(market.now() + milliseconds(50), events);
    benchmark::DoNotOptimize(events.data());
  }
  state.counters["quotes/s"] =
      benchmark::Counter(static_cast<double>(market.counters().quotes), benchmark::Counter::kIsRate);
  state.counters["contracts"] = static_cast<double>(market.listed_count());
}
BENCHMARK(generate)->Arg(1)->Arg(5)->Arg(10)->Unit(benchmark::kMillisecond);

/// The quiet market of a demo: what an event second costs at 5,000 quotes.
void demo_second(benchmark::State& state) {
  option_market market{config{}};
  std::vector<market::option_event> events;
  for (auto _ : state) {
    events.clear();
    market.advance(market.now() + seconds(1), events);
  }
}
BENCHMARK(demo_second)->Unit(benchmark::kMillisecond);

void snapshot(benchmark::State& state) {
  config c;
  c.expirations = 10;
  const option_market market(c);
  for (auto _ : state) benchmark::DoNotOptimize(market.snapshot());
}
BENCHMARK(snapshot)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace isobar::sim

BENCHMARK_MAIN();
