#pragma once
// Recordings: NDJSON, one object a line, in the order of receipt. `body` is the vendor's own answer.
//   {"ts_recv":ns,"symbol":"SPX","fetch":7,"kind":"begin","spot":"6900.25","underlying":"I:SPX",
//    "windows":[{"expiry":"2025-12-19","atm":"6900","half_range":"156"}]}
//   {"ts_recv":ns,"symbol":"SPX","fetch":7,"kind":"page","expiry":"2025-12-19","body":{...}}
//   {"ts_recv":ns,"symbol":"SPX","fetch":7,"kind":"end"}
// Other kinds (spot, vix, expirations) are kept for the record and not needed to replay. A chain's event time is the
// ts_recv of its "end"; a fetch without one was not whole.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "chain-ingest/domain/completeness.hpp"
#include "chain-ingest/sources/source.hpp"
#include "wire/vendor_text.hpp"

namespace isobar::chain_ingest {

std::string begin_line(timestamp at, const isobar::symbol& s, std::uint64_t fetch, price spot,
                       std::string_view underlying, const std::map<date, strike_window>& windows);
/// `body` that is no JSON is kept as text under "text".
std::string body_line(timestamp at, const isobar::symbol& s, std::uint64_t fetch, std::string_view kind,
                      std::optional<date> expiry, std::string_view body);
std::string end_line(timestamp at, const isobar::symbol& s, std::uint64_t fetch);

/// What a recording holds of one symbol, in order. `at`: ts_recv of the fetch's last line.
struct recorded_event {
  timestamp at;
  source_event event;
};
/// Reads a recording through the same parsers and the same proof as the live source. A line that cannot be read, a last
/// line without a line break and a fetch without end are refusals in their place, naming file and line.
std::vector<recorded_event> read_recording(std::string_view bytes, std::string_view name, const isobar::symbol& s,
                                           completeness_limits limits);

}  // namespace isobar::chain_ingest
