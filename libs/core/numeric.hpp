#pragma once
#include <cstdint>

namespace isobar {

/// Quotient rounded towards minus infinity; every division of prices, ticks, times and buckets uses it.
/// `divisor` must be positive.
constexpr std::int64_t floor_div(std::int64_t dividend, std::int64_t divisor) {
  const std::int64_t quotient = dividend / divisor;
  return quotient - ((dividend % divisor != 0 && dividend < 0) ? 1 : 0);
}

/// Quotient rounded towards plus infinity. `divisor` must be positive.
constexpr std::int64_t ceil_div(std::int64_t dividend, std::int64_t divisor) { return -floor_div(-dividend, divisor); }

/// Quotient rounded to the nearest integer, halves away from zero. `divisor` must be positive.
constexpr std::int64_t round_div(std::int64_t dividend, std::int64_t divisor) {
  const std::int64_t half = divisor / 2;
  return dividend >= 0 ? (dividend + half) / divisor : -((-dividend + half) / divisor);
}

}  // namespace isobar
