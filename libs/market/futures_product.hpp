#pragma once
#include <optional>
#include <string_view>

#include "core/types.hpp"

namespace isobar::market {

/// Contract facts of a futures product, from its exchange's public contract specification.
struct futures_product {
  std::string_view asset;       ///< "ES"
  price tick;                   ///< smallest price step of outright months
  std::int64_t multiplier = 0;  ///< currency units per point of the price
  price strike_spacing;         ///< of its near options around the market
  bool operator==(const futures_product&) const = default;
};

/// What the product is known to be; nullptr: not in the table.
const futures_product* find_futures_product(std::string_view asset);

/// The product of a registry symbol: itself when it is in the table ("ES"), else what remains without the month letter
/// and one or two digits of the year ("ESH4", "ESH24" -> "ES"). Nothing when it does not end so.
std::optional<std::string_view> futures_product_of(std::string_view symbol);

}  // namespace isobar::market
