#pragma once
#include <string>
#include <vector>

#include "core/symbol.hpp"
#include "market/option.hpp"

namespace isobar::market {

/// Everything known of one contract at a time: what quotes, trades and chain snapshots write, and what windows carry.
struct contract_state {
  price bid = no_price, ask = no_price;
  quantity bid_size{0}, ask_size{0};
  timestamp ts_quote = start_of_time;  ///< event time of bid and ask
  std::uint64_t quote_sequence = 0;    ///< feed's sequence of that quote; 0 when it came from a chain
  price last = no_price;
  quantity last_size{0};
  timestamp ts_trade = start_of_time;
  quantity volume = no_quantity;  ///< contracts traded today
  quantity open_interest = no_quantity;
  double implied_volatility = 0;  ///< vendor's, decimal; 0: not stated
  double gamma = 0;               ///< vendor's, per point; 0: not stated

  bool two_sided() const { return bid != no_price && ask != no_price; }
  bool crossed() const { return two_sided() && bid > ask; }
  bool operator==(const contract_state&) const = default;
};

/// (bid + ask) / 2, exact (floor on an odd nano); no_price unless two-sided.
price mid_of(const contract_state& s);

struct chain_contract {
  isobar::strike strike;
  market::right right = right::call;
  contract_state state;
  bool operator==(const chain_contract&) const = default;
};

struct expiry_chain {
  expiry_key key;
  settlement settles = settlement::pm;
  timestamp settles_at;
  std::int64_t multiplier = 100;
  /// The window that was asked of the vendor: at-the-money strike and half-range in points. Range zero: no window,
  /// everything listed was taken.
  isobar::strike atm;
  strike_width half_range;
  std::vector<chain_contract> contracts;  ///< ascending by (strike, right), no repeats
  bool operator==(const expiry_chain&) const = default;
};

/// A complete, canonical option chain of one symbol: the master of geometry. Never partial.
struct chain_snapshot {
  isobar::symbol symbol;
  std::string source;                  ///< "sim", "massive", "cboe-eod", ...
  timestamp ts_event;                  ///< when the vendor's picture was taken
  price spot = no_price;               ///< of the underlying
  std::vector<expiry_chain> expiries;  ///< ascending by key
  bool operator==(const chain_snapshot&) const = default;
  std::size_t contract_count() const;
};

}  // namespace isobar::market
