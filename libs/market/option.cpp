#include "market/option.hpp"

#include <algorithm>
#include <cstdio>

namespace isobar::market {

namespace {

/// OCC symbology: a root has one to six characters.
constexpr std::size_t longest_root = 6;
/// The ticker's strike is in thousandths.
constexpr std::int64_t nanos_per_thousandth = 1'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

std::size_t run_length(std::string_view text, bool (*accept)(char)) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), accept) - text.begin());
}

/// Digits only, at most eight of them.
std::int32_t to_number(std::string_view digits) {
  std::int32_t value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool is_root(std::string_view text) {
  return !text.empty() && text.size() <= longest_root && run_length(text, is_upper) == text.size();
}

std::optional<date> parse_digits_date(std::string_view digits) {
  if (digits.size() == 6) return from_yyyymmdd(20'000'000 + to_number(digits));
  if (digits.size() == 8) return from_yyyymmdd(to_number(digits));
  return std::nullopt;
}

}  // namespace

result<option_id, ticker_errc> parse_ticker(std::string_view text, bool prefix_required) {
  const auto refuse = [text](ticker_errc code) { return fail(code, std::string(text.substr(0, 64))); };
  std::string_view rest = text;
  if (rest.starts_with("O:"))
    rest.remove_prefix(2);
  else if (prefix_required)
    return refuse(ticker_errc::no_prefix);

  const std::string_view root = rest.substr(0, run_length(rest, is_upper));
  if (!is_root(root)) return refuse(ticker_errc::bad_root);
  rest.remove_prefix(root.size());

  const std::string_view day = rest.substr(0, run_length(rest, is_digit));
  const auto expiry = parse_digits_date(day);
  if (!expiry) return refuse(ticker_errc::bad_date);
  rest.remove_prefix(day.size());

  if (rest.empty() || (rest[0] != 'C' && rest[0] != 'P')) return refuse(ticker_errc::bad_right);
  const right side = rest[0] == 'C' ? right::call : right::put;
  rest.remove_prefix(1);

  if (rest.size() != 8 || run_length(rest, is_digit) != 8) return refuse(ticker_errc::bad_strike);
  const std::int64_t thousandths = to_number(rest);
  if (thousandths == 0) return refuse(ticker_errc::bad_strike);
  return option_id{std::string(root), *expiry, side, strike(thousandths * nanos_per_thousandth)};
}

std::string to_ticker(const option_id& id) {
  char tail[40];
  std::snprintf(tail, sizeof tail, "%06d%c%08lld", to_yyyymmdd(id.expiry) % 1'000'000,
                id.right == right::call ? 'C' : 'P',
                static_cast<long long>(round_div(id.strike.value, nanos_per_thousandth)));
  return "O:" + id.root + tail;
}

std::string to_string(const expiry_key& key) { return key.root + '-' + std::to_string(to_yyyymmdd(key.expiry)); }

std::optional<expiry_key> parse_expiry_key(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos || !is_root(text.substr(0, dash))) return std::nullopt;
  const std::string_view day = text.substr(dash + 1);
  if (day.size() != 8 || run_length(day, is_digit) != 8) return std::nullopt;
  const auto expiry = parse_digits_date(day);
  if (!expiry) return std::nullopt;
  return expiry_key{*expiry, std::string(text.substr(0, dash))};
}

}  // namespace isobar::market
