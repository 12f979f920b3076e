#pragma once
// CBOE end-of-day option chains as published in CSV: one line per contract, columns found by their header names
// (underlying_last, optionroot = ticker without "O:", type, expiration, quotedate, strike, last, bid, ask, volume,
// openinterest, impliedvol, gamma; others are ignored). A header may begin with a byte-order mark and have blanks
// around its names. A file may hold many quote dates.
#include <string_view>
#include <vector>

#include "wire/vendor_text.hpp"

namespace isobar::wire {

/// One chain per quote date, ascending; source "cboe-eod"; as of 16:00 New York of the date (decisions 19). A last line
/// without a line break is taken only when its column "optionalias" repeats the ticker, which proves it whole.
vendor_result<std::vector<market::raw_chain>> parse_cboe_eod(std::string_view bytes, std::string_view name);

}  // namespace isobar::wire
