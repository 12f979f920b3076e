#include "gamma-fuel/domain/expiry_choice.hpp"

#include <algorithm>
#include <charconv>

namespace isobar::gamma_fuel {
namespace {

constexpr std::string_view days_prefix = "max-dte:";

std::string quoted(std::string_view text) { return "\"" + std::string(text.substr(0, 64)) + "\""; }

std::optional<expiry_choice> within_days(std::string_view text, std::string& why) {
  expiry_choice out(expiry_set::max_dte);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.max_dte);
  if (error == std::errc{} && end == text.data() + text.size() && out.max_dte >= 0 &&
      out.max_dte <= expiry_choice::max_dte_max)
    return out;
  why = quoted(text) + " behind max-dte: is not a number of days, 0 to " + std::to_string(expiry_choice::max_dte_max);
  return std::nullopt;
}

std::optional<expiry_choice> on_dates(std::string_view text, std::string& why) {
  expiry_choice out(expiry_set::listed);
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('+', at), text.size());
    const std::string_view part = text.substr(at, end - at);
    const auto day = parse_iso_date(part);
    if (!day) {
      why =
          quoted(part) + " is neither all, zero-dte, nearest, max-dte:DAYS nor a date like 2025-12-19 (several with +)";
      return std::nullopt;
    }
    out.dates.push_back(*day);
    at = end + 1;
  }
  std::sort(out.dates.begin(), out.dates.end());
  if (const auto twice = std::adjacent_find(out.dates.begin(), out.dates.end()); twice != out.dates.end()) {
    why = to_iso(*twice) + " is given twice";
    return std::nullopt;
  }
  if (out.dates.size() <= expiry_choice::dates_max) return out;
  why = std::to_string(out.dates.size()) + " dates are more than " + std::to_string(expiry_choice::dates_max);
  return std::nullopt;
}

}  // namespace

std::optional<expiry_choice> parse_expiry_choice(std::string_view text, std::string& why) {
  if (text == "all") return expiry_choice(expiry_set::all);
  if (text == "zero-dte") return expiry_choice(expiry_set::zero_dte);
  if (text == "nearest") return expiry_choice(expiry_set::nearest);
  if (text.starts_with(days_prefix)) return within_days(text.substr(days_prefix.size()), why);
  return on_dates(text, why);
}

std::string words_of(const expiry_choice& c) {
  switch (c.set) {
    case expiry_set::all:
      return "every expiry";
    case expiry_set::zero_dte:
      return "expiring today";
    case expiry_set::nearest:
      return "nearest expiry";
    case expiry_set::max_dte:
      return "expiries within " + std::to_string(c.max_dte) + " days";
    case expiry_set::listed:
      break;
  }
  std::string out = "expiries";
  for (std::size_t i = 0; i < c.dates.size(); ++i) out += (i == 0 ? " " : ", ") + to_iso(c.dates[i]);
  return out;
}

}  // namespace isobar::gamma_fuel
