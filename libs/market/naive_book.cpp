#include "market/naive_book.hpp"

#include <algorithm>

namespace isobar::market {

book_change naive_book::apply(const book_event& e) {
  book_change c;
  c.action = e.action;
  c.side = e.side;
  c.old_side = e.side;
  c.ts_event = e.ts_event;
  c.order = e.order;
  c.snapshot = (e.flags & event_flag::snapshot) != 0;
  c.event_end = (e.flags & event_flag::last) != 0;

  const bool said_to_its_end = !inside_event_ && !just_cleared_;
  if (in_snapshot_ && (!c.snapshot || said_to_its_end)) {
    in_snapshot_ = false;
    trusted_ = !spoiled_;
    spoiled_ = false;
  }
  if (!in_snapshot_ && c.snapshot) {
    if (!just_cleared_) {
      empty();
      c.cleared = true;
    }
    in_snapshot_ = true;
  }
  if ((e.flags & event_flag::maybe_bad_book) != 0 && e.action != book_action::clear) distrust();

  act(e, c);

  if (c.snapshot) c.added = c.pulled = c.filled = c.traded = 0;
  if (c.event_end) unfilled_.clear();
  just_cleared_ = e.action == book_action::clear;
  inside_event_ = !c.event_end;
  return c;
}

void naive_book::act(const book_event& e, book_change& c) {
  const bool order_of_book =
      e.action != book_action::trade && e.action != book_action::clear && e.action != book_action::none;
  if (order_of_book && (e.flags & (event_flag::mbp | event_flag::top_of_book)) != 0) {
    reject(c, book_refusal::by_price, true);
    return;
  }
  if (e.action == book_action::add) act_add(e, c);
  if (e.action == book_action::modify) act_modify(e, c);
  if (e.action == book_action::cancel) act_cancel(e, c);
  if (e.action == book_action::fill) act_fill(e, c);
  if (e.action == book_action::trade) {
    if (e.price == no_price) {
      reject(c, book_refusal::unpriced, false);
    } else {
      c.old_tick = c.new_tick = floor_div(e.price.value, config_.tick.value);
      c.traded = e.size;
    }
  }
  if (e.action == book_action::clear) {
    empty();
    c.cleared = true;
    if (in_snapshot_)
      spoiled_ = false;
    else
      trusted_ = true;
  }
}

book_change& naive_book::reject(book_change& c, book_refusal why, bool lost) {
  c.refused = why;
  refused_[static_cast<std::size_t>(why)]++;
  if (lost) distrust();
  return c;
}

void naive_book::distrust() {
  if (in_snapshot_)
    spoiled_ = true;
  else
    trusted_ = false;
}

std::optional<book_refusal> naive_book::unusable(const book_event& e) const {
  if (e.price == no_price) return book_refusal::unpriced;
  if (e.price.value % config_.tick.value != 0) return book_refusal::off_tick;
  if (e.size == 0) return book_refusal::no_size;
  return std::nullopt;
}

void naive_book::act_add(const book_event& e, book_change& c) {
  if (e.side != book_side::bid && e.side != book_side::ask) {
    reject(c, book_refusal::no_side, true);
    return;
  }
  if (const auto why = unusable(e)) {
    reject(c, *why, *why != book_refusal::no_size);
    return;
  }
  const tick_index tick = e.price.value / config_.tick.value;
  if (const auto old = find(e.order)) {
    c.old_side = old->side;
    c.old_tick = old->tick;
    c.old_size = old->size;
    c.pulled = old->size;
    c.ts_entered = old->ts_entered;
    erase(e.order);
    reject(c, book_refusal::duplicate_order, true);
  } else if (orders_.size() == config_.orders_max) {
    reject(c, book_refusal::full, true);
    return;
  } else {
    c.old_tick = tick;
    c.ts_entered = e.ts_event;
  }
  insert(e.side, tick, {e.order, e.size, e.ts_event});
  c.new_tick = tick;
  c.new_size = e.size;
  c.added = e.size;
}

void naive_book::act_modify(const book_event& e, book_change& c) {
  const auto old = find(e.order);
  if (!old) {
    reject(c, book_refusal::unknown_order, true);
    return;
  }
  c.side = c.old_side = old->side;
  c.ts_entered = old->ts_entered;
  c.old_tick = c.new_tick = old->tick;
  c.old_size = c.new_size = old->size;
  if (const auto why = unusable(e)) {
    reject(c, *why, true);
    return;
  }
  c.new_tick = e.price.value / config_.tick.value;
  c.new_size = e.size;
  const auto unfilled = unfilled_.find(e.order);
  const std::uint32_t left = unfilled == unfilled_.end() ? 0 : unfilled->second;
  if (c.new_tick != c.old_tick) {
    c.filled = std::min(left, c.old_size);
    c.pulled = c.old_size - c.filled;
    c.added = c.new_size;
    erase(e.order);
    insert(old->side, c.new_tick, {e.order, e.size, e.ts_event});
  } else if (c.new_size < c.old_size) {
    c.filled = std::min(left, c.old_size - c.new_size);
    c.pulled = c.old_size - c.new_size - c.filled;
    const where& at = orders_.at(e.order);
    const std::uint32_t lost = c.old_size - c.new_size;
    at.order->size = e.size;
    of(at.side).at(at.tick).size -= lost;
    size_[at.side == book_side::ask] -= lost;
  } else {
    c.filled = std::min(left, c.old_size);
    c.added = c.new_size - (c.old_size - c.filled);
    if (c.added > 0) {
      erase(e.order);
      insert(old->side, old->tick, {e.order, e.size, old->ts_entered});
    }
  }
  unfilled_.erase(e.order);
}

void naive_book::act_cancel(const book_event& e, book_change& c) {
  const auto old = find(e.order);
  if (!old) {
    reject(c, book_refusal::unknown_order, true);
    return;
  }
  c.side = c.old_side = old->side;
  c.ts_entered = old->ts_entered;
  c.old_tick = c.new_tick = old->tick;
  c.old_size = c.new_size = old->size;
  if (e.size == 0) {
    reject(c, book_refusal::no_size, true);
    return;
  }
  if (e.size > old->size) reject(c, book_refusal::oversized, true);
  const std::uint32_t lost = e.size > old->size ? old->size : e.size;
  const auto unfilled = unfilled_.find(e.order);
  if (unfilled != unfilled_.end()) c.filled = std::min(unfilled->second, lost);
  c.pulled = lost - c.filled;
  c.new_size = old->size - lost;
  unfilled_.erase(e.order);
  if (lost == old->size) {
    erase(e.order);
  } else {
    const where& at = orders_.at(e.order);
    at.order->size -= lost;
    of(at.side).at(at.tick).size -= lost;
    size_[at.side == book_side::ask] -= lost;
  }
}

void naive_book::act_fill(const book_event& e, book_change& c) {
  const auto order = find(e.order);
  if (!order) {
    reject(c, book_refusal::unknown_order, false);
    return;
  }
  c.side = c.old_side = order->side;
  c.ts_entered = order->ts_entered;
  c.old_tick = c.new_tick = order->tick;
  c.old_size = c.new_size = order->size;
  if (e.side != book_side::none) {
    if (e.price == no_price) {
      reject(c, book_refusal::unpriced, false);
      return;
    }
    const std::int64_t limit = order->tick * config_.tick.value;
    if (order->side == book_side::bid && e.price.value > limit) return;
    if (order->side == book_side::ask && e.price.value < limit) return;
  }
  if (c.snapshot || e.size == 0) return;
  const std::uint64_t sum = std::uint64_t{unfilled_[e.order]} + e.size;
  unfilled_[e.order] = static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, order->size));
}

