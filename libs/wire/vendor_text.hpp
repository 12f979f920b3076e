#pragma once
// What the vendor chain formats share: their errors, and fields of text read by the rules of
// services/chain-ingest/README.md ("What is refused").
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "market/raw_chain.hpp"

namespace isobar::wire {

/// Why a vendor's file or page is refused whole. The evidence names file and line.
enum class vendor_errc {
  unreadable,     ///< the file cannot be opened or read, or passes the size limit
  empty,          ///< no contract in it
  not_utf8,       ///< bytes that are not UTF-8
  wrong_columns,  ///< a needed column is absent, or a row has another number of columns
  truncated,      ///< the last line or body is not whole
  too_long,       ///< a line or field count passes its limit
  bad_value,      ///< a value that gives structure (date, strike, time) cannot be read
  bad_ticker,     ///< not the vendor's ticker grammar
  disagrees,      ///< the row says other than its ticker
  bad_archive,    ///< not a zip, damaged, or past its limits
  bad_json,       ///< not JSON, or not of the vendor's shape
};
std::string_view to_string(vendor_errc code);

template <class T>
using vendor_result = isobar::result<T, vendor_errc>;

/// "SPX.csv:17".
std::string at_line(std::string_view name, std::size_t line);

/// Whole file as bytes; `limit` in bytes.
vendor_result<std::string> read_file(const std::string& path, std::size_t limit = std::size_t{1} << 30);

/// Fails naming the first line that is not UTF-8.
vendor_result<void> check_utf8(std::string_view bytes, std::string_view name);

/// A price, or no_price (counted) when it is NaN, negative or no number. Empty text is a missing side, not counted.
price read_price(std::string_view text, market::raw_counts& counts);
/// A count, or no_quantity (counted unless the text is empty).
quantity read_quantity(std::string_view text, market::raw_counts& counts);
/// A derived number, or 0 = not stated (counted unless the text is empty).
double read_double(std::string_view text, market::raw_counts& counts);
/// True for tickers of adjusted contracts, whose root holds digits ("SPX1190426P02900000"): well-formed apart from the
/// root, so they are counted and left out instead of refusing the whole.
bool is_adjusted_ticker(std::string_view text);
/// Counts crossed and zero-bid quotes.
void count_quote(const market::contract_state& s, market::raw_counts& counts);

}  // namespace isobar::wire
