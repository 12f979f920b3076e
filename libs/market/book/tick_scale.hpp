#pragma once
#include <bit>
#include <cstdint>
#include <optional>

#include "core/numeric.hpp"
#include "core/types.hpp"
#include "market/book_change.hpp"

namespace isobar::market::detail {

/// Prices to ticks and back without a division on the way in. tick = 2^shift * odd; a multiple of an odd number is
/// divided by multiplying with its inverse modulo 2^64 (Granlund and Montgomery 1994, section 9), and whether it was a
/// multiple is seen from the quotient's range.
class tick_scale {
 public:
  /// `tick` must be positive; anything else counts as 1.
  explicit tick_scale(price tick) : tick_(tick.value > 0 ? tick.value : 1) {
    shift_ = std::countr_zero(static_cast<std::uint64_t>(tick_));
    const std::int64_t odd = tick_ >> shift_;
    inverse_ = static_cast<std::uint64_t>(odd);  // right in 3 bits; each step doubles them
    for (int i = 0; i < 5; ++i) inverse_ *= 2 - static_cast<std::uint64_t>(odd) * inverse_;
    bound_ = INT64_MAX / odd;
  }

  /// The tick of a price that lies on one; nothing between two ticks.
  [[gnu::always_inline]] std::optional<tick_index> exact(price p) const {
    const auto quotient = static_cast<std::int64_t>(static_cast<std::uint64_t>(p.value >> shift_) * inverse_);
    const auto low_bits = static_cast<std::uint64_t>(p.value) & ((std::uint64_t{1} << shift_) - 1);
    if (low_bits != 0 || quotient > bound_ || quotient < -bound_) return std::nullopt;
    return quotient;
  }
  /// floor(price / tick).
  tick_index floor(price p) const { return floor_div(p.value, tick_); }
  /// Price of a tick that came from a price.
  price price_of(tick_index t) const { return price(t * tick_); }
  /// Whether price_of(t) can be represented and is a price.
  bool holds(tick_index t) const {
    std::int64_t product = 0;
    return !__builtin_mul_overflow(t, tick_, &product) && price(product) != no_price;
  }
  price tick() const { return price(tick_); }

 private:
  std::int64_t tick_;
  int shift_ = 0;
  std::uint64_t inverse_ = 0;
  std::int64_t bound_ = 0;
};

}  // namespace isobar::market::detail
