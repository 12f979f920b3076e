#include "core/date.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/error.hpp"

namespace isobar {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "isobar: assertion failed: %s at %s:%d\n", expression, file, line);
  std::abort();
}

namespace {

std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<date> make_date(int year, unsigned month, unsigned day) {
  const std::chrono::year_month_day ymd{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!ymd.ok()) return std::nullopt;
  return date{static_cast<std::int32_t>(std::chrono::sys_days(ymd).time_since_epoch().count())};
}

year_month_day to_civil(date d) {
  const std::chrono::year_month_day ymd{std::chrono::sys_days(std::chrono::days(d.days))};
  return {static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day())};
}

unsigned weekday_of(date d) {
  return std::chrono::weekday(std::chrono::sys_days(std::chrono::days(d.days))).c_encoding();
}

std::string to_iso(date d) {
  const auto [year, month, day] = to_civil(d);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", year, month, day);
  return text;
}

std::optional<date> parse_iso_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)), day = digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  return make_date(static_cast<int>(*year), *month, *day);
}

std::string to_iso(timestamp t) {
  const date d = utc_date(t);
  const std::int64_t in_day = (t - utc_midnight(d)).value;
  const std::int64_t second = in_day / nanos_per_unit;
  char text[48];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%09dZ", static_cast<int>(second / 3600),
                static_cast<int>(second / 60 % 60), static_cast<int>(second % 60),
                static_cast<int>(in_day % nanos_per_unit));
  return to_iso(d) + text;
}

std::optional<timestamp> parse_iso_timestamp(std::string_view text) {
  if (text.size() < 20 || text[10] != 'T' || text.back() != 'Z' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto day = parse_iso_date(text.substr(0, 10));
  const auto hour = digits(text.substr(11, 2)), minute = digits(text.substr(14, 2)),
             second = digits(text.substr(17, 2));
  if (!day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  std::int64_t fraction = 0;
  if (const auto rest = text.substr(19, text.size() - 20); !rest.empty()) {
    const auto value = rest[0] == '.' && rest.size() <= 10 ? digits(rest.substr(1)) : std::nullopt;
    if (!value) return std::nullopt;
    fraction = *value;
    for (std::size_t i = rest.size(); i < 10; ++i) fraction *= 10;
  }
  return utc_midnight(*day) + duration_ns{((*hour * 60 + *minute) * 60 + *second) * nanos_per_unit + fraction};
}

std::int32_t to_yyyymmdd(date d) {
  const auto [year, month, day] = to_civil(d);
  return year * 10'000 + static_cast<std::int32_t>(month * 100 + day);
}

std::optional<date> from_yyyymmdd(std::int32_t value) {
  if (value < 0) return std::nullopt;
  return make_date(value / 10'000, static_cast<unsigned>(value / 100 % 100), static_cast<unsigned>(value % 100));
}

}  // namespace isobar
