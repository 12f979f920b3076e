#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace isobar::market::detail {

/// Lots that the fills of the open event left to be consumed, by the order's slot. An event has few: they are looked
/// through. Only a sweep of many gets a table by slot, for that costs a cache line for each order.
class pending_fills {
 public:
  bool empty() const { return entries_.empty(); }
  std::uint32_t of(std::uint32_t slot) const {
    const std::size_t at = find(slot);
    return at == none ? 0 : entries_[at].left;
  }
  /// The order's lots, 0 at first. Valid until the next call.
  std::uint32_t& at(std::uint32_t slot) {
    std::size_t at = find(slot);
    if (at == none) {
      at = entries_.size();
      entries_.push_back({slot, 0});
      if (tabled_) {
        note(at);
      } else if (entries_.size() > few) {
        tabled_ = true;
        for (std::size_t i = 0; i < entries_.size(); ++i) note(i);
      }
    }
    return entries_[at].left;
  }
  /// The order's lots, forgotten with it.
  [[gnu::always_inline]] std::uint32_t take(std::uint32_t slot) { return empty() ? 0 : take_any(slot); }
  void forget() {
    if (tabled_)
      for (const entry& e : entries_) place_[e.slot] = 0;
    tabled_ = false;
    entries_.clear();
  }
  std::size_t memory_bytes() const {
    return entries_.capacity() * sizeof(entry) + place_.capacity() * sizeof(std::uint32_t);
  }

 private:
  struct entry {
    std::uint32_t slot, left;
  };
  static constexpr std::size_t few = 64, none = SIZE_MAX;

  [[gnu::noinline]] std::uint32_t take_any(std::uint32_t slot) {
    const std::size_t at = find(slot);
    if (at == none) return 0;
    const std::uint32_t left = entries_[at].left;
    entries_[at] = entries_.back();
    if (tabled_) {
      note(at);
      place_[slot] = 0;
    }
    entries_.pop_back();
    return left;
  }
  std::size_t find(std::uint32_t slot) const {
    if (tabled_) return slot < place_.size() && place_[slot] != 0 ? place_[slot] - 1 : none;
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.slot == slot; });
    return found == entries_.end() ? none : static_cast<std::size_t>(found - entries_.begin());
  }
  void note(std::size_t at) {
    const std::uint32_t slot = entries_[at].slot;
    if (slot >= place_.size()) place_.resize(std::max<std::size_t>(slot + 1, 2 * place_.size()));
    place_[slot] = static_cast<std::uint32_t>(at + 1);
  }

  std::vector<entry> entries_;
  std::vector<std::uint32_t> place_;  ///< by slot: 1 + position in entries_, or 0; grown by need
  bool tabled_ = false;               ///< place_ is kept
};

}  // namespace isobar::market::detail
