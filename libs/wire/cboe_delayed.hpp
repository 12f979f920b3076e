#pragma once
// CBOE delayed-quote downloads: a blank line; a title line (name, "Last: 4500.5298", change); a line with the time
// ("Date: February 5 2022, 8:09 PM EST" or "Date: August 20, 2023 at 10:42 PM EDT"); the header; then one line per
// strike with the call on the left and the put on the right of the column "Strike".
#include <string_view>

#include "wire/vendor_text.hpp"

namespace isobar::wire {

/// The file's chain; source "cboe-delayed"; as of the time in its third line, by the zone that it names. Implied
/// volatility 0 means that none is stated. Rows of expired contracts are kept here: the canonicaliser drops them.
vendor_result<market::raw_chain> parse_cboe_delayed(std::string_view bytes, std::string_view name);

/// True when the text looks like such a download: first line blank, header names its calls and puts.
bool is_cboe_delayed(std::string_view bytes);

/// "February 5 2022, 8:09 PM EST" to an instant; nothing when it is not one.
std::optional<timestamp> parse_cboe_time(std::string_view text);

}  // namespace isobar::wire
