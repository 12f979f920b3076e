#include "core/decimal.hpp"

#include <charconv>

#include "core/numeric.hpp"

namespace isobar {

std::optional<std::int64_t> parse_nanos(std::string_view text) {
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) ++at;

  std::uint64_t mantissa = 0;
  int exponent = 9;  // value = mantissa * 10^(exponent - 9)
  bool any = false, point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    any = true;
    if (mantissa > (UINT64_MAX - 9) / 10) {
      // No room left: only zeros that cannot change the value may follow.
      if (c != '0') return std::nullopt;
      if (!point) ++exponent;
      continue;
    }
    mantissa = mantissa * 10 + static_cast<unsigned>(c - '0');
    if (point) --exponent;
  }
  if (!any) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && text[at] == '+') ++at;
    int shift = 0;
    const auto [end, ec] = std::from_chars(text.data() + at, text.data() + text.size(), shift);
    if (ec != std::errc{} || shift > 40 || shift < -40) return std::nullopt;
    exponent += shift;
    at = static_cast<std::size_t>(end - text.data());
  }
  if (at != text.size()) return std::nullopt;
  if (mantissa == 0) return 0;
  for (; exponent < 0; ++exponent) {
    if (mantissa % 10 != 0) return std::nullopt;
    mantissa /= 10;
  }
  for (; exponent > 0; --exponent) {
    if (mantissa > UINT64_MAX / 10) return std::nullopt;
    mantissa *= 10;
  }
  if (mantissa > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  const auto value = static_cast<std::int64_t>(mantissa);
  return negative ? -value : value;
}

std::string format_nanos(std::int64_t nanos) {
  std::string text = format_nanos(nanos, 9);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string format_nanos(std::int64_t nanos, int decimals) {
  std::int64_t unit = 1;
  for (int i = decimals; i < 9; ++i) unit *= 10;
  const std::int64_t scaled = round_div(nanos, unit);
  const bool negative = scaled < 0;
  std::string digits = std::to_string(negative ? -scaled : scaled);
  const auto places = static_cast<std::size_t>(decimals);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return negative ? "-" + digits : digits;
}

}  // namespace isobar
