#include <algorithm>
#include <cmath>

#include "sim/option_market_state.hpp"

// Which expiries and strikes there are, and how they change.
namespace isobar::sim {
namespace {

/// More strikes than this in one expiry are not listed: bounds growth by endless geometry changes.
constexpr std::size_t most_strikes = 5'000;

}  // namespace

void option_market::impl::add_plane(const listed_expiry& e, timestamp t) {
  plane p;
  p.key = e.key;
  p.root = e.root;
  p.settles_at = e.settles_at;
  p.centre = at_the_money(printed_spot(), p.root.strike_step);
  const double range = strike_half_range(path.spot(), cfg.vix, market::days_to_expiry(e.key.expiry, t),
                                         cfg.em_multiplier * cfg.strike_range_scale);
  p.half_range = strike_width(static_cast<std::int64_t>(range * 1e9));
  list_missing(p, ladder(p.centre, p.half_range, e.root.strike_step));
  p.market = market_of(p, t);
  p.growth = p.market.forward / p.market.spot;
  open_unquoted(p, t);
  planes.push_back(std::move(p));
}

/// Contracts enter with the quote of their listing; the feed says it again when their turn comes.
void option_market::impl::open_unquoted(plane& p, timestamp t) {
  for (rung& r : p.rungs) {
    if (r.legs[0].bid != leg::no_quote) continue;
    const quote_pair q = price_rung(p, r);
    for (std::size_t side = 0; side < 2; ++side) {
      leg& l = r.legs[side];
      l.bid = q[side].bid, l.ask = q[side].ask;
      l.bid_size = draw_size(), l.ask_size = draw_size();
      auto& s = l.published;
      s.bid = l.bid, s.ask = l.ask, s.bid_size = l.bid_size, s.ask_size = l.ask_size;
      s.ts_quote = p.settles_at > t ? t : last_trade_time(p);
      s.volume = quantity(0);
      // Round strikes gather open interest; it fades away from the money, faster inside it.
      const double away = (r.points - path.spot()) / path.spot(), inside = std::max(0.0, side == 0 ? -away : away);
      const std::uint32_t most = r.strike.value % (10 * p.root.strike_step.value) == 0 ? 12'000 : 3'000;
      s.open_interest = quantity(
          static_cast<std::int64_t>(listing_rng.below(most) / ((1 + 400 * away * away) * (1 + 1'000 * inside))));
      l.held = opening_holdings(cfg.customers, view(p, r, static_cast<market::right>(side)), s.open_interest.value);
      l.dealers = l.dealers_opened = l.held.dealers();
    }
  }
}

void option_market::impl::weigh_planes(timestamp t) {
  std::vector<double> weights;
  double total = 0;
  next_settlement = end_of_time;
  for (const plane& p : planes) {
    const bool trades = p.settles_at > t;
    if (trades) next_settlement = std::min(next_settlement, p.settles_at);
    total += trades ? 1.0 / (1 + market::days_to_expiry(p.key.expiry, t)) : 0;
    weights.push_back(total);
  }
  plane_weights.clear();
  if (total <= 0) return;
  for (const double w : weights) plane_weights.push_back(static_cast<std::uint32_t>(65'536 * (w / total)));
}

void option_market::impl::roll(timestamp t) {
  today = market::exchange_date(t);
  next_roll = market::new_york_time(today + 1, {0});
  counters.expired_planes += std::erase_if(planes, [this](const plane& p) { return p.key.expiry < today; });
  for (plane& p : planes)
    for (rung& r : p.rungs)
      for (leg& l : r.legs) l.published.volume = quantity(0);
  for (const listed_expiry& e : listed_expiries(cfg.symbol.str(), today, cfg.expirations)) {
    if (std::none_of(planes.begin(), planes.end(), [&e](const plane& p) { return p.key == e.key; })) add_plane(e, t);
  }
  std::sort(planes.begin(), planes.end(), [](const plane& a, const plane& b) { return a.key < b.key; });
  refresh(t);
  weigh_planes(t);
}

void option_market::impl::follow_spot(timestamp t) {
  for (plane& p : planes) {
    const double away = path.spot() - to_double(p.centre);
    if (p.settles_at <= t || 2 * std::abs(away) <= to_double(p.half_range) || p.rungs.size() >= most_strikes) continue;
    p.centre = at_the_money(printed_spot(), p.root.strike_step);
    counters.geometry_changes += list_missing(p, ladder(p.centre, p.half_range, p.root.strike_step)) > 0;
    open_unquoted(p, t);
  }
}

void option_market::impl::change_geometry(std::size_t plane_choice, bool fill, timestamp t) {
  std::vector<plane*> alive;
  for (plane& p : planes)
    if (p.settles_at > t && p.rungs.size() < most_strikes) alive.push_back(&p);
  if (alive.empty()) return;
  plane& p = *alive[plane_choice % alive.size()];
  if (!fill || fill_gap(p, listing_rng) == 0) extend(p);
  open_unquoted(p, t);
  ++counters.geometry_changes;
}

void option_market::impl::change_geometry_when_due(timestamp t) {
  const duration_ns age = t - cfg.start;
  const auto next_change = [this, t] {
    change_geometry(changes_done, changes_done % 3 == 2, t);
    ++changes_done;
  };
  while (scheduled_done < cfg.geometry_changes.size() && cfg.geometry_changes[scheduled_done] <= age)
    ++scheduled_done, next_change();
  if (const std::int64_t every = cfg.geometry_change_every.value; every > 0 && age.value / every > periodic_done)
    periodic_done = age.value / every, next_change();
  if (cfg.random_geometry_changes_per_hour > 0 &&
      listing_rng.chance(cfg.random_geometry_changes_per_hour * step_seconds / 3600))
    change_geometry(listing_rng.below(1u << 16), listing_rng.chance(0.5), t);
}

}  // namespace isobar::sim
