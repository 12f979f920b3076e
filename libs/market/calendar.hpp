#pragma once
#include "core/date.hpp"
#include "core/types.hpp"

namespace isobar::market {

/// A weekday that is not a full holiday of the New York exchanges (tables in calendar.cpp, 2018 to 2027; outside those
/// years every weekday counts).
bool is_trading_day(date day);
/// The exchange closes at 13:00 New York time.
bool is_half_day(date day);
/// The third Friday of its month, or the Thursday before when that Friday is a holiday: monthly, AM-settled expiry.
bool is_monthly_expiry(date day);
/// 09:30 New York time.
timestamp session_open(date day);
/// 16:00 New York time, 13:00 on half-days.
timestamp session_close(date day);

}  // namespace isobar::market
