#pragma once
// Small boards, chains and events for the tests of this service.
#include <memory>
#include <vector>

#include "market/window.hpp"
#include "ws-hydrator/domain/hydrator.hpp"

namespace isobar::ws_hydrator::testing {

/// A window boundary: 2023-11-14T22:13:20Z.
inline constexpr timestamp t0{1'700'000'000'000'000'000};
inline constexpr duration_ns width = milliseconds(200);
constexpr timestamp at_ms(std::int64_t ms) { return t0 + milliseconds(ms); }
constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + (p < 0 ? -0.5 : 0.5))); }
inline const date expiry = date{19'675};

inline market::option_id contract(std::int64_t k, market::right r = market::right::call, std::string root = "SPXW") {
  return {std::move(root), expiry, r, strike(k * nanos_per_unit)};
}

/// One plane with strikes low, low + 5, ..., high, calls and puts.
inline market::epoch make_epoch(std::uint64_t id, std::int64_t low, std::int64_t high, timestamp from) {
  market::epoch e;
  e.symbol = *symbol::parse("SPX");
  e.id = id;
  e.previous = id - 1;
  e.effective_from = from;
  e.reasons = {id == 1 ? market::epoch::reason::first : market::epoch::reason::strike_range};
  e.board.symbol = e.symbol;
  market::expiry_plane plane;
  plane.key = {expiry, "SPXW"};
  for (std::int64_t k = low; k <= high; k += 5) {
    plane.strikes.push_back(strike(k * nanos_per_unit));
    plane.listed.push_back(3);
  }
  e.board.planes.push_back(plane);
  e.board.widths = {strike_width(5 * nanos_per_unit)};
  e.board.finish();
  e.hash = e.board.hash();
  return e;
}

inline market::option_event quote(market::option_id id, timestamp ts, std::uint64_t sequence, double bid, double ask) {
  market::option_event e;
  e.id = std::move(id);
  e.ts_event = ts;
  e.sequence = sequence;
  e.bid = points(bid);
  e.ask = points(ask);
  e.bid_size = e.ask_size = quantity(10);
  return e;
}

inline market::option_event trade(market::option_id id, timestamp ts, std::uint64_t sequence, double last,
                                  std::int64_t size) {
  market::option_event e;
  e.id = std::move(id);
  e.kind = market::option_event::kind::trade;
  e.ts_event = ts;
  e.sequence = sequence;
  e.last = points(last);
  e.size = quantity(size);
  return e;
}

/// A chain whose contracts are those of the epoch's board, bid = strike / 100, ask 0.10 above, open interest 7.
inline std::shared_ptr<market::chain_snapshot> make_chain(const market::epoch& of, timestamp ts, double spot) {
  auto chain = std::make_shared<market::chain_snapshot>();
  chain->symbol = of.symbol;
  chain->source = "test";
  chain->ts_event = ts;
  chain->spot = points(spot);
  for (const market::expiry_plane& plane : of.board.planes) {
    market::expiry_chain e;
    e.key = plane.key;
    for (const strike k : plane.strikes)
      for (const market::right r : {market::right::call, market::right::put}) {
        market::chain_contract c;
        c.strike = k;
        c.right = r;
        c.state.bid = price(k.value / 100);
        c.state.ask = price(k.value / 100 + 100'000'000);
        c.state.bid_size = c.state.ask_size = quantity(1);
        c.state.open_interest = quantity(7);
        e.contracts.push_back(c);
      }
    chain->expiries.push_back(std::move(e));
  }
  return chain;
}

}  // namespace isobar::ws_hydrator::testing
