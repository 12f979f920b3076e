#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/archive.hpp"
#include "market/order_book.hpp"

namespace isobar::radar_physics {

using market::book_side;
using market::tick_index;

/// What happened to one level in the last window in which anything did. Lots.
struct alignas(64) level_flow {
  std::uint64_t stamp = 0;  ///< number of that window; 0: never since the level came into sight
  std::uint64_t depth = 0;  ///< now
  std::uint64_t start = 0;  ///< when that window began
  std::uint64_t added = 0, pulled = 0, filled = 0;
  std::uint64_t pulled_rest = 0;  ///< pulled from orders that had rested
  bool rebuilt = false;           ///< cleared, or built by a snapshot: start and flows do not give depth
  template <class Archive>
  void fields(Archive& a) {
    a(stamp, depth, start, added, pulled, filled, pulled_rest, rebuilt);
  }
};

/// What derivatives need of the windows before `stamp`: depth_end two and three windows before it (that of the one
/// before is level_flow::start), pull_add_log one to three windows before it.
struct level_past {
  std::uint64_t end2 = 0, end3 = 0;
  double pull_add_log1 = 0, pull_add_log2 = 0, pull_add_log3 = 0;
  template <class Archive>
  void fields(Archive& a) {
    a(end2, end3, pull_add_log1, pull_add_log2, pull_add_log3);
  }
};

/// One level as the window under way sees it: consecutive windows, an absent level counts as 0 (decisions 10).
struct level_window {
  bool quiet = true;     ///< nothing in this window and the three before: only depth and rest mean anything
  bool touched = false;  ///< something in this window
  std::uint64_t end1 = 0, end2 = 0, end3 = 0;     ///< depth_end one to three windows ago
  double log0 = 0, log1 = 0, log2 = 0, log3 = 0;  ///< pull_add_log of this window and of those
};

/// Depth and flows by (side, tick): dense arrays in a ring of ticks around the market, stamped by window, so that a
/// change costs two cache lines and a new window costs nothing. Levels far from the market live in an ordered map while
/// their last three windows matter. Bounded: the ring by its width, the map by `far_max`.
class level_flows {
 public:
  static constexpr std::size_t far_max = 65'536;
  /// Windows after which a change is in no derivative any more.
  static constexpr std::uint64_t memory_windows = 4;

  /// `reach`: ticks on both sides of the anchor that must be in sight. `rest`: age at which an order rests.
  level_flows(int reach, duration_ns window, duration_ns rest);

  /// The first window begins: levels are as in the book, and were so for ever. The ring is placed around `centre`.
  void open(tick_index centre, timestamp window_end, const market::order_book& book);
  bool is_open() const { return window_ != 0; }
  /// The next `windows`-th window begins; those between were empty.
  void next(std::uint64_t windows);

  /// What a record did; `book` is the book after it.
  void apply(const market::book_change& c, const market::order_book& book);
  /// The same for a record of a snapshot or clear: what it did to levels is no flow.
  void rebuild(const market::book_change& c, const market::order_book& book);
  /// Changes that no level keeps any more, because too many far levels were busy at once.
  std::uint64_t lost() const { return lost_; }

  /// Before rows are read: the ring holds `reach` ticks on both sides of `anchor`, and young orders are counted.
  void settle(tick_index anchor, const market::order_book& book);
  /// While there is no anchor, and nobody reads rows.
  void settle(const market::order_book& book) {
    if (recount_) count_young(book);
  }
  /// Calls f(tick, flow, past, depth_rest) for every level of [low, high] with depth or any flow in this window,
  /// ascending.
  template <class F>
  void visit(book_side side, tick_index low, tick_index high, F&& f);
  level_window look(const level_flow& l, const level_past& p) const {
    if (window_ - l.stamp >= memory_windows) return {.end1 = l.depth, .end2 = l.depth, .end3 = l.depth};
    return look_closer(l, p);
  }
  /// Another window without a change gives the same rows again: no derivative lives and no order is young.
  bool settled() const;
  /// Windows that start earlier have the same rows as this one, as far as orders from the future go.
  timestamp future_comes() const;

  std::size_t memory_bytes() const;
  void save(archive_writer& a) const;
  bool restore(archive_reader& a);

