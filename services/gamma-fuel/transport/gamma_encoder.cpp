#include "gamma-fuel/transport/gamma_encoder.hpp"

#include <algorithm>
#include <cmath>

#include "core/decimal.hpp"
#include "wire/side_input_codec.hpp"
#include "wire/units.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr std::size_t pins_max = 3;

template <class Column, class Rows, class Value>
void fill(Column& to, const Rows& rows, Value value) {
  to.Clear();
  to.Reserve(static_cast<int>(rows.size()));
  for (const auto& row : rows) to.AddAlreadyReserved(value(row));
}

std::int64_t or_zero(price p) { return p == market::no_price ? 0 : p.value; }
std::int64_t or_minus_one(quantity q) { return q == market::no_quantity ? -1 : q.value; }

void write(const gamma_fuel::walls& from, gex::v1::Walls& to) {
  to.Clear();
  if (from.call_wall) to.set_call_wall_nanos(from.call_wall->value);
  if (from.put_wall) to.set_put_wall_nanos(from.put_wall->value);
  if (from.call_max) to.set_call_max_nanos(from.call_max->value);
  if (from.put_max) to.set_put_max_nanos(from.put_max->value);
  if (from.absolute_max) to.set_absolute_max_nanos(from.absolute_max->value);
  if (from.zero_gamma) to.set_zero_gamma_nanos(from.zero_gamma->value);
  if (from.strike_flip) to.set_strike_flip_nanos(from.strike_flip->value);
  if (from.flip_below) to.set_flip_below_nanos(from.flip_below->value);
  if (from.flip_above) to.set_flip_above_nanos(from.flip_above->value);
  if (from.high_volume) to.set_high_volume_nanos(from.high_volume->value);
}

void write(const gamma_fuel::readings& from, gex::v1::Readings& to) {
  to.set_bias(from.bias);
  to.set_liquidity_flow_index(from.liquidity_flow_index);
  to.set_market_mode(from.market_mode);
  to.set_market_mode_name(std::string(market_mode_name(from.market_mode)));
  to.set_regime(static_cast<gex::v1::Regime>(from.regime));
}

void write(const gravity_reading& from, gex::v1::DealerGravity& to) {
  to.Clear();
  to.set_as_of_ns(from.as_of.ns);
  if (from.best) to.set_best_nanos(from.best->value);
  if (from.low) to.set_low_nanos(from.low->value);
  if (from.high) to.set_high_nanos(from.high->value);
  if (from.confidence) to.set_confidence(*from.confidence);
  to.set_basins(from.basins);
  to.set_by_volume(from.by_volume);
}

void write(const volume_context& from, gex::v1::VolumeContext& to) {
  to.Clear();
  to.set_lots(from.lots);
  if (from.point_of_control) to.set_point_of_control_nanos(from.point_of_control->value);
  if (from.node) to.set_node_nanos(from.node->value);
  if (from.node_distance) to.set_node_distance(*from.node_distance);
  if (from.well) to.set_well_nanos(from.well->value);
  if (from.well_distance) to.set_well_distance(*from.well_distance);
  to.set_in_crevasse(from.in_crevasse);
}

/// Every model's total; the flow model's strikes too, which are not calls and puts under a convention.
void write_models(const expiry_profile& from, bool by_strike, gex::v1::ExpiryProfile& to) {
  for (std::size_t i = 0; i < sign_models; ++i) {
    const auto m = static_cast<sign_model>(i);
    auto& model = *to.add_models();
    model.set_model(to_proto(m));
    const greek_sums total = from.total.under(m);
    model.set_total_gex(total.gamma);
    model.set_total_vanna(total.vanna);
    model.set_total_charm(total.charm);
    if (!by_strike || m != sign_model::flow) continue;
    auto& strikes = *model.mutable_strikes();
    fill(*strikes.mutable_gex(), from.by_strike, [](const exposure_sums& s) { return s.flow.gamma; });
    fill(*strikes.mutable_vanna(), from.by_strike, [](const exposure_sums& s) { return s.flow.vanna; });
    fill(*strikes.mutable_charm(), from.by_strike, [](const exposure_sums& s) { return s.flow.charm; });
  }
  to.set_model_spread(from.total.spread());
}

