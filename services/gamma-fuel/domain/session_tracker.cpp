#include "gamma-fuel/domain/session_tracker.hpp"

#include <algorithm>

namespace isobar::gamma_fuel {
namespace {

constexpr duration_ns minute_width = seconds(60);
constexpr duration_ns first_minutes = seconds(900);
/// Beyond, a price is nonsense, and differences of prices could overflow.
constexpr std::int64_t price_max = std::int64_t{1} << 61;

bool sane(price p) { return p.value > -price_max && p.value < price_max; }

price mean(const std::deque<price>& closes, std::size_t count) {
  // Quotients and remainders apart, so that sums of any prices fit.
  const auto n = static_cast<std::int64_t>(count);
  std::int64_t whole = 0, rest = 0;
  for (auto p = closes.end() - static_cast<std::ptrdiff_t>(count); p != closes.end(); ++p) {
    whole += p->value / n;
    rest += p->value % n;
  }
  return price(whole + round_div(rest, n));
}

}  // namespace

session_tracker::session_tracker(const gamma_config& c) : levels_(c.levels), tick_(c.tick) {}

void session_tracker::enter(timestamp t) {
  day_ = session_day_of(t);
  overnight_ = regular_ = premarket_ = opening_ = {};
  overnight_volume_ = regular_volume_ = {};
}

void session_tracker::close_bars(timestamp t) {
  if (const auto bar = sma_bar_.advance(t)) {
    sma_closes_.push_back(bar->close);
    const auto most = static_cast<std::size_t>(std::max(levels_.sma_short, levels_.sma_long));
    while (sma_closes_.size() > most) sma_closes_.pop_front();
    average();
  }
  if (const auto bar = minute_bar_.advance(t)) minutes_.push_back({bar->end, bar->close});
  while (!minutes_.empty() &&
         (minutes_.size() > minutes_max || minutes_.front().end <= now_ - levels_.approach_window)) {
    minutes_.pop_front();
  }
}

void session_tracker::average() {
  const auto of = [&](int bars) -> std::optional<price> {
    const auto n = static_cast<std::size_t>(bars);
    return bars > 0 && sma_closes_.size() >= n ? std::optional(mean(sma_closes_, n)) : std::nullopt;
  };
  sma_short_ = of(levels_.sma_short);
  sma_long_ = of(levels_.sma_long);
}

void session_tracker::advance(timestamp t) {
  if (t <= now_ || t == end_of_time) return;
  now_ = t;
  if (t >= day_.end) enter(t);
  close_bars(t);
}

void session_tracker::see(timestamp t, price p) {
  sma_bar_.add(t, p, levels_.sma_bar);
  minute_bar_.add(t, p, minute_width);
  if (!day_.holds(t)) return;
  if (t < day_.open) overnight_.add(p);
  if (t >= day_.premarket && t < day_.premarket_end) premarket_.add(p);
  if (t >= day_.open && t < day_.close) regular_.add(p);
  if (t >= day_.open && t < std::min(day_.close, day_.open + levels_.opening_range)) opening_.add(p);
}

void session_tracker::trade(const underlying_trade& t) {
  if (t.price == market::no_price || t.size == 0 || !sane(t.price)) return;
  advance(t.ts_event);
  see(t.ts_event, t.price);
  if (!day_.holds(t.ts_event)) return;
  if (t.ts_event < day_.open) overnight_volume_.add(t.price, t.size);
  if (t.ts_event >= day_.open && t.ts_event < day_.close) regular_volume_.add(t.price, t.size);
}

void session_tracker::quote(const underlying_quote& q) {
  if (!q.trusted || q.bid == market::no_price || q.ask == market::no_price || q.bid > q.ask) return;
  if (!sane(q.bid) || !sane(q.ask)) return;
  advance(q.ts_event);
  see(q.ts_event, price(floor_div(q.bid.value + q.ask.value, 2)));
}

std::optional<price> session_tracker::vwap() const {
  return (regular_begun() ? regular_volume_ : overnight_volume_).mean(tick_);
}

bool session_tracker::first_15_minutes(timestamp t) const {
  const session_day day = day_.holds(t) ? day_ : session_day_of(t);
  return t >= day.open && t < std::min(day.close, day.open + first_minutes);
}

std::vector<price> session_tracker::minute_closes(timestamp t) const {
  std::vector<price> closes;
  for (const minute& m : minutes_) {
    if (m.end > t - levels_.approach_window && m.end <= t) closes.push_back(m.close);
  }
  return closes;
}

}  // namespace isobar::gamma_fuel
