#include "wire/vendor_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>

#include "core/decimal.hpp"
#include "wire/csv_reader.hpp"

namespace isobar::wire {

std::string_view to_string(vendor_errc code) {
  switch (code) {
    case vendor_errc::unreadable:
      return "unreadable";
    case vendor_errc::empty:
      return "empty";
    case vendor_errc::not_utf8:
      return "not_utf8";
    case vendor_errc::wrong_columns:
      return "wrong_columns";
    case vendor_errc::truncated:
      return "truncated";
    case vendor_errc::too_long:
      return "too_long";
    case vendor_errc::bad_value:
      return "bad_value";
    case vendor_errc::bad_ticker:
      return "bad_ticker";
    case vendor_errc::disagrees:
      return "disagrees";
    case vendor_errc::bad_archive:
      return "bad_archive";
    case vendor_errc::bad_json:
      return "bad_json";
  }
  return "unknown";
}

std::string at_line(std::string_view name, std::size_t line) { return std::string(name) + ":" + std::to_string(line); }

vendor_result<std::string> read_file(const std::string& path, std::size_t limit) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return fail(vendor_errc::unreadable, path + ": cannot be opened");
  const std::streamoff size = in.tellg();
  if (size < 0) return fail(vendor_errc::unreadable, path + ": not a regular file");
  if (static_cast<std::size_t>(size) > limit) {
    return fail(vendor_errc::unreadable, path + ": " + std::to_string(size) + " bytes, limit " + std::to_string(limit));
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  in.seekg(0);
  in.read(bytes.data(), size);
  if (!in) return fail(vendor_errc::unreadable, path + ": read failed");
  return bytes;
}

vendor_result<void> check_utf8(std::string_view bytes, std::string_view name) {
  if (simdjson::validate_utf8(bytes.data(), bytes.size())) return {};
  std::size_t line = 1;
  while (true) {
    const std::size_t end = bytes.find('\n');
    const std::string_view text = bytes.substr(0, end);
    if (!simdjson::validate_utf8(text.data(), text.size()) || end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
    ++line;
  }
  return fail(vendor_errc::not_utf8, at_line(name, line) + ": not UTF-8");
}

price read_price(std::string_view text, market::raw_counts& counts) {
  text = trim(text);
  if (text.empty()) return market::no_price;
  const auto nanos = parse_nanos(text);
  if (nanos && *nanos >= 0 && *nanos != market::no_price.value) return price(*nanos);
  ++counts.no_price;
  return market::no_price;
}

quantity read_quantity(std::string_view text, market::raw_counts& counts) {
  text = trim(text);
  if (text.empty()) return market::no_quantity;
  // Some files write counts as "12.0".
  const auto nanos = parse_nanos(text);
  if (nanos && *nanos >= 0 && *nanos % nanos_per_unit == 0) return quantity(*nanos / nanos_per_unit);
  ++counts.no_value;
  return market::no_quantity;
}

double read_double(std::string_view text, market::raw_counts& counts) {
  text = trim(text);
  if (text.empty()) return 0;
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec == std::errc{} && end == text.data() + text.size() && std::isfinite(value)) return value;
  ++counts.no_value;
  return 0;
}

bool is_adjusted_ticker(std::string_view text) {
  constexpr std::size_t tail = 15;  // YYMMDD, right, strike
  if (text.starts_with("O:")) text.remove_prefix(2);
  if (text.size() <= tail) return false;
  const std::string_view root = text.substr(0, text.size() - tail);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool upper_or_digit = std::ranges::all_of(root, [&](char c) { return digit(c) || (c >= 'A' && c <= 'Z'); });
  return upper_or_digit && std::ranges::any_of(root, digit) &&
         market::parse_ticker("X" + std::string(text.substr(root.size())), false).has_value();
}

void count_quote(const market::contract_state& s, market::raw_counts& counts) {
  if (s.crossed()) ++counts.crossed;
  if (s.bid == price(0)) ++counts.zero_bid;
}

}  // namespace isobar::wire
