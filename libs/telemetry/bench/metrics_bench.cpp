// Owner: libs/telemetry. What one observation costs, alone and with another thread on the same series.
#include <benchmark/benchmark.h>

#include "telemetry/metrics.hpp"

namespace {

isobar::telemetry::registry& shared() {
  static isobar::telemetry::registry r;
  return r;
}

void histogram_observe(benchmark::State& state) {
  auto h = shared().get_histogram("isobar_decomposer_query_seconds", {{"method", "x"}});
  double v = 1e-6;
  for (auto _ : state) {
    h.observe(v);
    v = v < 10 ? v * 1.01 : 1e-6;
  }
}
BENCHMARK(histogram_observe)->Threads(1)->Threads(2);

void counter_add(benchmark::State& state) {
  auto c = shared().get_counter("isobar_bus_published_total");
  for (auto _ : state) c.add();
}
BENCHMARK(counter_add)->Threads(1)->Threads(2);

}  // namespace

BENCHMARK_MAIN();
