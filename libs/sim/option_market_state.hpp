#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "market/calendar.hpp"
#include "sim/option_market.hpp"
#include "sim/quote_board.hpp"
#include "sim/spot_path.hpp"

/// What the files of option_market share: its state. Nobody else includes this.
namespace isobar::sim {

inline constexpr duration_ns step_width = milliseconds(1);
inline constexpr double step_seconds = 1e-3;
inline constexpr std::uint32_t largest_size = 300;

using event_kind = enum market::option_event::kind;  // the name is also a member's

/// A quote or trade of the step under way, not told yet.
struct pending_event {
  std::uint32_t plane, rung;
  market::right right;
  event_kind kind;
  timestamp ts;
  std::uint64_t sequence;
  price bid, ask;  ///< of a trade: bid holds the price
  quantity bid_size, ask_size;
  customer_order order;  ///< of a trade; `inside` as it came out
};

/// A quota that is exact over time: whole events of a fractional rate.
class rate_meter {
 public:
  std::int64_t take(double per_second) {
    owed_ += per_second * step_seconds;
    const double whole = std::floor(owed_);
    owed_ -= whole;
    return static_cast<std::int64_t>(whole);
  }

 private:
  double owed_ = 0;
};

inline timestamp last_trade_time(const plane& p) {
  if (p.root.settles == market::settlement::pm) return p.settles_at;
  date day = p.key.expiry + -1;
  while (!market::is_trading_day(day)) day = day + -1;
  return market::session_close(day);
}

struct option_market::impl {
  explicit impl(config given);

  void advance(timestamp until, std::vector<market::option_event>& out, std::vector<customer_trade>* trades);
  void generate_step();
  void emit(timestamp until, std::vector<market::option_event>& out, std::vector<customer_trade>* trades);
  void publish_trade(const pending_event& e, leg& l);
  customer_view view(const plane& p, const rung& r, market::right side) const {
    return {side, r.points, path.spot(), p.key.expiry == today};
  }
  market::chain_snapshot snapshot() const;
  std::vector<dealer_strike> dealer_gamma() const;
  const leg* find(const market::option_id& id) const;
  price printed_spot() const {
    return price(static_cast<std::int64_t>(std::floor(path.spot() * 100 + 0.5)) * 10'000'000);
  }

  // Listing.
  void roll(timestamp t);
  void add_plane(const listed_expiry& e, timestamp t);
  void open_unquoted(plane& p, timestamp t);
  void follow_spot(timestamp t);
  void change_geometry_when_due(timestamp t);
  void change_geometry(std::size_t plane_choice, bool fill, timestamp t);
  void weigh_planes(timestamp t);

  // Quoting.
  void refresh(timestamp t);
  double quotes_per_second(timestamp t);
  expiry_market market_of(const plane& p, timestamp t) const;
  quote_pair price_rung(plane& p, const rung& r);
  bool decide(leg& l, two_sided_quote q);
  void visit(timestamp t);
  void push_quote(std::uint32_t plane_at, std::uint32_t rung_at, market::right r, timestamp t);
  void maybe_trade(std::uint32_t plane_at, std::uint32_t rung_at, market::right r, timestamp t);
  quantity draw_size() { return quantity(1 + quotes_rng.below(largest_size / 4)); }

  timestamp step_start() const { return cfg.start + step_width * static_cast<std::int64_t>(step); }

  config cfg;
  market::skew_regime regime;
  spot_path path;
  random quotes_rng, listing_rng, burst_rng;
  sim::customers crowd;
  std::vector<plane> planes;                 ///< ascending by key
  std::vector<std::uint32_t> plane_weights;  ///< cumulative, 0 .. 2^16; empty when nothing trades
  timestamp next_roll = start_of_time, next_settlement = end_of_time;
  timestamp burst_until = start_of_time;
  date today;  ///< the exchange's
  std::size_t scheduled_done = 0, changes_done = 0;
  std::int64_t periodic_done = 0;

  std::uint64_t step = 0;  ///< next to generate
  rate_meter meter;
  std::int64_t ahead = 0;  ///< quotes sent beyond the last step's quota
  std::vector<pending_event> pending;
  std::size_t emitted = 0;  ///< of `pending`
  std::int64_t quotes_generated = 0;
  timestamp now;
  market_counters counters;
};

}  // namespace isobar::sim
