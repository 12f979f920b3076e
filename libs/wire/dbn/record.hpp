#pragma once
#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "wire/dbn/definition_layout.hpp"
#include "wire/dbn/layout.hpp"

namespace isobar::wire::dbn {

/// Longest record that the length byte can say, in bytes.
inline constexpr std::size_t record_bytes_max = std::size_t{255} * 4;
/// Bytes of the sending time that a live gateway appends to every record when asked for it (metadata::ts_out).
inline constexpr std::size_t ts_out_bytes = 8;

/// Whether records of this type have the layout R (in some version).
template <class R>
constexpr bool is_layout_of(rtype t) {
  if constexpr (std::is_same_v<R, mbo_record>) return t == rtype::mbo;
  if constexpr (std::is_same_v<R, trade_record>) return t == rtype::mbp_0;
  if constexpr (std::is_same_v<R, mbp1_record>) return t == rtype::mbp_1;
  if constexpr (std::is_same_v<R, mbp10_record>) return t == rtype::mbp_10;
  if constexpr (std::is_same_v<R, bbo_record>) return t == rtype::bbo_1s || t == rtype::bbo_1m;
  if constexpr (std::is_same_v<R, cmbp1_record>) return t == rtype::cmbp_1 || t == rtype::tcbbo;
  if constexpr (std::is_same_v<R, cbbo_record>) return t == rtype::cbbo_1s || t == rtype::cbbo_1m;
  if constexpr (std::is_same_v<R, ohlcv_record>)
    return t == rtype::ohlcv_1s || t == rtype::ohlcv_1m || t == rtype::ohlcv_1h || t == rtype::ohlcv_1d ||
           t == rtype::ohlcv_eod || t == rtype::ohlcv_deprecated;
  if constexpr (std::is_same_v<R, status_record>) return t == rtype::status;
  if constexpr (std::is_same_v<R, imbalance_record>) return t == rtype::imbalance;
  if constexpr (std::is_same_v<R, definition_v1> || std::is_same_v<R, definition_v2> ||
                std::is_same_v<R, definition_v3>)
    return t == rtype::definition;
  if constexpr (std::is_same_v<R, statistics_v1> || std::is_same_v<R, statistics_v3>) return t == rtype::statistics;
  if constexpr (std::is_same_v<R, error_v1> || std::is_same_v<R, error_v2>) return t == rtype::error;
  if constexpr (std::is_same_v<R, system_v1> || std::is_same_v<R, system_v2>) return t == rtype::system;
  if constexpr (std::is_same_v<R, symbol_mapping_v1> || std::is_same_v<R, symbol_mapping_v2>)
    return t == rtype::symbol_mapping;
  return false;
}

/// Sizes in bytes that records of one type have in versions 1, 2 and 3 (0: the type is unknown), without ts_out. Where
/// versions differ the size alone tells the layout, with or without ts_out.
struct record_sizes {
  std::array<std::uint16_t, 3> of_version{};
  constexpr bool known() const { return of_version[0] != 0; }
  constexpr bool has(std::size_t bytes) const {
    return bytes != 0 && (bytes == of_version[0] || bytes == of_version[1] || bytes == of_version[2]);
  }
};
record_sizes sizes_of(rtype t);

/// A record where it lies: whole, its length checked against its type. Whoever handed it out owns the bytes; from a
/// reader they last until its next call.
class record {
 public:
  record() = default;
  /// `at` must point to a whole record of a known type and a length that sizes_of() has (ts_out included or not).
  explicit record(const char* at) : at_(at) {}

  explicit operator bool() const { return at_ != nullptr; }
  const record_header& header() const { return *reinterpret_cast<const record_header*>(at_); }
  rtype type() const { return header().type; }
  /// Bytes, ts_out included.
  std::size_t size() const { return std::size_t{static_cast<unsigned char>(*at_)} * 4; }
  std::string_view bytes() const { return {at_, size()}; }

  /// The record as layout R; nullptr when it is of another type or version.
  template <class R>
  const R* as() const {
    if (!is_layout_of<R>(type())) return nullptr;
    if constexpr (has_versions<R>)
      if (size() != sizeof(R) && size() != sizeof(R) + ts_out_bytes) return nullptr;
    return reinterpret_cast<const R*>(at_);
  }
  /// Sending time in ns that follows the record; call it for streams with metadata::ts_out only.
  std::uint64_t ts_out() const {
    std::uint64_t t = 0;
    std::memcpy(&t, at_ + size() - ts_out_bytes, sizeof t);
    return t;
  }

 private:
  template <class R>
  static constexpr bool has_versions =
      is_layout_of<R>(rtype::definition) || is_layout_of<R>(rtype::statistics) || is_layout_of<R>(rtype::error) ||
      is_layout_of<R>(rtype::system) || is_layout_of<R>(rtype::symbol_mapping);
  const char* at_ = nullptr;
};

/// The header of a layout struct: by-price records keep it inside the trade that they begin with.
template <class R>
const record_header& header_of(const R& r) {
  return *reinterpret_cast<const record_header*>(&r);
}

/// Text of a fixed field, up to its first NUL.
template <std::size_t N>
std::string_view text_of(const std::array<char, N>& field) {
  return {field.data(), static_cast<std::size_t>(std::find(field.begin(), field.end(), '\0') - field.begin())};
}
/// Fills a fixed field, cutting what does not fit; the last byte stays NUL.
template <std::size_t N>
void set_text(std::array<char, N>& field, std::string_view text) {
  field.fill('\0');
  std::copy_n(text.begin(), std::min(text.size(), N - 1), field.begin());
}

/// A header of layout R. The record behind it is the caller's to fill.
template <class R>
constexpr record_header make_header(rtype t, std::uint16_t publisher_id, std::uint32_t instrument_id,
                                    std::uint64_t ts_event) {
  static_assert(sizeof(R) % 4 == 0 && sizeof(R) <= record_bytes_max);
  return {static_cast<std::uint8_t>(sizeof(R) / 4), t, publisher_id, instrument_id, ts_event};
}

}  // namespace isobar::wire::dbn
