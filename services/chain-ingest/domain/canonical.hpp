#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "chain-ingest/domain/refusal.hpp"
#include "chain-ingest/domain/request_window.hpp"
#include "market/raw_chain.hpp"

namespace isobar::chain_ingest {

/// What is kept of a raw chain.
struct canonical_rule {
  isobar::symbol symbol;
  std::size_t expiries_max = 0;  ///< first so many expiry dates; 0: all
  /// Window of one expiry: contracts outside are left out and the chain carries atm and half-range. Empty: everything
  /// listed is kept, half-range zero.
  std::function<strike_window(date expiry, std::int32_t dte, strike_width step)> window{};
  bool window_given = false;  ///< true: contracts were already asked for by `window`; it is only written down
};

/// Every record in is in exactly one of these: rows = kept + the rest.
struct canonical_counts {
  std::uint64_t rows = 0;
  std::uint64_t unknown_root = 0;
  std::uint64_t other_symbol = 0;  ///< known root of another symbol
  std::uint64_t expired = 0;       ///< settled at or before ts_event
  std::uint64_t repeated = 0;      ///< same contract, same values
  std::uint64_t outside = 0;       ///< outside the strike window, or after the last wanted expiry
  std::uint64_t kept = 0;
  bool operator==(const canonical_counts&) const = default;
};

struct canonical_chain {
  market::chain_snapshot chain;
  canonical_counts counts;
};

/// Sorts, drops repetitions, unknown roots and expired contracts (by settlement instant), groups by (expiry, root) with
/// multiplier and settlement of the root table. Refuses conflicting repetitions, naming both places, and empty results.
/// The order of the input does not matter.
outcome<canonical_chain> canonicalise(market::raw_chain raw, const canonical_rule& rule);

}  // namespace isobar::chain_ingest
