#pragma once
#include <cmath>

#include "gamma-fuel/domain/landscape.hpp"
#include "market/greeks.hpp"
#include "market/root.hpp"

/// Boards for tests.
namespace isobar::gamma_fuel::testing {

inline constexpr market::right call = market::right::call, put = market::right::put;

constexpr price points(double p) { return price(static_cast<std::int64_t>(p * 1e9 + (p < 0 ? -0.5 : 0.5))); }
constexpr strike at_strike(double p) { return strike(points(p).value); }

/// 2026-01-06 14:30 UTC; SPXW of that day settles at 21:00.
inline const date today = *make_date(2026, 1, 6);
inline const timestamp morning{1'767'709'800'000'000'000};

inline option_contract contract(double k, market::right r, date expiry = today, std::string root = "SPXW") {
  const auto settles = root == "SPX" ? market::settlement::am : market::settlement::pm;
  return {{std::move(root), expiry, r, at_strike(k)}, market::settlement_time(expiry, settles), 100, false};
}
inline option_event quote(contract_number c, double bid, double ask, timestamp t = morning) {
  return {.ts_event = t, .contract = c, .kind = option_event_kind::quote, .bid = points(bid), .ask = points(ask)};
}
inline option_event interest(contract_number c, std::int64_t lots, timestamp t = morning) {
  return {.ts_event = t, .contract = c, .kind = option_event_kind::open_interest, .open_interest = quantity(lots)};
}
inline option_event trade(contract_number c, std::int64_t lots, timestamp t = morning) {
  return {.ts_event = t, .contract = c, .kind = option_event_kind::trade, .last = points(1), .size = quantity(lots)};
}

inline option_event delist(contract_number c, timestamp t = morning) {
  return {.ts_event = t, .contract = c, .kind = option_event_kind::delisted};
}

/// State to bytes.
template <class T>
std::string saved(const T& state) {
  std::string bytes;
  archive_writer a(bytes);
  a(state);
  return bytes;
}

inline gamma_config spx_config() {
  gamma_config c;
  c.symbol = c.option_symbol = "SPX";
  return c;
}
inline market_view view(double reference, double underlying) {
  return {.reference = points(reference), .underlying = points(underlying)};
}

/// Lists a contract, quotes it at the model's price of `sigma` (mid to the cent, 0.10 wide), states its open interest.
inline contract_number add(option_board& board, const option_contract& c, double forward, double sigma,
                           std::int64_t lots, timestamp t = morning) {
  const contract_number n = board.list(c);
  const double years = market::years_to(c.settles_at, t);
  const double value = market::black_76_greeks(c.id.right, {forward, to_double(c.id.strike), years, 0.05, sigma}).price;
  const double mid = std::max(0.05, std::round(value * 100) / 100);
  board.apply(quote(n, mid - 0.05, mid + 0.05, t));
  if (lots >= 0) board.apply(interest(n, lots, t));
  return n;
}

/// Calls and puts from `low` to `high`, open interest larger away from the money for puts below and calls above.
inline void fill(option_board& board, double low, double high, double step, double forward, date expiry = today,
                 const std::string& root = "SPXW", timestamp t = morning) {
  for (double k = low; k <= high; k += step) {
    const double skew = 0.16 + 0.4 * std::abs(k / forward - 1);
    const auto lots = static_cast<std::int64_t>(1'000 + 7 * (k - low));
    add(board, contract(k, call, expiry, root), forward, skew, k >= forward ? 2 * lots : lots, t);
    add(board, contract(k, put, expiry, root), forward, skew, k <= forward ? 3 * lots : lots, t);
  }
}

}  // namespace isobar::gamma_fuel::testing
