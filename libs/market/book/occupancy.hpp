#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace isobar::market::detail {

/// A set of positions below a fixed width with the next member in either direction: one bit per position and one per
/// word, so that a search touches a few words however empty the set is.
class occupancy {
 public:
  static constexpr std::size_t none = SIZE_MAX;

  void resize(std::size_t width) {
    words_.assign((width + 63) / 64, 0);
    summary_.assign((words_.size() + 63) / 64, 0);
  }
  bool has(std::size_t i) const { return words_[i / 64] >> (i % 64) & 1; }
  void insert(std::size_t i) {
    words_[i / 64] |= std::uint64_t{1} << (i % 64);
    summary_[i / 4096] |= std::uint64_t{1} << (i / 64 % 64);
  }
  void erase(std::size_t i) {
    words_[i / 64] &= ~(std::uint64_t{1} << (i % 64));
    if (words_[i / 64] == 0) summary_[i / 4096] &= ~(std::uint64_t{1} << (i / 64 % 64));
  }
  /// Least member at or above `i`.
  std::size_t at_or_above(std::size_t i) const {
    if (i >= words_.size() * 64) return none;
    if (const std::uint64_t w = words_[i / 64] >> (i % 64)) return i + static_cast<std::size_t>(std::countr_zero(w));
    const std::size_t word = above(summary_, i / 64 + 1);
    return word == none ? none : word * 64 + static_cast<std::size_t>(std::countr_zero(words_[word]));
  }
  /// Greatest member at or below `i`.
  std::size_t at_or_below(std::size_t i) const {
    if (const std::uint64_t w = words_[i / 64] << (63 - i % 64))
      return i - static_cast<std::size_t>(std::countl_zero(w));
    if (i / 64 == 0) return none;
    const std::size_t word = below(summary_, i / 64 - 1);
    return word == none ? none : word * 64 + 63 - static_cast<std::size_t>(std::countl_zero(words_[word]));
  }
  std::size_t memory_bytes() const { return (words_.capacity() + summary_.capacity()) * 8; }

 private:
  static std::size_t above(const std::vector<std::uint64_t>& bits, std::size_t i) {
    if (i / 64 >= bits.size()) return none;
    std::uint64_t w = bits[i / 64] >> (i % 64) << (i % 64);
    for (std::size_t k = i / 64;;) {
      if (w != 0) return k * 64 + static_cast<std::size_t>(std::countr_zero(w));
      if (++k == bits.size()) return none;
      w = bits[k];
    }
  }
  static std::size_t below(const std::vector<std::uint64_t>& bits, std::size_t i) {
    std::uint64_t w = bits[i / 64] << (63 - i % 64) >> (63 - i % 64);
    for (std::size_t k = i / 64;;) {
      if (w != 0) return k * 64 + 63 - static_cast<std::size_t>(std::countl_zero(w));
      if (k-- == 0) return none;
      w = bits[k];
    }
  }

  std::vector<std::uint64_t> words_, summary_;
};

}  // namespace isobar::market::detail
