#pragma once
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/date.hpp"
#include "core/error.hpp"
#include "market/futures_feed.hpp"
#include "sim/spot_path.hpp"

namespace isobar::sim {

class futures_book;

/// A simulated order-by-order futures market. Everything that can change its output is here: equal configurations give
/// equal bytes.
struct futures_market_config {
  std::uint64_t seed = 1;
  isobar::symbol symbol = *isobar::symbol::parse("ES");
  timestamp start = *parse_iso_timestamp("2025-12-19T14:30:00Z");  ///< first record's arrival; also the path's start
  duration_ns duration{0};                                         ///< the market ends then; 0: never

  /// The index that the future follows; path.start must be `start`. An option market with an equal path shares it.
  path_config path;
  double ratio = 1;                             ///< fair value of the future = spot x ratio
  price tick{250'000'000};                      ///< smallest price step
  std::int64_t multiplier = 50'000'000'000;     ///< currency units per point, 1e-9
  std::uint32_t instrument_id = 17'077;         ///< the venue's
  std::string asset = "ES", exchange = "XCME";  ///< of the definition

  bool clear = true;     ///< opens with an R and closes the snapshot with LAST (as ESM4); false: neither (as ESH4)
  bool snapshot = true;  ///< says the resting orders; false: history that begins in the middle
  duration_ns snapshot_age = seconds(std::int64_t{33} * 3'600);  ///< of the oldest order of the snapshot
  duration_ns auction{0};  ///< length of the pre-open period, which ends in an auction print; 0: trading at once

  double events_per_second = 500;  ///< records in the session, mean; a fifth of it outside and before the auction
  double burst_events_per_second = 3'000;  ///< records while a burst lasts, in the session
  duration_ns burst_length = milliseconds(200);
  duration_ns burst_every = seconds(20);  ///< mean time between random bursts (jumps start one too); 0: none
  duration_ns burst_at{-1};               ///< one more begins so long after the start; negative: none

  std::int64_t orders = 9'000;      ///< resting orders at the start, both sides
  std::int64_t extent_ticks = 600;  ///< how far from the touch most of them rest
  double depth_per_level = 40;      ///< lots that a level near the touch tends to
  double trade_share = 0.05;        ///< of the events that no move of the mid asks for
  double iceberg_share = 0.02;      ///< of the orders added within three ticks of the touch
  double pull_ahead = 0.7;          ///< chance that liquidity withdraws before the mid's next move
  double walls_per_minute = 6;
  double stop_runs_per_hour = 60;  ///< in addition to those that jumps set off

  /// Trades carry the aggressor's order id, as the real files do (ESH4: 1,626 of 1,627 trades); false: 0.
  bool aggressor_ids = true;
};

enum class futures_errc { unknown_symbol, out_of_range };
/// Says what a futures_market would refuse; evidence names the field.
result<void, futures_errc> check(const futures_market_config& c);

/// What has been said since the start, in events unless stated. Every phenomenon of a session has its counter.
struct futures_counters {
  std::uint64_t records = 0, events = 0, snapshot_orders = 0;
  std::uint64_t adds = 0, cancels = 0;                           ///< without a trade
  std::uint64_t moved = 0;                                       ///< modifies to another price
  std::uint64_t shrunk = 0, grown = 0;                           ///< modifies at the same price
  std::uint64_t aggressors = 0;                                  ///< orders that traded against the book
  std::uint64_t sweeps = 0;                                      ///< of them: through two levels or more
  std::uint64_t partial_fills = 0, full_fills = 0, refills = 0;  ///< resting orders: T F M, T F C, iceberg's F M
  std::uint64_t rested = 0;                                      ///< aggressors whose rest joined the book
  std::uint64_t through_market = 0;  ///< resting orders that were modified through the market
  std::uint64_t self_matches = 0;    ///< orders withdrawn inside a trade, unfilled
  std::uint64_t hidden_fills = 0;    ///< F records above the displayed size
  std::uint64_t pulls_ahead = 0;     ///< orders withdrawn before the mid moved their way
  std::uint64_t walls = 0, walls_pulled = 0, walls_held = 0, walls_taken = 0;
  std::uint64_t stop_runs = 0, bursts = 0, auctions = 0;
  std::uint64_t auction_lots = 0;  ///< printed, one side
  std::uint64_t traded_lots = 0;   ///< sum of trade records, the auction's too
  /// Sum of what decisions 11 books as fills: traded_lots - hidden_lots + auction_lots (the auction's second side).
  std::uint64_t booked_lots = 0;
  std::uint64_t hidden_lots = 0;  ///< traded against quantity that was never displayed
};

/// What a feed says beside its orders.
using futures_fact = std::variant<market::instrument, market::statistic, market::trading_status>;
timestamp time_of(const futures_fact& f);

/// When the feed delivers a record: snapshots say the past at the session's start.
inline timestamp delivered_at(const market::book_event& e, timestamp start) {
  return e.has(market::event_flag::snapshot) ? start : e.ts_event;
}

/// The market of one futures contract, in event time and in the shape of CME's order-by-order feed (decisions 7 and
/// 11). All state moves in steps of one millisecond counted from the start, so that output does not depend on how
/// advance() is called.
///
/// * Mid: follows sim::spot_path times the ratio within a tick or two, as fast as the rate of events allows. The book
///   knows the path a little ahead: makers withdraw before a move that takers then complete.
/// * Depth: thin at the touch, deepest a few ticks away, decaying far out, more at round numbers; every level tends to
///   its target by adds, cancels and modifies.
/// * Events: all records up to the one with LAST; inside an event first the trades and their fills, then the changes of
///   the book, bids before asks, best first, as the venue orders them.
class futures_market {
 public:
  /// The configuration must pass check().
  explicit futures_market(futures_market_config c);
  ~futures_market();
  futures_market(futures_market&&) noexcept;
  futures_market& operator=(futures_market&&) noexcept;

  /// Appends every record delivered in [now(), until), in the feed's order; an `until` in the past does nothing.
  void advance(timestamp until, std::vector<market::book_event>& out);
  /// Definition, statistics and statuses whose ts_event is in [from, until), in time order. Those after now() are not
  /// known yet.
  std::vector<futures_fact> facts(timestamp from, timestamp until) const;

  timestamp now() const;
  /// The configured duration is over: nothing more will come.
  bool finished() const;
  /// What the mid follows, at the last whole step: floor(spot x ratio / tick) ticks.
  std::int64_t fair_tick() const;
  /// The truth: resting orders after the last whole step. Steps end at start + k ms; between them some of what the book
  /// says is not emitted yet.
  const futures_book& book() const;
  const futures_counters& counters() const;
  const futures_market_config& configuration() const;
  const market::instrument& instrument() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::sim
