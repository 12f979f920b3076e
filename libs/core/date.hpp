#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/types.hpp"

namespace isobar {

/// A calendar day of an exchange, as days since 1970-01-01 (proleptic Gregorian). It has no time zone.
struct date {
  std::int32_t days = 0;
  constexpr auto operator<=>(const date&) const = default;
};
constexpr date operator+(date d, std::int32_t n) { return {d.days + n}; }
constexpr std::int32_t operator-(date a, date b) { return a.days - b.days; }

struct year_month_day {
  int year;
  unsigned month;  ///< 1..12
  unsigned day;    ///< 1..31
};

/// Nothing when the three do not name a real day.
std::optional<date> make_date(int year, unsigned month, unsigned day);
year_month_day to_civil(date d);
/// 0 = Sunday .. 6 = Saturday.
unsigned weekday_of(date d);

/// The UTC day that holds `t`.
constexpr date utc_date(timestamp t) { return {static_cast<std::int32_t>(floor_div(t.ns, 86'400'000'000'000))}; }
constexpr timestamp utc_midnight(date d) { return {d.days * std::int64_t{86'400'000'000'000}}; }

/// "2025-12-19".
std::string to_iso(date d);
std::optional<date> parse_iso_date(std::string_view text);
/// "2025-12-19T14:30:00.200000000Z".
std::string to_iso(timestamp t);
/// Accepts "2025-12-19T14:30:00[.fraction]Z".
std::optional<timestamp> parse_iso_timestamp(std::string_view text);
/// 20251219: the form used in keys and on the wire.
std::int32_t to_yyyymmdd(date d);
std::optional<date> from_yyyymmdd(std::int32_t value);

}  // namespace isobar
