#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "market/book_change.hpp"

namespace isobar::radar_physics {

/// One print, as the tape keeps it.
struct tape_trade {
  timestamp ts_event;
  market::tick_index tick = 0;
  std::uint32_t size = 0;  ///< lots
  market::book_side aggressor = market::book_side::none;

  template <class Archive>
  void fields(Archive& a) {
    a(ts_event, tick, size, aggressor);
  }
};

/// The last prints, oldest first, at most `most`; one more drops the oldest and is counted. Grows as it is needed.
class trade_ring {
 public:
  explicit trade_ring(std::size_t most = 65'536) : most_(most) {}

  /// Times never fall: one that would is taken as the newest known.
  void push(tape_trade t) {
    if (count_ > 0 && t.ts_event < (*this)[count_ - 1].ts_event) t.ts_event = (*this)[count_ - 1].ts_event;
    if (count_ == ring_.size() && ring_.size() < most_) grow();
    if (count_ == ring_.size()) {
      drop_front();
      ++dropped_;
    }
    ring_[place(count_++)] = t;
  }
  void drop_before(timestamp t) {
    while (count_ > 0 && ring_[first_].ts_event < t) drop_front();
  }
  std::size_t size() const { return count_; }
  const tape_trade& operator[](std::size_t i) const { return ring_[place(i)]; }
  /// Index of the first print at or after `t`.
  std::size_t lower_bound(timestamp t) const {
    std::size_t low = 0, high = count_;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if ((*this)[middle].ts_event < t) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  /// Prints lost to the bound.
  std::uint64_t dropped() const { return dropped_; }
  std::size_t memory_bytes() const { return ring_.capacity() * sizeof(tape_trade); }

  template <class Archive>
  void fields(Archive& a) {
    std::vector<tape_trade> trades;
    for (std::size_t i = 0; i < count_; ++i) trades.push_back((*this)[i]);
    a(trades, dropped_);
    const std::uint64_t dropped = dropped_;
    first_ = count_ = 0;
    for (const tape_trade& t : trades) push(t);
    dropped_ = dropped;
  }

 private:
  std::size_t place(std::size_t i) const { return first_ + i < ring_.size() ? first_ + i : first_ + i - ring_.size(); }
  void drop_front() {
    first_ = place(1);
    --count_;
  }
  void grow() {
    std::vector<tape_trade> larger(std::min(most_, std::max<std::size_t>(64, 2 * ring_.size())));
    for (std::size_t i = 0; i < count_; ++i) larger[i] = (*this)[i];
    ring_.swap(larger);
    first_ = 0;
  }

  std::size_t most_;
  std::vector<tape_trade> ring_;
  std::size_t first_ = 0, count_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace isobar::radar_physics
