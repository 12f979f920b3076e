// Cost of hydration alone: quotes of one 0-DTE plane and of a full ten-expiry chain through apply and freeze, one in a
// hundred contracts quoted per window, by packed key and by dense index.
#include <benchmark/benchmark.h>

#include <random>

#include "ws-hydrator/domain/hydrator.hpp"

namespace isobar::ws_hydrator {
namespace {

constexpr timestamp t0{1'700'000'000'000'000'000};

market::epoch make_epoch(int expiries, int strikes) {
  market::epoch e;
  e.symbol = *symbol::parse("SPX");
  e.id = 1;
  e.effective_from = t0;
  e.board.symbol = e.symbol;
  for (int x = 0; x < expiries; ++x) {
    market::expiry_plane plane;
    plane.key = {date{19'675 + x}, "SPXW"};
    for (int k = 0; k < strikes; ++k) {
      plane.strikes.push_back(strike((4000 + 5 * k) * nanos_per_unit));
      plane.listed.push_back(3);
    }
    e.board.planes.push_back(std::move(plane));
  }
  e.board.finish();
  e.hash = e.board.hash();
  return e;
}

/// 64 windows of quotes, 10,000 a window, of a hundredth of the contracts (at least eight).
std::vector<indexed_event> make_events(const board& on) {
  std::mt19937_64 random(7);
  std::vector<indexed_event> events;
  const market::contract_index active = std::max<market::contract_index>(8, on.size() / 100);
  for (int w = 0; w < 64; ++w) {
    const auto first = static_cast<market::contract_index>(random() % (on.size() - active));
    for (int i = 0; i < 10'000; ++i) {
      indexed_event e;
      e.contract = first + static_cast<market::contract_index>(random() % active);
      e.event.contract = on.key_of_slot(e.contract);
      e.event.ts_event = t0 + milliseconds(200 * w) + duration_ns{i * 20'000};
      e.event.sequence = static_cast<std::uint64_t>(i + 1);
      e.event.first = price(static_cast<std::int64_t>(random() % 1000) * 10'000'000);
      e.event.second = e.event.first + price(50'000'000);
      e.event.first_size = e.event.second_size = quantity(10);
      events.push_back(e);
    }
  }
  return events;
}

template <class Event>
void hydrate(benchmark::State& state) {
  const market::epoch epoch = make_epoch(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const board on(epoch);
  const std::vector<indexed_event> indexed = make_events(on);
  std::vector<Event> events;
  for (const indexed_event& e : indexed) {
    if constexpr (std::is_same_v<Event, indexed_event>)
      events.push_back(e);
    else
      events.push_back(e.event);
  }
  std::uint64_t rows = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto h = std::make_unique<hydrator>(epoch.symbol, hydrator_options{},
                                        [&](const market::frozen_window& w) { rows += w.rows.size(); });
    if (!h->apply(epoch)) state.SkipWithError("epoch refused");
    h->advance_epochs(end_of_time);
    h->advance_chains(end_of_time);
    state.ResumeTiming();
    for (std::size_t at = 0; at < events.size(); at += 1000) h->apply(std::span<const Event>(events).subspan(at, 1000));
    benchmark::DoNotOptimize(h->counts().applied);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(events.size()));
  benchmark::DoNotOptimize(rows);
}
BENCHMARK_TEMPLATE(hydrate, feed_event)->Args({1, 250})->Args({10, 600})->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(hydrate, indexed_event)->Args({1, 250})->Args({10, 600})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace isobar::ws_hydrator

BENCHMARK_MAIN();
