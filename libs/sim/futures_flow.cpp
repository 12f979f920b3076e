#include "sim/futures_flow.hpp"

#include <algorithm>
#include <cmath>

namespace isobar::sim {

using market::book_side;
using market::opposite;
using market::tick_index;

namespace {

constexpr std::uint64_t flow_stream = 13;
/// The target moves when the fair value leaves its tick by so much: no flicker at a boundary.
constexpr double hysteresis = 0.25;
/// Ticks beyond the target that a run of stops may reach.
constexpr tick_index overshoot = 4;
/// A taker's largest order, in levels' worth of lots.
constexpr double largest_order = 5;
constexpr std::size_t most_walls = 8;
/// Makers do not thin a side below this many orders.
constexpr std::size_t fewest_resting = 48;

}  // namespace

futures_flow::futures_flow(const futures_market_config& c, const futures_profile& profile, futures_exchange& exchange)
    : config_(c), profile_(profile), exchange_(exchange), book_(exchange.book()), random_(c.seed, flow_stream) {}

void futures_flow::aim(double fair, double ahead, bool jumped) {
  fair_ = fair;
  const auto inside = [this](double f) {
    return f >= double(target_) - hysteresis && f < double(target_) + 1 + hysteresis;
  };
  if (!aimed_ || !inside(fair)) {
    target_ = static_cast<tick_index>(std::floor(fair));
    aimed_ = true;
    coming_ = 0;
    thinning_ = book_side::none;
  }
  const int coming = inside(ahead) ? 0 : ahead > double(target_) ? 1 : -1;
  if (coming != coming_) {
    coming_ = coming;
    const bool pulls = coming != 0 && random_.chance(config_.pull_ahead);
    thinning_ = !pulls ? book_side::none : coming > 0 ? book_side::ask : book_side::bid;
  }
  if (jumped) stops_ = random_.chance(0.5) ? book_side::bid : book_side::ask;
}

tick_index futures_flow::away_from_touch(book_side side, tick_index tick) const {
  return side == book_side::bid ? target_ - tick : tick - target_ - 1;
}

/// The tick so far from where the touch should be, never crossing what rests.
tick_index futures_flow::tick_at(book_side side, tick_index away) const {
  if (side == book_side::bid) return std::max<tick_index>(1, std::min(target_ - away, book_.best(book_side::ask) - 1));
  return std::max(target_ + 1 + away, book_.best(book_side::bid) + 1);
}

/// How empty a level is: 1 holds nothing, 0 what it tends to, negative more. Walls do not count.
double futures_flow::missing(book_side side, tick_index tick) const {
  const order_queue& q = book_.level(side, tick);
  return 1 - static_cast<double>(q.lots - q.wall_lots) / profile_.target(away_from_touch(side, tick), tick);
}

/// One of the last few orders of a level; walls are left alone.
order_slot futures_flow::pick(book_side side, tick_index tick) {
  order_slot s = book_.level(side, tick).last;
  for (std::uint32_t back = random_.below(4); s != no_slot && back > 0 && book_.order(s).previous != no_slot; --back)
    s = book_.order(s).previous;
  while (s != no_slot && book_.order(s).wall != 0) s = book_.order(s).previous;
  return s;
}

/// Time passes between the events of a quick succession: 5 to 100 microseconds.
void futures_flow::later(timestamp end) {
  exchange_.at(std::min(exchange_.now() + duration_ns{5'000 + random_.below(95'000)}, end - duration_ns{1}));
}

// ---- before the open

void futures_flow::before_open() {
  const book_side side = random_.below(2) == 0 ? book_side::bid : book_side::ask;
  const std::uint32_t what = random_.below(100);
  const bool bid = side == book_side::bid;
  if (what < 62) {
    const tick_index away = profile_.draw_away(random_);
    const tick_index through = what < 22 ? -static_cast<tick_index>(random_.below(12) * random_.below(4)) : away;
    const tick_index tick = bid ? target_ - through : target_ + 1 + through;
    exchange_.add({side, std::max<tick_index>(1, tick), futures_profile::draw_size(random_)});
    return;
  }
  const tick_index away = profile_.draw_away(random_), tick = bid ? target_ - away : target_ + 1 + away;
  const order_slot s = pick(side, std::max<tick_index>(1, tick));
  if (s == no_slot || book_.live(side) < fewest_resting) return;
  if (what < 85) return exchange_.cancel(s);
  const tick_index other = bid ? target_ - profile_.draw_away(random_) : target_ + 1 + profile_.draw_away(random_);
  if (other >= 1 && other != book_.order(s).tick) exchange_.move(s, other, book_.order(s).size);
}

void futures_flow::cross_at_least_once() {
  if (book_.crossed()) return;
  exchange_.add({book_side::bid, target_ + 2, 1 + random_.below(5)});
  if (!book_.crossed()) exchange_.add({book_side::ask, target_ - 1, 1 + random_.below(5)});
}

