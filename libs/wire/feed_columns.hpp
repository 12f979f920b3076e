#pragma once
#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "wire/frame.hpp"
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

/// Event times as differences, as many as there are rows.
template <class Rows>
void write_times(const Rows& rows, std::int64_t* to) {
  differences time;
  for (const auto& r : rows) *to++ = time.next(static_cast<std::uint64_t>(r.ts_event.ns));
}

/// Most of one frame: refused unparsed above `bytes`, refused above `records`.
struct frame_bounds {
  std::size_t bytes = 0, records = 0;
};

/// Parses, reads the header and compares its count with the records that `count` finds.
template <class Message, class Count>
result<frame_info, errc> open_frame(std::string_view bytes, Message& message, frame_bounds most, Count count) {
  if (bytes.size() > most.bytes)
    return fail(errc::oversize, message.GetTypeName() + ": " + std::to_string(bytes.size()) + " bytes, at most " +
                                    std::to_string(most.bytes));
  auto header = parse_frame(bytes, message);
  if (!header || header->heartbeat) return header;
  const auto n = static_cast<std::size_t>(count(message));
  if (n > most.records) return fail(errc::too_many, message.GetTypeName() + ": " + std::to_string(n) + " records");
  if (header->record_count != n)
    return fail(errc::column_length, message.GetTypeName() + ": header.record_count " +
                                         std::to_string(header->record_count) + ", " + std::to_string(n) + " records");
  return header;
}

/// The header of a frame of `n` records.
inline frame_info counted(const frame_info& info, std::size_t n) {
  auto header = info;
  header.record_count = static_cast<std::uint32_t>(n);
  return header;
}

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
