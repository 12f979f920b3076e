#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "market/option_chain.hpp"

namespace isobar::market {

/// One contract as a vendor listed it: not yet sorted, deduplicated or checked against the root table.
struct raw_contract {
  option_id id;
  contract_state state;
  std::uint32_t line = 0;  ///< where it stood in the origin: line of the file or position in the page; 0: unknown
  bool operator==(const raw_contract&) const = default;
};

/// What a parser met, so that every record in is accounted for: rows = contracts kept + bad_root + (format's own).
struct raw_counts {
  std::uint64_t rows = 0;      ///< contracts met
  std::uint64_t bad_root = 0;  ///< left out: the root is outside the ticker grammar (adjusted contracts)
  std::uint64_t no_price = 0;  ///< sides made no_price: NaN, negative or not a number
  std::uint64_t crossed = 0;   ///< kept: bid above ask
  std::uint64_t zero_bid = 0;  ///< kept: nobody bids
  std::uint64_t no_value = 0;  ///< volume, open interest, volatility or gamma that was not a number: not stated
  raw_counts& operator+=(const raw_counts& o) {
    rows += o.rows;
    bad_root += o.bad_root;
    no_price += o.no_price;
    crossed += o.crossed;
    zero_bid += o.zero_bid;
    no_value += o.no_value;
    return *this;
  }
  bool operator==(const raw_counts&) const = default;
};

/// A vendor's picture of an option universe at one instant, in the vendor's order.
struct raw_chain {
  std::string source;  ///< "cboe-eod", "cboe-delayed", "minute-quotes", "massive", "sim"
  std::string origin;  ///< file or address, for messages
  timestamp ts_event;
  price spot = no_price;
  std::vector<raw_contract> contracts;
  raw_counts counts;
};

}  // namespace isobar::market
