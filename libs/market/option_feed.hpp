#pragma once
#include <cstdint>
#include <string>

#include "market/futures_feed.hpp"
#include "market/option.hpp"

/// What feeds say of best prices and of options, normalised.
namespace isobar::market {

/// Best prices of one instrument from an instant on.
struct top_quote {
  timestamp ts_event;
  price bid = no_price, ask = no_price;
  std::uint32_t bid_size = 0, ask_size = 0;
  bool trusted = false;  ///< the book behind it is whole
  bool operator==(const top_quote&) const = default;
};

/// One option as a feed lists it.
struct listed_option {
  std::uint32_t number = 0;  ///< the feed's, from 0
  std::string raw_symbol;
  option_id id;
  timestamp settles_at;
  std::int64_t multiplier = 0;  ///< deltas per contract, 1e-9; 0: unknown
  bool american = false;
  bool operator==(const listed_option&) const = default;
};

enum class option_record : std::uint8_t { quote, trade, open_interest, delisted };

/// One thing that a feed says of one listed option.
struct option_feed_event {
  timestamp ts_event;
  std::uint32_t number = 0;
  option_record kind = option_record::quote;
  book_side aggressor = book_side::none;  ///< trade
  price bid = no_price, ask = no_price;   ///< quote
  std::uint32_t bid_size = 0, ask_size = 0;
  price last = no_price;                 ///< trade
  std::uint32_t size = 0;                ///< trade: contracts
  quantity open_interest = no_quantity;  ///< open_interest; no_quantity: taken back
  bool operator==(const option_feed_event&) const = default;
};

}  // namespace isobar::market
