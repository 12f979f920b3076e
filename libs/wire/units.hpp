#pragma once
#include <cstdint>
#include <numeric>
#include <string>

#include "core/error.hpp"
#include "core/types.hpp"
#include "isobar/common/v1/frame.pb.h"
#include "market/option.hpp"
#include "wire/frame.hpp"

/// Shared pieces of the codecs: scaled integers, ascending indices, expiries. Not for services.
namespace isobar::wire {

/// Greatest common divisor of the values added, 1 when there was none (or only zeros). The usual case, a multiple of
/// what is known already, costs one division.
class unit_finder {
 public:
  void add(std::int64_t value) {
    if (unit_ == 0 || value % unit_ != 0) unit_ = std::gcd(unit_, value);
  }
  void add(price p) {
    if (p != market::no_price) add(p.value);
  }
  std::int64_t unit() const { return unit_ == 0 ? 1 : unit_; }

 private:
  std::int64_t unit_ = 0;
};

/// -1 for no_price, else the price in units. Negative prices do not exist in option rows.
inline std::int64_t scaled(price p, std::int64_t unit) { return p == market::no_price ? -1 : p.value / unit; }

/// value * unit; false when that is not below INT64_MAX in magnitude.
inline bool unscale(std::int64_t value, std::int64_t unit, std::int64_t& out) {
  return !__builtin_mul_overflow(value, unit, &out) && out != INT64_MAX && out != INT64_MIN;
}
/// Inverse of scaled(): -1 is no_price; false below -1 and on overflow.
inline bool unscale_price(std::int64_t value, std::int64_t unit, price& out) {
  if (value == -1) {
    out = market::no_price;
    return true;
  }
  return value >= 0 && unscale(value, unit, out.value);
}

/// Ages and offsets: `base - t` with INT64_MIN for start_of_time ("never").
inline std::int64_t age_of(timestamp t, timestamp base) { return t == start_of_time ? INT64_MIN : base.ns - t.ns; }
inline bool from_age(std::int64_t age, timestamp base, timestamp& out) {
  if (age == INT64_MIN) {
    out = start_of_time;
    return true;
  }
  return !__builtin_sub_overflow(base.ns, age, &out.ns);
}

/// 0: unknown <-> no_price.
inline std::int64_t write_spot(price spot) { return spot == market::no_price ? 0 : spot.value; }
inline price read_spot(std::int64_t nanos) { return nanos == 0 ? market::no_price : price(nanos); }

/// Adds a column's difference to an ascending index; false when it does not ascend or passes `bound`.
inline bool advance_index(std::uint32_t delta, bool first, std::uint64_t& index, std::size_t bound) {
  if (!first && delta == 0) return false;
  index = first ? delta : index + delta;
  return index < bound;
}

/// Error words: "ContractWindow.bid[17]".
std::string at(std::string_view column, std::size_t row);

void write_key(const market::expiry_key& from, common::v1::ExpiryKey& to);
/// Root 1 to 16 upper-case letters or digits, date real.
result<market::expiry_key, errc> read_key(const common::v1::ExpiryKey& from);
result<market::settlement, errc> read_settlement(common::v1::Settlement from);
common::v1::Settlement write_settlement(market::settlement from);

}  // namespace isobar::wire
