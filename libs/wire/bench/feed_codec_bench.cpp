#include <benchmark/benchmark.h>

#include "wire/feed_codec.hpp"

namespace isobar::wire {
namespace {

/// A frame like those of a busy future: quarter ticks, order numbers and times a little apart.
book_frame frame_of(std::int64_t n) {
  book_frame f{.symbol = *symbol::parse("ES"), .instrument_id = 5602, .tick = price(250'000'000), .events = {}};
  for (std::int64_t i = 0; i < n; ++i)
    f.events.push_back({.ts_event = {1'710'000'000'000'000'000 + i * 190'000},
                        .price = price((20'400 + (i * 7) % 40) * 250'000'000),
                        .order = market::order_id{static_cast<std::uint64_t>(6'411'000'000'000 + (i * 7919) % 5000)},
                        .size = static_cast<std::uint32_t>(1 + i % 30),
                        .sequence = static_cast<std::uint32_t>(1'000'000 + i),
                        .action = static_cast<market::book_action>(i % 3),
                        .side = static_cast<market::book_side>(i % 2),
                        .flags = static_cast<std::uint8_t>(i % 3 ? 128 : 0)});
  return f;
}

void encode_book_records(benchmark::State& state) {
  const auto frame = frame_of(state.range(0));
  std::string bytes;
  for (auto _ : state) benchmark::DoNotOptimize(bytes = encode_book(frame, {.producer = "feed-ingest"}));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes_per_record"] = static_cast<double>(bytes.size()) / static_cast<double>(state.range(0));
}
BENCHMARK(encode_book_records)->Arg(64)->Arg(512);

void decode_book_records(benchmark::State& state) {
  const auto bytes = encode_book(frame_of(state.range(0)), {.producer = "feed-ingest"});
  book_frame into;
  for (auto _ : state)
    if (!decode_book(bytes, into)) state.SkipWithError("refused");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode_book_records)->Arg(64)->Arg(512);

}  // namespace
}  // namespace isobar::wire
