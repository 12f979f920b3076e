#include "sim/dealer_session.hpp"

#include <map>

namespace isobar::sim {

dealer_session run_dealer_session(const config& c, duration_ns span) {
  constexpr duration_ns stride = milliseconds(100);
  option_market market(c);
  dealer_session out;
  out.opening = market.snapshot();
  out.levels.push_back({market.now(), market.spot()});
  const timestamp end = market.now() + span;
  while (market.now() < end && !market.finished()) {
    market.advance(std::min(end, market.now() + stride), out.events, out.trades);
    out.levels.push_back({market.now(), market.spot()});
  }
  out.closing = market.snapshot();
  out.truth = market.dealer_gamma();
  out.counters = market.counters();
  return out;
}

std::vector<strike_amount> by_strike(const std::vector<dealer_strike>& truth, bool change) {
  std::map<strike, double> sums;
  for (const dealer_strike& s : truth) sums[s.strike] += change ? s.change() : s.exposure();
  std::vector<strike_amount> out;
  for (const auto& [strike, amount] : sums) out.push_back({strike, amount});
  return out;
}

}  // namespace isobar::sim
