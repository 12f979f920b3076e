#include "radar-physics/domain/levels.hpp"

#include <algorithm>
#include <utility>

#include "core/archive.hpp"
#include "radar-physics/domain/level_rules.hpp"

namespace isobar::radar_physics {
namespace {

/// Far enough for every price, near enough that zones do not overflow.
constexpr std::int64_t price_max = std::int64_t{1} << 61;

std::size_t bins_of(duration_ns window, duration_ns period) {
  return static_cast<std::size_t>(std::max<std::int64_t>(1, ceil_div(window.value, period.value)));
}

}  // namespace

level_monitor::flow& level_monitor::flow::operator+=(const flow& o) {
  added += o.added;
  cancelled += o.cancelled;
  filled += o.filled;
  return *this;
}
level_monitor::flow& level_monitor::flow::operator-=(const flow& o) {
  added -= o.added;
  cancelled -= o.cancelled;
  filled -= o.filled;
  return *this;
}
level_monitor::two_flows& level_monitor::two_flows::operator+=(const two_flows& o) {
  for (std::size_t s = 0; s < side.size(); ++s) side[s] += o.side[s];
  return *this;
}
level_monitor::two_flows& level_monitor::two_flows::operator-=(const two_flows& o) {
  for (std::size_t s = 0; s < side.size(); ++s) side[s] -= o.side[s];
  return *this;
}
level_monitor::prints& level_monitor::prints::operator+=(const prints& o) {
  buy += o.buy;
  sell += o.sell;
  count += o.count;
  return *this;
}
level_monitor::prints& level_monitor::prints::operator-=(const prints& o) {
  buy -= o.buy;
  sell -= o.sell;
  count -= o.count;
  return *this;
}

level_monitor::level_monitor(const radar_config& c)
    : config_(c.levels),
      tick_(c.tick),
      multiplier_(c.multiplier),
      barrier_bins_(bins_of(c.levels.barrier_window, c.levels.tick_period)),
      tape_bins_(bins_of(c.levels.tape_window, c.levels.tick_period)) {}

void level_monitor::take(level_set_input in) {
  if (in.effective < since_) {
    ++sets_dropped_;
    return;
  }
  level_set set{in.effective, {}};
  for (watched_level& l : in.levels) {
    if (set.levels.size() == config_.levels_max || l.price.value > price_max || l.price.value < -price_max) {
      ++levels_refused_;
      continue;
    }
    set.levels.push_back({std::move(l)});
  }
  const auto place = std::upper_bound(waiting_.begin(), waiting_.end(), set.effective,
                                      [](timestamp t, const level_set& s) { return t < s.effective; });
  waiting_.insert(place, std::move(set));
  if (waiting_.size() > waiting_max) {
    waiting_.erase(waiting_.begin());
    ++sets_dropped_;
  }
  dirty_ = true;
}

void level_monitor::put_in_force(timestamp now) {
  auto last = waiting_.begin();
  while (last != waiting_.end() && last->effective <= now) ++last;
  if (last == waiting_.begin()) return;
  // The first set: how far ahead of its time it was known must not show.
  if (since_ == start_of_time && levels_.empty() && last_.empty()) {
    trades_.drop_before(std::prev(last)->effective);
    unchanged_ = 0;
  }
  since_ = std::prev(last)->effective;
  use(std::move(std::prev(last)->levels));
  waiting_.erase(waiting_.begin(), last);
  dirty_ = true;
}

void level_monitor::use(std::vector<named_level> levels) {
  std::vector<isobar::price> prices;
  for (const named_level& l : levels) prices.push_back(l.price);
  std::sort(prices.begin(), prices.end());
  prices.erase(std::unique(prices.begin(), prices.end()), prices.end());
  std::vector<zone> zones;
  zones.reserve(prices.size());
  const auto by_price = [](const zone& z, isobar::price p) { return z.price < p; };
  for (const isobar::price p : prices) {
    const auto known = std::lower_bound(zones_.begin(), zones_.end(), p, by_price);
    const bool kept = known != zones_.end() && known->price == p;
    zones.push_back(kept ? std::move(*known) : zone_at(p));
    if (kept) zones.back().price = p;
  }
  zones_ = std::move(zones);
  for (named_level& l : levels) {
    l.zone =
        static_cast<std::uint32_t>(std::lower_bound(zones_.begin(), zones_.end(), l.price, by_price) - zones_.begin());
  }
  levels_ = std::move(levels);
}

level_monitor::zone level_monitor::zone_at(isobar::price p) const {
  const auto low = [&](int ticks) { return ceil_div(p.value - ticks * tick_.value, tick_.value); };
  const auto high = [&](int ticks) { return floor_div(p.value + ticks * tick_.value, tick_.value); };
  return {.price = p,
          .low = low(config_.zone_ticks),
          .high = high(config_.zone_ticks),
          .tape_low = low(config_.tape_ticks),
          .tape_high = high(config_.tape_ticks),
          .flows = binned_sum<two_flows>(barrier_bins_),
          .tape = binned_sum<prints>(tape_bins_)};
}

void level_monitor::advance_to(std::int64_t bin) {
  if (bin_ == INT64_MIN) bin_ = bin;
  if (bin <= bin_) return;
  if (!drained_) {
    for (zone& z : zones_) {
      z.flows.advance(bin - bin_);
      z.tape.advance(bin - bin_);
    }
  }
  bin_ = bin;
}

void level_monitor::observe(const market::book_change& c, const market::order_book&) {
  if (!watching()) return;
  dirty_ = true;
  if (c.cleared) {
    for (zone& z : zones_) z.flows = binned_sum<two_flows>(barrier_bins_);
  }
  if (c.snapshot) return;
  if (!waiting_.empty() && waiting_.front().effective <= c.ts_event) put_in_force(c.ts_event);
  advance_to(floor_div(c.ts_event.ns, config_.tick_period.value));
  if (c.action == market::book_action::trade) {
    if (c.refused == market::book_refusal::none) take_trade(c);
  } else if ((c.added | c.pulled | c.filled) != 0 && c.side != book_side::none) {
    take_flow(c);
  }
}

void level_monitor::take_flow(const market::book_change& c) {
  // Zones ascend by price and are equally wide, so those that hold either tick lie together.
  const tick_index low = std::min(c.old_tick, c.new_tick), high = std::max(c.old_tick, c.new_tick);
  auto z = std::partition_point(zones_.begin(), zones_.end(), [&](const zone& x) { return x.high < low; });
  for (; z != zones_.end() && z->low <= high; ++z) {
    flow f;
    if (z->holds(c.new_tick)) f.added = c.added;
    if (z->holds(c.old_tick)) {
      f.cancelled = c.pulled;
      f.filled = c.filled;
    }
    const std::uint64_t moved = std::min(f.added, f.cancelled);
    f.added -= moved;
    f.cancelled -= moved;
    if ((f.added | f.cancelled | f.filled) == 0) continue;
    two_flows both;
    both.side[c.side == book_side::bid ? 0 : 1] = f;
    z->flows.add(both);
    drained_ = false;
  }
}

void level_monitor::take_trade(const market::book_change& c) {
  trades_.push({c.ts_event, c.new_tick, c.traded, c.side});
  drained_ = false;
  prints p;
  p.count = 1;
  if (c.side == book_side::bid) p.buy = c.traded;
  if (c.side == book_side::ask) p.sell = c.traded;
  auto z = std::partition_point(zones_.begin(), zones_.end(), [&](const zone& x) { return x.tape_high < c.new_tick; });
  for (; z != zones_.end() && z->tape_low <= c.new_tick; ++z) z->tape.add(p);
}

void level_monitor::skip(std::uint64_t ticks) { unchanged_ += ticks; }

bool level_monitor::tick(timestamp as_of, const market::order_book& book, bool trusted, level_outputs& out) {
  if (!waiting_.empty()) put_in_force(as_of);
  advance_to(floor_div(as_of.ns, config_.tick_period.value) - 1);
  if (levels_.empty() && last_.empty()) {  // never asked: only the tape goes on
    drop_trades(as_of);
    drained_ = trades_.size() == 0;
    dirty_ = false;
    ++unchanged_;
    return false;
  }
  if (drained_ && !dirty_ && trusted == trusted_) {
    ++unchanged_;
    return false;
  }
  trusted_ = trusted;
  dirty_ = false;
  drop_trades(as_of);
  measure_tape(as_of);
  // A book that is half rebuilt has no good mid.
  if (const auto mid = book.mid(); mid && book.trust() != market::book_trust::snapshot) spot_ = *mid;
  out.as_of = as_of;
  out.valid = trusted && !book.crossed();
  out.levels.resize(levels_.size());
  for (std::size_t i = 0; i < levels_.size(); ++i) read(levels_[i], as_of, book, out.levels[i]);
  drained_ = trades_.size() == 0 && std::all_of(zones_.begin(), zones_.end(), [](const zone& z) {
               const two_flows& f = z.flows.total();
               const prints& p = z.tape.total();
               return (f.side[0].added | f.side[0].cancelled | f.side[0].filled | f.side[1].added |
                       f.side[1].cancelled | f.side[1].filled | p.count) == 0;
             });
  encode(out, encoded_);
  if (encoded_ == last_) {
    ++unchanged_;
    return false;
  }
  last_.swap(encoded_);
  out.unchanged_ticks = static_cast<std::uint32_t>(std::min<std::uint64_t>(unchanged_, UINT32_MAX));
  unchanged_ = 0;
  return true;
}

void level_monitor::drop_trades(timestamp as_of) {
  trades_.drop_before(as_of - std::max(config_.tape_window, config_.velocity_window));
}

void level_monitor::measure_tape(timestamp as_of) {
  slope_fit fit;
  for (std::size_t i = trades_.lower_bound(as_of - config_.velocity_window); i < trades_.size(); ++i) {
    const tape_trade& t = trades_[i];
    fit.add(static_cast<double>((t.ts_event - as_of).value) / 1e9, to_double(price(t.tick * tick_.value)));
  }
  trades_per_second_ = static_cast<double>(fit.count()) * 1e9 / static_cast<double>(config_.velocity_window.value);
  price_velocity_ = fit.per_second();
}

void level_monitor::read(const named_level& l, timestamp as_of, const market::order_book& book, level_reading& r) {
  const zone& z = zones_[l.zone];
  r.level = l;
  r.defending = book_side::none;
  r.barrier = {};
  r.tape = {};
  if (spot_ != market::no_price) {
    r.defending = spot_ > l.price ? book_side::bid : book_side::ask;
    const flow& f = z.flows.total().side[r.defending == book_side::bid ? 0 : 1];
    r.barrier.added = f.added;
    r.barrier.cancelled = f.cancelled;
    r.barrier.filled = f.filled;
    depth_.clear();
    book.levels_between(r.defending, z.low, z.high, depth_);
    for (const market::book_level& level : depth_) r.barrier.depth_in_zone += level.size;
    const double average = static_cast<double>(book.total_size(r.defending)) /
                           static_cast<double>(std::max<std::size_t>(1, book.total_levels(r.defending)));
    const double usual = average * static_cast<double>(z.high - z.low + 1);
    r.barrier.wall_ratio = usual > 0 ? static_cast<double>(r.barrier.depth_in_zone) / usual : 0;
    judge(r.barrier, config_);
  }
  r.tape.buy = z.tape.total().buy;
  r.tape.sell = z.tape.total().sell;
  r.tape.trades_per_second = trades_per_second_;
  r.tape.price_velocity = price_velocity_;
  judge(r.tape, config_);
  if (z.tape.total().count >= 3) r.tape.sweep = sweep_in(z, as_of);
}

sweep_reading level_monitor::sweep_in(const zone& z, timestamp as_of) const {
  sweep_finder finder(config_.sweep_gap, config_.sweep_notional);
  for (std::size_t i = trades_.lower_bound(as_of - config_.tape_window); i < trades_.size(); ++i) {
    const tape_trade& t = trades_[i];
    if (t.tick < z.tape_low || t.tick > z.tape_high) continue;
    const double points = to_double(price(t.tick * tick_.value));
    finder.add(t.ts_event, points * static_cast<double>(t.size) * static_cast<double>(multiplier_), t.aggressor);
  }
  return finder.finish();
}

void level_monitor::encode(const level_outputs& out, std::string& bytes) const {
  bytes.clear();
  archive_writer w(bytes);
  w(out.valid);
  for (const level_reading& r : out.levels) {
    const barrier_reading& b = r.barrier;
    const tape_reading& t = r.tape;
    w(r.level.id, r.level.kind, r.level.price, r.defending);
    w(b.state, b.added, b.cancelled, b.filled, b.depth_in_zone, b.wall_ratio);
    w(t.buy, t.sell, t.trades_per_second, t.price_velocity);
    w(t.sweep.direction, t.sweep.notional, t.sweep.prints, t.sweep.first, t.sweep.last);
  }
}

bool level_monitor::consistent() const {
  return std::all_of(levels_.begin(), levels_.end(), [&](const named_level& l) { return l.zone < zones_.size(); }) &&
         std::all_of(zones_.begin(), zones_.end(),
                     [&](const zone& z) { return z.flows.bins() == barrier_bins_ && z.tape.bins() == tape_bins_; });
}

std::size_t level_monitor::memory_bytes() const {
  const std::size_t per_zone = sizeof(zone) + barrier_bins_ * sizeof(two_flows) + tape_bins_ * sizeof(prints);
  return sizeof(*this) + zones_.capacity() * per_zone + levels_.capacity() * sizeof(named_level) +
         trades_.memory_bytes() + last_.capacity() + encoded_.capacity();
}

}  // namespace isobar::radar_physics