void write(const expiry_profile& from, bool by_strike, gex::v1::ExpiryProfile& to) {
  to.Clear();
  wire::write_key(from.key, *to.mutable_key());
  to.set_settles_at_ns(from.settles_at.ns);
  to.set_forward_nanos(std::llround(from.forward * 1e9));
  to.set_forward_source(from.parity_strike ? "parity " + format_nanos(from.parity_strike->value) : "carry");
  to.set_years(from.years);
  to.set_contracts(from.contracts);
  const auto& [call, put, flow] = from.total;
  to.set_call_gex(call.gamma);
  to.set_put_gex(put.gamma);
  to.set_call_vanna(call.vanna);
  to.set_put_vanna(put.vanna);
  to.set_call_charm(call.charm);
  to.set_put_charm(put.charm);
  write_models(from, by_strike, to);
  if (!by_strike) return;
  const auto& rows = from.by_strike;
  fill(*to.mutable_call_gex_by_strike(), rows, [](const auto& s) { return s.call.gamma; });
  fill(*to.mutable_put_gex_by_strike(), rows, [](const auto& s) { return s.put.gamma; });
  fill(*to.mutable_call_vanna_by_strike(), rows, [](const auto& s) { return s.call.vanna; });
  fill(*to.mutable_put_vanna_by_strike(), rows, [](const auto& s) { return s.put.vanna; });
  fill(*to.mutable_call_charm_by_strike(), rows, [](const auto& s) { return s.call.charm; });
  fill(*to.mutable_put_charm_by_strike(), rows, [](const auto& s) { return s.put.charm; });
}

template <class Expiries>
void write_expiries(const std::vector<expiry_profile>& from, bool by_strike, Expiries& to) {
  to.Clear();  // keeps the messages for the next Add
  for (const expiry_profile& e : from) write(e, by_strike, *to.Add());
}

/// Contracts that have no exposure, by reason; reasons without contracts are not said.
void write(const left_out& from, google::protobuf::RepeatedPtrField<gex::v1::LeftOut>& to) {
  to.Clear();
  const auto add = [&](std::string_view reason, std::uint64_t contracts) {
    if (contracts == 0) return;
    auto& row = *to.Add();
    row.set_reason(std::string(reason));
    row.set_contracts(contracts);
  };
  add("no_open_interest", from.no_open_interest);
  add("no_quote", from.no_quote);
  add("one_sided", from.one_sided);
  add("crossed", from.crossed);
  add("zero_bid_wide", from.zero_bid_wide);
  add("stale", from.stale);
  add("no_forward", from.no_forward);
  add("not_in_set", from.not_in_set);
  // The first is "there is one".
  for (std::size_t i = 1; i < from.volatility.size(); ++i)
    add(market::name_of(static_cast<market::no_volatility>(i)), from.volatility[i]);
}

/// The three columns of a row's differences.
template <class Column, class Rows, class Of>
void fill_differences(const Rows& rows, Of of, Column& d1, Column& d2, Column& d3) {
  fill(d1, rows, [&](const auto& row) { return of(row).d1; });
  fill(d2, rows, [&](const auto& row) { return of(row).d2; });
  fill(d3, rows, [&](const auto& row) { return of(row).d3; });
}

radar::v1::Side side_of(market::book_side s) {
  return s == market::book_side::bid   ? radar::v1::SIDE_BID
         : s == market::book_side::ask ? radar::v1::SIDE_ASK
                                       : radar::v1::SIDE_UNSPECIFIED;
}

void write(const level_state& from, const std::string& kind, radar::v1::LevelState& to) {
  to.set_id(from.id);
  to.set_price_nanos(from.price.value);
  to.set_kind(kind);
  to.set_defending(side_of(from.defending));
  to.set_state(static_cast<radar::v1::BarrierState>(from.state));
  to.set_delta_liquidity_lots(from.delta_liquidity);
  to.set_added_lots(from.added);
  to.set_cancelled_lots(from.cancelled);
  to.set_filled_lots(from.filled);
  to.set_depth_in_zone_lots(from.depth_in_zone);
  to.set_replenishment_ratio(from.replenishment_ratio);
  to.set_wall_ratio(from.wall_ratio);
  to.set_barrier_confidence(from.barrier_confidence);
  to.set_imbalance(from.imbalance);
  to.set_buy_lots(from.buy);
  to.set_sell_lots(from.sell);
  to.set_trades_per_second(from.trades_per_second);
  to.set_price_velocity(from.price_velocity);
  to.set_tape_confidence(from.tape_confidence);
  if (from.sweep_direction == 0) return;
  to.mutable_sweep()->set_direction(from.sweep_direction);
  to.mutable_sweep()->set_notional(from.sweep_notional);
}

