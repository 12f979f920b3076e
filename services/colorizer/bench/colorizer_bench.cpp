#include <benchmark/benchmark.h>

#include "colorizer/domain/color_scale.hpp"

namespace isobar::colorizer {
namespace {

void color_cells(benchmark::State& state) {
  market::numeric_delta surface;
  surface.value_unit = 0.01;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    surface.cells.push_back(i);
    surface.values.push_back(i * 3);
  }
  const color_scale scale{static_cast<palette>(state.range(0)), 50};
  for (auto _ : state) benchmark::DoNotOptimize(colorize(surface, scale));
  state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(color_cells)->Arg(1)->Arg(3);

}  // namespace
}  // namespace isobar::colorizer

BENCHMARK_MAIN();
