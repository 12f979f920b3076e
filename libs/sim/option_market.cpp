#include "sim/option_market.hpp"

#include <algorithm>
#include <cmath>

#include "core/digest.hpp"
#include "market/black_scholes.hpp"
#include "market/calendar.hpp"
#include "sim/quote_board.hpp"
#include "sim/spot_path.hpp"

namespace isobar::sim {

namespace {

constexpr duration_ns step_width = milliseconds(1);
constexpr double step_seconds = 1e-3;
/// Time to settlement and volatility enter the quotes every so many steps.
constexpr std::uint64_t refresh_steps = 50;
/// Ladders follow the spot every so many steps.
constexpr std::uint64_t listing_steps = 1'000;
constexpr double night_rate = 0.05;
/// An expiry's quotes stop at settlement; their time value never uses less than this.
constexpr double shortest_years = 1.0 / (365 * 86'400.0);
/// More strikes than this in one expiry are not listed: bounds growth by endless geometry changes.
constexpr std::size_t most_strikes = 5'000;
constexpr std::uint32_t largest_size = 300;
/// A configuration whose widest ladder would span more steps than this is refused.
constexpr double widest_ladder = 20'000;

// Uses of the seed; the path has stream 1.
constexpr std::uint64_t quote_stream = 2, listing_stream = 3, burst_stream = 4;

using event_kind = enum market::option_event::kind;  // the name is also a member's

struct pending_event {
  std::uint32_t plane, rung;
  market::right right;
  event_kind kind;
  timestamp ts;
  std::uint64_t sequence;
  price bid, ask;  ///< of a trade: bid holds the price
  quantity bid_size, ask_size;
  customer_order order;  ///< of a trade; `inside` as it came out
};

/// A quota that is exact over time: whole events of a fractional rate.
class rate_meter {
 public:
  std::int64_t take(double per_second) {
    owed_ += per_second * step_seconds;
    const double whole = std::floor(owed_);
    owed_ -= whole;
    return static_cast<std::int64_t>(whole);
  }

 private:
  double owed_ = 0;
};

/// What has settled keeps the prices of its last trading: AM roots last trade on the day before.
timestamp last_trade_time(const plane& p) {
  if (p.root.settles == market::settlement::pm) return p.settles_at;
  date day = p.key.expiry + -1;
  while (!market::is_trading_day(day)) day = day + -1;
  return market::session_close(day);
}

}  // namespace

result<void, errc> check(const config& c) {
  if (!habits_of(c.symbol.str())) return fail(errc::unknown_symbol, "symbol " + c.symbol.str());
  const auto inside = [](double v, double low, double high) { return v >= low && v <= high; };
  const auto refuse = [](const char* field) { return fail(errc::out_of_range, field); };
  if (!inside(c.spot, 1, 1e6)) return refuse("spot");
  if (!inside(c.vix, 1, 200)) return refuse("vix");
  if (!inside(c.rate, -1, 1)) return refuse("rate");
  if (!inside(c.volatility_scale, 0, 100)) return refuse("volatility_scale");
  if (c.expirations < 1 || c.expirations > 60) return refuse("expirations");
  if (!inside(c.em_multiplier * c.strike_range_scale, 0.1, 50)) return refuse("strike_range_scale");
  // Sixty trading days reach about ninety calendar days out.
  const double half_range = strike_half_range(c.spot, c.vix, 90, c.em_multiplier * c.strike_range_scale);
  for (const market::root_spec& root : market::roots_of(c.symbol.str()))
    if (4 * half_range / to_double(root.strike_step) > widest_ladder) return refuse("strike_range_scale");
  if (!inside(c.quotes_per_second, 0, 5e6)) return refuse("quotes_per_second");
  if (!inside(c.burst_quotes_per_second, 0, 5e6)) return refuse("burst_quotes_per_second");
  if (c.burst_length.value < 0 || c.burst_every.value < 0) return refuse("burst_every");
  if (!inside(c.trade_ratio, 0, 1)) return refuse("trade_ratio");
  for (const double share : {c.customers.bias, c.customers.close_ratio, c.customers.inside_ratio})
    if (!inside(share, 0, 1)) return refuse("customers");
  if (!inside(c.customers.opening_share, 0, 1)) return refuse("customers.opening_share");
  if (!inside(c.missing_quote_ratio, 0, 1)) return refuse("missing_quote_ratio");
  if (!inside(c.random_geometry_changes_per_hour, 0, 3.6e6)) return refuse("random_geometry_changes_per_hour");
  if (c.geometry_change_every.value < 0) return refuse("geometry_change_every");
  if (c.duration.value < 0) return refuse("duration");
  // 2000 to 2100: the nanosecond clock and two-digit years hold.
  if (c.start.ns < 946'684'800'000'000'000 || c.start.ns > 4'102'444'800'000'000'000) return refuse("start");
  return {};
}

struct option_market::impl {
  explicit impl(config given);

  void advance(timestamp until, std::vector<market::option_event>& out, std::vector<customer_trade>* trades);
  void generate_step();
  void emit(timestamp until, std::vector<market::option_event>& out, std::vector<customer_trade>* trades);
  void publish_trade(const pending_event& e, leg& l);
  customer_view view(const plane& p, const rung& r, market::right side) const {
    return {side, r.points, path.spot(), p.key.expiry == today};
  }
  market::chain_snapshot snapshot() const;
  std::vector<dealer_strike> dealer_gamma() const;
  const leg* find(const market::option_id& id) const;
  price printed_spot() const {
    return price(static_cast<std::int64_t>(std::floor(path.spot() * 100 + 0.5)) * 10'000'000);
  }

  // Listing.
  void roll(timestamp t);
  void add_plane(const listed_expiry& e, timestamp t);
  void open_unquoted(plane& p, timestamp t);
  void follow_spot(timestamp t);
  void change_geometry_when_due(timestamp t);
  void change_geometry(std::size_t plane_choice, bool fill, timestamp t);
  void weigh_planes(timestamp t);

  // Quoting.
  void refresh(timestamp t);
  double quotes_per_second(timestamp t);
  expiry_market market_of(const plane& p, timestamp t) const;
  quote_pair price_rung(plane& p, const rung& r);
  bool decide(leg& l, two_sided_quote q);
  void visit(timestamp t);
  void push_quote(std::uint32_t plane_at, std::uint32_t rung_at, market::right r, timestamp t);
  void maybe_trade(std::uint32_t plane_at, std::uint32_t rung_at, market::right r, timestamp t);
  quantity draw_size() { return quantity(1 + quotes_rng.below(largest_size / 4)); }

  timestamp step_start() const { return cfg.start + step_width * static_cast<std::int64_t>(step); }

  config cfg;
  market::skew_regime regime;
  spot_path path;
  random quotes_rng, listing_rng, burst_rng;
  sim::customers crowd;
  std::vector<plane> planes;                 ///< ascending by key
  std::vector<std::uint32_t> plane_weights;  ///< cumulative, 0 .. 2^16; empty when nothing trades
  timestamp next_roll = start_of_time, next_settlement = end_of_time;
  timestamp burst_until = start_of_time;
  date today;  ///< the exchange's
  std::size_t scheduled_done = 0, changes_done = 0;
  std::int64_t periodic_done = 0;

  std::uint64_t step = 0;  ///< next to generate
  rate_meter meter;
  std::int64_t ahead = 0;  ///< quotes sent beyond the last step's quota
  std::vector<pending_event> pending;
  std::size_t emitted = 0;  ///< of `pending`
  std::int64_t quotes_generated = 0;
  timestamp now;
  market_counters counters;
};

option_market::impl::impl(config given)
    : cfg(std::move(given)),
      regime(market::skew_regime_of(cfg.vix)),
      path({cfg.seed, cfg.start, cfg.spot, cfg.vix, cfg.volatility_scale}, step_width),
      quotes_rng(cfg.seed, quote_stream),
      listing_rng(cfg.seed, listing_stream),
      burst_rng(cfg.seed, burst_stream),
      crowd(cfg.seed, cfg.customers),
      now(cfg.start) {
  std::sort(cfg.geometry_changes.begin(), cfg.geometry_changes.end());
  roll(cfg.start);
}

// ---- listing

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

// ---- quoting

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

// ---- output

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

market::chain_snapshot option_market::impl::snapshot() const {
  market::chain_snapshot chain;
  chain.symbol = cfg.symbol;
  chain.source = "sim";
  chain.ts_event = now;
  chain.spot = printed_spot();
  for (const plane& p : planes) {
    market::expiry_chain& e = chain.expiries.emplace_back();
    e.key = p.key, e.settles = p.root.settles, e.settles_at = p.settles_at, e.multiplier = p.root.multiplier;
    e.atm = at_the_money(chain.spot, p.root.strike_step);
    const bool alive = p.settles_at > now;
    const expiry_market m = market_of(p, now);
    e.contracts.reserve(2 * p.rungs.size());
    for (const rung& r : p.rungs) {
      const double sigma = alive ? smile_volatility(m, r.points, regime) : 0;
      const double gamma = alive ? market::black_76_gamma({m.forward, r.points, m.years, cfg.rate, sigma}) : 0;
      for (const market::right side : {market::right::call, market::right::put}) {
        e.contracts.push_back({r.strike, side, r.legs[static_cast<std::size_t>(side)].published});
        e.contracts.back().state.implied_volatility = sigma;
        e.contracts.back().state.gamma = gamma;
      }
    }
  }
  return chain;
}

std::vector<dealer_strike> option_market::impl::dealer_gamma() const {
  std::vector<dealer_strike> out;
  for (const plane& p : planes) {
    const bool alive = p.settles_at > now;
    const expiry_market m = market_of(p, now);
    for (const rung& r : p.rungs) {
      const auto& [call, put] = r.legs;
      const double sigma = alive ? smile_volatility(m, r.points, regime) : 0;
      out.push_back({p.key, r.strike, p.root.multiplier, call.dealers, put.dealers, call.dealers_opened,
                     put.dealers_opened, market::black_76_gamma({m.forward, r.points, m.years, cfg.rate, sigma})});
    }
  }
  return out;
}

const leg* option_market::impl::find(const market::option_id& id) const {
  for (const plane& p : planes) {
    if (p.key != market::expiry_key{id.expiry, id.root}) continue;
    const auto at = std::lower_bound(p.rungs.begin(), p.rungs.end(), id.strike,
                                     [](const rung& r, isobar::strike wanted) { return r.strike < wanted; });
    if (at != p.rungs.end() && at->strike == id.strike) return &at->legs[static_cast<std::size_t>(id.right)];
  }
  return nullptr;
}

// ---- the public face

option_market::option_market(config c) {
  ISOBAR_ASSERT(check(c).has_value());
  impl_ = std::make_unique<impl>(std::move(c));
}
option_market::~option_market() = default;
option_market::option_market(option_market&&) noexcept = default;
option_market& option_market::operator=(option_market&&) noexcept = default;

void option_market::impl::advance(timestamp until, std::vector<market::option_event>& out,
                                  std::vector<customer_trade>* trades) {
  if (cfg.duration.value > 0) until = std::min(until, cfg.start + cfg.duration);
  if (until <= now) return;
  emit(until, out, trades);
  while (step_start() < until) {
    generate_step();
    emit(until, out, trades);
  }
  now = until;
}

void option_market::advance(timestamp until, std::vector<market::option_event>& out) {
  impl_->advance(until, out, nullptr);
}
void option_market::advance(timestamp until, std::vector<market::option_event>& out,
                            std::vector<customer_trade>& trades) {
  impl_->advance(until, out, &trades);
}

timestamp option_market::now() const { return impl_->now; }
bool option_market::finished() const {
  return impl_->cfg.duration.value > 0 && impl_->now >= impl_->cfg.start + impl_->cfg.duration;
}
price option_market::spot() const { return impl_->printed_spot(); }
market::chain_snapshot option_market::snapshot() const { return impl_->snapshot(); }
const market_counters& option_market::counters() const { return impl_->counters; }
const config& option_market::configuration() const { return impl_->cfg; }

std::vector<dealer_strike> option_market::dealer_gamma() const { return impl_->dealer_gamma(); }

std::int64_t option_market::dealer_position(const market::option_id& id) const {
  const leg* l = impl_->find(id);
  return l == nullptr ? 0 : l->dealers;
}

std::vector<market::option_id> option_market::listed() const {
  std::vector<market::option_id> ids;
  ids.reserve(listed_count());
  for (const plane& p : impl_->planes)
    for (const rung& r : p.rungs)
      for (const market::right side : {market::right::call, market::right::put})
        ids.push_back({p.key.root, p.key.expiry, side, r.strike});
  return ids;
}

std::size_t option_market::listed_count() const {
  std::size_t count = 0;
  for (const plane& p : impl_->planes) count += 2 * p.rungs.size();
  return count;
}

}  // namespace isobar::sim
