#include "sim/futures_options.hpp"

#include <algorithm>
#include <array>

#include "core/digest.hpp"
#include "sim/listing.hpp"
#include "sim/options.hpp"

namespace isobar::sim {

namespace {

/// What CME lists of one product. Specifications of the contracts: tick, dollars per point.
struct product {
  std::string_view symbol, index;
  price tick;
  std::int64_t multiplier;
  std::uint32_t instrument_id;
};
constexpr std::array products{
    product{"ES", "SPX", price(250'000'000), 50 * nanos_per_unit, 17'077},
    product{"MES", "SPX", price(250'000'000), 5 * nanos_per_unit, 17'078},
    product{"NQ", "NDX", price(250'000'000), 20 * nanos_per_unit, 17'079},
    product{"RTY", "RUT", price(100'000'000), 50 * nanos_per_unit, 17'080},
};

}  // namespace

void declare_futures_options(isobar::config::schema& schema, futures_options& o) {
  schema.option("sim.futures-price", o.price, "futures price at the start, points; 0: the index's level", 0, 1e6);
  schema.option("sim.futures-events-per-second", o.events_per_second, "order records per event second in the session",
                0, 5e6);
  schema.option("sim.futures-burst-events-per-second", o.burst_events_per_second,
                "order records per event second in a burst", 0, 5e6);
  schema.option("sim.futures-burst-ms", o.burst_ms, "length of a burst of orders, ms", 0, 3'600'000);
  schema.option("sim.futures-burst-every-ms", o.burst_every_ms, "mean time between bursts of orders, ms; 0: no bursts",
                0, 86'400'000);
  schema.option("sim.futures-orders", o.orders, "resting futures orders at the start, both sides", 400, 4'000'000);
  schema.option("sim.futures-extent-ticks", o.extent_ticks, "how far from the touch most orders rest, ticks", 64,
                20'000);
  schema.option("sim.futures-depth-per-level", o.depth_per_level, "lots that a level near the touch tends to", 1, 1e5);
  schema.option("sim.futures-auction-ms", o.auction_ms, "crossed pre-open period that ends in an auction, ms; 0: none",
                0, 86'400'000);
  schema.option("sim.futures-clear", o.clear, "the futures session opens with a clear record");
  schema.option("sim.futures-walls-per-minute", o.walls_per_minute, "large resting orders placed, mean per minute", 0,
                6'000);
  schema.option("sim.futures-stop-runs-per-hour", o.stop_runs_per_hour, "runs of stop orders, mean per hour", 0, 3.6e5);
}

result<futures_market_config, futures_errc> futures_config(const options& o, const symbol& s) {
  const auto known =
      std::find_if(products.begin(), products.end(), [&s](const product& p) { return p.symbol == s.str(); });
  if (known == products.end())
    return fail(futures_errc::unknown_symbol, "symbol " + s.str() + " has no futures contract to simulate");
  const auto start = parse_iso_timestamp(o.start);
  if (!start)
    return fail(futures_errc::out_of_range, "sim.start '" + o.start + "' is not a time like 2025-12-19T14:30:00Z");
  const futures_options& f = o.futures;
  futures_market_config c;
  c.seed = static_cast<std::uint64_t>(o.seed) ^ hash64(s.str());
  c.symbol = s, c.asset = s.str();
  c.start = *start, c.duration = milliseconds(o.duration_ms);
  // The path of the index's option market: equal seed, start, level and volatility, so that both move together.
  c.path.seed = static_cast<std::uint64_t>(o.seed) ^ hash64(known->index);
  c.path.start = *start;
  c.path.spot = o.spot > 0 ? o.spot : habits_of(known->index)->spot;
  c.path.vix = o.vix;
  c.ratio = f.price > 0 ? f.price / c.path.spot : 1;
  c.tick = known->tick, c.multiplier = known->multiplier, c.instrument_id = known->instrument_id;
  c.events_per_second = f.events_per_second, c.burst_events_per_second = f.burst_events_per_second;
  c.burst_length = milliseconds(f.burst_ms), c.burst_every = milliseconds(f.burst_every_ms);
  c.orders = f.orders, c.extent_ticks = f.extent_ticks, c.depth_per_level = f.depth_per_level;
  c.auction = milliseconds(f.auction_ms), c.clear = f.clear;
  c.walls_per_minute = f.walls_per_minute, c.stop_runs_per_hour = f.stop_runs_per_hour;
  if (auto checked = check(c); !checked) return std::unexpected(checked.error());
  return c;
}

}  // namespace isobar::sim