void naive_book::insert(book_side side, tick_index tick, const queued& order) {
  price_level& level = of(side)[tick];
  level.queue.push_back(order);
  level.size += order.size;
  orders_[order.id] = {side, tick, std::prev(level.queue.end())};
  size_[side == book_side::ask] += order.size;
  count_[side == book_side::ask]++;
}

void naive_book::erase(order_id id) {
  const auto found = orders_.find(id);
  const where at = found->second;
  const auto level = of(at.side).find(at.tick);
  level->second.size -= at.order->size;
  size_[at.side == book_side::ask] -= at.order->size;
  count_[at.side == book_side::ask]--;
  level->second.queue.erase(at.order);
  if (level->second.queue.empty()) of(at.side).erase(level);
  orders_.erase(found);
  if (!unfilled_.empty()) unfilled_.erase(id);
}

void naive_book::empty() {
  bids_.clear();
  asks_.clear();
  orders_.clear();
  unfilled_.clear();
  size_ = {};
  count_ = {};
}

book_trust naive_book::trust() const {
  if (in_snapshot_) return book_trust::snapshot;
  return trusted_ ? book_trust::whole : book_trust::partial;
}

namespace {
template <class At>
book_level seen(const At& at) {
  return {at->first, at->second.size, static_cast<std::uint32_t>(at->second.queue.size())};
}
}  // namespace

