#include "gamma-fuel/domain/session_day.hpp"

#include "market/calendar.hpp"
#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr duration_ns hours(std::int64_t h) { return seconds(3'600 * h); }

}  // namespace

session_day session_day_of(timestamp t) {
  const date day = market::exchange_date(t + hours(6));  // 18:00 is midnight of the trading date
  session_day d;
  d.day = day.days;
  d.begin = market::new_york_time(day + -1, hours(18));
  d.premarket = market::new_york_time(day, hours(4));
  d.premarket_end = market::new_york_time(day, seconds(9 * 3'600 + 1'800));
  d.end = market::new_york_time(day, hours(18));
  const bool regular = market::is_trading_day(day);
  d.open = regular ? market::session_open(day) : d.end;
  d.close = regular ? market::session_close(day) : d.end;
  return d;
}

std::optional<price> weighted_price::mean(price tick) const {
  if (size_ == 0) return std::nullopt;
  const wide step = static_cast<wide>(size_) * tick.value, half = step / 2;
  const wide ticks = sum_ >= 0 ? (sum_ + half) / step : -((-sum_ + half) / step);
  return price(static_cast<std::int64_t>(ticks) * tick.value);
}

}  // namespace isobar::gamma_fuel