void write(const fuel_reading& from, level::v1::Fuel& to) {
  to.set_effect(static_cast<gex::v1::Regime>(from.effect));
  to.set_net_dealer_gamma(from.net_dealer_gamma);
  to.set_net_dealer_gamma_smooth(from.net_smooth);
  if (from.call_wall) to.set_call_wall_nanos(from.call_wall->value);
  if (from.put_wall) to.set_put_wall_nanos(from.put_wall->value);
  if (from.zero_by_flow) to.set_high_volume_nanos(from.zero_by_flow->value);
  to.set_volume_lots(from.volume);
  to.set_confidence(from.confidence);
}

void write(const gamma_fuel::runway& from, level::v1::Runway& to) {
  to.set_direction(from.direction);
  if (from.distance) to.set_distance_nanos(from.distance->value);
  to.set_next_level_id(from.next_level);
  to.set_clear(from.clear);
}

template <class Message>
void write(const input_quality& from, Message& to) {
  to.clear_input_quality();
  from.each([&](std::string_view input, market::quality quality) {
    auto& row = *to.add_input_quality();
    row.set_input(std::string(input));
    row.set_quality(static_cast<common::v1::Quality>(quality));
  });
}

template <class Message>
std::string finished(Message& m, wire::frame_info& info, std::size_t records) {
  info.record_count = static_cast<std::uint32_t>(records);
  wire::write_header(info, *m.mutable_header());
  return wire::serialize(m);
}

}  // namespace

void write(const level_signal& from, level::v1::LevelSignal& to) {
  to.Clear();
  to.set_id(from.id);
  to.set_kind(from.kind);
  to.set_price_nanos(from.price.value);
  to.set_break_direction(from.break_direction);
  to.set_distance_nanos(from.distance.value);
  to.set_distance_signed_nanos(from.distance_signed.value);
  to.set_touching(from.touching);
  to.set_first_15_minutes(from.first_15_minutes);
  to.set_break_score_raw(from.score_raw);
  to.set_break_score(from.score);
  to.set_signal(static_cast<level::v1::Signal>(from.signal));
  to.set_confidence(static_cast<level::v1::Confidence>(from.confidence));
  if (!from.state.id.empty()) write(from.state, from.kind, *to.mutable_state());
  to.set_delta_liquidity_smooth(from.delta_liquidity_smooth);
  to.set_replenishment_ratio_smooth(from.replenishment_ratio_smooth);
  to.set_price_velocity_smooth(from.price_velocity_smooth);
  write(from.fuel, *to.mutable_fuel());
  write(from.runway, *to.mutable_runway());
  to.set_prior_touches(from.prior_touches);
  to.set_approach_velocity(from.approach_velocity);
  to.set_approach_distance(from.approach_distance);
  to.set_approach_bars(from.approach_bars);
  if (from.distance_to_sma_short) to.set_distance_to_sma_200(*from.distance_to_sma_short);
  if (from.distance_to_sma_long) to.set_distance_to_sma_400(*from.distance_to_sma_long);
  to.set_confluence(from.confluence);
  to.set_confluence_levels(from.confluence_levels);
  to.set_note(from.note);
}

gex::v1::SignModel to_proto(sign_model m) { return static_cast<gex::v1::SignModel>(static_cast<int>(m) + 1); }

std::optional<sign_model> from_proto(gex::v1::SignModel m) {
  if (m < gex::v1::SIGN_MODEL_CALLS_POSITIVE || m > gex::v1::SIGN_MODEL_FLOW) return std::nullopt;
  return static_cast<sign_model>(static_cast<int>(m) - 1);
}

gamma_encoder::gamma_encoder(const symbol& name, const symbol& option_symbol, const gamma_config& rules)
    : name_(name),
      option_symbol_(option_symbol.str()),
      assumptions_(assumptions_id(rules)),
      assumptions_words_(assumptions_text(rules, rules.radar_model)),
      multiplier_(rules.contract_multiplier),
      step_(rules.grid.step.value),
      scale_(rules.scale) {
  signals_.set_symbol(name_.str());
  alert_.set_symbol(name_.str());
  profile_.set_symbol(name_.str());
  profile_.set_option_symbol(option_symbol_);
  profile_.set_assumptions(assumptions_words_);
  profile_.set_scale(scale_);
  profile_.set_strike_step_nanos(step_);
  profile_.mutable_units()->set_contract_multiplier(multiplier_);
}

