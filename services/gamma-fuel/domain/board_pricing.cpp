#include <cmath>
#include <limits>

#include "gamma-fuel/domain/expiry_forward.hpp"
#include "gamma-fuel/domain/option_board.hpp"
#include "market/american.hpp"
#include "market/greeks.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

void put_greeks(board_columns& c, std::size_t p, const market::exposure_greeks& g) {
  c.delta[p] = g.delta;
  c.gamma[p] = g.gamma;
  c.vanna[p] = g.vanna;
  c.charm[p] = g.charm;
}

/// No greeks. What was solved for is kept: the quote may come back.
void leave_out(board_columns& c, std::size_t p, standing why) {
  c.state[p] = why;
  c.total_deviation[p] = 0;
  put_greeks(c, p, {});
}

market::pricing_input input_of(const board_columns& c, std::size_t p, const board_expiry& e, double rate) {
  return {e.forward, c.strike[p], e.years, rate, c.sigma[p]};
}

market::exposure_greeks greeks_of(const board_columns& c, std::size_t p, const board_expiry& e, double rate) {
  const market::pricing_input in = input_of(c, p, e, rate);
  if (c.american[p] != 0) return market::american_76_exposures(c.right[p], in);
  return market::exposures_at(c.right[p], in,
                              {std::log(e.forward / c.strike[p]), c.sigma[p] * e.root_years, c.sigma[p], e.discount});
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
    if (c.quote[p] != standing::priced) {
      leave_out(c, p, c.quote[p]);
    } else if (c.ts_quote[p] < oldest) {
      leave_out(c, p, standing::stale);
    } else {
      if (c.mid[p] != c.solved_mid[p] || e.forward != c.solved_forward[p]) solve(p, e);
      set_greeks(p, e);
    }
    c.forward[p] = e.forward;
    c.discount[p] = e.discount;
  }
}

void option_board::set_greeks(std::size_t p, const board_expiry& e) {
  board_columns& c = columns_;
  if (c.why[p] != market::no_volatility::none) return leave_out(c, p, standing::no_volatility);
  c.state[p] = standing::priced;
  c.total_deviation[p] = c.sigma[p] * e.root_years;
  put_greeks(c, p, greeks_of(c, p, e, config_.pricing.rate));
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
