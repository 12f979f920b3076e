#include <benchmark/benchmark.h>

#include "wire/window_codec.hpp"

namespace isobar::wire {
namespace {

/// A window of `n` changed rows with quotes in nickels.
market::frozen_window window_of(std::int64_t n) {
  market::frozen_window w;
  w.symbol = *symbol::parse("SPX");
  w.start = {1'766'150'000'000'000'000};
  w.end = w.start + milliseconds(200);
  for (std::int64_t i = 0; i < n; ++i) {
    market::contract_row row;
    row.contract = static_cast<market::contract_index>(i * 7);
    row.state.bid = price((100 + i % 50) * 50'000'000);
    row.state.ask = price((102 + i % 50) * 50'000'000);
    row.state.bid_size = row.state.ask_size = quantity(10 + i % 30);
    row.state.ts_quote = w.end - milliseconds(i % 200);
    row.state.quote_sequence = static_cast<std::uint64_t>(1'000'000 + i);
    w.rows.push_back(row);
  }
  return w;
}

void encode_window_rows(benchmark::State& state) {
  const auto window = window_of(state.range(0));
  window_encoder encoder;
  std::string bytes;
  for (auto _ : state) encoder.encode(window, {.producer = "ws-hydrator"}, bytes);
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes_per_row"] = static_cast<double>(bytes.size()) / static_cast<double>(state.range(0));
}
BENCHMARK(encode_window_rows)->Arg(120)->Arg(12'000);

void decode_window_rows(benchmark::State& state) {
  const auto bytes = encode_window(window_of(state.range(0)), {.producer = "ws-hydrator"});
  window_decoder decoder;
  market::frozen_window into;
  for (auto _ : state)
    if (!decoder.decode(bytes, into)) state.SkipWithError("refused");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode_window_rows)->Arg(120)->Arg(12'000);

}  // namespace
}  // namespace isobar::wire

BENCHMARK_MAIN();