// ---- continuous trading

void futures_flow::act(timestamp end) {
  if (stops_ != book_side::none) return run_stops(end);
  if (book_.best(book_side::ask) <= target_) return press(book_side::bid, end);
  if (book_.best(book_side::bid) > target_) return press(book_side::ask, end);
  if (thinning_ != book_side::none && random_.below(10) < 4 && withdraw()) return;
  if (random_.chance(config_.trade_share)) return trade_a_little();
  if (random_.below(2) == 0 && close_gap()) return;
  rest();
}

/// Makers compete for an empty touch.
bool futures_flow::close_gap() {
  const bool bid_missing = book_.best(book_side::bid)<target_, ask_missing = book_.best(book_side::ask)> target_ + 1;
  if (!bid_missing && !ask_missing) return false;
  const book_side side = !ask_missing || (bid_missing && random_.below(2) == 0) ? book_side::bid : book_side::ask;
  if (side == thinning_) return false;
  add(side, tick_at(side, 0), 0);
  return true;
}

/// The other side rests where the fair value says it should not: takers clear it, its makers leave.
void futures_flow::press(book_side side, timestamp) {
  const book_side other = opposite(side);
  const tick_index limit = side == book_side::bid ? target_ : target_ + 1;
  const tick_index best = book_.best(other);
  const std::uint32_t what = random_.below(100);
  if (what < 6 && through_market(side, limit)) return;
  if (what >= 60) {
    const order_slot s = pick(other, best);
    if (what < 88 && s != no_slot && book_.live(other) > fewest_resting) {
      if (what < 78) return exchange_.cancel(s);
      const tick_index away = profile_.draw_away(random_);
      const tick_index tick = other == book_side::bid ? target_ - away : target_ + 1 + away;
      if (tick >= 1) return exchange_.move(s, tick, book_.order(s).size);
    }
    if (what >= 88) return rest();
  }
  std::uint64_t lots = 0;
  if (random_.below(10) < 3) {
    lots = 1 + random_.below(static_cast<std::uint32_t>(book_.level(other, best).lots));
  } else {
    const tick_index step = side == book_side::bid ? 1 : -1;
    for (tick_index t = best; (limit - t) * step >= 0; t += step) lots += book_.level(other, t).lots;
    if (random_.below(4) == 0) lots += 1 + random_.below(6);
  }
  take(side, limit,
       static_cast<std::uint32_t>(std::min<double>(double(lots), 1 + largest_order * config_.depth_per_level)));
}

void futures_flow::take(book_side side, tick_index limit, std::uint32_t lots) {
  aggression a;
  a.side = side, a.limit = limit, a.lots = lots;
  a.rests = random_.below(4) == 0;
  a.meets_own_firm = random_.below(25) == 0;
  exchange_.aggress(a);
}

/// An order at the touch gives up waiting and takes.
bool futures_flow::through_market(book_side side, tick_index limit) {
  const order_slot s = pick(side, book_.best(side));
  if (s == no_slot || book_.order(s).reserve > 0) return false;
  aggression a;
  a.side = side, a.limit = limit, a.lots = book_.order(s).size, a.own = s;
  return exchange_.aggress(a) > 0;
}

/// Takers without a view: they lean to the fair value and leave the touch standing.
void futures_flow::trade_a_little() {
  const double lean = std::clamp((fair_ - static_cast<double>(target_) - 0.5) * 0.3, -0.3, 0.3);
  const book_side side = random_.uniform() < 0.5 + lean ? book_side::bid : book_side::ask;
  const tick_index limit = book_.best(opposite(side));
  const auto lots = static_cast<std::uint32_t>(book_.level(opposite(side), limit).lots);
  const std::uint32_t what = random_.below(100);
  if (what < 3 && through_market(side, limit)) return;
  if (what >= 98) {
    // In a hurry: through the next levels too.
    const tick_index through = 1 + random_.below(3);
    return take(
        side, side == book_side::bid ? limit + through : std::max<tick_index>(1, limit - through),
        static_cast<std::uint32_t>(lots + 1 + random_.below(static_cast<std::uint32_t>(1 + config_.depth_per_level))));
  }
  const std::uint32_t wanted = what < 60 ? 1 : what < 90 ? 1 + random_.below(6) : 1 + random_.below(lots);
  take(side, limit, std::min(wanted, lots));
}

/// Stop orders set each other off: a few in one event, more in the next microseconds, beyond what the fair value says.
void futures_flow::run_stops(timestamp end) {
  aggression a;
  a.side = stops_;
  stops_ = book_side::none;
  a.limit = a.side == book_side::bid ? std::max(target_, book_.best(book_side::ask)) + overshoot
                                     : std::min(target_ + 1, book_.best(book_side::bid)) - overshoot;
  const double size = config_.depth_per_level;
  const auto lots = [&] { return 1 + random_.below(static_cast<std::uint32_t>(1 + size)); };
  std::uint64_t traded = 0;
  for (std::uint32_t chain = 2 + random_.below(3); chain > 0; --chain) a.lots = lots(), traded += exchange_.trade(a);
  exchange_.close();
  for (std::uint32_t more = 2 + random_.below(6); more > 0; --more) {
    later(end);
    a.lots = lots();
    traded += exchange_.aggress(a);
  }
  exchange_.counters().stop_runs += traded > 0;
}

