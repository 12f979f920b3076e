#include "gamma-fuel/domain/exposures.hpp"

#include <algorithm>

#include "gamma-fuel/domain/expiry_filter.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr std::uint32_t off_ladder = UINT32_MAX;
constexpr double days_per_year = 365;

void count(const board_columns& c, std::size_t p, left_out& of) {
  switch (c.state[p]) {
    case standing::priced:
      ++of.no_open_interest;
      break;
    case standing::expired:
      ++of.volatility[static_cast<std::size_t>(market::no_volatility::expired)];
      break;
    case standing::no_forward:
      ++of.no_forward;
      break;
    case standing::no_quote:
      ++of.no_quote;
      break;
    case standing::one_sided:
      ++of.one_sided;
      break;
    case standing::crossed:
      ++of.crossed;
      break;
    case standing::zero_bid_wide:
      ++of.zero_bid_wide;
      break;
    case standing::stale:
      ++of.stale;
      break;
    case standing::no_volatility:
      ++of.volatility[static_cast<std::size_t>(c.why[p])];
      break;
  }
}

}  // namespace

strike_exposure::signed_exposure ladder_strike::under(sign_model m) const {
  const side_exposure &c = call(), &p = put();
  switch (m) {
    case sign_model::calls_positive:
      return {c.gamma - p.gamma, c.vanna - p.vanna, c.charm - p.charm, {}};
    case sign_model::puts_positive:
      return {p.gamma - c.gamma, p.vanna - c.vanna, p.charm - c.charm, {}};
    case sign_model::all_short:
      return {-(c.gamma + p.gamma), -(c.vanna + p.vanna), -(c.charm + p.charm), {}};
    case sign_model::flow:
      return {c.flow_gamma + p.flow_gamma, c.flow_vanna + p.flow_vanna, c.flow_charm + p.flow_charm, {}};
  }
  return {};
}

void exposures::choose_expiries(const board_columns& c, timestamp t) {
  expiry_filter set(config_.expiries, t);
  for (const board_expiry& e : c.expiries) set.see(e.settles_at);
  takes_part_.clear();
  for (const board_expiry& e : c.expiries) takes_part_.push_back(set.takes(e.key.expiry, e.settles_at));
}

void exposures::lay_ladder(const board_columns& c, const strike_grid& grid) {
  ladder_.clear();
  grid_row_.clear();
  rung_.assign(c.strikes.size(), off_ladder);
  own_side_.assign(c.strikes.size(), {});
  for (std::size_t i = 0; i < c.strikes.size(); ++i) {  // ascending, and so are their bins
    const auto bin = grid.bin(c.strikes[i]);
    if (!bin) continue;
    if (ladder_.empty() || ladder_.back().strike != *bin) {
      ladder_.push_back({*bin, {}});
      const auto row = grid.index_of(*bin);
      grid_row_.push_back(row ? static_cast<std::int32_t>(*row) : -1);
    }
    rung_[i] = static_cast<std::uint32_t>(ladder_.size() - 1);
    if (const auto at = grid.convert(c.strikes[i])) own_side_[i] = {*at >= grid.market(), *at <= grid.market()};
  }
}

void exposures::add_contract(const board_columns& c, std::size_t p, expiry_profile& of, gex_profile& out) {
  const std::uint32_t rung = rung_[c.strike_index[p]];
  if (rung == off_ladder) {
    ++out.left_out.not_in_set;
    return;
  }
  side_exposure& s = ladder_[rung].side[static_cast<std::size_t>(c.right[p])];
  const bool stated = c.open_interest[p] >= 0;
  const bool own_side = own_side_[c.strike_index[p]][static_cast<std::size_t>(c.right[p])];
  if (stated && c.state[p] != standing::expired)
    s.interest = std::max<std::int64_t>(s.interest, 0) + c.open_interest[p];
  const bool priced = c.state[p] == standing::priced;
  if (!priced || !stated) count(c, p, out.left_out);
  if (!priced) return;

  // d delta and d price of `symbol` are scale times those of the underlying.
  const double deltas = c.multiplier[p] / config_.scale;
  const double gamma = c.gamma[p] * deltas / config_.scale;
  const double vanna = c.vanna[p] * deltas, charm = c.charm[p] * deltas / days_per_year;
  const std::int32_t row = grid_row_[rung];
  exposure_sums* const at_strike = row >= 0 ? &of.by_strike[static_cast<std::size_t>(row)] : nullptr;
  s.volume_gamma += gamma * static_cast<double>(c.volume[p]);
  if (const auto position = static_cast<double>(c.dealer_position[p]); position != 0) {
    s.flow_gamma += gamma * position;
    if (own_side) s.flow_own_side += gamma * position;
    s.flow_vanna += vanna * position;
    s.flow_charm += charm * position;
    const greek_sums held{gamma * position, vanna * position, charm * position};
    of.total.flow.add(held);
    if (at_strike != nullptr) at_strike->flow.add(held);
  }
  if (!stated) return;
  ++out.priced;
  const auto interest = static_cast<double>(c.open_interest[p]);
  const double exposure = gamma * interest;
  s.gamma += exposure;
  if (own_side) s.own_side += exposure;
  s.vanna += vanna * interest;
  s.charm += charm * interest;
  const bool is_call = c.right[p] == market::right::call;
  const greek_sums open{exposure, vanna * interest, charm * interest};
  (is_call ? of.total.call : of.total.put).add(open);
  if (at_strike != nullptr) (is_call ? at_strike->call : at_strike->put).add(open);
}

void exposures::add_expiry(const board_columns& c, std::size_t expiry, expiry_profile& of, gex_profile& out) {
  const board_expiry& e = c.expiries[expiry];
  of.key = e.key;
  of.settles_at = e.settles_at;
  of.forward = e.forward;
  of.years = e.years;
  of.parity_strike = e.parity_strike;
  of.contracts = e.last - e.first;
  of.total = {};
  of.by_strike.assign(out.grid.size(), {});
  for (std::size_t p = e.first; p < e.last; ++p) add_contract(c, p, of, out);
}

void exposures::build(const board_columns& c, timestamp t, const strike_grid& grid, gex_profile& out) {
  choose_expiries(c, t);
  lay_ladder(c, grid);
  out.contracts = static_cast<std::uint32_t>(c.size());
  std::size_t taken = 0;
  for (std::size_t i = 0; i < c.expiries.size(); ++i) {
    if (takes_part_[i] == 0) {
      out.left_out.not_in_set += c.expiries[i].last - c.expiries[i].first;
      continue;
    }
    if (taken == out.expiries.size()) out.expiries.emplace_back();
    add_expiry(c, i, out.expiries[taken++], out);
  }
  out.expiries.resize(taken);
}

}  // namespace isobar::gamma_fuel
