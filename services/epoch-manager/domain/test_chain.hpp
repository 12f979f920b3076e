#pragma once
#include <functional>

#include "market/epoch_record.hpp"
#include "market/option_chain.hpp"

/// Small chains for the tests of geometry and epochs.
namespace isobar::epoch_manager::test {

inline constexpr std::int64_t point = nanos_per_unit;
inline const timestamp open_time{1'766'154'600'000'000'000};  // 2025-12-19T14:30:00Z
inline const isobar::symbol spx = *symbol::parse("SPX");
inline const std::vector<strike_width> widths{strike_width(20 * point), strike_width(30 * point)};

inline strike points(std::int64_t n) { return strike(n * point); }

/// Every `step` points from `low` to `high`, both rights, bid 1 and ask 2.
inline market::expiry_chain expiry(std::int32_t yyyymmdd, std::int64_t low, std::int64_t high, std::int64_t step = 5) {
  market::expiry_chain e;
  e.key = {.expiry = *from_yyyymmdd(yyyymmdd), .root = "SPXW"};
  e.settles_at = utc_midnight(e.key.expiry) + seconds(21 * 3600);
  for (auto k = low; k <= high; k += step)
    for (const auto right : {market::right::call, market::right::put}) {
      market::contract_state s;
      s.bid = price(1 * point);
      s.ask = price(2 * point);
      e.contracts.push_back({points(k), right, s});
    }
  return e;
}

/// The same cut by a request window: chain-ingest fetches one and a half times the half range.
inline market::expiry_chain windowed(std::int32_t yyyymmdd, std::int64_t atm, std::int64_t half,
                                     std::int64_t step = 5) {
  const auto reach = half * 3 / 2;
  auto e = expiry(yyyymmdd, (atm - reach + step - 1) / step * step, (atm + reach) / step * step, step);
  e.atm = points(atm);
  e.half_range = strike_width(half * point);
  return e;
}

inline market::chain_snapshot chain_of(std::vector<market::expiry_chain> expiries, timestamp at = open_time) {
  market::chain_snapshot c;
  c.symbol = spx;
  c.source = "sim";
  c.ts_event = at;
  c.spot = price(6900 * point);
  c.expiries = std::move(expiries);
  return c;
}

inline void each_state(market::chain_snapshot& chain, const std::function<void(market::contract_state&)>& change) {
  for (auto& e : chain.expiries)
    for (auto& c : e.contracts) change(c.state);
}

}  // namespace isobar::epoch_manager::test
