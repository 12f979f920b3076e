#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/date.hpp"
#include "core/types.hpp"
#include "market/option.hpp"

namespace isobar::market {

/// Below `under` (exclusive) prices move in steps of `tick`; the last rule has no bound.
struct tick_rule {
  price under;
  price tick;
};

/// How a root trades. Data, not code: adding a root is one row in roots.cpp.
struct root_spec {
  std::string_view root;               ///< "SPXW"
  std::string_view symbol;             ///< Isobar symbol whose surface it belongs to: "SPX"
  std::string_view vendor_underlying;  ///< "I:SPX"
  std::string_view order_symbol;       ///< what the order text names: "SPX"
  bool weekly_tag;                     ///< order text says "(Weeklys)"
  settlement settles;
  std::int64_t multiplier;  ///< shares (deltas) per contract
  std::span<const tick_rule> ticks;
  strike_width strike_step;         ///< step to which ATM is rounded (5 for SPX)
  std::int64_t minute_quote_scale;  ///< prices in minute-quote files are divided by this (10,000 or 1)
  bool american = false;            ///< may be exercised early: american.hpp; European otherwise
};

/// Nothing for an unknown root: the caller rejects and counts it.
std::optional<root_spec> find_root(std::string_view root);
std::vector<root_spec> roots_of(std::string_view symbol);

/// Rounds to the root's tick, half away from zero; for a buyer's debit `up` rounds up to the next tick instead and for
/// a seller's credit down (decisions 1: always in the user's disfavour).
enum class rounding { nearest, up, down };
price round_to_tick(price p, const root_spec& root, rounding how);

/// The settlement instant: 09:30 (AM) or 16:00 (PM) New York time of the expiry day, from the system's time-zone
/// database (decisions 17). Half-days close at 13:00 (table in calendar.cpp).
timestamp settlement_time(date expiry, settlement s);
/// New York calendar date of an instant: DTE is counted on it.
date exchange_date(timestamp t);
/// New York wall time to an instant: for files whose times are in the exchange's zone.
timestamp new_york_time(date day, duration_ns since_midnight);
/// As new_york_time for Chicago (futures files).
timestamp chicago_time(date day, duration_ns since_midnight);
/// Calendar days to expiry, never negative.
std::int32_t days_to_expiry(date expiry, timestamp as_of);
/// Years to settlement on the 365-day year of decisions 17; zero or less: expired.
double years_to(timestamp settles_at, timestamp as_of);

}  // namespace isobar::market
