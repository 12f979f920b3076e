#include "gamma-fuel/domain/level_context.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

/// Weight of a kind in confluence; all of them together are `weights_total` (futures-medium 13.4).
double weight_of(std::string_view kind) {
  if (kind == "PM_HIGH" || kind == "PM_LOW") return 1.0;
  if (kind == "OR_HIGH" || kind == "OR_LOW") return 0.9;
  if (kind == "SMA_200" || kind == "SMA_400") return 0.8;
  if (kind == "VWAP") return 0.7;
  if (kind == "SESSION_HIGH" || kind == "SESSION_LOW") return 0.6;
  if (kind == "CALL_WALL" || kind == "PUT_WALL") return 1.0;
  return 0;
}
constexpr double weights_total = 9.3;

bool is_strong(std::string_view kind) {
  constexpr std::array<std::string_view, 8> strong{"CALL_WALL", "PUT_WALL", "GAMMA_WALL",   "GAMMA_FLIP",
                                                   "PM_HIGH",   "PM_LOW",   "SESSION_HIGH", "SESSION_LOW"};
  return std::find(strong.begin(), strong.end(), kind) != strong.end();
}

price distance(price a, price b) { return price(std::llabs(a.value - b.value)); }

}  // namespace

runway runway_of(const market::watched_level& level, int direction, const level_set_input& set, price band,
                 compat rules) {
  if (rules == compat::literal) band = price(0);
  runway r;
  r.direction = direction;
  const market::watched_level* next = nullptr;
  for (const market::watched_level& other : set.levels) {
    if (other.id == level.id) continue;
    const price beyond = (other.price - level.price) * direction;
    if (beyond > band && (next == nullptr || beyond < *r.distance)) {
      next = &other;
      r.distance = beyond;
    }
    if (distance(other.price, level.price) <= band && is_strong(other.kind)) r.clear = false;
  }
  if (next != nullptr) {
    r.next_level = next->id;
    if (is_strong(next->kind)) r.clear = false;
  }
  if (rules == compat::literal) r.clear = true;
  return r;
}

level_context::level_context(const gamma_config& c) : rules_(c.levels), compat_(c.rules), model_(c.radar_model) {}

void level_context::see(price mid) {
  low_ = low_ == market::no_price ? mid : std::min(low_, mid);
  high_ = high_ == market::no_price ? mid : std::max(high_, mid);
}

void level_context::touch(timestamp t, const level_set_input& set, std::int32_t day) {
  if (day != day_) {
    day_ = day;
    touches_.clear();
  }
  for (const market::watched_level& l : set.levels) {
    const bool inside = l.price >= low_ - rules_.touch_band && l.price <= high_ + rules_.touch_band;
    auto at = touches_.find(l.id);
    if (at == touches_.end()) {
      if (!inside || touches_.size() >= records_max) continue;
      at = touches_.try_emplace(l.id).first;
    }
    record& r = at->second;
    if (r.price != market::no_price && distance(l.price, r.price) > rules_.touch_band) r = {};
    r.price = l.price;
    if (inside && (r.begun == 0 || (!r.inside && t - r.left >= rules_.touch_cooldown))) ++r.begun;
    if (!inside && r.inside) r.left = t;
    r.inside = inside;
  }
}

std::uint32_t level_context::prior_touches(timestamp t, const std::string& id) const {
  const auto at = touches_.find(id);
  if (at == touches_.end() || at->second.begun == 0) return 0;
  const record& r = at->second;
  const bool goes_on = r.inside || t - r.left < rules_.touch_cooldown;
  return r.begun - (goes_on ? 1 : 0);
}

void level_context::approach(const std::vector<price>& closes, level_signal& l) const {
  if (closes.size() < 2) return;
  const double towards = l.break_direction;
  const double moved = to_double(closes.back() - closes.front());
  l.approach_velocity = towards * moved / static_cast<double>(closes.size());
  l.approach_distance = std::abs(moved);
  for (std::size_t i = closes.size() - 1; i > 0; --i) {
    if (towards * to_double(closes[i] - closes[i - 1]) <= 0) break;
    ++l.approach_bars;
  }
}

void level_context::surroundings(const level_set_input& set, level_signal& l) const {
  double weighed = 0;
  for (const market::watched_level& other : set.levels) {
    if (other.id == l.id) continue;
    const price apart = distance(other.price, l.price);
    if (apart > rules_.confluence_band || rules_.confluence_band.value == 0) continue;
    ++l.confluence_levels;
    weighed += weight_of(other.kind) * (1 - to_double(apart) / to_double(rules_.confluence_band));
  }
  l.confluence = std::min(1.0, weighed / weights_total);
}

tick_context level_context::make(const tick_view& at, const level_set_input& set, const gex_profile& p,
                                 const session_tracker& s, const option_board& board, dealer_flow& flow) {
  see(at.mid);
  touch(at.at, set, s.trading_date());
  low_ = high_ = market::no_price;

  tick_context out;
  out.base.as_of = at.at;
  out.base.spot = at.mid;
  out.base.bid = at.bid;
  out.base.ask = at.ask;
  const model_profile& chosen = p.models[static_cast<std::size_t>(model_)];
  out.market_regime = chosen.readings.regime;
  out.zero_gamma = chosen.walls.zero_gamma;
  const std::vector<price> closes = s.minute_closes(at.at);
  const bool opening = s.first_15_minutes(at.at);
  const auto sma_short = s.sma_short(), sma_long = s.sma_long();
  for (const market::watched_level& level : set.levels) {
    const price apart = distance(level.price, at.mid);
    if (apart > rules_.monitor_band) continue;
    level_signal& l = out.base.levels.emplace_back();
    l.id = level.id;
    l.kind = level.kind;
    l.price = level.price;
    l.break_direction = at.mid > level.price ? -1 : 1;
    l.distance = apart;
    l.distance_signed = level.price - at.mid;
    l.touching = apart <= rules_.touch_band;
    l.first_15_minutes = opening;
    l.fuel = flow.at(level.id, level.price, at.at, board, p);
    l.prior_touches = prior_touches(at.at, level.id);
    approach(closes, l);
    if (sma_short) l.distance_to_sma_short = to_double(level.price - *sma_short);
    if (sma_long) l.distance_to_sma_long = to_double(level.price - *sma_long);
    surroundings(set, l);
    l.runway = runway_of(level, l.break_direction, set, rules_.touch_band, compat_);
  }
  std::sort(out.base.levels.begin(), out.base.levels.end(), [](const level_signal& a, const level_signal& b) {
    return std::tie(a.distance, a.id) < std::tie(b.distance, b.id);
  });
  for (const level_signal& l : out.base.levels) {
    out.bounce_runways.push_back(
        runway_of({l.id, l.kind, l.price}, -l.break_direction, set, rules_.touch_band, compat_));
  }
  return out;
}

}  // namespace isobar::gamma_fuel