 private:
  struct far_level {
    level_flow flow;
    level_past past;
    template <class Archive>
    void fields(Archive& a) {
      a(flow, past);
    }
  };
  using far_key = std::pair<tick_index, std::uint8_t>;
  /// A change of one level.
  struct edit {
    std::uint64_t added = 0, pulled = 0, filled = 0, pulled_rest = 0;
    std::uint64_t gained = 0, lost = 0;  ///< displayed lots
  };

  /// `younger_lots` of what changed came at `entered`.
  void put(std::size_t side, tick_index tick, const edit& e, timestamp entered, std::int64_t younger_lots,
           const market::order_book& book);
  void put_far(std::size_t side, tick_index tick, edit e, const market::order_book& book);
  void younger(std::size_t i, timestamp entered, std::int64_t lots);
  level_window look_closer(const level_flow& l, const level_past& p) const;
  void mark(book_side side, tick_index tick);
  void touch(std::size_t i);
  void touch(level_flow& l, level_past& p);
  static void change(level_flow& l, const edit& e);
  void clear();
  void forget_young();
  void recentre(tick_index centre, const market::order_book& book);
  void enter(std::size_t side, tick_index from, tick_index to, const market::order_book& book);
  void leave(std::size_t side, tick_index from, tick_index to);
  void count_young(const market::order_book& book);
  void prune_far();

  bool near(tick_index tick) const {
    return static_cast<std::uint64_t>(tick) - static_cast<std::uint64_t>(low_) < width_;
  }
  std::size_t at(std::size_t side, tick_index tick) const {
    return side * width_ + (static_cast<std::uint64_t>(tick) & (width_ - 1));
  }
  void occupy(std::size_t i) { occupied_[i >> 6] |= std::uint64_t{1} << (i & 63); }
  std::uint64_t young(std::size_t i) const;
  static constexpr std::size_t line_lots = 8;  ///< numbers of young_ in a cache line
  std::size_t line_words() const { return (2 * width_ / line_lots + 63) / 64; }
  void make_young();
  void empty_slot(std::size_t slot);

  std::size_t width_;  ///< of the ring in ticks, a power of two and a multiple of 64
  int reach_;
  std::int64_t window_ns_, rest_ns_;
  tick_index low_ = 0;         ///< lowest tick of the ring
  std::uint64_t window_ = 0;   ///< number of the window under way; 0: none yet
  std::uint64_t changed_ = 0;  ///< number of the last window in which a level changed
  std::int64_t zone_ = 0;      ///< orders that came after this are young at the window's end

  std::vector<level_flow> flow_;  ///< [side][tick]
  std::vector<level_past> past_;
  std::vector<std::uint64_t> occupied_;  ///< a bit for each level that may have a row
  std::map<far_key, far_level> far_;
  std::uint64_t lost_ = 0;

  /// Lots of young orders by the window in whose rest zone they came: [slot][side][tick], a ring of slots. Behind it
  /// one slot for orders from the future (of a snapshot after a gap, or of a wrong clock): young until their time
  /// comes.
  std::vector<std::int64_t> young_;
  std::vector<std::uint8_t> young_used_;  ///< by slot
  /// [slot]: a bit for each cache line of young_ that was written, so that a window clears these and not the whole slot
  /// (64 KiB, most of it never touched).
  std::vector<std::uint64_t> young_lines_;
  std::size_t slots_, first_slot_ = 0;
  std::size_t young_slots_;         ///< that may hold anything: slots_, and one more while there is a future
  timestamp future_ = end_of_time;  ///< the first order of the last slot, or earlier
  bool recount_ = false;            ///< young_ is not to be believed

