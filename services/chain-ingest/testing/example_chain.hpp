#pragma once
#include "core/date.hpp"
#include "market/raw_chain.hpp"

namespace isobar::chain_ingest::testing {

/// A made-up chain of SPX at 2025-12-15: spot 6900; three PM expiries and the AM one of 2025-12-19, both rights at
/// every fifth point of 6000..7800.
inline market::raw_chain example_chain() {
  market::raw_chain out;
  out.source = "massive";
  out.origin = "example";
  out.ts_event = *parse_iso_timestamp("2025-12-15T15:00:00Z");
  out.spot = price(6900 * nanos_per_unit);
  const date first = *make_date(2025, 12, 15);
  struct listed {
    const char* root;
    int days;
  };
  for (const auto& [root, days] : {listed{"SPXW", 0}, listed{"SPXW", 1}, listed{"SPX", 4}, listed{"SPXW", 4}}) {
    for (std::int64_t k = 6000; k <= 7800; k += 5) {
      for (const auto right : {market::right::call, market::right::put}) {
        market::raw_contract c;
        c.id = {root, first + days, right, strike(k * nanos_per_unit)};
        const std::int64_t inside = right == market::right::call ? 6900 - k : k - 6900;
        c.state.bid = price((std::max<std::int64_t>(inside, 0) + 1 + days) * nanos_per_unit);
        c.state.ask = c.state.bid + price(nanos_per_unit / 10);
        c.state.bid_size = quantity(10);
        c.state.ask_size = quantity(12);
        c.state.ts_quote = out.ts_event - seconds(1);
        c.state.open_interest = quantity(k % 100);
        c.state.implied_volatility = 0.15;
        c.state.gamma = 0.004;
        out.contracts.push_back(c);
      }
    }
  }
  out.counts.rows = out.contracts.size();
  return out;
}

}  // namespace isobar::chain_ingest::testing
