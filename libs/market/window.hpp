#pragma once
#include <cstdint>
#include <vector>

#include "core/symbol.hpp"
#include "market/geometry.hpp"
#include "market/option_chain.hpp"

namespace isobar::market {

/// Quality of a frame or surface, worst last; a joined output takes the worst of its inputs.
enum class quality : std::uint8_t { ok = 1, synthetic = 2, crossed_in_feed = 3, stale = 4, gap = 5, resyncing = 6 };
constexpr quality worst(quality a, quality b) { return a < b ? b : a; }

/// One row of a frozen window.
struct contract_row {
  contract_index contract = 0;
  contract_state state;
  /// Contracts traded inside the window.
  quantity traded{0};
  bool operator==(const contract_row&) const = default;
};

/// A quote or trade of a feed: what hydration takes.
struct option_event {
  option_id id;
  enum class kind : std::uint8_t { quote, trade } kind = kind::quote;
  timestamp ts_event;
  std::uint64_t sequence = 0;            ///< the feed's own, growing per contract
  price bid = no_price, ask = no_price;  ///< quote; no_price: side missing
  quantity bid_size{0}, ask_size{0};
  price last = no_price;  ///< trade
  quantity size{0};
  bool operator==(const option_event&) const = default;
};

/// Trades that a window lists at most.
inline constexpr std::size_t prints_max = 1u << 16;

/// One trade of a contract with the quote that stood when it happened.
struct option_print {
  contract_index contract = 0;
  timestamp ts_event;
  isobar::price price = no_price;
  quantity size{0};
  isobar::price bid = no_price, ask = no_price;  ///< no_price: side missing, or no quote yet
  bool operator==(const option_print&) const = default;
};

/// A frozen contract window [start, end): only rows whose published state changed, or every row with any state when
/// `base`.
struct frozen_window {
  isobar::symbol symbol;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;  ///< contiguous per symbol, across epochs
  timestamp start, end;
  bool base = false;
  price spot = no_price;               ///< last known of the underlying at `end`
  timestamp ts_chain = start_of_time;  ///< chain snapshot in force
  market::quality quality = quality::ok;
  std::vector<contract_row> rows;    ///< ascending by contract
  std::vector<option_print> prints;  ///< trades of the window, by (time, contract, sequence)
  std::uint32_t prints_dropped = 0;  ///< trades beyond the bound of `prints`
  bool operator==(const frozen_window&) const = default;
};

/// An epoch of one symbol: a geometry and when it holds, in event time.
struct epoch {
  isobar::symbol symbol;
  std::uint64_t id = 0;        ///< 1, 2, 3, ... per symbol, persisted
  std::uint64_t previous = 0;  ///< 0: none
  std::uint64_t hash = 0;      ///< geometry().hash()
  timestamp effective_from;    ///< first window of the epoch starts here; on a window boundary
  enum class state : std::uint8_t { preparing = 1, active = 2, retired = 3 } state = state::preparing;
  enum class reason : std::uint8_t { first = 1, strike_range = 2, strike_spacing = 3, widths = 4, dte_set = 5 };
  std::vector<reason> reasons;
  geometry board;
  bool operator==(const epoch&) const = default;
};

}  // namespace isobar::market
