#include "gamma-fuel/domain/signal_context.hpp"

#include <algorithm>
#include <tuple>

#include "gamma-fuel/domain/level_geometry.hpp"

namespace isobar::gamma_fuel {
namespace {

std::optional<double> points_to(price level, std::optional<price> average) {
  return average ? std::optional(to_double(level - *average)) : std::nullopt;
}

}  // namespace

signal_context::signal_context(const gamma_config& c) : config_(c), touches_(c.levels.touch_cooldown) {}

level_signal signal_context::level(const market::watched_level& at, const tick_view& v) const {
  level_signal l;
  l.id = at.id;
  l.kind = at.kind;
  l.price = at.price;
  l.break_direction = break_direction(v.spot, at.price);
  l.distance_signed = at.price - v.spot;
  l.distance = price(std::abs(l.distance_signed.value));
  l.touching = l.distance <= config_.levels.touch_band;
  l.runway = runway_of(at, l.break_direction, v.levels.levels, config_.levels.touch_band);
  const confluence_reading c = confluence_of(at, v.levels.levels, config_.levels.confluence_band);
  l.confluence = c.strength;
  l.confluence_levels = c.levels;
  l.distance_to_sma_short = points_to(at.price, v.session.sma_short());
  l.distance_to_sma_long = points_to(at.price, v.session.sma_long());
  return l;
}

tick_context signal_context::make(const tick_view& v, dealer_flow& flow) {
  tick_context t;
  t.base.as_of = v.as_of;
  t.base.spot = v.spot;
  t.base.bid = v.bid;
  t.base.ask = v.ask;
  t.base.options_stale = v.options_stale;
  if (v.profile.end.ns != 0) {
    t.base.gex_as_of = v.profile.end;
    const model_profile& m = v.profile.models[static_cast<std::size_t>(config_.radar_model)];
    t.market_regime = m.readings.regime;
    t.zero_gamma = m.walls.zero_gamma;
  }
  if (v.spot == market::no_price) return t;

  touches_.begin_day(v.session.trading_date());
  const bool first_minutes = v.session.first_15_minutes(v.as_of);
  const std::vector<price> closes = v.session.minute_closes(v.as_of);
  for (const market::watched_level& at : v.levels.levels) {
    const std::int64_t away = std::abs((at.price - v.spot).value);
    const std::uint32_t touched = touches_.observe(at.id, away <= config_.levels.touch_band.value, v.as_of);
    if (away > config_.levels.monitor_band.value) continue;
    level_signal l = level(at, v);
    l.first_15_minutes = first_minutes;
    l.prior_touches = touched;
    const approach_reading a = approach_of(closes, l.break_direction);
    l.approach_velocity = a.velocity;
    l.approach_distance = a.distance;
    l.approach_bars = a.bars;
    l.fuel = flow.at(at.id, at.price, v.as_of, v.board, v.profile);
    t.base.levels.push_back(std::move(l));
  }
  std::sort(t.base.levels.begin(), t.base.levels.end(), [](const level_signal& a, const level_signal& b) {
    return std::tie(a.distance, a.id) < std::tie(b.distance, b.id);
  });
  for (const level_signal& l : t.base.levels) {
    t.bounce_runways.push_back(
        runway_of({l.id, l.kind, l.price}, -l.break_direction, v.levels.levels, config_.levels.touch_band));
  }
  return t;
}

}  // namespace isobar::gamma_fuel
