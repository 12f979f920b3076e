#include <cmath>
#include <span>

#include "gamma-fuel/domain/expiry_forward.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "market/american.hpp"
#include "market/option_kernel.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

/// A forward that moved by no more than this share of it is the one that was solved with: discounting alone lets a
/// forward drift by 1e-9 of it in a second, and a volatility of the last 90 minutes by 1e-6 for 1e-7.
constexpr double forward_tolerance = 1e-7;

bool moved(double forward, double solved) { return !(std::abs(forward - solved) <= forward_tolerance * forward); }

/// No greeks. What was solved for is kept: the quote may come back.
void leave_out(board_columns& c, std::size_t p, standing why) {
  c.state[p] = why;
  c.total_deviation[p] = 0;
  c.delta[p] = c.gamma[p] = c.vanna[p] = c.charm[p] = 0;
}

market::pricing_input input_of(const board_columns& c, std::size_t p, const board_expiry& e, double rate) {
  return {e.forward, c.strike[p], e.years, rate, c.sigma[p]};
}

/// Black-76 for a whole expiry: delta and gamma by the vector kernel; vanna = -gamma F sqrt(T) d2 and charm = r delta +
/// gamma F sigma sqrt(T) d2 / 2T follow from them. American ones one by one.
void set_greeks(board_columns& c, const board_expiry& e, double rate) {
  const std::size_t n = e.last - e.first;
  const auto part = [&](std::vector<double>& column) { return std::span(column).subspan(e.first, n); };
  market::delta_gamma({part(c.forward), part(c.strike), part(c.total_deviation), part(c.discount)}, part(c.delta),
                      part(c.gamma));
  const double log_forward = std::log(e.forward), half_rate = 0.5 / e.years;
  for (std::size_t p = e.first; p < e.last; ++p) {
    if (c.state[p] != standing::priced) {
      leave_out(c, p, c.state[p]);
    } else if (c.american[p] != 0) {
      const market::exposure_greeks g = market::american_76_exposures(c.right[p], input_of(c, p, e, rate));
      c.delta[p] = g.delta;
      c.gamma[p] = g.gamma;
      c.vanna[p] = g.vanna;
      c.charm[p] = g.charm;
    } else {
      if (c.right[p] == market::right::put) c.delta[p] -= e.discount;
      const double deviation = c.total_deviation[p];
      const double d2 = (log_forward - c.log_strike[p]) / deviation - 0.5 * deviation;
      const double dollar_gamma = c.gamma[p] * e.forward;
      c.vanna[p] = -dollar_gamma * e.root_years * d2;
      c.charm[p] = rate * c.delta[p] + dollar_gamma * deviation * d2 * half_rate;
    }
  }
}

}  // namespace

void option_board::price(timestamp t, double underlying) {
  arrange();
  refresh();
  priced_at_ = t;
  for (board_expiry& e : columns_.expiries) price(e, t, underlying);
}

void option_board::price(board_expiry& e, timestamp t, double underlying) {
  board_columns& c = columns_;
  e.years = market::years_to(e.settles_at, t);
  const auto set_all = [&](standing why) {
    for (std::size_t p = e.first; p < e.last; ++p) leave_out(c, p, why);
  };
  e.forward = 0;
  e.parity_strike.reset();
  if (!(e.years > 0)) return set_all(standing::expired);
  const auto oldest = config_.pricing.quote_stale.value > 0 ? t - config_.pricing.quote_stale : start_of_time;
  const auto forward = forward_of(c, e, config_.pricing, underlying, oldest);
  if (!forward) return set_all(standing::no_forward);
  e.forward = forward->forward;
  e.parity_strike = forward->parity_strike;
  e.root_years = std::sqrt(e.years);
  e.discount = std::exp(-config_.pricing.rate * e.years);

  for (std::size_t p = e.first; p < e.last; ++p) {
    c.state[p] = c.quote[p];
    if (c.state[p] == standing::priced && c.ts_quote[p] < oldest) c.state[p] = standing::stale;
    if (c.state[p] == standing::priced && (c.mid[p] != c.solved_mid[p] || moved(e.forward, c.solved_forward[p])))
      solve(p, e);
    if (c.state[p] == standing::priced && c.why[p] != market::no_volatility::none) c.state[p] = standing::no_volatility;
    c.forward[p] = e.forward;
    c.discount[p] = e.discount;
    c.total_deviation[p] = c.state[p] == standing::priced ? c.sigma[p] * e.root_years : 0;
  }
  set_greeks(c, e, config_.pricing.rate);
}

void option_board::solve(std::size_t p, const board_expiry& e) {
  board_columns& c = columns_;
  ++counters_.solved;
  const market::pricing_input in = input_of(c, p, e, config_.pricing.rate);
  const market::implied_volatility found = c.american[p] != 0 ? market::implied_american_76(c.right[p], c.mid[p], in)
                                                              : market::implied_black_76(c.right[p], c.mid[p], in);
  c.solved_mid[p] = c.mid[p];
  c.solved_forward[p] = e.forward;
  c.why[p] = found.why;
  c.sigma[p] = found.sigma;
}

}  // namespace isobar::gamma_fuel
