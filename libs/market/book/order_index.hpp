#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "market/futures_feed.hpp"

namespace isobar::market::detail {

/// "No slot": end of a list, empty cell.
inline constexpr std::uint32_t no_slot = UINT32_MAX;

/// Order number -> slot in the pool. Open addressing with linear probing, at most half full (a quarter while it fits
/// the caches, where a second probe costs more than the room); removal shifts the run back, so there are no tombstones
/// and a table never decays. Cells carry 32 bits of hash: a probe looks into the pool only when they agree, and neither
/// removal nor growth needs the numbers.
class order_index {
 public:
  /// Where a number is, or would go.
  struct place {
    std::size_t cell = 0;
    std::uint32_t slot = no_slot;
  };

  /// `id_of(slot)` gives the number that a slot holds.
  template <class IdOf>
  place find(order_id id, IdOf&& id_of) const {
    if (cells_.empty()) return {};
    const std::uint32_t h = hash(id);
    for (std::size_t i = h >> shift_;; i = (i + 1) & mask_) {
      const cell& c = cells_[i];
      if (c.slot == no_slot) return {i, no_slot};
      if (c.hash == h && id_of(c.slot) == id) return {i, c.slot};
    }
  }

  /// Takes a number that find() did not have; `where` is find()'s answer.
  void insert(place where, order_id id, std::uint32_t slot) {
    if (size_ == room_) [[unlikely]] {
      grow();
      put({hash(id), slot});
    } else {
      cells_[where.cell] = {hash(id), slot};
    }
    ++size_;
  }

  void erase(std::size_t hole) {
    for (std::size_t i = (hole + 1) & mask_; cells_[i].slot != no_slot; i = (i + 1) & mask_) {
      const std::size_t home = cells_[i].hash >> shift_;
      if (((i - home) & mask_) < ((i - hole) & mask_)) continue;  // it would come before its home
      cells_[hole] = cells_[i];
      hole = i;
    }
    cells_[hole].slot = no_slot;
    --size_;
  }

  /// Forgets everything, keeps the memory.
  void clear() {
    if (size_ != 0) std::fill(cells_.begin(), cells_.end(), cell{});
    size_ = 0;
  }

  /// Always inline: GCC 12 takes a function that only prefetches for one without effect and drops its calls.
  [[gnu::always_inline]] void prefetch(order_id id) const {
    if (!cells_.empty()) __builtin_prefetch(&cells_[hash(id) >> shift_]);
  }
  /// The slot whose hash agrees first, without looking into the pool: a guess to prefetch by.
  std::uint32_t guess(order_id id) const {
    if (cells_.empty()) return no_slot;
    const std::uint32_t h = hash(id);
    for (std::size_t i = h >> shift_; cells_[i].slot != no_slot; i = (i + 1) & mask_)
      if (cells_[i].hash == h) return cells_[i].slot;
    return no_slot;
  }

  std::size_t size() const { return size_; }
  std::size_t cells() const { return cells_.size(); }
  std::size_t memory_bytes() const { return cells_.capacity() * sizeof(cell); }

 private:
  struct cell {
    std::uint32_t hash = 0;
    std::uint32_t slot = no_slot;
  };

  static constexpr std::size_t small_cells = 1 << 15;  // 256 KiB

  /// Venues count orders up, so neighbours must scatter: Fibonacci hashing, high half folded in first.
  static std::uint32_t hash(order_id id) {
    auto x = static_cast<std::uint64_t>(id);
    x ^= x >> 32;
    return static_cast<std::uint32_t>((x * 0x9E37'79B9'7F4A'7C15u) >> 32);
  }
  void put(cell c) {
    std::size_t i = c.hash >> shift_;
    while (cells_[i].slot != no_slot) i = (i + 1) & mask_;
    cells_[i] = c;
  }
  void grow() {
    const std::size_t bigger = cells_.empty() ? 1024 : 2 * cells_.size();
    const std::vector<cell> old = std::exchange(cells_, std::vector<cell>(bigger));
    mask_ = bigger - 1;
    shift_ = 32 - std::countr_zero(bigger);
    room_ = bigger <= small_cells ? bigger / 4 : bigger / 2;
    for (const cell& c : old)
      if (c.slot != no_slot) put(c);
  }

  std::vector<cell> cells_;
  std::size_t mask_ = 0;
  int shift_ = 0;
  std::size_t size_ = 0;
  std::size_t room_ = 0;  ///< numbers that fit before it grows
};

}  // namespace isobar::market::detail