std::optional<book_level> naive_book::best(book_side side) const {
  if (of(side).empty()) return std::nullopt;
  return side == book_side::bid ? seen(bids_.rbegin()) : seen(asks_.begin());
}

bool naive_book::crossed() const {
  return !bids_.empty() && !asks_.empty() && bids_.rbegin()->first >= asks_.begin()->first;
}

book_level naive_book::level(book_side side, tick_index tick) const {
  const auto at = of(side).find(tick);
  return at == of(side).end() ? book_level{tick} : seen(at);
}

std::uint64_t naive_book::total_size(book_side side) const { return size_[side == book_side::ask]; }
std::size_t naive_book::total_orders(book_side side) const { return count_[side == book_side::ask]; }
std::size_t naive_book::total_levels(book_side side) const { return of(side).size(); }

std::optional<book_order> naive_book::find(order_id id) const {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return std::nullopt;
  const where& at = found->second;
  return book_order{id, at.side, at.tick, at.order->size, at.order->ts_entered};
}

void naive_book::depth(book_side side, std::size_t most, std::vector<book_level>& out) const {
  if (side == book_side::bid)
    for (auto at = bids_.rbegin(); at != bids_.rend() && most-- > 0; ++at) out.push_back(seen(at));
  else
    for (auto at = asks_.begin(); at != asks_.end() && most-- > 0; ++at) out.push_back(seen(at));
}

void naive_book::queue(book_side side, tick_index tick, std::vector<book_order>& out) const {
  const auto level = of(side).find(tick);
  if (level == of(side).end()) return;
  for (const queued& o : level->second.queue) out.push_back({o.id, side, tick, o.size, o.ts_entered});
}

book_image naive_book::image() const {
  book_image image;
  image.tick = config_.tick;
  image.trusted = trusted_;
  image.in_snapshot = in_snapshot_;
  image.spoiled = spoiled_;
  image.just_cleared = just_cleared_;
  image.inside_event = inside_event_;
  image.refused = refused_;
  for (const book_side side : {book_side::bid, book_side::ask})
    for (const auto& [tick, level] : of(side)) {
      book_image::level& out = image.sides[side == book_side::ask].emplace_back();
      out.tick = tick;
      for (const queued& o : level.queue) {
        const auto unfilled = unfilled_.find(o.id);
        out.orders.push_back({o.id, o.ts_entered, o.size, unfilled == unfilled_.end() ? 0 : unfilled->second});
      }
    }
  return image;
}

bool naive_book::assign(const book_image& image) {
  *this = naive_book(config_);
  if (image.tick != config_.tick) return false;
  for (const book_side side : {book_side::bid, book_side::ask})
    for (const auto& level : image.sides[side == book_side::ask])
      for (const auto& o : level.orders) {
        insert(side, level.tick, {o.id, o.size, o.ts_entered});
        if (o.unfilled > 0) unfilled_[o.id] = o.unfilled;
      }
  trusted_ = image.trusted;
  in_snapshot_ = image.in_snapshot;
  spoiled_ = image.spoiled;
  just_cleared_ = image.just_cleared;
  inside_event_ = image.inside_event;
  refused_ = image.refused;
  return true;
}

}  // namespace isobar::market
