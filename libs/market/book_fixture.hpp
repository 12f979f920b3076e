#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "market/naive_book.hpp"

/// Order-by-order streams for tests and benches; a seed gives the same stream everywhere.
namespace isobar::market::generators {

/// xorshift64* (Marsaglia 2003, Vigna 2016).
class random {
 public:
  explicit random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545'F491'4F6C'DD1Du;
  }
  std::uint64_t below(std::uint64_t n) { return (next() >> 16) % n; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

inline constexpr price es_tick{250'000'000};

/// Any record, mostly nonsense: a few order numbers on a few ticks, so that every rule is met often.
class chaos {
 public:
  explicit chaos(std::uint64_t seed, std::uint64_t ids = 200, std::int64_t ticks = 20)
      : random_(seed), ids_(ids), ticks_(ticks) {}
  book_event next() {
    constexpr std::uint32_t sizes[] = {0, 1, 1, 2, 3, 5, 7, 10, 20, UINT32_MAX};
    constexpr book_action actions[] = {book_action::add,    book_action::add,    book_action::add,  book_action::modify,
                                       book_action::modify, book_action::cancel, book_action::fill, book_action::fill,
                                       book_action::cancel, book_action::trade,  book_action::none};
    book_event e;
    e.ts_event.ns = ++now_;
    e.order = static_cast<order_id>(1 + random_.below(ids_));
    e.price = price(random_.between(-ticks_, ticks_) * es_tick.value);
    if (random_.one_in(50)) e.price.value += random_.between(1, es_tick.value - 1);
    if (random_.one_in(100)) e.price = no_price;
    e.size = sizes[random_.below(std::size(sizes))];
    e.action = actions[random_.below(std::size(actions))];
    if (random_.one_in(3'000)) e.action = book_action::clear;
    e.side = random_.one_in(20) ? book_side::none : random_.one_in(2) ? book_side::bid : book_side::ask;
    e.flags = random_.one_in(3) ? event_flag::last : 0;
    if (random_.one_in(5'000)) snapshot_left_ = 1 + random_.below(100);
    if (snapshot_left_ > 0 && --snapshot_left_ > 0) e.flags |= event_flag::snapshot;
    if (random_.one_in(2'000)) e.flags |= event_flag::maybe_bad_book;
    if (random_.one_in(1'000)) e.flags |= event_flag::mbp;
    if (random_.one_in(1'000)) e.flags |= event_flag::top_of_book;
    return e;
  }

 private:
  random random_;
  std::uint64_t ids_;
  std::int64_t ticks_;
  std::uint64_t snapshot_left_ = 0;
  std::int64_t now_ = 0;
};

/// How a generated market looks.
struct market_shape {
  std::size_t orders = 2'000;         ///< live orders that it settles at
  std::int64_t reach = 64;            ///< ticks from the best price within which most orders are queued
  std::uint64_t far_one_in = 0;       ///< one order in so many up to 50 times farther; 0: none
  std::uint64_t move_one_in = 200;    ///< one step in so many moves the market by a tick, consuming what is there
  std::uint64_t jump_one_in = 0;      ///< one step in so many cancels everything and starts elsewhere; 0: never
  std::uint64_t snapshot_one_in = 0;  ///< one step in so many is a snapshot of the whole book; 0: never
};

/// A market as CME prints it: adds, cancels, modifies, trades with their fills answered by modifies and cancels inside
/// one event, iceberg refills, a moving mid. Never refers to an unknown order.
class moving_market {
 public:
  moving_market(std::uint64_t seed, market_shape shape)
      : random_(seed), shape_(shape), book_({.tick = es_tick, .orders_max = SIZE_MAX}) {}

  /// Appends the records of one event.
  void step(std::vector<book_event>& out) {
    const std::size_t first = out.size();
    now_ += 1 + random_.between(0, 100'000);
    if (shape_.snapshot_one_in != 0 && random_.one_in(shape_.snapshot_one_in)) return snapshot(out);
    if (shape_.jump_one_in != 0 && random_.one_in(shape_.jump_one_in)) return jump(out);
    const bool filled = ids_.size() >= shape_.orders;
    const std::uint64_t dice = random_.below(100);
    if (ids_.size() < 16 || dice < (filled ? 40u : 80u)) {
      add(out);
    } else if (dice < 80) {
      if (const auto o = live()) emit(out, book_action::cancel, *o, o->tick, o->size);
    } else if (dice < 94) {
      modify(out);
    } else {
      trade(out, random_.one_in(2) ? book_side::bid : book_side::ask, 1 + random_.below(20));
    }
    if (random_.one_in(shape_.move_one_in)) sweep(out);
    if (out.size() != first) out.back().flags |= event_flag::last;
  }

  const naive_book& book() const { return book_; }

 private:
  void emit(std::vector<book_event>& out, book_action action, const book_order& o, tick_index tick,
            std::uint32_t size) {
    book_event e;
    e.ts_event.ns = now_;
    e.price = price(tick * es_tick.value);
    e.order = o.id;
    e.size = size;
    e.sequence = ++sequence_;
    e.action = action;
    e.side = o.side;
    out.push_back(e);
    book_.apply(e);
  }
  void add(std::vector<book_event>& out) {
    book_order o;
    o.id = static_cast<order_id>(next_id_ += 1 + random_.below(3));
    o.side = random_.one_in(2) ? book_side::bid : book_side::ask;
    std::int64_t away = random_.between(0, shape_.reach) * random_.between(0, shape_.reach) / shape_.reach;
    if (shape_.far_one_in != 0 && random_.one_in(shape_.far_one_in)) away = random_.between(0, 50 * shape_.reach);
    ids_.push_back(o.id);
    emit(out, book_action::add, o, o.side == book_side::bid ? mid_ - 1 - away : mid_ + away,
         static_cast<std::uint32_t>(1 + random_.below(10)));
  }
  void modify(std::vector<book_event>& out) {
    const auto o = live();
    if (!o) return;
    if (random_.one_in(2))
      return emit(out, book_action::modify, *o, o->tick, static_cast<std::uint32_t>(1 + random_.below(12)));
    const tick_index to = o->tick + random_.between(-3, 3);
    emit(out, book_action::modify, *o, o->side == book_side::bid ? std::min(to, mid_ - 1) : std::max(to, mid_),
         o->size);
  }
  void trade(std::vector<book_event>& out, book_side resting, std::uint64_t lots) {
    const auto best = book_.best(resting);
    if (!best) return;
    std::vector<book_order> queue;
    book_.queue(resting, best->tick, queue);
    lots = std::min(lots, best->size);
    book_order aggressor;
    aggressor.side = opposite(resting);
    emit(out, book_action::trade, aggressor, best->tick,
         static_cast<std::uint32_t>(std::min<std::uint64_t>(lots, UINT32_MAX)));
    struct answer {
      book_order order;
      std::uint32_t fill;
    };
    std::vector<answer> answers;
    for (const book_order& o : queue) {
      if (lots == 0) break;
      const auto fill = static_cast<std::uint32_t>(std::min<std::uint64_t>(lots, o.size));
      emit(out, book_action::fill, o, o.tick, fill);
      answers.push_back({o, fill});
      lots -= fill;
    }
    for (const answer& a : answers) {
      if (random_.one_in(20))
        emit(out, book_action::modify, a.order, a.order.tick,
             a.order.size + static_cast<std::uint32_t>(random_.below(3)));
      else if (a.fill == a.order.size)
        emit(out, book_action::cancel, a.order, a.order.tick, a.order.size);
      else
        emit(out, book_action::modify, a.order, a.order.tick, a.order.size - a.fill);
    }
  }
  void sweep(std::vector<book_event>& out) {
    const bool up = random_.one_in(512) ? (up_ = !up_) : up_;
    mid_ += up ? 1 : -1;
    const book_side eaten = up ? book_side::ask : book_side::bid;
    for (auto best = book_.best(eaten); best && (up ? best->tick < mid_ : best->tick >= mid_);) {
      trade(out, eaten, best->size);
      best = book_.best(eaten);
    }
  }
  void jump(std::vector<book_event>& out) {
    for (const order_id id : ids_)
      if (const auto o = book_.find(id)) emit(out, book_action::cancel, *o, o->tick, o->size);
    ids_.clear();
    if (!out.empty()) out.back().flags |= event_flag::last;
    mid_ = random_.between(-1'000'000, 1'000'000);
  }
  void snapshot(std::vector<book_event>& out) {
    const book_image image = book_.image();
    const std::size_t first = out.size();
    const bool opens_with_clear = random_.one_in(2);
    if (opens_with_clear) {
      book_event e;
      e.ts_event.ns = now_;
      e.action = book_action::clear;
      e.flags = event_flag::snapshot;
      out.push_back(e);
    }
    for (std::size_t side = 0; side < 2; ++side)
      for (const auto& level : image.sides[side])
        for (const auto& o : level.orders) {
          book_event e;
          e.ts_event = o.ts_entered;
          e.price = price(level.tick * es_tick.value);
          e.order = o.id;
          e.size = o.size;
          e.action = book_action::add;
          e.side = side == 0 ? book_side::bid : book_side::ask;
          e.flags = event_flag::snapshot;
          out.push_back(e);
        }
    if (opens_with_clear) out.back().flags |= event_flag::last;
    for (std::size_t i = first; i < out.size(); ++i) book_.apply(out[i]);
  }
  /// A live order, as a rule a young one.
  std::optional<book_order> live() {
    while (!ids_.empty()) {
      const std::size_t young = random_.one_in(3) ? ids_.size() : std::min<std::size_t>(256, ids_.size());
      const std::size_t at = ids_.size() - 1 - random_.below(young);
      if (const auto o = book_.find(ids_[at])) {
        if (random_.one_in(4)) std::swap(ids_[at], ids_.back());
        return o;
      }
      ids_[at] = ids_.back();
      ids_.pop_back();
    }
    return std::nullopt;
  }

  random random_;
  market_shape shape_;
  naive_book book_;
  std::vector<order_id> ids_;
  tick_index mid_ = 20'000;
  bool up_ = true;
  std::int64_t now_ = 1'700'000'000'000'000'000;
  std::uint32_t sequence_ = 0;
  std::uint64_t next_id_ = 6'400'000'000'000;
};

}  // namespace isobar::market::generators
