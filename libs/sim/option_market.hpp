#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "market/option_chain.hpp"
#include "market/window.hpp"
#include "sim/customers.hpp"

namespace isobar::sim {

/// A simulated option market. Everything that can change its output is here: equal configurations give equal bytes.
struct config {
  std::uint64_t seed = 1;
  isobar::symbol symbol = *isobar::symbol::parse("SPX");
  /// 09:30 New York of a third Friday: SPX (AM, settled that instant, so without new quotes) and SPXW (PM) both list
  /// 2025-12-19. A start one day earlier has both alive.
  timestamp start = *parse_iso_timestamp("2025-12-19T14:30:00Z");
  duration_ns duration{0};  ///< the market ends then; 0: never

  double spot = 6900;
  double vix = 16;              ///< in percent; also the smile's regime
  double rate = 0.05;           ///< continuously compounded
  double volatility_scale = 1;  ///< of the spot's path; 0 freezes it (the smile stays)

  int expirations = 5;            ///< distinct dates listed, nearest first
  double em_multiplier = 2.25;    ///< half-range of strikes in expected moves (options-surface 1.4)
  double strike_range_scale = 1;  ///< widens every range, to list more contracts

  double quotes_per_second = 5'000;         ///< in the session; a twentieth of it outside
  double burst_quotes_per_second = 20'000;  ///< while a burst lasts, in the session
  duration_ns burst_length = milliseconds(50);
  duration_ns burst_every = seconds(10);  ///< mean time between random bursts (jumps start one too); 0: no bursts
  duration_ns burst_at{-1};               ///< one more begins so long after the start; negative: none
  double trade_ratio = 0.02;              ///< trades per quote
  customer_config customers;              ///< who trades: never changes a quote
  double missing_quote_ratio = 0.005;     ///< chance that a quote comes without one of its sides, or both

  std::vector<duration_ns> geometry_changes;    ///< since start; each lists strikes on one expiry
  duration_ns geometry_change_every{0};         ///< in addition, periodically; 0: never
  double random_geometry_changes_per_hour = 0;  ///< in addition, at random
};

enum class errc { unknown_symbol, out_of_range };
/// Says what an option_market would refuse; evidence names the field.
result<void, errc> check(const config& c);

/// Counters since the start.
struct market_counters {
  std::uint64_t quotes = 0, trades = 0, missing_sides = 0, bursts = 0, geometry_changes = 0, expired_planes = 0;
  // Of the customers' trades; lots are contracts.
  std::uint64_t bought_lots = 0, sold_lots = 0, opened_lots = 0, closed_lots = 0, inside_trades = 0, mid_trades = 0;
};

/// What nobody outside knows of a trade. `sequence` is that of its event.
struct customer_trade {
  market::option_id id;
  timestamp ts_event;
  std::uint64_t sequence = 0;
  quantity size{0};
  bool buys = false, opens = true;  ///< the customer
};

/// What dealers hold of one strike of one expiry, and the gamma of it.
struct dealer_strike {
  market::expiry_key expiry;
  isobar::strike strike;
  std::int64_t multiplier = 100;
  std::int64_t calls = 0, puts = 0;                ///< contracts, negative: short
  std::int64_t calls_opened = 0, puts_opened = 0;  ///< at the listing
  double gamma = 0;  ///< of one call or put, per point: the simulator's own, 0 when settled
  /// Deltas that dealers gain per point.
  double exposure() const { return static_cast<double>(multiplier * (calls + puts)) * gamma; }
  /// Of that what trading has added since the listing.
  double change() const {
    return static_cast<double>(multiplier * (calls - calls_opened + puts - puts_opened)) * gamma;
  }
};

/// The option market of one index, in event time. All state moves in steps of one millisecond counted from the start,
/// so that output does not depend on how advance() is called.
///
/// * Spot: sim::spot_path. Quotes: Black-76 on the forward under the skewed smile of options-surface 5.3.
/// * Listing: sim::listed_expiries and sim::ladder. A plane is listed while its expiry date lasts in New York and
/// quoted
///   until it settles; at midnight it leaves and the next date enters. When the spot has moved half a range away from a
///   ladder's centre, the strikes that are missing around the new centre are listed. Strikes never leave a plane.
/// * Market makers sweep each expiry outwards from the money, near strikes more often than wings, near expiries more
///   often than far ones; each visit prices call and put together and sends the legs whose rounded bid or ask changed,
///   or, when neither did, one leg with a new size.
/// * Customers trade with dealers at the quotes or inside them (sim/customers.hpp); who holds what is known.
class option_market {
 public:
  /// The configuration must pass check().
  explicit option_market(config c);
  ~option_market();
  option_market(option_market&&) noexcept;
  option_market& operator=(option_market&&) noexcept;

  /// Appends every quote and trade of [now(), until) in event-time order; an `until` in the past does nothing.
  /// Sequences grow per contract, with gaps, as the vendor's do. The cost is that of the event time crossed: a caller
  /// that runs as fast as possible chooses its own stride (a window, say).
  void advance(timestamp until, std::vector<market::option_event>& out);

  /// Also appends the truth of every trade, in the order of the events.
  void advance(timestamp until, std::vector<market::option_event>& out, std::vector<customer_trade>& trades);

  timestamp now() const;
  /// The configured duration is over: nothing more will come.
  bool finished() const;
  /// The index, in whole cents.
  price spot() const;
  /// Complete chain at now(): every listed contract with its last quote, volume, open interest and model greeks.
  market::chain_snapshot snapshot() const;
  /// What dealers hold of a contract at now(), in contracts; 0 when it is not listed.
  std::int64_t dealer_position(const market::option_id& id) const;
  /// The truth: what dealers hold at now(), every listed strike, ascending by (expiry, strike); gammas as in
  /// snapshot().
  std::vector<dealer_strike> dealer_gamma() const;
  /// Ascending by (expiry, root, strike, right).
  std::vector<market::option_id> listed() const;
  std::size_t listed_count() const;
  const market_counters& counters() const;
  const config& configuration() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace isobar::sim
