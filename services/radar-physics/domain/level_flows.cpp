#include "radar-physics/domain/level_flows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "radar-physics/domain/log_table.hpp"

namespace isobar::radar_physics {
namespace {

double pull_add_log(const level_flow& l) { return log_table::ln1p(l.pulled_rest) - log_table::ln1p(l.added); }

}  // namespace

level_flows::level_flows(int reach, duration_ns window, duration_ns rest)
    : width_(std::bit_ceil(static_cast<std::size_t>(reach) * 4 + 1)),
      reach_(reach),
      window_ns_(window.value),
      rest_ns_(rest.value),
      slots_(static_cast<std::size_t>((rest.value + window.value - 1) / window.value)) {
  width_ = std::max<std::size_t>(width_, 128);
  young_slots_ = slots_;
}

void level_flows::open(tick_index centre, timestamp window_end, const market::order_book& book) {
  flow_.assign(2 * width_, {});
  past_.assign(2 * width_, {});
  occupied_.assign(2 * width_ / 64, 0);
  make_young();
  window_ = memory_windows + 1;  // stamp 0 is long ago
  zone_ = window_end.ns - rest_ns_;
  low_ = centre - static_cast<tick_index>(width_ / 2);
  for (std::size_t side = 0; side < 2; ++side) enter(side, low_, low_ + static_cast<tick_index>(width_) - 1, book);
  count_young(book);  // a snapshot's orders may be
}

void level_flows::next(std::uint64_t windows) {
  window_ += windows;
  zone_ += static_cast<std::int64_t>(windows) * window_ns_;
  for (std::uint64_t n = std::min<std::uint64_t>(windows, slots_); n > 0; --n) {
    if (young_used_[first_slot_]) empty_slot(first_slot_);
    first_slot_ = first_slot_ + 1 == slots_ ? 0 : first_slot_ + 1;
  }
  if (future_ != end_of_time && future_.ns - zone_ <= static_cast<std::int64_t>(slots_) * window_ns_) recount_ = true;
  if (!far_.empty()) prune_far();
}

timestamp level_flows::future_comes() const {
  // The window from s ends at s + window; zone_ is then rest before that, and the ring reaches slots_ windows beyond.
  if (future_ == end_of_time) return end_of_time;
  return {future_.ns + rest_ns_ - static_cast<std::int64_t>(slots_ + 1) * window_ns_};
}

void level_flows::rebuild(const market::book_change& c, const market::order_book& book) {
  apply(c, book);
  if (!c.snapshot) return;
  if (c.old_size != 0) mark(c.old_side, c.old_tick);
  if (c.new_size != 0) mark(c.side, c.new_tick);
}

void level_flows::mark(book_side side, tick_index tick) {
  const std::size_t s = side == book_side::bid ? 0 : 1;
  if (near(tick)) {
    flow_[at(s, tick)].rebuilt = true;
  } else if (const auto far = far_.find({tick, static_cast<std::uint8_t>(s)}); far != far_.end()) {
    far->second.flow.rebuilt = true;
  }
}

void level_flows::put_far(std::size_t side, tick_index tick, edit e, const market::order_book& book) {
  const far_key key{tick, static_cast<std::uint8_t>(side)};
  auto found = far_.find(key);
  if (found == far_.end()) {
    if (far_.size() == far_max) {
      ++lost_;
      return;
    }
    found = far_.try_emplace(key).first;
    const std::uint64_t after = book.level(side == 0 ? book_side::bid : book_side::ask, tick).size;
    found->second.flow.depth = after + e.lost - std::min(after + e.lost, e.gained);
    found->second.flow.start = found->second.past.end2 = found->second.past.end3 = found->second.flow.depth;
  }
  if (found->second.flow.stamp != window_) touch(found->second.flow, found->second.past);
  change(found->second.flow, e);
}

void level_flows::touch(std::size_t i) {
  touch(flow_[i], past_[i]);
  occupy(i);
}

void level_flows::touch(level_flow& l, level_past& p) {
  changed_ = window_;
  const level_window now = look(l, p);
  if (now.quiet) {
    p = {l.depth, l.depth, 0, 0, 0};
  } else {
    p = {now.end2, now.end3, now.log1, now.log2, now.log3};
  }
  l = {.stamp = window_, .depth = l.depth, .start = l.depth};
}

/// What a level was at the ends of its last windows, and its logs, moved along by the windows without a change since.
level_window level_flows::look_closer(const level_flow& l, const level_past& p) const {
  const std::uint64_t age = window_ - l.stamp;  // below memory_windows
  const std::array end{l.depth, l.depth, l.depth, l.start, p.end2, p.end3};
  const std::array log{0.0, 0.0, 0.0, pull_add_log(l), p.pull_add_log1, p.pull_add_log2, p.pull_add_log3};
  const std::uint64_t* const e = end.data() + 3 - age;
  const double* const g = log.data() + 3 - age;
  return {false, age == 0, e[0], e[1], e[2], g[0], g[1], g[2], g[3]};
}

bool level_flows::settled() const {
  return !recount_ && window_ - changed_ >= memory_windows &&
         std::find(young_used_.begin(), young_used_.end() - 1, 1) == young_used_.end() - 1;
}

void level_flows::make_young() {
  young_.assign((slots_ + 1) * 2 * width_, 0);
  young_used_.assign(slots_ + 1, 0);
  young_lines_.assign((slots_ + 1) * line_words(), 0);
}

void level_flows::empty_slot(std::size_t slot) {
  std::int64_t* const lots = young_.data() + slot * 2 * width_;
  for (std::size_t word = 0; word < line_words(); ++word)
    for (std::uint64_t bits = std::exchange(young_lines_[slot * line_words() + word], 0); bits != 0; bits &= bits - 1)
      std::fill_n(lots + (word * 64 + static_cast<std::size_t>(std::countr_zero(bits))) * line_lots, line_lots, 0);
  young_used_[slot] = 0;
}

void level_flows::forget_young() {
  for (std::size_t slot = 0; slot < young_used_.size(); ++slot)
    if (young_used_[slot]) empty_slot(slot);
  young_slots_ = slots_;
  future_ = end_of_time;
}

void level_flows::count_young(const market::order_book& book) {
  forget_young();
  recount_ = false;
  for (std::size_t i = 0; i < flow_.size(); ++i) {
    if (flow_[i].depth == 0) continue;
    const std::size_t side = i / width_;
    const tick_index tick = low_ + static_cast<tick_index>((i - at(side, low_)) & (width_ - 1));
    orders_scratch_.clear();
    book.queue(side == 0 ? book_side::bid : book_side::ask, tick, orders_scratch_);
    for (const market::book_order& o : orders_scratch_)
      if (o.ts_entered.ns > zone_) younger(i, o.ts_entered, o.size);
  }
}

void level_flows::clear() {
  for (std::size_t word = 0; word < occupied_.size(); ++word) {
    for (std::uint64_t bits = occupied_[word]; bits != 0; bits &= bits - 1) {
      const std::size_t i = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      if (flow_[i].depth == 0) continue;
      if (flow_[i].stamp != window_) touch(flow_[i], past_[i]);
      flow_[i].depth = 0;
      flow_[i].rebuilt = true;
    }
  }
  for (auto& [key, level] : far_) {
    if (level.flow.stamp != window_) touch(level.flow, level.past);
    level.flow.rebuilt |= level.flow.depth != 0;
    level.flow.depth = 0;
  }
  forget_young();
}

void level_flows::settle(tick_index anchor, const market::order_book& book) {
  const tick_index reach = reach_;
  if (!near(anchor - reach) || !near(anchor + reach)) recentre(anchor, book);
  settle(book);
}

void level_flows::recentre(tick_index centre, const market::order_book& book) {
  const auto width = static_cast<tick_index>(width_);
  const tick_index old_low = low_, old_high = low_ + width - 1;
  const tick_index low = centre - width / 2, high = low + width - 1;
  for (std::size_t side = 0; side < 2; ++side) {
    if (low > old_low) leave(side, old_low, std::min(old_high, low - 1));
    if (high < old_high) leave(side, std::max(old_low, high + 1), old_high);
  }
  low_ = low;
  for (std::size_t side = 0; side < 2; ++side) {
    if (low < old_low) enter(side, low, std::min(high, old_low - 1), book);
    if (high > old_high) enter(side, std::max(low, old_high + 1), high, book);
  }
  recount_ = true;
}

void level_flows::leave(std::size_t side, tick_index from, tick_index to) {
  for (tick_index tick = from; tick <= to; ++tick) {
    const std::size_t i = at(side, tick);
    if (window_ - flow_[i].stamp < memory_windows && far_.size() < far_max)
      far_[{tick, static_cast<std::uint8_t>(side)}] = {flow_[i], past_[i]};
    flow_[i] = {};
    past_[i] = {};
    occupied_[i >> 6] &= ~(std::uint64_t{1} << (i & 63));
  }
}

void level_flows::enter(std::size_t side, tick_index from, tick_index to, const market::order_book& book) {
  levels_scratch_.clear();
  book.levels_between(side == 0 ? book_side::bid : book_side::ask, from, to, levels_scratch_);
  for (const market::book_level& level : levels_scratch_) {
    const std::size_t i = at(side, level.tick);
    flow_[i].depth = level.size;
    occupy(i);
  }
  for (auto far = far_.lower_bound({from, 0}); far != far_.end() && far->first.first <= to;) {
    if (far->first.second != side) {
      ++far;
      continue;
    }
    const std::size_t i = at(side, far->first.first);
    flow_[i] = far->second.flow;
    past_[i] = far->second.past;
    occupy(i);
    far = far_.erase(far);
  }
}

void level_flows::prune_far() {
  std::erase_if(far_, [&](const auto& entry) { return window_ - entry.second.flow.stamp >= memory_windows; });
}

std::size_t level_flows::memory_bytes() const {
  return flow_.capacity() * sizeof(level_flow) + past_.capacity() * sizeof(level_past) + occupied_.capacity() * 8 +
         (young_.capacity() + young_lines_.capacity()) * 8 + far_.size() * (sizeof(far_level) + 64) +
         levels_scratch_.capacity() * sizeof(market::book_level) +
         orders_scratch_.capacity() * sizeof(market::book_order);
}

void level_flows::save(archive_writer& a) const {
  a(window_, changed_, zone_, low_, lost_, recount_, future_, static_cast<std::uint64_t>(first_slot_), far_);
  if (!is_open()) return;
  std::uint64_t count = 0;
  const auto kept = [&](std::size_t i) { return flow_[i].depth != 0 || window_ - flow_[i].stamp < memory_windows; };
  for (std::size_t i = 0; i < flow_.size(); ++i) count += kept(i);
  a(count);
  for (std::size_t i = 0; i < flow_.size(); ++i)
    if (kept(i)) a(static_cast<std::uint64_t>(i), flow_[i], past_[i]);
  count = static_cast<std::uint64_t>(std::count_if(young_.begin(), young_.end(), [](auto lots) { return lots != 0; }));
  a(count);
  for (std::size_t i = 0; i < young_.size(); ++i)
    if (young_[i] != 0) a(static_cast<std::uint64_t>(i), young_[i]);
}

bool level_flows::restore(archive_reader& a) {
  std::uint64_t slot = 0, count = 0;
  a(window_, changed_, zone_, low_, lost_, recount_, future_, slot, far_);
  if (!a.ok() || slot >= slots_) return false;
  first_slot_ = static_cast<std::size_t>(slot);
  if (!is_open()) return true;
  flow_.assign(2 * width_, {});
  past_.assign(2 * width_, {});
  occupied_.assign(2 * width_ / 64, 0);
  make_young();
  young_slots_ = future_ == end_of_time ? slots_ : slots_ + 1;
  std::uint64_t i = 0;
  for (a(count); count > 0 && a.ok(); --count) {
    a(i);
    if (i >= flow_.size()) return false;
    a(flow_[i], past_[i]);
    occupy(i);
  }
  for (a(count); count > 0 && a.ok(); --count) {
    a(i);
    if (i >= young_.size()) return false;
    a(young_[i]);
    const std::size_t slot_of = i / (2 * width_), line = i % (2 * width_) / line_lots;
    young_used_[slot_of] = 1;
    young_lines_[slot_of * line_words() + line / 64] |= std::uint64_t{1} << (line % 64);
  }
  return a.ok();
}

}  // namespace isobar::radar_physics
