#include "sim/options.hpp"

#include "core/digest.hpp"
#include "sim/listing.hpp"

namespace isobar::sim {

void declare_options(isobar::config::schema& schema, options& o) {
  schema.option("sim.seed", o.seed, "seed of the simulated market: equal seeds give equal bytes", 0);
  schema.option("sim.start", o.start, "event time at which the simulated market begins, ISO UTC");
  schema.option(
      "sim.anchor", o.anchor,
      "wall time (ISO UTC) at which event time is sim.start, so that processes pace alike; empty: process start");
  schema.option("sim.speed", o.speed, "event seconds per wall second; 0: as fast as possible", 0, 1e6);
  schema.option("sim.duration-ms", o.duration_ms, "event time after which the simulated market ends, ms; 0: never", 0);
  schema.option("sim.spot", o.spot, "index level at the start, points; 0: the symbol's own", 0, 1e6);
  schema.option("sim.vix", o.vix, "volatility index, percent", 1, 200);
  schema.option("sim.expirations", o.expirations, "expiry dates listed, nearest first", 1, 60);
  schema.option("sim.strike-range-scale", o.strike_range_scale, "widens every expiry's strike range", 0.1, 20);
  schema.option("sim.quotes-per-second", o.quotes_per_second, "quotes per event second in the session", 0, 5e6);
  schema.option("sim.burst-quotes-per-second", o.burst_quotes_per_second, "quotes per event second in a burst", 0, 5e6);
  schema.option("sim.burst-ms", o.burst_ms, "length of a burst, ms", 0, 3'600'000);
  schema.option("sim.burst-every-ms", o.burst_every_ms, "mean time between bursts, ms; 0: no bursts", 0, 86'400'000);
  schema.option("sim.burst-at-ms", o.burst_at_ms,
                "event time after which one burst begins, of quotes and of orders, ms; -1: none", -1, 86'400'000);
  schema.option("sim.trade-ratio", o.trade_ratio, "trades per quote", 0, 1);
  schema.option("sim.customer-flow", o.customer_flow,
                "what option customers are after: classic (buy puts below, sell calls above), inverse, buy-zero-dte or "
                "balanced");
  schema.option("sim.customer-bias", o.customer_bias, "chance that a customer's trade follows that view", 0, 1);
  schema.option("sim.customer-close-ratio", o.customer_close_ratio, "chance that a customer's trade closes", 0, 1);
  schema.option("sim.inside-trade-ratio", o.inside_trade_ratio,
                "share of option trades inside the quote, half of them at the mid", 0, 1);
  schema.option("sim.dealer-opening-share", o.dealer_opening_share,
                "dealers' net position at the start, relative to open interest", 0, 1);
  schema.option("sim.missing-quote-ratio", o.missing_quote_ratio, "share of quotes that lack a side", 0, 1);
  schema.option("sim.geometry-change-ms", o.geometry_change_ms,
                "new strikes are listed every so many ms of event time; 0: only as the spot demands", 0, 86'400'000);
  schema.option("sim.random-geometry-changes-per-hour", o.random_geometry_changes_per_hour,
                "new strikes listed at random, mean per event hour", 0, 3.6e6);
  declare_futures_options(schema, o.futures);
}

result<config, errc> market_config(const options& o, const symbol& s) {
  config c;
  const auto habits = habits_of(s.str());
  if (!habits) return fail(errc::unknown_symbol, "symbol " + s.str() + " has no option root to simulate");
  const auto start = parse_iso_timestamp(o.start);
  if (!start) return fail(errc::out_of_range, "sim.start '" + o.start + "' is not a time like 2025-12-19T14:30:00Z");
  c.seed = static_cast<std::uint64_t>(o.seed) ^ hash64(s.str());
  c.symbol = s;
  c.start = *start;
  c.duration = milliseconds(o.duration_ms);
  c.spot = o.spot > 0 ? o.spot : habits->spot;
  c.em_multiplier = habits->em_multiplier;
  c.vix = o.vix;
  c.expirations = static_cast<int>(o.expirations);
  c.strike_range_scale = o.strike_range_scale;
  c.quotes_per_second = o.quotes_per_second;
  c.burst_quotes_per_second = o.burst_quotes_per_second;
  c.burst_length = milliseconds(o.burst_ms);
  c.burst_every = milliseconds(o.burst_every_ms);
  c.burst_at = o.burst_at_ms < 0 ? duration_ns{-1} : milliseconds(o.burst_at_ms);
  c.trade_ratio = o.trade_ratio;
  const auto flow = parse_customer_flow(o.customer_flow);
  if (!flow)
    return fail(errc::out_of_range,
                "sim.customer-flow '" + o.customer_flow + "' is not classic, inverse, buy-zero-dte or balanced");
  c.customers = {*flow, o.customer_bias, o.customer_close_ratio, o.inside_trade_ratio, o.dealer_opening_share};
  c.missing_quote_ratio = o.missing_quote_ratio;
  c.geometry_change_every = milliseconds(o.geometry_change_ms);
  c.random_geometry_changes_per_hour = o.random_geometry_changes_per_hour;
  if (auto checked = check(c); !checked) return std::unexpected(checked.error());
  return c;
}

result<pacer, errc> market_pacer(const options& o, timestamp process_start) {
  const auto start = parse_iso_timestamp(o.start);
  if (!start) return fail(errc::out_of_range, "sim.start '" + o.start + "' is not a time like 2025-12-19T14:30:00Z");
  timestamp anchor = process_start;
  if (!o.anchor.empty()) {
    const auto parsed = parse_iso_timestamp(o.anchor);
    if (!parsed)
      return fail(errc::out_of_range, "sim.anchor '" + o.anchor + "' is not a time like 2025-12-19T14:30:00Z");
    anchor = *parsed;
  }
  return pacer(*start, anchor, o.speed);
}

}  // namespace isobar::sim
