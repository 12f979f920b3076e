#pragma once
#include <cstdint>
#include <optional>

#include "core/types.hpp"
#include "market/option.hpp"

namespace isobar::gamma_fuel {

/// One trading date of the New York exchanges: [begin, end) from 18:00 to 18:00. Without regular hours open is `end`;
/// pre-market ends at 09:30 all the same.
struct session_day {
  timestamp begin = start_of_time, premarket = start_of_time, premarket_end = start_of_time, open = end_of_time,
            close = end_of_time, end = start_of_time;
  std::int32_t day = 0;  ///< days since 1970
  bool holds(timestamp t) const { return begin <= t && t < end; }
  template <class A>
  void fields(A& a) {
    a(begin, premarket, premarket_end, open, close, end, day);
  }
};
/// The trading date that holds `t`.
session_day session_day_of(timestamp t);

/// Extremes of prices.
class price_range {
 public:
  void add(price p) {
    if (high_ == market::no_price || p > high_) high_ = p;
    if (low_ == market::no_price || p < low_) low_ = p;
  }
  std::optional<price> high() const { return told(high_); }
  std::optional<price> low() const { return told(low_); }
  template <class A>
  void fields(A& a) {
    a(high_, low_);
  }

 private:
  static std::optional<price> told(price p) { return p == market::no_price ? std::nullopt : std::optional(p); }
  price high_ = market::no_price, low_ = market::no_price;
};

/// A volume-weighted mean price, exact: sums in 128 bit.
class weighted_price {
 public:
  void add(price p, std::uint32_t size) {
    sum_ += static_cast<wide>(p.value) * size;
    size_ += size;
  }
  /// To the nearest tick, half away from zero; nothing without volume.
  std::optional<price> mean(price tick) const;
  template <class A>
  void fields(A& a) {
    auto low = static_cast<std::uint64_t>(sum_);
    auto high = static_cast<std::int64_t>(sum_ >> 64);
    a(low, high, size_);
    sum_ = static_cast<wide>((static_cast<unsigned_wide>(static_cast<std::uint64_t>(high)) << 64) | low);
  }

 private:
  __extension__ using wide = __int128;
  __extension__ using unsigned_wide = unsigned __int128;
  wide sum_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace isobar::gamma_fuel
