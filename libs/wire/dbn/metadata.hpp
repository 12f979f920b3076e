#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/date.hpp"
#include "core/error.hpp"
#include "wire/dbn/error.hpp"
#include "wire/dbn/kinds.hpp"

namespace isobar::wire::dbn {

/// Newest version read and written.
inline constexpr std::uint8_t newest_version = 3;
/// Bytes before the part of the metadata whose length they say: "DBN", version, length.
inline constexpr std::size_t metadata_prefix_bytes = 8;

/// From one day to the day before another a symbol meant this.
struct mapping_interval {
  date start, end;     ///< [start, end), UTC days
  std::string symbol;  ///< in stype_out; empty: nothing on these days
  bool operator==(const mapping_interval&) const = default;
};
struct symbol_mapping {
  std::string symbol;  ///< in stype_in
  std::vector<mapping_interval> intervals;
  bool operator==(const symbol_mapping&) const = default;
};

/// What a DBN file says of itself before its records.
struct metadata {
  std::uint8_t version = newest_version;
  std::string dataset;  ///< "GLBX.MDP3"
  dbn::schema schema = schema::mixed;
  std::uint64_t start = 0;             ///< of the request, ns; undefined_time: none
  std::uint64_t end = undefined_time;  ///< exclusive
  std::uint64_t limit = 0;             ///< of records; 0: none
  symbol_type stype_in = symbol_type::unsaid;
  symbol_type stype_out = symbol_type::instrument_id;
  bool ts_out = false;                             ///< every record is followed by its sending time
  std::uint16_t symbol_cstr_len = 71;              ///< bytes of a symbol field; version 1: 22
  std::uint64_t record_count_v1 = undefined_time;  ///< version 1 kept a place for it
  std::vector<std::string> symbols;                ///< as requested
  std::vector<std::string> partial;                ///< found on some of the days
  std::vector<std::string> not_found;
  std::vector<symbol_mapping> mappings;
  bool operator==(const metadata&) const = default;
};

/// Reads the part behind the prefix; `body` is exactly as long as the prefix says. Errors: version, metadata.
result<metadata, errc> decode_metadata(std::uint8_t version, std::string_view body);
/// The whole of it, prefix included, as the vendor writes it. Errors: version; metadata when a text does not fit its
/// field or is not ASCII.
result<std::string, errc> encode_metadata(const metadata& m);

}  // namespace isobar::wire::dbn
