#include "gamma-fuel/domain/literal/literal_exposures.hpp"

#include <algorithm>

#include "market/black_scholes.hpp"
#include "market/literal_volatility.hpp"

namespace isobar::gamma_fuel::literal {
namespace {

constexpr double rate = 0.05;

date session_date(timestamp t) { return utc_date(t - seconds(5 * 3'600)); }

double years_between(timestamp from, timestamp to) {
  return static_cast<double>((to - from).value) / 1e9 / 86'400 / 365;
}

bool usable(const board_row& r, left_out& why) {
  const bool two_sided = r.bid != market::no_price && r.ask != market::no_price && r.bid.value > 0;
  std::uint64_t* reason = nullptr;
  if (r.open_interest.value <= 0) reason = &why.no_open_interest;
  if (!reason && !two_sided) reason = &why.one_sided;
  if (!reason && r.ask <= r.bid) reason = &why.crossed;
  if (reason) ++*reason;
  return reason == nullptr;
}

double gamma_of(const board_row& r, double forward, double years) {
  const double mid = 0.5 * static_cast<double>(r.bid.value + r.ask.value) * 1e-9;
  market::pricing_input in{forward, to_double(r.contract.id.strike), years, rate, 0};
  in.sigma = market::literal_newton_volatility(r.contract.id.right, mid, in).sigma();
  return market::black_76_gamma(in);
}

ladder_strike* rung_of(strike_ladder& ladder, const strike_grid& grid, strike k) {
  const auto bin = grid.bin(k);
  const auto row = bin ? grid.index_of(*bin) : std::nullopt;
  return row ? &ladder[*row] : nullptr;
}

}  // namespace

void build_exposures(const option_board& board, timestamp t, const strike_grid& grid, strike_ladder& ladder,
                     gex_profile& out) {
  ladder.assign(grid.size(), {});
  for (std::size_t i = 0; i < grid.size(); ++i) ladder[i].strike = grid.at(i);
  const double forward = to_double(grid.centre());
  out.contracts = static_cast<std::uint32_t>(board.in_order().size());
  out.expiries.clear();
  for (const contract_number n : board.in_order()) {
    const board_row r = board.row(n);
    const option_contract& of = r.contract;
    const double years = years_between(t, of.settles_at);
    ladder_strike* rung = rung_of(ladder, grid, of.id.strike);
    if (years <= 0) {
      ++out.left_out.volatility[static_cast<std::size_t>(market::no_volatility::expired)];
      continue;
    }
    if (session_date(of.settles_at) != session_date({t.ns - 1}) || rung == nullptr) {
      ++out.left_out.not_in_set;
      continue;
    }
    if (!usable(r, out.left_out)) continue;
    ++out.priced;
    const double gex =
        gamma_of(r, forward, years) * static_cast<double>(r.open_interest.value) * static_cast<double>(of.multiplier);
    const auto right = static_cast<std::size_t>(of.id.right);
    rung->side[right].gamma += gex;
    const bool own_side = right == 0 ? rung->strike >= grid.market() : rung->strike <= grid.market();
    if (own_side) rung->side[right].own_side += gex;
    rung->side[right].interest = std::max<std::int64_t>(0, rung->side[right].interest) + r.open_interest.value;

    const market::expiry_key key{of.id.expiry, of.id.root};
    if (out.expiries.empty() || out.expiries.back().key != key) {
      out.expiries.push_back({key, of.settles_at, forward, years, {}, 0, {}, {}});
      out.expiries.back().by_strike.assign(grid.size(), {});
    }
    expiry_profile& e = out.expiries.back();
    ++e.contracts;
    exposure_sums& at = e.by_strike[static_cast<std::size_t>(rung - ladder.data())];
    (right == 0 ? e.total.call : e.total.put).gamma += gex;
    (right == 0 ? at.call : at.put).gamma += gex;
  }
}

}  // namespace isobar::gamma_fuel::literal
