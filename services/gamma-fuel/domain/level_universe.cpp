#include "gamma-fuel/domain/level_universe.hpp"

#include <algorithm>
#include <tuple>

#include "core/decimal.hpp"
#include "gamma-fuel/domain/level_kinds.hpp"

namespace isobar::gamma_fuel {
namespace {

std::string named(std::string_view kind, price p) { return std::string(kind) + '_' + format_nanos(p.value); }

/// Names that the universe gives itself.
bool reserved(std::string_view id) {
  if (id.starts_with("ROUND_") || id.starts_with("STRIKE_")) return true;
  return std::find(single_level_kinds.begin(), single_level_kinds.end(), id) != single_level_kinds.end();
}

bool has_options(const strike_exposure& s) {
  return s.call_interest != market::no_quantity || s.put_interest != market::no_quantity || s.call != 0 || s.put != 0 ||
         s.volume_gamma != 0;
}

}  // namespace

price on_tick(price p, price tick) { return price(round_div(p.value, tick.value) * tick.value); }

level_universe::level_universe(const gamma_config& c) : config_(c) {}

bool level_universe::add(user_level l) {
  if (user_.size() >= config_.levels.user_levels_max || l.id.empty() || l.price == market::no_price || reserved(l.id)) {
    return false;
  }
  const auto place = std::partition_point(user_.begin(), user_.end(), [&](const user_level& u) { return u.id < l.id; });
  if (place != user_.end() && place->id == l.id) return false;
  user_.insert(place, std::move(l));
  return true;
}

bool level_universe::remove(std::string_view id) {
  return std::erase_if(user_, [&](const user_level& u) { return u.id == id; }) > 0;
}

bool level_universe::near(std::optional<price> p, price market) const {
  return p && *p >= market - config_.levels.reach && *p <= market + config_.levels.reach;
}

void level_universe::put(std::string id, std::string_view kind, std::optional<price> p) {
  if (p) made_.push_back({std::move(id), std::string(kind), on_tick(*p, config_.tick)});
}

void level_universe::put_session(const session_tracker& s) {
  const auto one = [&](std::string_view name, std::optional<price> p) { put(std::string(name), name, p); };
  one("VWAP", s.vwap());
  one("SESSION_HIGH", s.session_high());
  one("SESSION_LOW", s.session_low());
  one("PM_HIGH", s.premarket_high());
  one("PM_LOW", s.premarket_low());
  one("OR_HIGH", s.opening_high());
  one("OR_LOW", s.opening_low());
  one("SMA_200", s.sma_short());
  one("SMA_400", s.sma_long());
}

void level_universe::put_landscape(const gex_profile& p) {
  const walls& w = p.models[static_cast<std::size_t>(config_.radar_model)].walls;
  const auto wall = [&](std::string_view name, std::optional<price> at) {
    if (near(at, p.reference)) put(std::string(name), name, at);
  };
  wall("CALL_WALL", w.call_wall);
  wall("PUT_WALL", w.put_wall);
  wall("GAMMA_WALL", w.absolute_max);
  put("GAMMA_FLIP", "GAMMA_FLIP", w.zero_gamma);
  for (const strike_exposure& s : p.grid) {
    const price at = on_tick(s.strike, config_.tick);
    if (has_options(s) && near(at, p.reference)) put(named(strike_kind, at), strike_kind, at);
  }
}

void level_universe::put_round(price market) {
  const std::int64_t step = config_.levels.round_step.value, reach = config_.levels.reach.value;
  if (step <= 0) return;
  const auto one = [&](std::int64_t n) {
    const price at = on_tick(price(n * step), config_.tick);
    put(named(round_kind, at), round_kind, at);
  };
  // From the market outwards, so that it is the far ones that find no room.
  const std::int64_t first = ceil_div(market.value - reach, step), last = floor_div(market.value + reach, step);
  std::int64_t below = floor_div(market.value, step), above = below + 1;
  while ((below >= first || above <= last) && made_.size() < levels_most) {
    const bool down = above > last || (below >= first && market.value - below * step <= above * step - market.value);
    one(down ? below-- : above++);
  }
}

void level_universe::drop_far(price market) {
  const auto by_id = [](const market::watched_level& a, const market::watched_level& b) { return a.id < b.id; };
  const auto same_id = [](const market::watched_level& a, const market::watched_level& b) { return a.id == b.id; };
  std::stable_sort(made_.begin(), made_.end(), by_id);
  made_.erase(std::unique(made_.begin(), made_.end(), same_id), made_.end());
  if (made_.size() <= config_.levels.levels_max) return;
  const auto rank = [&](const market::watched_level& l) {
    const std::int64_t away = market == market::no_price ? 0 : std::abs((l.price - market).value);
    return std::tuple<bool, std::int64_t, const std::string&>(l.kind != user_kind, away, l.id);
  };
  std::sort(made_.begin(), made_.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  made_.resize(config_.levels.levels_max);
  std::sort(made_.begin(), made_.end(), by_id);
}

std::optional<level_set_input> level_universe::build(timestamp effective, const gex_profile& p,
                                                     const session_tracker& s) {
  made_.clear();
  for (const user_level& u : user_) put(u.id, user_kind, u.price);
  put_session(s);
  if (p.reference != market::no_price) {
    put_landscape(p);
    put_round(p.reference);
  }
  drop_far(p.reference);
  return keep(effective);
}

std::optional<level_set_input> level_universe::build(timestamp effective, const literal::session& s,
                                                     std::span<const literal::strike_total> flows) {
  std::vector<price> zones;
  for (const user_level& u : user_) zones.push_back(literal::to_underlying(u.price, config_.scale));
  made_ = literal::levels(s, config_.scale, flows, zones);
  for (market::watched_level& l : made_) l.price = literal::to_symbol(l.price, config_.scale);
  drop_far(s.last().value_or(market::no_price));
  return keep(effective);
}

std::optional<level_set_input> level_universe::keep(timestamp effective) {
  if (made_ == last_.levels) return std::nullopt;
  last_.effective = effective;
  last_.levels = made_;
  in_force(effective - config_.window);
  if (!pending_.empty() && (pending_.back().effective >= effective || pending_.size() == pending_most))
    pending_.pop_back();
  pending_.push_back(last_);
  return last_;
}

const level_set_input& level_universe::in_force(timestamp t) {
  while (!pending_.empty() && pending_.front().effective <= t) {
    in_force_ = std::move(pending_.front());
    pending_.pop_front();
  }
  return in_force_;
}

}  // namespace isobar::gamma_fuel
