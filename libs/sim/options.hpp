#pragma once
#include <string>

#include "config/config.hpp"
#include "sim/futures_market.hpp"
#include "sim/futures_options.hpp"
#include "sim/option_market.hpp"
#include "sim/pacer.hpp"

namespace isobar::sim {

/// The "sim.*" options as text and numbers, before they are understood. Every service that can simulate declares them,
/// so that one set of flags gives all of them the same market.
struct options {
  std::int64_t seed = 1;
  std::string start = "2025-12-19T14:30:00Z";
  std::string anchor;  ///< wall time at which event time is `start`; empty: process start
  double speed = 1;
  std::int64_t duration_ms = 0;
  double spot = 0;  ///< 0: the symbol's own
  double vix = 16;
  std::int64_t expirations = 5;
  double strike_range_scale = 1;
  double quotes_per_second = 5'000;
  double burst_quotes_per_second = 20'000;
  std::int64_t burst_ms = 50;
  std::int64_t burst_every_ms = 10'000;
  std::int64_t burst_at_ms = -1;
  double trade_ratio = 0.02;
  std::string customer_flow = "classic";
  double customer_bias = 0.8;
  double customer_close_ratio = 0.2;
  double inside_trade_ratio = 0.1;
  double dealer_opening_share = 0.5;
  double missing_quote_ratio = 0.005;
  std::int64_t geometry_change_ms = 60'000;
  double random_geometry_changes_per_hour = 0;
  futures_options futures;
};

/// Declares "sim.seed", "sim.start", "sim.speed" and so on.
void declare_options(isobar::config::schema& schema, options& target);

/// The market of one symbol that the options ask for; the seed is mixed with the symbol, so that markets differ.
result<config, errc> market_config(const options& o, const symbol& s);
/// The futures market that the options ask for; `s` names a product (ES) or a contract (ESH6) of the product table. ES,
/// NQ, RTY and their micros move with the option market of their index (SPX, NDX, RUT) under the same options; others
/// move by themselves and need "sim.futures-price".
result<futures_market_config, futures_errc> futures_config(const options& o, const symbol& s);
/// The pace that the options ask for; `process_start` is the wall time that stands in for an empty anchor.
result<pacer, errc> market_pacer(const options& o, timestamp process_start);

}  // namespace isobar::sim
