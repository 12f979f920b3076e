#pragma once
#include <vector>

#include "market/window.hpp"

namespace isobar::market {

/// What every model's input shares with the window it was taken from.
struct model_header {
  isobar::symbol symbol;
  std::uint64_t epoch = 0;
  std::uint64_t window_sequence = 0;  ///< the frozen window's: a gap here is a gap there
  timestamp window_start, window_end;
  bool base = false;
  price spot = no_price;
  market::quality quality = quality::ok;
  bool operator==(const model_header&) const = default;
};

/// Heatmap input: the quote of each changed contract.
struct heatmap_row {
  contract_index contract = 0;
  price bid = no_price, ask = no_price;
  timestamp ts_quote = start_of_time;
  bool operator==(const heatmap_row&) const = default;
};
struct heatmap_rows {
  model_header header;
  std::vector<heatmap_row> rows;  ///< ascending by contract
  bool operator==(const heatmap_rows&) const = default;
};

/// GEX input: what an exposure needs of each contract whose quote, open interest or vendor greeks changed.
struct gex_row {
  contract_index contract = 0;
  price bid = no_price, ask = no_price;
  timestamp ts_quote = start_of_time;
  quantity open_interest = no_quantity;
  double implied_volatility = 0;  ///< vendor's; 0: not stated
  double gamma = 0;               ///< vendor's; 0: not stated
  bool operator==(const gex_row&) const = default;
};
struct gex_rows {
  model_header header;
  std::vector<gex_row> rows;
  bool operator==(const gex_rows&) const = default;
};

/// Volume-profile input: contracts traded in the window, per contract, at the spot of the window.
struct volume_row {
  contract_index contract = 0;
  quantity traded{0};
  price last = no_price;
  bool operator==(const volume_row&) const = default;
};
struct volume_profile_rows {
  model_header header;
  std::vector<volume_row> rows;
  bool operator==(const volume_profile_rows&) const = default;
};

/// Dealer-flow input: the trades of the window.
struct flow_rows {
  model_header header;
  std::vector<option_print> rows;  ///< by (time, contract, sequence)
  std::uint32_t dropped = 0;       ///< trades that the window could not hold
  bool operator==(const flow_rows&) const = default;
};

}  // namespace isobar::market
