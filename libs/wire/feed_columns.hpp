#pragma once
#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/units.hpp"

/// Columns of the feed frames: first value absolute, then differences. Not for services.
namespace isobar::wire::columns {

/// `n` zeros; the pointer is good until the column changes.
template <class T>
T* sized(google::protobuf::RepeatedField<T>* column, std::size_t n) {
  column->Clear();
  column->Resize(static_cast<int>(n), T{});
  return column->mutable_data();
}

/// Differences modulo 2^64, so that every pair of values has one.
class differences {
 public:
  std::int64_t next(std::uint64_t value) {
    const auto delta = value - before_;
    before_ = value;
    return static_cast<std::int64_t>(delta);
  }

 private:
  std::uint64_t before_ = 0;
};

/// Inverse of `price.value / unit`; only with unit 1 may they lie at the ends of 64 bits.
inline bool from_units(std::int64_t units, std::int64_t unit, price& out) {
  if (unit == 1) {
    out.value = units;
    return true;
  }
  return unscale(units, unit, out.value);
}

/// Adds a difference to a 32-bit counter; false outside 32 bits.
inline bool advance_counter(std::int64_t delta, std::uint32_t& counter) {
  std::int64_t next = 0;
  if (__builtin_add_overflow(std::int64_t{counter}, delta, &next) || next < 0 || next > UINT32_MAX) return false;
  counter = static_cast<std::uint32_t>(next);
  return true;
}

/// column_length, naming the column, unless it has `n` values.
template <class Column>
bool long_enough(const Column& column, std::string_view name, std::size_t n, failure<errc>& error) {
  if (static_cast<std::size_t>(column.size()) == n) return true;
  error = {errc::column_length,
           std::string(name) + ": " + std::to_string(column.size()) + " values, " + std::to_string(n) + " records"};
  return false;
}

}  // namespace isobar::wire::columns
