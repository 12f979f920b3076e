#pragma once
// Minute archives: a zip with one headerless CSV per contract, named
//   YYYYMMDD_<root>_minute_<quote|trade|openinterest>_<american|european>_<call|put>_<strike x 10,000>_<YYYYMMDD>.csv
// or, for the underlying, ..._<kind>[_<contract month>].csv. Rows:
//   quote          ms,bidO,bidH,bidL,bidC,bid size,askO,askH,askL,askC,ask size   (empty: side missing)
//   trade          ms,open,high,low,close,volume
//   openinterest   ms,contracts
// ms counts from midnight in the zone of the file, which the data show: futures and their options UTC (ES trades from
// 23:00 on Sunday, pauses 21:15-21:30 and 22:00-23:00: 15:15, 16:00 and 17:00 in Chicago), index options New York
// (09:30-16:15), indices Chicago (08:30-15:20).
// A bar's event carries the bar's close and the instant at which the bar ends: nothing is known before it happened.
#include <string>
#include <string_view>
#include <vector>

#include "market/window.hpp"
#include "wire/vendor_text.hpp"

namespace isobar::wire {

struct minute_open_interest {
  market::option_id id;
  timestamp ts_event;
  quantity contracts;
  bool operator==(const minute_open_interest&) const = default;
};

/// Price of the underlying at the end of a bar: last trade, or mid of the closing quote.
struct minute_underlying {
  std::string contract;  ///< "202003" for a future; empty for an index
  timestamp ts_event;
  isobar::price price;
  bool operator==(const minute_underlying&) const = default;
};

struct minute_archive {
  std::string symbol;                               ///< registry symbol of the root, e.g. "SPX" for SPXW
  std::vector<market::option_id> contracts;         ///< ascending; every contract that has a file in the archive
  std::vector<market::option_event> events;         ///< by (ts_event, contract); sequence = line in the contract's file
  std::vector<minute_open_interest> open_interest;  ///< by contract
  std::vector<minute_underlying> underlying;        ///< by (ts_event, contract)
  market::raw_counts counts;                        ///< rows = events + open interest + underlying lines
  std::uint64_t out_of_order = 0;                   ///< kept: bars not after the one before in their file
};

struct minute_limits {
  std::size_t entries = 20'000;
  std::size_t entry_bytes = 64u << 20;
  std::size_t total_bytes = std::size_t{1} << 30;  ///< uncompressed
};

/// Reads a whole archive. Any line of the wrong shape, an unknown root or a damaged archive refuses it; `name` stands
/// in messages ("a.zip/entry.csv:12: ...").
vendor_result<minute_archive> parse_minute_archive(std::string_view zip_bytes, std::string_view name,
                                                   minute_limits limits = {});
vendor_result<minute_archive> read_minute_archive(const std::string& path, minute_limits limits = {});

/// Quotes and trades of several archives (any order) merged by (ts_event, contract, kind, sequence): what a replaying
/// hydrator takes. Archives without option events add nothing.
vendor_result<std::vector<market::option_event>> read_minute_quotes(const std::vector<std::string>& paths,
                                                                    minute_limits limits = {});

}  // namespace isobar::wire