service::frame_extent gamma_encoder::extent(const gex_profile& p) const {
  auto own = market::worst(source_, p.quality);
  if (p.underlying_stale || p.options_stale || p.market_stale) own = market::worst(own, market::quality::stale);
  return {.ts_first = p.start, .ts_last = p.end, .quality = own, .watermark = p.end};
}

service::frame_extent gamma_encoder::extent(const level_set_input& set, const input_quality& by_input) const {
  return {.ts_first = set.effective,
          .ts_last = set.effective,
          .quality = market::worst(source_, by_input.worst()),
          .watermark = set.effective};
}

service::frame_extent gamma_encoder::extent(const level_signals& s) const {
  const bool stale = s.radar_stale || s.options_stale || s.market_stale;
  return {.ts_first = s.as_of,
          .ts_last = s.as_of,
          .quality = market::worst(market::worst(source_, s.by_input.worst()),
                                   stale ? market::quality::stale : market::quality::ok),
          .watermark = s.as_of};
}

service::frame_extent gamma_encoder::extent(const gamma_fuel::alert& a) const {
  return {.ts_first = a.as_of,
          .ts_last = a.as_of,
          .quality = market::worst(source_, a.by_input.worst()),
          .watermark = a.as_of};
}

std::string gamma_encoder::surface(const gex_profile& p, const gex_input& radar, wire::frame_info info) {
  wire::gex_frame frame{.symbol = name_, .assumptions = assumptions_, .surface = radar};
  frame.surface.window_end = p.end;
  return wire::encode_gex(frame, info);
}

void gamma_encoder::write_models(const gex_profile& p) {
  profile_.clear_models();
  double low = p.models[0].gamma, high = low;
  for (std::size_t i = 0; i < sign_models; ++i) {
    const model_profile& from = p.models[i];
    low = std::min(low, from.gamma);
    high = std::max(high, from.gamma);
    auto& to = *profile_.add_models();
    to.set_model(to_proto(static_cast<sign_model>(i)));
    auto& strikes = *to.mutable_strikes();
    fill(*strikes.mutable_gex(), p.grid, [i](const auto& s) { return s.by_model[i].gamma; });
    fill_differences(
        p.grid, [i](const auto& s) { return s.by_model[i].gamma_change; }, *strikes.mutable_d1_gex(),
        *strikes.mutable_d2_gex(), *strikes.mutable_d3_gex());
    fill(*strikes.mutable_vanna(), p.grid, [i](const auto& s) { return s.by_model[i].vanna; });
    fill(*strikes.mutable_charm(), p.grid, [i](const auto& s) { return s.by_model[i].charm; });
    to.set_total_gex(from.gamma);
    to.set_total_vanna(from.vanna);
    to.set_total_charm(from.charm);
    write(from.walls, *to.mutable_walls());
    write(from.readings, *to.mutable_readings());
  }
  profile_.set_total_model_spread(high - low);
}

