#include <algorithm>
#include <cmath>

#include "market/black_scholes.hpp"
#include "sim/option_market_state.hpp"

// Quotes and trades, step by step.
namespace isobar::sim {
namespace {

/// Time to settlement and volatility enter the quotes every so many steps.
constexpr std::uint64_t refresh_steps = 50;
/// Ladders follow the spot every so many steps.
constexpr std::uint64_t listing_steps = 1'000;
constexpr double night_rate = 0.05;
/// An expiry's quotes stop at settlement; their time value never uses less than this.
constexpr double shortest_years = 1.0 / (365 * 86'400.0);

}  // namespace

expiry_market option_market::impl::market_of(const plane& p, timestamp t) const {
  const timestamp as_of = p.settles_at > t ? t : last_trade_time(p);
  return expiry_market_at(path.spot(), path.volatility(),
                          std::max(shortest_years, market::years_to(p.settles_at, as_of)), cfg.rate);
}

void option_market::impl::refresh(timestamp t) {
  for (plane& p : planes) {
    if (p.settles_at <= t) continue;
    p.market = market_of(p, t);
    p.growth = p.market.forward / p.market.spot;
  }
}

quote_pair option_market::impl::price_rung(plane& p, const rung& r) {
  p.market.spot = path.spot();
  p.market.forward = path.spot() * p.growth;
  return quote(p.market, r.points, p.root, regime);
}

/// Takes a new quote; true when bid or ask differ from the last one.
bool option_market::impl::decide(leg& l, two_sided_quote q) {
  const two_sided_quote full = q;
  if (cfg.missing_quote_ratio > 0 && quotes_rng.chance(cfg.missing_quote_ratio)) {
    const std::uint32_t which = quotes_rng.below(8);  // mostly the bid
    if (which <= 5 || which == 7) q.bid = market::no_price;
    if (which >= 6) q.ask = market::no_price;
    // Twice without both sides would say nothing new.
    if (l.bid == market::no_price && l.ask == market::no_price) q = full;
  }
  if (q.bid == l.bid && q.ask == l.ask) return false;
  l.bid = q.bid, l.ask = q.ask;
  const bool bids = l.bid != market::no_price && l.bid.value > 0, asks = l.ask != market::no_price;
  l.bid_size = bids ? draw_size() : quantity(0);
  l.ask_size = asks ? draw_size() : quantity(0);
  return true;
}

void option_market::impl::push_quote(std::uint32_t plane_at, std::uint32_t rung_at, market::right r, timestamp t) {
  leg& l = planes[plane_at].rungs[rung_at].legs[static_cast<std::size_t>(r)];
  l.sequence += 1 + quotes_rng.below(4);
  pending.push_back({plane_at,
                     rung_at,
                     r,
                     market::option_event::kind::quote,
                     t,
                     l.sequence,
                     l.bid,
                     l.ask,
                     l.bid_size,
                     l.ask_size,
                     {}});
  ++quotes_generated;
}

void option_market::impl::maybe_trade(std::uint32_t plane_at, std::uint32_t rung_at, market::right r, timestamp t) {
  // When and how much is drawn beside the quotes; which way, and by whom, is the customers' own.
  if (!quotes_rng.chance(cfg.trade_ratio)) return;
  const plane& p = planes[plane_at];
  leg& l = planes[plane_at].rungs[rung_at].legs[static_cast<std::size_t>(r)];
  const bool bids = l.bid != market::no_price && l.bid.value > 0, asks = l.ask != market::no_price && l.ask.value > 0;
  if (quotes_rng.chance(0.5) ? !asks : !bids) return;
  const std::uint32_t draw = quotes_rng.below(40);
  const quantity size(draw < 30 ? 1 + draw % 5 : 10 * (draw - 29));  // mostly a few contracts, at times 10 to 100
  l.sequence += 1 + quotes_rng.below(4);
  const int only = bids && asks ? 0 : asks ? 1 : -1;
  customer_order order = crowd.next(view(p, p.rungs[rung_at], r), size.value, only, l.held);
  const price at = price_of(order, l.bid, l.ask, p.root);
  order.inside = at != (order.buys ? l.ask : l.bid);
  pending.push_back({plane_at, rung_at, r, market::option_event::kind::trade, t, l.sequence, at, market::no_price, size,
                     quantity(0), order});
}

void option_market::impl::visit(timestamp t) {
  const std::uint32_t draw = quotes_rng.below(65'536);
  const auto chosen = std::upper_bound(plane_weights.begin(), plane_weights.end() - 1, draw);
  const auto plane_at = static_cast<std::uint32_t>(chosen - plane_weights.begin());
  plane& p = planes[plane_at];
  const auto rung_at =
      static_cast<std::uint32_t>(p.sweep.next(p.rungs.size(), [this, &p] { return p.nearest(path.spot()); }));
  rung& r = p.rungs[rung_at];

  const quote_pair q = price_rung(p, r);
  const bool changed[2] = {decide(r.legs[0], q[0]), decide(r.legs[1], q[1])};
  if (!changed[0] && !changed[1]) {
    const std::uint32_t side = quotes_rng.below(2);
    leg& l = r.legs[side];
    // Only a size moves, and only of a side that is there.
    quantity& size = l.bid != market::no_price && l.bid.value > 0 ? l.bid_size : l.ask_size;
    const std::int64_t grown = size.value + 1 + quotes_rng.below(20);
    size = quantity(grown <= largest_size ? grown : 1 + quotes_rng.below(largest_size / 4));
    push_quote(plane_at, rung_at, static_cast<market::right>(side), t);
    maybe_trade(plane_at, rung_at, static_cast<market::right>(side), t);
    return;
  }
  for (const market::right side : {market::right::call, market::right::put}) {
    if (!changed[static_cast<std::size_t>(side)]) continue;
    push_quote(plane_at, rung_at, side, t);
    maybe_trade(plane_at, rung_at, side, t);
  }
}

double option_market::impl::quotes_per_second(timestamp t) {
  const double draw = burst_rng.uniform();
  if (cfg.burst_every.value > 0 && path.in_session()) {
    const double chance = step_seconds * 1e9 / static_cast<double>(cfg.burst_every.value);
    if (t >= burst_until && (path.jumped() || draw < chance)) {
      burst_until = t + cfg.burst_length;
      ++counters.bursts;
    }
    if (t < burst_until) return std::max(cfg.burst_quotes_per_second, cfg.quotes_per_second);
  }
  const timestamp asked = cfg.start + cfg.burst_at;
  if (cfg.burst_at.value >= 0 && t >= asked && t < asked + cfg.burst_length)
    return std::max(cfg.burst_quotes_per_second, cfg.quotes_per_second);
  return path.in_session() ? cfg.quotes_per_second : night_rate * cfg.quotes_per_second;
}

void option_market::impl::generate_step() {
  const timestamp t = step_start();
  if (t >= next_roll) roll(t);
  if (t >= next_settlement) weigh_planes(t);
  path.advance(t);
  if (step % refresh_steps == 0) refresh(t);
  if (step % listing_steps == 0) follow_spot(t);
  change_geometry_when_due(t);

  pending.clear();
  emitted = 0;
  const std::int64_t quota = meter.take(quotes_per_second(t)) - ahead;
  std::int64_t sent = 0;
  // A visit sends one quote or two, so a step may run one ahead; the next makes up for it.
  while (sent < quota && !plane_weights.empty()) {
    const std::int64_t before = quotes_generated;
    visit(t + duration_ns{step_width.value * sent / (quota + 1)});
    sent += quotes_generated - before;
  }
  ahead = plane_weights.empty() ? 0 : sent - quota;
  ++step;
}

void option_market::impl::publish_trade(const pending_event& e, leg& l) {
  market::contract_state& s = l.published;
  s.last = e.bid, s.last_size = e.bid_size;
  s.ts_trade = e.ts;
  s.volume += e.bid_size;
  l.dealers += e.order.buys ? -e.bid_size.value : e.bid_size.value;
  const auto lots = static_cast<std::uint64_t>(e.bid_size.value);
  ++counters.trades;
  (e.order.buys ? counters.bought_lots : counters.sold_lots) += lots;
  (e.order.opens ? counters.opened_lots : counters.closed_lots) += lots;
  counters.inside_trades += e.order.inside;
  counters.mid_trades += e.order.inside && e.order.at_mid;
}

void option_market::impl::emit(timestamp until, std::vector<market::option_event>& out,
                               std::vector<customer_trade>* trades) {
  for (; emitted < pending.size() && pending[emitted].ts < until; ++emitted) {
    const pending_event& e = pending[emitted];
    const plane& p = planes[e.plane];
    leg& l = planes[e.plane].rungs[e.rung].legs[static_cast<std::size_t>(e.right)];
    market::contract_state& s = l.published;
    market::option_event& o = out.emplace_back();
    o.id.root = p.key.root, o.id.expiry = p.key.expiry, o.id.right = e.right, o.id.strike = p.rungs[e.rung].strike;
    o.kind = e.kind, o.ts_event = e.ts, o.sequence = e.sequence;
    if (e.kind == market::option_event::kind::quote) {
      o.bid = s.bid = e.bid, o.ask = s.ask = e.ask;
      o.bid_size = s.bid_size = e.bid_size, o.ask_size = s.ask_size = e.ask_size;
      s.ts_quote = e.ts;
      ++counters.quotes;
      counters.missing_sides += std::uint64_t{e.bid == market::no_price} + std::uint64_t{e.ask == market::no_price};
    } else {
      publish_trade(e, l);
      o.last = e.bid, o.size = e.bid_size;
      if (trades) trades->push_back({o.id, e.ts, e.sequence, e.bid_size, e.order.buys, e.order.opens});
    }
  }
}

}  // namespace isobar::sim