  std::vector<market::book_level> levels_scratch_;
  std::vector<market::book_order> orders_scratch_;
};

// The path of every record and row is inline.

[[gnu::always_inline]] inline void level_flows::change(level_flow& l, const edit& e) {
  l.added += e.added;
  l.pulled += e.pulled;
  l.filled += e.filled;
  l.pulled_rest += e.pulled_rest;
  l.depth += e.gained;
  l.depth -= std::min(l.depth, e.lost);
}

[[gnu::always_inline]] inline void level_flows::put(std::size_t side, tick_index tick, const edit& e, timestamp entered,
                                                    std::int64_t younger_lots, const market::order_book& book) {
  if (!near(tick)) [[unlikely]] {
    put_far(side, tick, e, book);
    return;
  }
  const std::size_t i = at(side, tick);
  level_flow& l = flow_[i];
  if (l.stamp != window_) touch(i);
  change(l, e);
  if (entered.ns > zone_) younger(i, entered, younger_lots);
}

[[gnu::always_inline]] inline void level_flows::younger(std::size_t i, timestamp entered, std::int64_t lots) {
  const std::uint64_t past_zone = static_cast<std::uint64_t>(entered.ns) - static_cast<std::uint64_t>(zone_);
  const auto width = static_cast<std::uint64_t>(window_ns_);
  std::size_t slot = first_slot_;
  if (past_zone > width) [[unlikely]] {
    const std::uint64_t later = (past_zone - 1) / width;
    slot = later < slots_ ? (slot + later) % slots_ : slots_;
    if (slot == slots_) {
      young_slots_ = slots_ + 1;
      future_ = std::min(future_, entered);
    }
  }
  young_[slot * 2 * width_ + i] += lots;
  young_used_[slot] = 1;
  young_lines_[slot * line_words() + i / (line_lots * 64)] |= std::uint64_t{1} << (i / line_lots % 64);
}

[[gnu::always_inline]] inline void level_flows::apply(const market::book_change& c, const market::order_book& book) {
  if (c.cleared) [[unlikely]]
    clear();
  const std::size_t side = c.side == book_side::bid ? 0 : 1;
  const std::uint64_t pulled_rest = c.ts_entered.ns <= c.ts_event.ns - rest_ns_ ? c.pulled : 0;
  // A duplicate add is another order, at the same place too: the old one's time does not become its own.
  if (c.old_size != 0 && c.new_size != 0 && (c.old_tick != c.new_tick || c.action == market::book_action::add)) {
    put(c.old_side == book_side::bid ? 0 : 1, c.old_tick, {0, c.pulled, c.filled, pulled_rest, 0, c.old_size},
        c.ts_entered, -std::int64_t{c.old_size}, book);
    put(side, c.new_tick, {c.added, 0, 0, 0, c.new_size, 0}, c.ts_event, c.new_size, book);
    return;
  }
  // Whether an order came, went or changed its size is the same here, and no branch could foretell it.
  if ((c.old_size | c.new_size) == 0) [[unlikely]]
    return;
  put(side, c.new_size != 0 ? c.new_tick : c.old_tick,
      {c.added, c.pulled, c.filled, pulled_rest, c.new_size, c.old_size}, c.ts_entered,
      std::int64_t{c.new_size} - std::int64_t{c.old_size}, book);
}

inline std::uint64_t level_flows::young(std::size_t i) const {
  std::int64_t lots = 0;
  for (std::size_t slot = 0; slot < young_slots_; ++slot) lots += young_[slot * 2 * width_ + i];
  return static_cast<std::uint64_t>(std::max<std::int64_t>(lots, 0));
}

template <class F>
void level_flows::visit(book_side side, tick_index low, tick_index high, F&& f) {
  const std::size_t base = side == book_side::bid ? 0 : width_;
  const std::uint64_t ring = width_ - 1;
  for (tick_index block = low & ~tick_index{63}; block <= high; block += 64) {
    std::uint64_t& word = occupied_[(base + (static_cast<std::uint64_t>(block) & ring)) >> 6];
    std::uint64_t bits = word;
    if (block < low) bits &= ~std::uint64_t{0} << (low - block);
    if (high - block < 63) bits &= (std::uint64_t{2} << (high - block)) - 1;
    for (; bits != 0; bits &= bits - 1) {
      const int bit = std::countr_zero(bits);
      const std::size_t i = base + (static_cast<std::uint64_t>(block + bit) & ring);
      const level_flow& l = flow_[i];
      if (l.stamp == window_ ? (l.depth | l.start | l.added | l.pulled | l.filled) != 0 : l.depth != 0) {
        f(block + bit, l, past_[i], l.depth - std::min(l.depth, young(i)));
      } else if (l.depth == 0 && l.stamp != window_) {
        word &= ~(std::uint64_t{1} << bit);
      }
    }
  }
}

}  // namespace isobar::radar_physics
