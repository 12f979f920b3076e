#include "gamma-fuel/transport/explanation.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/decimal.hpp"
#include "gamma-fuel/transport/gamma_encoder.hpp"
#include "wire/units.hpp"

namespace isobar::gamma_fuel {
namespace {

using level::v1::ExplainResponse;
using service::query_errc;

std::string_view word_of(barrier b) {
  switch (b) {
    case barrier::unknown:
      return "unknown: the radar said nothing of this level";
    case barrier::neutral:
      return "neutral";
    case barrier::vacuum:
      return "vacuum: liquidity is pulled";
    case barrier::wall:
      return "wall: liquidity is added";
    case barrier::absorption:
      return "absorption: what is filled is refilled";
    case barrier::consumed:
      return "consumed: filled and not refilled";
    case barrier::weak:
      return "weak";
  }
  return "unknown";
}

std::string why_barrier(const level_signal& s) {
  return std::string(word_of(s.state.state)) + "; change of liquidity " + std::to_string(s.state.delta_liquidity) +
         " lots, " + std::to_string(s.state.depth_in_zone) + " in the zone";
}

std::string rounded(double v) { return std::to_string(std::llround(std::clamp(v, -9e15, 9e15))); }

std::string why_fuel(const level_signal& s) {
  return std::string(name_of(s.fuel.effect)) + "; dealers took on " + rounded(s.fuel.net_dealer_gamma) +
         " gamma near it, " + std::to_string(s.fuel.volume) + " contracts";
}

std::string why_tape(const level_signal& s) {
  const char* sweep = s.state.sweep_direction == 0                   ? "no sweep"
                      : s.state.sweep_direction == s.break_direction ? "a sweep towards the break"
                                                                     : "a sweep against the break";
  return std::string(sweep) + "; " + std::to_string(s.state.buy) + " lots bought and " + std::to_string(s.state.sell) +
         " sold near it";
}

double exposure_of(const board_row& r) {
  if (r.open_interest == market::no_quantity) return 0;
  return std::abs(r.gamma) * static_cast<double>(r.open_interest.value) * static_cast<double>(r.contract.multiplier);
}

void write(const explained_contract& from, level::v1::StrikeContribution& to) {
  const market::option_id& id = from.row.contract.id;
  wire::write_key({.expiry = id.expiry, .root = id.root}, *to.mutable_expiry());
  to.set_strike_nanos(id.strike.value);
  to.set_price_nanos(from.at.value);
  to.set_call(id.right == market::right::call);
  to.set_open_interest(from.row.open_interest == market::no_quantity ? -1 : from.row.open_interest.value);
  to.set_implied_volatility(from.row.sigma);
  to.set_gamma(from.row.gamma);
  to.set_gex(exposure_of(from.row));
  to.set_flow_gamma(from.flow.dealer_gamma);
  to.set_bought_lots(from.flow.bought);
  to.set_sold_lots(from.flow.sold);
  to.set_unsigned_lots(from.flow.unsigned_lots);
}

}  // namespace

std::vector<explained_contract> contracts_near(const gamma_engine& engine, price level) {
  const gamma_config& c = engine.config();
  const gex_profile& p = engine.last_profile();
  if (p.end.ns == 0) return {};
  std::map<contract_number, contract_flow> flows;
  for (const contract_flow& f : engine.flows_near(level)) flows.emplace(f.contract, f);
  std::vector<explained_contract> out;
  for (const contract_number n : engine.board().in_order()) {
    const board_row& row = engine.board().row(n);
    const double as_symbol = c.scale * static_cast<double>(row.contract.id.strike.value);
    if (!(std::abs(as_symbol) < 9e18)) continue;
    const price at = price(std::llround(as_symbol)) + p.basis;
    if (std::abs(at.value - level.value) > c.fuel.reach.value) continue;
    const auto flow = flows.find(n);
    out.push_back({.row = row, .at = at, .flow = flow == flows.end() ? contract_flow{} : flow->second});
  }
  return out;
}

void write_terms(const signal_config& c, const level_signal& s, ExplainResponse& to) {
  const auto add = [&](const char* name, double value, double weight, std::string why) {
    auto& term = *to.add_terms();
    term.set_name(name);
    term.set_value(value);
    term.set_weight(weight);
    term.set_points(value * weight);
    term.set_why(std::move(why));
  };
  add("barrier", s.barrier_points, c.barrier_weight, why_barrier(s));
  add("fuel", s.fuel_points, c.fuel_weight, why_fuel(s));
  add("tape", s.tape_points, c.tape_weight, why_tape(s));
}

void write_strikes(std::vector<explained_contract> contracts, ExplainResponse& to) {
  // Board order among equals.
  std::ranges::stable_sort(contracts, std::greater<>{}, [](const auto& c) { return exposure_of(c.row); });
  const std::size_t shown = std::min(contracts.size(), explained_strikes_max);
  for (std::size_t i = 0; i < shown; ++i) write(contracts[i], *to.add_strikes());
  to.set_strikes_left_out(static_cast<std::uint32_t>(contracts.size() - shown));
}

service::query_result<void> explain(const gamma_engine& engine, const level::v1::ExplainRequest& request,
                                    ExplainResponse& to) {
  const auto& levels = engine.levels().levels;
  const auto level = std::ranges::find(levels, request.level_id(), &market::watched_level::id);
  const level_signal* const signal = engine.find_signal(request.level_id());
  if (!signal && level == levels.end())
    return fail(query_errc::not_found, "level_id: no level " + request.level_id() + " for " + request.symbol());
  if (signal) {
    write(*signal, *to.mutable_signal());
    write_terms(engine.config().signals, *signal, to);
  } else {
    to.mutable_signal()->set_id(level->id);
    to.mutable_signal()->set_kind(level->kind);
    to.mutable_signal()->set_price_nanos(level->price.value);
  }
  write_strikes(contracts_near(engine, signal ? signal->price : level->price), to);
  to.set_model(to_proto(engine.config().radar_model));
  to.set_assumptions(assumptions_text(engine.config(), engine.config().radar_model));
  return {};
}

}  // namespace isobar::gamma_fuel
