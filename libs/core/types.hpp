#pragma once
#include <compare>
#include <cstdint>
#include <functional>

#include "core/numeric.hpp"

namespace isobar {

/// A 64-bit integer that only mixes with itself, so that swapping a price and a quantity does not compile.
template <class Tag>
struct strong_int64 {
  std::int64_t value = 0;

  constexpr strong_int64() = default;
  constexpr explicit strong_int64(std::int64_t v) : value(v) {}

  constexpr auto operator<=>(const strong_int64&) const = default;

  constexpr strong_int64 operator-() const { return strong_int64(-value); }
  constexpr strong_int64& operator+=(strong_int64 o) {
    value += o.value;
    return *this;
  }
  constexpr strong_int64& operator-=(strong_int64 o) {
    value -= o.value;
    return *this;
  }
  friend constexpr strong_int64 operator+(strong_int64 a, strong_int64 b) { return strong_int64(a.value + b.value); }
  friend constexpr strong_int64 operator-(strong_int64 a, strong_int64 b) { return strong_int64(a.value - b.value); }
  friend constexpr strong_int64 operator*(strong_int64 a, std::int64_t k) { return strong_int64(a.value * k); }
  friend constexpr strong_int64 operator*(std::int64_t k, strong_int64 a) { return strong_int64(a.value * k); }
};

/// 1e9: how many integer units one quote unit (a dollar, an index point) has.
inline constexpr std::int64_t nanos_per_unit = 1'000'000'000;

/// A price in 1e-9 of the quote unit, as in DBN (decisions 1).
using price = strong_int64<struct price_tag>;
/// A size in the venue's lot (options: contracts).
using quantity = strong_int64<struct quantity_tag>;
/// An option's strike in 1e-9 of the quote unit.
using strike = strong_int64<struct strike_tag>;
/// A distance between strikes (a tile's width, a ladder's spacing) in 1e-9 of the quote unit.
using strike_width = strong_int64<struct strike_width_tag>;

constexpr strike operator+(strike k, strike_width w) { return strike(k.value + w.value); }
constexpr strike operator-(strike k, strike_width w) { return strike(k.value - w.value); }
constexpr strike_width distance(strike low, strike high) { return strike_width(high.value - low.value); }

/// Price as a double in quote units: for derived fields only, never for keys.
constexpr double to_double(price p) { return static_cast<double>(p.value) / 1e9; }
constexpr double to_double(strike k) { return static_cast<double>(k.value) / 1e9; }
constexpr double to_double(strike_width w) { return static_cast<double>(w.value) / 1e9; }

/// A span of event time in nanoseconds.
struct duration_ns {
  std::int64_t value = 0;
  constexpr auto operator<=>(const duration_ns&) const = default;
};
constexpr duration_ns milliseconds(std::int64_t ms) { return {ms * 1'000'000}; }
constexpr duration_ns seconds(std::int64_t s) { return {s * 1'000'000'000}; }
constexpr duration_ns operator*(duration_ns d, std::int64_t k) { return {d.value * k}; }
constexpr duration_ns operator+(duration_ns a, duration_ns b) { return {a.value + b.value}; }

/// An instant of event time: nanoseconds since 1970-01-01 UTC. The core knows no other clock.
struct timestamp {
  std::int64_t ns = 0;
  constexpr auto operator<=>(const timestamp&) const = default;
};
constexpr timestamp operator+(timestamp t, duration_ns d) { return {t.ns + d.value}; }
constexpr timestamp operator-(timestamp t, duration_ns d) { return {t.ns - d.value}; }
constexpr duration_ns operator-(timestamp a, timestamp b) { return {a.ns - b.ns}; }

/// Watermark of an input that has ended: nothing more will come.
inline constexpr timestamp end_of_time{INT64_MAX};
/// Watermark of an input that has said nothing yet.
inline constexpr timestamp start_of_time{INT64_MIN};

/// End of the window [start, end) that holds `t`; an event on a boundary belongs to the later window (decisions 4).
constexpr timestamp window_end_of(timestamp t, duration_ns width) {
  return {(floor_div(t.ns, width.value) + 1) * width.value};
}

}  // namespace isobar

template <class Tag>
struct std::hash<isobar::strong_int64<Tag>> {
  std::size_t operator()(isobar::strong_int64<Tag> v) const noexcept { return std::hash<std::int64_t>{}(v.value); }
};
