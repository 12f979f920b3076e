#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "core/types.hpp"

namespace isobar::gamma_fuel {

/// First in, first out, in one block that grows to the longest queue there ever was and is then used again: nothing is
/// allocated in steady state. What leaves keeps its own memory until its place is taken anew. Not thread-safe.
template <class T>
class ring_queue {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& front() { return slots_[first_]; }
  const T& front() const { return slots_[first_]; }
  /// The n-th from the front.
  const T& operator[](std::size_t n) const { return slots_[(first_ + n) & (slots_.size() - 1)]; }
  void push_back(T value) {
    if (size_ == slots_.size()) grow();
    slots_[(first_ + size_++) & (slots_.size() - 1)] = std::move(value);
  }
  void pop_front() {
    first_ = (first_ + 1) & (slots_.size() - 1);
    --size_;
  }

  template <class A>
  void fields(A& a) {
    if constexpr (requires { a.refuse(); }) {
      std::vector<T> all;
      a(all);
      *this = {};
      for (T& x : all) push_back(std::move(x));
    } else {
      // As a vector is written.
      a(static_cast<std::uint64_t>(size_));
      for (std::size_t n = 0; n < size_; ++n) a((*this)[n]);
    }
  }

 private:
  static constexpr std::size_t least = 16;
  void grow() {
    std::vector<T> wider(slots_.empty() ? least : 2 * slots_.size());
    for (std::size_t n = 0; n < size_; ++n) wider[n] = std::move(slots_[(first_ + n) & (slots_.size() - 1)]);
    slots_ = std::move(wider);
    first_ = 0;
  }
  std::vector<T> slots_;  ///< a power of two
  std::size_t first_ = 0, size_ = 0;
};

}  // namespace isobar::gamma_fuel
