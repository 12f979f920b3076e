#pragma once
#include <cstdint>
#include <limits>
#include <string_view>

/// Databento Binary Encoding (DBN), versions 1 to 3: records as the vendor publishes them, and a reader and writer of
/// its files and streams. Numbers and names are the format's own (databento.com/docs/standards-and-conventions).
namespace isobar::wire::dbn {

/// Second byte of every record: what it is.
enum class rtype : std::uint8_t {
  mbp_0 = 0x00,  ///< trades
  mbp_1 = 0x01,  ///< also tbbo
  mbp_10 = 0x0A,
  ohlcv_deprecated = 0x11,
  status = 0x12,
  definition = 0x13,
  imbalance = 0x14,
  error = 0x15,
  symbol_mapping = 0x16,
  system = 0x17,
  statistics = 0x18,
  ohlcv_1s = 0x20,
  ohlcv_1m = 0x21,
  ohlcv_1h = 0x22,
  ohlcv_1d = 0x23,
  ohlcv_eod = 0x24,
  mbo = 0xA0,
  cmbp_1 = 0xB1,
  cbbo_1s = 0xC0,
  cbbo_1m = 0xC1,
  tcbbo = 0xC2,
  bbo_1s = 0xC3,
  bbo_1m = 0xC4,
};

/// What a file says it holds.
enum class schema : std::uint16_t {
  mbo = 0,
  mbp_1 = 1,
  mbp_10 = 2,
  tbbo = 3,
  trades = 4,
  ohlcv_1s = 5,
  ohlcv_1m = 6,
  ohlcv_1h = 7,
  ohlcv_1d = 8,
  definition = 9,
  statistics = 10,
  status = 11,
  imbalance = 12,
  ohlcv_eod = 13,
  cmbp_1 = 14,
  cbbo_1s = 15,
  cbbo_1m = 16,
  tcbbo = 17,
  bbo_1s = 18,
  bbo_1m = 19,
  mixed = 0xFFFF,  ///< live streams: several
};

/// What a symbol is a symbol of. Later numbers (ISIN, FIGI, ...) pass through.
enum class symbol_type : std::uint8_t {
  instrument_id = 0,
  raw_symbol = 1,
  continuous = 3,
  parent = 4,
  unsaid = 0xFF,  ///< live streams
};

/// "No price" of any price field.
inline constexpr std::int64_t undefined_price = std::numeric_limits<std::int64_t>::max();
/// "No time" of any timestamp field.
inline constexpr std::uint64_t undefined_time = std::numeric_limits<std::uint64_t>::max();
/// "No quantity" of a statistic, versions 1 and 2.
inline constexpr std::int32_t undefined_quantity_v1 = std::numeric_limits<std::int32_t>::max();
/// "No quantity" of a statistic, version 3.
inline constexpr std::int64_t undefined_quantity = std::numeric_limits<std::int64_t>::max();

/// "mbo", "mbp-1", ...; "unknown" for a number without a name.
std::string_view name_of(rtype t);
std::string_view name_of(schema s);

}  // namespace isobar::wire::dbn
