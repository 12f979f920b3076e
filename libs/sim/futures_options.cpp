#include "sim/futures_options.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/digest.hpp"
#include "market/futures_product.hpp"
#include "sim/futures_session.hpp"
#include "sim/listing.hpp"
#include "sim/options.hpp"

namespace isobar::sim {

namespace {

/// Products that move with the index of an option market.
struct index_row {
  std::string_view product, index;
};
constexpr std::array indices{index_row{"ES", "SPX"},  index_row{"MES", "SPX"}, index_row{"NQ", "NDX"},
                             index_row{"MNQ", "NDX"}, index_row{"RTY", "RUT"}, index_row{"M2K", "RUT"}};

/// Numbers of the venue's kind, the same every day: ES has the number of the real ESH4.
std::uint32_t instrument_id_of(std::string_view product) {
  return product == "ES" ? 17'077 : 20'000 + static_cast<std::uint32_t>(hash64(product) % 1'000'000);
}

}  // namespace

void declare_futures_options(isobar::config::schema& schema, futures_options& o) {
  schema.option("sim.futures-price", o.price,
                "futures price at the start, points; 0: the level of the product's index with its carry", 0, 1e6);
  schema.option("sim.futures-carry", o.carry,
                "what a future is worth above its index, per year to expiry: rate less dividends", -0.2, 0.2);
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
  const auto named = market::futures_product_of(s.str());
  const market::futures_product* product = named ? market::find_futures_product(*named) : nullptr;
  if (!product) return fail(futures_errc::unknown_symbol, "symbol " + s.str() + " has no futures contract to simulate");
  const auto row = std::find_if(indices.begin(), indices.end(),
                                [product](const index_row& r) { return r.product == product->asset; });
  const bool follows = row != indices.end();
  const std::string path(follows ? row->index : product->asset);
  const double level = !follows ? o.futures.price : o.spot > 0 ? o.spot : habits_of(path)->spot;
  if (level <= 0)
    return fail(futures_errc::out_of_range, "sim.futures-price is 0 and " + s.str() + " has no index to follow");
  const auto start = parse_iso_timestamp(o.start);
  if (!start)
    return fail(futures_errc::out_of_range, "sim.start '" + o.start + "' is not a time like 2025-12-19T14:30:00Z");
  const futures_options& f = o.futures;
  futures_market_config c;
  c.seed = static_cast<std::uint64_t>(o.seed) ^ hash64(s.str());
  c.symbol = s, c.asset = std::string(product->asset);
  c.start = *start, c.duration = milliseconds(o.duration_ms);
  // The path of the index's option market: equal seed, start, level and volatility, so that both move together.
  c.path.seed = static_cast<std::uint64_t>(o.seed) ^ hash64(path);
  c.path.start = *start;
  c.path.spot = level;
  c.path.vix = o.vix;
  c.tick = product->tick, c.multiplier = product->multiplier * nanos_per_unit;
  c.instrument_id = instrument_id_of(product->asset);
  const double years = market::years_to(front_contract(c).expiration, c.start);
  c.ratio = f.price > 0 ? f.price / level : follows ? std::exp(f.carry * years) : 1;
  c.events_per_second = f.events_per_second, c.burst_events_per_second = f.burst_events_per_second;
  c.burst_length = milliseconds(f.burst_ms), c.burst_every = milliseconds(f.burst_every_ms);
  c.burst_at = o.burst_at_ms < 0 ? duration_ns{-1} : milliseconds(o.burst_at_ms);
  c.orders = f.orders, c.extent_ticks = f.extent_ticks, c.depth_per_level = f.depth_per_level;
  c.auction = milliseconds(f.auction_ms), c.clear = f.clear;
  c.walls_per_minute = f.walls_per_minute, c.stop_runs_per_hour = f.stop_runs_per_hour;
  if (auto checked = check(c); !checked)
    return fail(checked.error().code, s.str() + ": " + checked.error().evidence + " is out of range (sim.futures-*)");
  return c;
}

}  // namespace isobar::sim