/// The next move is coming: whoever would be run over leaves the first two levels.
bool futures_flow::withdraw() {
  tick_index tick = book_.best(thinning_);
  if (book_.live(thinning_) <= fewest_resting) return false;
  if (missing(thinning_, tick) > 0.7) tick = book_.next_level(thinning_, tick);
  if (missing(thinning_, tick) > 0.7) return false;
  const order_slot s = pick(thinning_, tick);
  if (s == no_slot) return false;
  exchange_.cancel(s);
  ++exchange_.counters().pulls_ahead;
  return true;
}

/// Makers hold the profile.
void futures_flow::rest() {
  const book_side side = random_.below(2) == 0 ? book_side::bid : book_side::ask;
  tick_index away = profile_.draw_away(random_);
  if (side == thinning_ && away < 2) away += 2;
  const tick_index tick = tick_at(side, away);
  const double adds = std::clamp(0.5 + 0.5 * missing(side, tick), 0.04, 0.97);
  if (random_.uniform() < adds) return add(side, tick, away);
  reduce(side, tick);
}

void futures_flow::add(book_side side, tick_index tick, tick_index away) {
  futures_exchange::entry e{side, tick, futures_profile::draw_size(random_)};
  if (away < 3 && random_.chance(config_.iceberg_share)) {
    e.peak = e.size = 2 + random_.below(8);
    e.reserve = e.peak * (2 + random_.below(10));
  }
  exchange_.add(e);
}

void futures_flow::reduce(book_side side, tick_index tick) {
  const order_slot s = book_.live(side) > fewest_resting ? pick(side, tick) : no_slot;
  if (s == no_slot) return add(side, tick, profile_.near_ticks);
  const std::uint32_t what = random_.below(100), size = book_.order(s).size;
  if (what < 46) {
    const tick_index other = tick_at(side, profile_.draw_away(random_));
    if (other != tick && missing(side, other) > -0.5) return exchange_.move(s, other, size);
  }
  if (what >= 86 && what < 93 && size > 1) return exchange_.resize(s, 1 + random_.below(size - 1));
  if (what >= 93) return exchange_.resize(s, size + 1 + random_.below(3));
  exchange_.cancel(s);
}

// ---- walls and stops

void futures_flow::tend(double step_seconds, timestamp end) {
  if (random_.chance(config_.stop_runs_per_hour * step_seconds / 3600))
    stops_ = random_.below(2) == 0 ? book_side::bid : book_side::ask;
  if (walls_.size() < most_walls && random_.chance(config_.walls_per_minute * step_seconds / 60)) place_wall();
  std::erase_if(walls_, [this, end](wall& w) { return !tend_wall(w, end); });
}

void futures_flow::place_wall() {
  const book_side side = random_.below(2) == 0 ? book_side::bid : book_side::ask;
  const tick_index tick = tick_at(side, 2 + random_.below(10));
  if (book_.level(side, tick).wall_lots > 0) return;
  wall w{++walls_made_, side, tick, 0, exchange_.now() + seconds(5 + random_.below(60)), random_.below(2) == 0, false};
  const auto share = static_cast<std::uint32_t>(1 + config_.depth_per_level * (2 + 2 * random_.uniform()));
  for (std::uint32_t pieces = 1 + random_.below(4); pieces > 0; --pieces) {
    exchange_.add({side, tick, share, 0, 0, w.number});
    w.lots += share;
  }
  walls_.push_back(w);
  ++exchange_.counters().walls;
}

void futures_flow::pull_wall(const wall& w, timestamp end) {
  for (order_slot s = book_.level(w.side, w.tick).first; s != no_slot;) {
    const order_slot next = book_.order(s).next;
    if (book_.order(s).wall == w.number) {
      exchange_.cancel(s);
      later(end);
    }
    s = next;
  }
}

bool futures_flow::tend_wall(wall& w, timestamp end) {
  const std::uint64_t left = book_.level(w.side, w.tick).wall_lots;
  futures_counters& count = exchange_.counters();
  if (left == 0) return ++count.walls_taken, false;
  const tick_index gap = std::abs(book_.best(w.side) - w.tick);
  if (!w.holds && gap <= 1) return pull_wall(w, end), ++count.walls_pulled, false;
  w.visited |= gap == 0;
  if (w.visited && gap >= 3) return pull_wall(w, end), ++count.walls_held, false;
  if (exchange_.now() < w.until || gap < 3) return true;
  return pull_wall(w, end), false;
}

}  // namespace isobar::sim
