#include <gtest/gtest.h>

#include "radar-physics/domain/engine.hpp"
#include "sim/futures_market.hpp"
#include "testing/allocation_counter.hpp"

namespace isobar::radar_physics {
namespace {

struct counting_sink final : radar_sink {
  std::uint64_t windows = 0, levels = 0;
  void on_window(const window_outputs& out) override { windows += out.window.span; }
  void on_levels(const level_outputs&) override { ++levels; }
};

TEST(RadarEngineAllocations, NoneInSteadyState) {
  sim::futures_market_config market_config;
  market_config.path.start = market_config.start;
  sim::futures_market market(market_config);
  std::vector<market::book_event> events;
  market.advance(market_config.start + seconds(120), events);
  std::size_t warm = 0;
  while (warm < events.size() &&
         (events[warm].has(market::event_flag::snapshot) || events[warm].ts_event < market_config.start + seconds(90)))
    ++warm;
  ASSERT_GT(events.size() - warm, 5'000u);

  counting_sink sink;
  radar_engine engine({}, false);
  engine.take(level_set_input{start_of_time, {{"a", "round", price(6'900'000'000'000)}}});
  for (std::size_t i = 0; i < warm; ++i) engine.apply(events[i], sink);
  const std::uint64_t windows_before = sink.windows, before = isobar::testing::allocations();
  for (std::size_t i = warm; i < events.size(); ++i) engine.apply(events[i], sink);
  const std::uint64_t made = isobar::testing::allocations() - before;
  EXPECT_GT(sink.windows - windows_before, 25u);
  // Larger bursts than before may still grow a buffer: less than one allocation in a thousand records.
  EXPECT_LT(made * 1'000, events.size() - warm) << made << " allocations in " << events.size() - warm << " records";
}

}  // namespace
}  // namespace isobar::radar_physics
