#pragma once
#include <cstdint>

namespace isobar::config {
class schema;
}

namespace isobar::sim {

/// The "sim.futures-*" options as numbers, before they are understood. Seed, start, duration and volatility are those
/// of the other "sim.*" options: one set of flags gives one market.
struct futures_options {
  double price = 0;     ///< points at the start; 0: the index's, with the carry
  double carry = 0.01;  ///< of the index to the contract's expiry, per year: rate less dividends
  double events_per_second = 500;
  double burst_events_per_second = 3'000;
  std::int64_t burst_ms = 200;
  std::int64_t burst_every_ms = 20'000;
  std::int64_t orders = 9'000;
  std::int64_t extent_ticks = 600;
  double depth_per_level = 40;
  std::int64_t auction_ms = 5'000;
  bool clear = true;
  double walls_per_minute = 6;
  double stop_runs_per_hour = 60;
};

void declare_futures_options(isobar::config::schema& schema, futures_options& target);

}  // namespace isobar::sim