std::string gamma_encoder::profile(const gex_profile& p, wire::frame_info info) {
  profile_.set_window_start_ns(p.start.ns);
  profile_.set_window_end_ns(p.end.ns);
  profile_.set_revision(p.revision());
  profile_.set_price_nanos(or_zero(p.reference));
  profile_.set_underlying_nanos(or_zero(p.underlying));
  profile_.clear_basis_nanos();
  if (p.basis_known) profile_.set_basis_nanos(p.basis.value);
  profile_.set_underlying_stale(p.underlying_stale);
  profile_.mutable_units()->set_price_nanos(or_zero(p.reference));
  fill(*profile_.mutable_strike_nanos(), p.grid, [](const auto& s) { return s.strike.value; });
  fill(*profile_.mutable_call_gex(), p.grid, [](const auto& s) { return s.call; });
  fill(*profile_.mutable_put_gex(), p.grid, [](const auto& s) { return s.put; });
  fill(*profile_.mutable_imbalance(), p.grid, [](const auto& s) { return s.imbalance; });
  fill_differences(
      p.grid, [](const auto& s) { return s.gross_change; }, *profile_.mutable_d1_gex_abs(),
      *profile_.mutable_d2_gex_abs(), *profile_.mutable_d3_gex_abs());
  fill_differences(
      p.grid, [](const auto& s) { return s.imbalance_change; }, *profile_.mutable_d1_imbalance(),
      *profile_.mutable_d2_imbalance(), *profile_.mutable_d3_imbalance());
  fill(*profile_.mutable_call_open_interest(), p.grid, [](const auto& s) { return or_minus_one(s.call_interest); });
  fill(*profile_.mutable_put_open_interest(), p.grid, [](const auto& s) { return or_minus_one(s.put_interest); });
  write_models(p);
  fill(*profile_.mutable_model_spread(), p.grid, [](const auto& s) { return s.spread; });
  write_expiries(p.expiries, false, *profile_.mutable_expiries());
  profile_.set_contracts(p.contracts);
  profile_.set_contracts_priced(p.priced);
  write(p.left_out, *profile_.mutable_left_out());
  profile_.clear_pins();
  for (std::size_t i = 0; i < std::min(pins_max, p.pins.size()); ++i) {
    auto& to = *profile_.add_pins();
    to.set_strike_nanos(p.pins[i].strike.value);
    to.set_probability(p.pins[i].probability);
    to.set_score(p.pins[i].score);
  }
  profile_.clear_gravity();
  profile_.clear_minute_gravity();
  profile_.clear_volume();
  if (p.gravity.as_of.ns != 0) write(p.gravity, *profile_.mutable_gravity());
  if (p.minute_gravity.as_of.ns != 0) write(p.minute_gravity, *profile_.mutable_minute_gravity());
  if (p.volume) write(*p.volume, *profile_.mutable_volume());
  write(p.by_input, profile_);
  return finished(profile_, info, p.grid.size());
}

std::string gamma_encoder::expiries(const gex_profile& p) {
  write_expiries(p.expiries, true, *expiries_.mutable_expiries());
  return wire::serialize(expiries_);
}

std::string gamma_encoder::levels(const level_set_input& set, const input_quality& by_input, wire::frame_info info) {
  wire::level_set_frame frame{.symbol = name_, .set = set};
  by_input.each([&](std::string_view input, market::quality quality) {
    frame.input_quality.emplace_back(std::string(input), quality);
  });
  return wire::encode_level_set(frame, info);
}

std::string gamma_encoder::signals(const level_signals& s, wire::frame_info info) {
  signals_.set_as_of_ns(s.as_of.ns);
  signals_.set_revision(static_cast<std::uint64_t>(s.as_of.ns / 1'000'000));
  signals_.clear_spot_nanos();
  signals_.clear_bid_nanos();
  signals_.clear_ask_nanos();
  signals_.clear_gex_as_of_ns();
  if (s.spot != market::no_price) signals_.set_spot_nanos(s.spot.value);
  if (s.bid != market::no_price) signals_.set_bid_nanos(s.bid.value);
  if (s.ask != market::no_price) signals_.set_ask_nanos(s.ask.value);
  if (s.gex_as_of) signals_.set_gex_as_of_ns(s.gex_as_of->ns);
  signals_.clear_stale_inputs();
  if (s.radar_stale) signals_.add_stale_inputs("radar");
  if (s.options_stale) signals_.add_stale_inputs("options");
  if (s.market_stale) signals_.add_stale_inputs("market");
  signals_.clear_levels();
  for (const level_signal& l : s.levels) gamma_fuel::write(l, *signals_.add_levels());
  signals_.set_unchanged_ticks(s.unchanged_ticks);
  signals_.set_assumptions(s.medium.empty() ? assumptions_ : assumptions_ + "+" + s.medium);
  write(s.by_input, signals_);
  return finished(signals_, info, s.levels.size());
}

std::string gamma_encoder::alert(const gamma_fuel::alert& a, wire::frame_info info) {
  alert_.set_as_of_ns(a.as_of.ns);
  alert_.set_kind(std::string(name_of(a.kind)));
  alert_.set_level_id(a.level);
  alert_.set_price_nanos(or_zero(a.price));
  alert_.set_spot_nanos(or_zero(a.spot));
  alert_.set_text(a.text);
  write(a.by_input, alert_);
  return finished(alert_, info, 1);
}

}  // namespace isobar::gamma_fuel
