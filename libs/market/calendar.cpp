#include "market/calendar.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>

#include "market/root.hpp"

namespace isobar::market {

namespace {

constexpr std::int64_t hour_ns = 3'600'000'000'000;

/// New York exchanges, closed at 13:00, as YYYYMMDD (NYSE holiday and early-closing notices, 2018 to 2027).
constexpr std::array half_days{
    20180703, 20181123, 20181224, 20190703, 20191129, 20191224, 20201127, 20201224, 20211126, 20221125, 20230703,
    20231124, 20240703, 20241129, 20241224, 20250703, 20251128, 20251224, 20261127, 20261224, 20271126,
};

/// New York exchanges, closed all day, as YYYYMMDD (same notices; 2018-12-05 and 2025-01-09 were days of mourning).
constexpr std::array holidays{
    20180101, 20180115, 20180219, 20180330, 20180528, 20180704, 20180903, 20181122, 20181205, 20181225, 20190101,
    20190121, 20190218, 20190419, 20190527, 20190704, 20190902, 20191128, 20191225, 20200101, 20200120, 20200217,
    20200410, 20200525, 20200703, 20200907, 20201126, 20201225, 20210101, 20210118, 20210215, 20210402, 20210531,
    20210705, 20210906, 20211125, 20211224, 20220117, 20220221, 20220415, 20220530, 20220620, 20220704, 20220905,
    20221124, 20221226, 20230102, 20230116, 20230220, 20230407, 20230529, 20230619, 20230704, 20230904, 20231123,
    20231225, 20240101, 20240115, 20240219, 20240329, 20240527, 20240619, 20240704, 20240902, 20241128, 20241225,
    20250101, 20250109, 20250120, 20250217, 20250418, 20250526, 20250619, 20250704, 20250901, 20251127, 20251225,
    20260101, 20260119, 20260216, 20260403, 20260525, 20260619, 20260703, 20260907, 20261126, 20261225, 20270101,
    20270118, 20270215, 20270326, 20270531, 20270618, 20270705, 20270906, 20271125, 20271224,
};

// Sorted at compile time, so that look-ups are binary searches.
static_assert(std::is_sorted(half_days.begin(), half_days.end()));
static_assert(std::is_sorted(holidays.begin(), holidays.end()));

const ::date::time_zone* new_york() {
  static const ::date::time_zone* const zone = ::date::locate_zone("America/New_York");
  return zone;
}
const ::date::time_zone* chicago() {
  static const ::date::time_zone* const zone = ::date::locate_zone("America/Chicago");
  return zone;
}

/// A wall time that a zone change skips or repeats (02:00 on Sundays; no market trades then) counts as the earlier.
timestamp to_utc(const ::date::time_zone* zone, isobar::date day, duration_ns since_midnight) {
  const ::date::local_time<std::chrono::nanoseconds> wall{std::chrono::days(day.days) +
                                                          std::chrono::nanoseconds(since_midnight.value)};
  return {zone->to_sys(wall, ::date::choose::earliest).time_since_epoch().count()};
}

constexpr unsigned friday = 5;

bool is_third_friday(isobar::date day) {
  const unsigned in_month = to_civil(day).day;
  return weekday_of(day) == friday && in_month >= 15 && in_month <= 21;
}

}  // namespace

timestamp new_york_time(isobar::date day, duration_ns since_midnight) {
  return to_utc(new_york(), day, since_midnight);
}
timestamp chicago_time(isobar::date day, duration_ns since_midnight) { return to_utc(chicago(), day, since_midnight); }

bool is_half_day(isobar::date day) { return std::binary_search(half_days.begin(), half_days.end(), to_yyyymmdd(day)); }

bool is_trading_day(isobar::date day) {
  const unsigned weekday = weekday_of(day);
  return weekday != 0 && weekday != 6 && !std::binary_search(holidays.begin(), holidays.end(), to_yyyymmdd(day));
}

bool is_monthly_expiry(isobar::date day) {
  if (is_third_friday(day)) return is_trading_day(day);
  return is_third_friday(day + 1) && !is_trading_day(day + 1) && is_trading_day(day);
}

timestamp session_open(isobar::date day) { return new_york_time(day, {hour_ns * 19 / 2}); }
timestamp session_close(isobar::date day) { return new_york_time(day, {hour_ns * (is_half_day(day) ? 13 : 16)}); }

timestamp settlement_time(isobar::date expiry, settlement s) {
  return s == settlement::am ? session_open(expiry) : session_close(expiry);
}

isobar::date exchange_date(timestamp t) {
  const auto instant = ::date::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(t.ns));
  const std::int64_t offset_s = new_york()->get_info(instant).offset.count();
  return utc_date(t + seconds(offset_s));
}

std::int32_t days_to_expiry(isobar::date expiry, timestamp as_of) { return std::max(0, expiry - exchange_date(as_of)); }

double years_to(timestamp settles_at, timestamp as_of) {
  return static_cast<double>((settles_at - as_of).value) / 1e9 / (365.0 * 86'400.0);
}

}  // namespace isobar::market
