#pragma once
// The Massive/Polygon REST shape of option chains: GET /v3/snapshot/options/{underlying} answers pages
//   {"status":"OK","request_id":"..","results":[{contract}, ..],"next_url":"https://.."}
// (options-surface 1.2 names a contract's fields). Index values come from GET /v3/snapshot?ticker=I:SPX.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/vendor_text.hpp"

namespace isobar::wire {

struct massive_page {
  std::vector<market::raw_contract> contracts;  ///< in the page's order; line = position from 1
  market::raw_counts counts;
  price spot =
      market::no_price;  ///< underlying_asset.value (indices) or .price (shares) of the first contract with one
  std::string next_url;  ///< empty: this was the last page
  std::string request_id;
};

/// One page. A contract without ticker, or one that says other than its ticker, refuses the page; numbers that are
/// missing or null are "not stated".
vendor_result<massive_page> parse_massive_page(std::string_view body, std::string_view name);

/// The value of the first result: /v3/snapshot?ticker=I:SPX. An empty list, an error or no positive value refuses it.
vendor_result<price> parse_massive_value(std::string_view body, std::string_view name);

/// What the vendor would answer: for the recorder of simulated chains and for the test server.
struct massive_page_text {
  std::string underlying;         ///< "I:SPX"
  price spot = market::no_price;  ///< left out when no_price
  std::string next_url{};         ///< left out when empty
  std::string request_id{};
};
std::string to_massive_page(std::span<const market::raw_contract> contracts, const massive_page_text& about);
std::string to_massive_value(std::string_view ticker, price value);

}  // namespace isobar::wire
