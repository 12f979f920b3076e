#include "gamma-fuel/domain/landscape.hpp"

#include <algorithm>
#include <cmath>

#include "gamma-fuel/domain/literal/literal_exposures.hpp"
#include "gamma-fuel/domain/readings.hpp"
#include "gamma-fuel/domain/walls.hpp"

namespace isobar::gamma_fuel {
namespace {

void begin(timestamp start, timestamp end, const market_view& at, gex_profile& out) {
  out.start = start;
  out.end = end;
  out.reference = at.reference;
  out.underlying = at.underlying;
  out.basis = at.basis;
  out.underlying_stale = at.underlying_stale;
  out.options_stale = false;
  out.quality = at.underlying_stale ? market::quality::stale : market::quality::ok;
  out.grid.clear();
  out.models = {};
  out.contracts = out.priced = 0;
  out.left_out = {};
  out.pins.clear();
  out.gravity = out.minute_gravity = {};
  out.volume.reset();
}

strike_exposure row_of(const ladder_strike& s) {
  strike_exposure row;
  row.call = s.call().gamma;
  row.put = s.put().gamma;
  row.call_interest = quantity(s.call().interest);
  row.put_interest = quantity(s.put().interest);
  row.flow_call = s.call().flow_gamma;
  row.flow_put = s.put().flow_gamma;
  row.volume_gamma = s.volume_gamma();
  row.imbalance = imbalance_of(row.call, row.put);
  double low = 0, high = 0;
  for (std::size_t m = 0; m < sign_models; ++m) {
    row.by_model[m] = s.under(static_cast<sign_model>(m));
    const double gamma = row.by_model[m].gamma;
    low = m == 0 ? gamma : std::min(low, gamma);
    high = m == 0 ? gamma : std::max(high, gamma);
  }
  row.spread = high - low;
  return row;
}

void set_changes(const strike_memory& m, strike_exposure& row) {
  row.gross_change = m.gross.change;
  row.imbalance_change = m.imbalance.change;
  for (std::size_t i = 0; i < sign_models; ++i) row.by_model[i].gamma_change = m.gamma[i].change;
}

}  // namespace

landscape::landscape(const gamma_config& c) : config_(c), exposures_(c), history_(c.rules == compat::literal) {}

void landscape::build(timestamp start, timestamp end, const market_view& at, option_board& board, gex_profile& out) {
  begin(start, end, at, out);
  const auto believed = [](price p) {
    return p != market::no_price && p.value >= -option_board::price_limit && p.value <= option_board::price_limit;
  };
  if (!believed(at.reference) || !believed(at.underlying)) {
    out.quality = market::quality::gap;
    out.expiries.clear();
    return;
  }
  board.price(end, to_double(at.underlying));
  const strike_grid grid(config_, at.reference, at.basis, binned_by_.follow(at.basis, config_.grid.step));
  out.grid.resize(grid.size());
  if (config_.rules == compat::literal)
    literal::build_exposures(board, end, grid, literal_, out);
  else
    exposures_.build(board.columns(), end, grid, out);

  const bool first = last_end_ == start_of_time;
  history_.step(ladder(), first ? 0 : (start - last_end_).value / config_.window.value);
  last_end_ = end;
  fill_grid(grid, out);
  fill_models(grid, board.columns(), out);
  fill_volume(grid, at, out);
}

/// What rests on the volume profile, or does without.
void landscape::fill_volume(const strike_grid& grid, const market_view& at, gex_profile& out) {
  if (at.volume != nullptr && config_.volume != volume_source::none)
    volume_.build(*at.volume, config_.volume, grid, config_.grid.step);
  else
    volume_.clear();
  const sign_model m = config_.radar_model;
  const model_profile& chosen = out.models[static_cast<std::size_t>(m)];
  pins_of(ladder(), m, at.reference, chosen.walls.zero_gamma, volume_, out.pins);
  out.volume = context_of(volume_, at.reference, grid.centre());
  out.gravity = gravity_of(ladder(), m, at.reference, volume_);
  out.gravity.as_of = out.end;
  out.minute_gravity = minute_.follow(out.end, out.gravity);
}

void landscape::fill_grid(const strike_grid& grid, gex_profile& out) const {
  const strike_ladder& strikes = ladder();
  auto at = std::lower_bound(strikes.begin(), strikes.end(), grid.at(0),
                             [](const ladder_strike& s, price k) { return s.strike < k; });
  for (std::size_t i = 0; i < grid.size(); ++i) {
    strike_exposure& row = out.grid[i];
    const price strike = grid.at(i);
    row = at != strikes.end() && at->strike == strike ? row_of(*at++) : strike_exposure{};
    row.strike = strike;
    if (const strike_memory* m = history_.find(strike)) set_changes(*m, row);
  }
}

void landscape::pack(const board_columns& c) {
  for (auto* column : {&forward_, &strike_, &deviation_, &discount_, &by_interest_, &by_flow_}) column->clear();
  for (std::size_t e = 0; e < c.expiries.size(); ++e) {
    if (!exposures_.takes_part(e)) continue;
    for (std::size_t p = c.expiries[e].first; p < c.expiries[e].last; ++p) {
      if (c.state[p] != standing::priced || (c.open_interest[p] <= 0 && c.dealer_position[p] == 0)) continue;
      const double interest = static_cast<double>(std::max<std::int64_t>(0, c.open_interest[p])) * c.multiplier[p];
      forward_.push_back(c.forward[p]);
      strike_.push_back(c.strike[p]);
      deviation_.push_back(c.total_deviation[p]);
      discount_.push_back(c.discount[p]);
      by_interest_.push_back(c.right[p] == market::right::call ? interest : -interest);
      by_flow_.push_back(static_cast<double>(c.dealer_position[p]) * c.multiplier[p]);
    }
  }
}

std::optional<price> landscape::zero(zero_gamma_search& search, std::span<const double> weight, const strike_grid& grid,
                                     const gex_profile& at) {
  constexpr double to_points = 0.01;
  const double underlying = to_double(at.underlying);
  const auto factor = search.find({{forward_, strike_, deviation_, discount_}, weight}, at.end, underlying,
                                  to_points / (config_.scale * underlying));
  if (!factor) return std::nullopt;
  const auto where = grid.convert(underlying * *factor);
  if (!where) return std::nullopt;
  constexpr std::int64_t hundredth = nanos_per_unit / 100;
  return price(round_div(where->value, hundredth) * hundredth);
}

void landscape::fill_models(const strike_grid& grid, const board_columns& c, gex_profile& out) {
  std::optional<price> by_interest, by_flow;
  if (config_.rules == compat::corrected) {
    pack(c);
    by_interest = zero(zero_by_interest_, by_interest_, grid, out);
    by_flow = zero(zero_by_flow_, by_flow_, grid, out);
  }
  for (std::size_t i = 0; i < sign_models; ++i) {
    const auto m = static_cast<sign_model>(i);
    model_profile& of = out.models[i];
    for (const ladder_strike& s : ladder()) {
      const auto at = s.under(m);
      of.gamma += at.gamma;
      of.vanna += at.vanna;
      of.charm += at.charm;
    }
    of.walls = walls_of(ladder(), m, out.reference);
    if (m == sign_model::calls_positive || m == sign_model::puts_positive) of.walls.zero_gamma = by_interest;
    if (m == sign_model::flow) of.walls.zero_gamma = by_flow;
    of.readings = readings_of(ladder(), m, out.reference, of.gamma, config_.regime_threshold);
  }
}

gex_input landscape::radar_input(const gex_profile& p) const {
  gex_input given{p.end, {}};
  given.strikes.reserve(p.grid.size());
  for (const strike_exposure& s : p.grid) {
    const bool flow = config_.radar_model == sign_model::flow;
    given.strikes.push_back({s.strike, flow ? std::abs(s.flow_call) : s.call, flow ? std::abs(s.flow_put) : s.put});
  }
  return given;
}

}  // namespace isobar::gamma_fuel
