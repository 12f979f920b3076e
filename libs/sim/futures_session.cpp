#include "sim/futures_session.hpp"

#include <cmath>

#include "market/calendar.hpp"
#include "market/root.hpp"
#include "sim/random.hpp"

namespace isobar::sim {

namespace {

constexpr std::uint64_t facts_stream = 14;
// Numbers of DBN (StatType, StatusAction, StatusReason).
constexpr std::uint16_t opening_type = 1, settlement_type = 3, cleared_volume_type = 6;
constexpr std::uint16_t pre_open = 1, pre_cross = 2, trading = 7, scheduled = 1;

/// Quarterly expiry on or after a day, never a holiday (the Thursday before instead).
date quarterly_expiry(date from) {
  date day = from;
  while (to_civil(day).month % 3 != 0 || !market::is_monthly_expiry(day)) day = day + 1;
  return day;
}

market::trading_status status(timestamp t, std::uint16_t action) {
  using answer = market::trading_status::answer;
  market::trading_status s;
  s.ts_event = t, s.action = action, s.reason = scheduled;
  s.trading = action == trading ? answer::yes : answer::no;
  s.quoting = answer::yes;
  return s;
}

}  // namespace

timestamp time_of(const futures_fact& f) {
  return std::visit([](const auto& fact) { return fact.ts_event; }, f);
}

market::instrument front_contract(const futures_market_config& c) {
  // On the day of its expiry a contract has a successor that everybody trades.
  const date expiry = quarterly_expiry(market::exchange_date(c.start) + 1);
  const year_month_day civil = to_civil(expiry);
  market::instrument i;
  i.id = c.instrument_id;
  i.raw_symbol = c.asset + "FGHJKMNQUVXZ"[civil.month - 1] + static_cast<char>('0' + civil.year % 10);
  i.asset = c.asset, i.exchange = c.exchange, i.currency = "USD";
  i.instrument_class = 'F';
  i.tick = c.tick, i.multiplier = c.multiplier;
  i.expiration = market::settlement_time(expiry, market::settlement::am);
  i.activation = i.expiration - seconds(std::int64_t{455} * 86'400);
  i.ts_event = c.start;
  return i;
}

market::statistic opening_price(timestamp t, price p) {
  market::statistic s;
  s.ts_event = s.ts_ref = t, s.type = opening_type, s.price = p;
  return s;
}

std::vector<futures_fact> opening_facts(const futures_market_config& c, double fair) {
  random r(c.seed, facts_stream);
  const timestamp day_before = utc_midnight(utc_date(c.start) + -1);
  std::uint32_t sequence = 0;
  const auto about_yesterday = [&](std::uint16_t type) {
    market::statistic s;
    s.ts_event = c.start, s.ts_ref = day_before, s.type = type, s.sequence = ++sequence;
    return s;
  };
  market::statistic settled = about_yesterday(settlement_type), volume = about_yesterday(cleared_volume_type),
                    open = about_yesterday(market::statistic::open_interest);
  const auto ticks = static_cast<std::int64_t>(std::floor(fair * (1 + 0.004 * r.normal()) / to_double(c.tick)));
  settled.price = c.tick * ticks;
  volume.amount = 1'000'000 + r.below(1'000'000);
  open.amount = 1'800'000 + r.below(600'000);

  std::vector<futures_fact> facts{front_contract(c), settled, volume, open};
  if (c.auction.value > 0) {
    const timestamp opens = c.start + c.auction;
    facts.emplace_back(status(c.start, pre_open));
    facts.emplace_back(status(opens - duration_ns{std::min(seconds(30).value, c.auction.value / 4)}, pre_cross));
    facts.emplace_back(status(opens, trading));
  } else {
    facts.emplace_back(status(c.start, trading));
  }
  return facts;
}

}  // namespace isobar::sim
