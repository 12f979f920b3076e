#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "market/option_chain.hpp"
#include "market/window.hpp"

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
  double trade_ratio = 0.02;              ///< trades per quote
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

  timestamp now() const;
  /// The configured duration is over: nothing more will come.
  bool finished() const;
  /// The index, in whole cents.
  price spot() const;
  /// Complete chain at now(): every listed contract with its last quote, volume, open interest and model greeks.
  market::chain_snapshot snapshot() const;
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
