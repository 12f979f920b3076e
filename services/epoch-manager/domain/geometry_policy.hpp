#pragma once
#include <optional>
#include <vector>

#include "market/epoch_record.hpp"
#include "market/option_chain.hpp"

namespace isobar::epoch_manager {

using epoch_reason = enum market::epoch::reason;

/// A board that differs from the running one, and why.
struct new_geometry {
  market::geometry board;
  std::vector<market::ladder_window> windows;  ///< one per plane
  std::vector<epoch_reason> reasons;           ///< ascending, not empty
};

/// The geometry that the chain calls for: nothing when the running epoch keeps (`current` null: there is none yet).
///
/// Per expiry the listed strikes inside [anchor - half range, anchor + half range]; a half range of zero takes
/// everything listed. The anchor and range of the running epoch stand until the chain's at-the-money strike is more
/// than half the range away from the anchor, or the requested half range differs by more than a quarter; then every
/// expiry is cut anew, so that one move makes one epoch. A strike of the running ladder beyond the first or last strike
/// of the chain stays: the chain says nothing of it. Expiries that have settled by chain.ts_event leave. A chain
/// without any usable expiry keeps the epoch.
///
/// Nothing but keys, settlement styles, multipliers, strikes, listings and widths is looked at, so no price, size or
/// time can begin an epoch.
std::optional<new_geometry> decide(const market::epoch_record* current, const market::chain_snapshot& chain,
                                   const std::vector<strike_width>& widths);

/// What differs between two boards; empty exactly when their hashes are equal.
std::vector<epoch_reason> reasons_between(const market::geometry& before, const market::geometry& after);

}  // namespace isobar::epoch_manager
