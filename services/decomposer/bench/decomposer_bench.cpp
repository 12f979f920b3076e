#include <benchmark/benchmark.h>

#include "decomposer/domain/registry.hpp"
#include "wire/model_codec.hpp"
#include "wire/window_codec.hpp"

namespace isobar::decomposer {
namespace {

std::string window_bytes(std::int64_t n) {
  market::frozen_window w;
  w.symbol = *symbol::parse("SPX");
  w.start = {1'766'150'000'000'000'000};
  w.end = w.start + milliseconds(200);
  for (std::int64_t i = 0; i < n; ++i) {
    market::contract_row row;
    row.contract = static_cast<market::contract_index>(i * 7);
    row.state.bid = price((100 + i % 50) * 50'000'000);
    row.state.ask = price((102 + i % 50) * 50'000'000);
    row.state.ts_quote = w.end - milliseconds(i % 200);
    w.rows.push_back(row);
  }
  return wire::encode_window(w, {.producer = "ws-hydrator"});
}

/// Decode a window, project it on every model, encode the three frames.
void window_to_models(benchmark::State& state) {
  const auto bytes = window_bytes(state.range(0));
  wire::window_decoder decoder;
  market::frozen_window window;
  for (auto _ : state) {
    if (!decoder.decode(bytes, window)) state.SkipWithError("refused");
    models::each([&]<class Model>(std::size_t) {
      benchmark::DoNotOptimize(wire::encode_model(Model::project(window), {.producer = "decomposer"}));
    });
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(window_to_models)->Arg(120)->Arg(12'000);

}  // namespace
}  // namespace isobar::decomposer

BENCHMARK_MAIN();
