#include "sim/futures_exchange.hpp"

#include <algorithm>

namespace isobar::sim {

using market::book_action;
using market::book_event;
using market::book_side;
using market::order_id;
using market::tick_index;

namespace {

constexpr std::uint64_t exchange_stream = 12;
/// Bit 1 accompanies LAST in the real files (130), except in the auction's event (128).
constexpr std::uint8_t publisher_specific = 2;
constexpr std::uint8_t history = market::event_flag::snapshot | market::event_flag::bad_ts_recv;  // 40
/// A side is never emptied below this many orders: a real book has a far end too.
constexpr std::size_t fewest_orders = 4;

bool reaches(book_side side, tick_index limit, tick_index tick) {
  return side == book_side::bid ? tick <= limit : tick >= limit;
}

}  // namespace

futures_exchange::futures_exchange(const futures_market_config& c, tick_index low, tick_index high)
    : book_(low, high),
      random_(c.seed, exchange_stream),
      tick_(c.tick),
      aggressor_ids_(c.aggressor_ids),
      now_(c.start - c.snapshot_age) {
  records_.reserve(4'096);
}

// ---- records

book_event& futures_exchange::write(book_action action, book_side side, tick_index tick, std::uint32_t size,
                                    order_id id) {
  book_event& e = records_.emplace_back();
  e.ts_event = now_;
  e.price = tick_ * tick;
  e.order = id;
  e.size = size;
  e.sequence = sequence_;
  e.action = action;
  e.side = side;
  ++counters_.records;
  return e;
}

void futures_exchange::end_event(std::uint8_t flags) {
  records_.back().flags = flags;
  ++counters_.events;
}

/// Steps of 1 in nine of ten cases (ESH4: 21,886 of 23,900), more when other instruments of the channel spoke.
void futures_exchange::next_sequence() {
  ++sequence_;
  while (random_.below(10) == 0) ++sequence_;
}

/// Strides as in ESH4: 1 in four of five cases.
order_id futures_exchange::next_id() {
  ++id_;
  while (random_.below(5) == 0) ++id_;
  return order_id{id_};
}

// ---- the book's own life

void futures_exchange::open(std::span<const entry> orders, std::span<const timestamp> times, bool clear, bool said) {
  const auto first = records_.size();
  if (clear && !times.empty()) now_ = times.front();
  if (clear) {
    write(book_action::clear, book_side::none, 0, 0, order_id{}).price = market::no_price;
    records_.back().flags = history;
  }
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const entry& o = orders[i];
    now_ = times[i];
    next_sequence();
    resting_order r;
    r.id = next_id(), r.tick = o.tick, r.size = o.size, r.reserve = o.reserve, r.peak = o.peak, r.wall = o.wall;
    r.side = o.side;
    book_.insert(r);
    if (!said) continue;
    write(book_action::add, o.side, o.tick, o.size, r.id).flags = history;
    ++counters_.snapshot_orders;
  }
  if (records_.size() == first) return;
  if (clear) records_.back().flags |= market::event_flag::last;
  ++counters_.events;
}

order_slot futures_exchange::add(const entry& e) {
  resting_order o;
  o.id = next_id(), o.tick = e.tick, o.size = e.size, o.reserve = e.reserve, o.peak = e.peak, o.wall = e.wall;
  o.side = e.side;
  next_sequence();
  write(book_action::add, e.side, e.tick, e.size, o.id);
  end_event(market::event_flag::last | publisher_specific);
  ++counters_.adds;
  return book_.insert(o);
}

void futures_exchange::cancel(order_slot s) {
  const resting_order& o = book_.order(s);
  next_sequence();
  write(book_action::cancel, o.side, o.tick, o.size, o.id);
  end_event(market::event_flag::last | publisher_specific);
  ++counters_.cancels;
  book_.unlink(s);
  book_.release(s);
}

void futures_exchange::resize(order_slot s, std::uint32_t size) {
  const resting_order& o = book_.order(s);
  next_sequence();
  write(book_action::modify, o.side, o.tick, size, o.id);
  end_event(market::event_flag::last | publisher_specific);
  if (size > o.size) {
    ++counters_.grown;
    book_.move(s, o.tick, size);
  } else {
    ++counters_.shrunk;
    book_.resize(s, size);
  }
}

void futures_exchange::move(order_slot s, tick_index tick, std::uint32_t size) {
  const resting_order& o = book_.order(s);
  next_sequence();
  write(book_action::modify, o.side, tick, size, o.id);
  end_event(market::event_flag::last | publisher_specific);
  ++counters_.moved;
  book_.move(s, tick, size);
}

// ---- trading

futures_exchange::touched_order& futures_exchange::touch(order_slot s) {
  resting_order& o = book_.order(s);
  if (o.touch == 0) {
    touched_.push_back({s, o.size, 0, 0, 0, false});
    o.touch = static_cast<std::uint32_t>(touched_.size());
  }
  return touched_[o.touch - 1];
}

/// One F per order and aggressor: an iceberg that is hit again in the same trade prints one larger F.
void futures_exchange::fill(order_slot s, std::uint32_t lots, book_side said_side, tick_index tick) {
  touched_order& t = touch(s);
  if (t.filled > 0 && t.aggressor == aggressor_) {
    records_[t.fill_record].size += lots;
  } else {
    t.fill_record = records_.size();
    t.aggressor = aggressor_;
    write(book_action::fill, said_side, tick, lots, book_.order(s).id);
  }
  t.filled += lots;
  resting_order& o = book_.order(s);
  if (lots < o.size) {
    book_.resize(s, o.size - lots);
  } else if (o.reserve > 0) {
    const std::uint32_t shown = std::min(o.peak, o.reserve);
    o.reserve -= shown;
    t.refilled = true;
    book_.move(s, o.tick, shown);
  } else {
    book_.unlink(s);
    o.size = 0;
  }
}

void futures_exchange::take_level(const aggression& a, tick_index tick, std::uint32_t& left) {
  const std::uint32_t before = left;
  const std::size_t said = records_.size();
  const order_id id = a.own == no_slot ? order_id{id_} : book_.order(a.own).id;
  write(book_action::trade, a.side, tick, 0, aggressor_ids_ ? id : order_id{});
  if (a.own != no_slot) write(book_action::fill, a.side, tick, 0, id);
  while (left > 0 && book_.level(passive_, tick).orders > 0 && book_.live(passive_) > fewest_orders) {
    const order_slot s = book_.level(passive_, tick).first;
    const std::uint32_t lots = std::min(left, book_.order(s).size);
    fill(s, lots, passive_, tick);
    left -= lots;
  }
  const std::uint32_t done = before - left;
  records_[said].size = done;
  if (a.own != no_slot) records_[said + 1].size = done;
  counters_.traded_lots += done;
}

std::uint64_t futures_exchange::trade(const aggression& a) {
  passive_ = market::opposite(a.side);
  const auto tradable = [&] {
    return book_.live(passive_) > fewest_orders && reaches(a.side, a.limit, book_.best(passive_));
  };
  if (a.lots == 0 || !tradable()) return 0;
  if (a.own != no_slot && book_.live(a.side) <= fewest_orders) return 0;
  next_sequence();
  ++aggressor_;
  const order_id id = a.own == no_slot ? next_id() : book_.order(a.own).id;
  tick_index own_tick = 0;
  std::uint32_t own_size = 0;
  if (a.own != no_slot) {
    own_tick = book_.order(a.own).tick, own_size = book_.order(a.own).size;
    book_.unlink(a.own);
  }
  std::uint32_t left = a.lots;
  if (const tick_index best = book_.best(passive_); a.meets_own_firm && book_.level(passive_, best).orders > 2) {
    // The second in the queue belongs to the aggressor's firm.
    const order_slot s = book_.order(book_.level(passive_, best).first).next;
    if (book_.order(s).touch == 0) {
      touch(s);
      book_.unlink(s);
      book_.order(s).size = 0;
      ++counters_.self_matches;
    }
  }
  unsigned levels = 0;
  for (; left > 0 && tradable(); ++levels) take_level(a, book_.best(passive_), left);
  ++counters_.aggressors;
  counters_.sweeps += levels > 1;
  const bool may_rest = left > 0 && (book_.empty(passive_) || !reaches(a.side, a.limit, book_.best(passive_)));
  const std::uint32_t rest = may_rest && (a.rests || a.own != no_slot) ? left : 0;
  if (rest > 0 || a.own != no_slot) rests_.push_back({id, a.side, a.limit, rest, a.own, own_tick, own_size});
  return a.lots - left;
}

/// What decisions 11 makes of an order's fills: bounded by the displayed lots that it lost.
void futures_exchange::settle(const touched_order& t) {
  resting_order& o = book_.order(t.slot);
  o.touch = 0;
  const bool gone = o.size == 0;
  write(gone ? book_action::cancel : book_action::modify, o.side, o.tick, gone ? t.before : o.size, o.id);
  const std::uint64_t lost = o.size < t.before ? t.before - o.size : t.before;
  const std::uint64_t booked = std::min(t.filled, lost);
  counters_.booked_lots += booked;
  counters_.hidden_lots += t.filled - booked;
  counters_.hidden_fills += t.filled > t.before;
  if (t.filled > 0) ++(gone ? counters_.full_fills : t.refilled ? counters_.refills : counters_.partial_fills);
  if (gone) book_.release(t.slot);
}

void futures_exchange::settle_passive(std::span<const touched_order> orders) {
  for (const touched_order& t : orders) settle(t);
}

void futures_exchange::settle_aggressors() {
  for (const resting_rest& r : rests_) {
    if (r.own == no_slot) {
      write(book_action::add, r.side, r.tick, r.size, r.id);
      resting_order o;
      o.id = r.id, o.tick = r.tick, o.size = r.size, o.side = r.side;
      book_.insert(o);
      ++counters_.rested;
    } else if (r.size > 0) {
      write(book_action::modify, r.side, r.tick, r.size, r.id);
      book_.relink(r.own, r.tick, r.size);
      ++counters_.through_market;
    } else {
      write(book_action::cancel, r.side, r.own_tick, r.own_size, r.id);
      book_.release(r.own);
      ++counters_.through_market;
    }
  }
}

void futures_exchange::close() {
  if (touched_.empty() && rests_.empty()) return;
  next_sequence();
  const bool bids_passive = passive_ == book_side::bid;
  if (bids_passive) settle_passive(touched_);
  settle_aggressors();
  if (!bids_passive) settle_passive(touched_);
  end_event(market::event_flag::last | publisher_specific);
  touched_.clear();
  rests_.clear();
}

std::uint64_t futures_exchange::aggress(const aggression& a) {
  const std::uint64_t lots = trade(a);
  close();
  return lots;
}

// ---- the auction

tick_index futures_exchange::uncross(tick_index centre, std::uint64_t& lots) const {
  const tick_index low = book_.best(book_side::ask), high = book_.best(book_side::bid);
  std::uint64_t bids = 0, asks = 0;
  for (tick_index t = low; t <= high; ++t) bids += book_.level(book_side::bid, t).lots;
  tick_index best = low;
  lots = 0;
  for (tick_index t = low; t <= high; ++t) {
    asks += book_.level(book_side::ask, t).lots;
    const std::uint64_t volume = std::min(bids, asks);
    if (volume > lots || (volume == lots && std::abs(t - centre) < std::abs(best - centre))) lots = volume, best = t;
    bids -= book_.level(book_side::bid, t).lots;
  }
  return best;
}

void futures_exchange::allot(book_side side, tick_index tick, std::uint64_t lots) {
  while (lots > 0) {
    const order_slot s = book_.level(side, book_.best(side)).first;
    const auto taken = static_cast<std::uint32_t>(std::min<std::uint64_t>(lots, book_.order(s).size));
    fill(s, taken, book_side::none, tick);
    lots -= taken;
  }
}

bool futures_exchange::auction(tick_index centre) {
  if (!book_.crossed()) return false;
  std::uint64_t lots = 0;
  const tick_index tick = uncross(centre, lots);
  next_sequence();
  ++aggressor_;
  write(book_action::trade, book_side::none, tick, static_cast<std::uint32_t>(lots), order_id{});
  allot(book_side::bid, tick, lots);
  allot(book_side::ask, tick, lots);
  next_sequence();
  settle_passive(touched_);
  end_event(market::event_flag::last);
  touched_.clear();
  counters_.traded_lots += lots;
  counters_.auction_lots += lots;
  ++counters_.auctions;
  return true;
}

}  // namespace isobar::sim
