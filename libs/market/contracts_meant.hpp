#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "market/futures_product.hpp"

namespace isobar::market {

/// The symbols that a question's word means: itself when it is one of `symbols`, else every contract of the product
/// that it names ("ES" -> "ESH4"), in their order.
inline std::vector<std::string> contracts_meant(std::string_view word, const std::vector<std::string>& symbols) {
  std::vector<std::string> of_product;
  for (const auto& s : symbols) {
    if (s == word) return {s};
    if (futures_product_of(s) == word) of_product.push_back(s);
  }
  return of_product;
}

}  // namespace isobar::market
