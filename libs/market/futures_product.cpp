#include "market/futures_product.hpp"

#include <algorithm>
#include <array>

namespace isobar::market {
namespace {

constexpr std::int64_t n = nanos_per_unit;

/// CME Group contract specifications: minimum price fluctuation of outrights, contract unit, strike interval nearest
/// the market of the nearest monthly options.
constexpr std::array products{
    futures_product{"6B", price(100'000), 62'500, price(5'000'000)},
    futures_product{"6E", price(50'000), 125'000, price(5'000'000)},
    futures_product{"BTC", price(5 * n), 5, price(500 * n)},
    futures_product{"CL", price(10'000'000), 1'000, price(500'000'000)},
    futures_product{"ES", price(250'000'000), 50, price(5 * n)},
    futures_product{"GC", price(100'000'000), 100, price(5 * n)},
    futures_product{"HG", price(500'000), 25'000, price(50'000'000)},
    futures_product{"M2K", price(100'000'000), 5, price(5 * n)},
    futures_product{"MES", price(250'000'000), 5, price(5 * n)},
    futures_product{"MGC", price(100'000'000), 10, price(5 * n)},
    futures_product{"MNQ", price(250'000'000), 2, price(10 * n)},
    futures_product{"NG", price(1'000'000), 10'000, price(50'000'000)},
    futures_product{"NQ", price(250'000'000), 20, price(10 * n)},
    futures_product{"RTY", price(100'000'000), 50, price(5 * n)},
    futures_product{"SI", price(5'000'000), 5'000, price(250'000'000)},
    futures_product{"YM", price(n), 5, price(50 * n)},
    futures_product{"ZB", price(31'250'000), 1'000, price(500'000'000)},
    futures_product{"ZF", price(7'812'500), 1'000, price(250'000'000)},
    futures_product{"ZN", price(15'625'000), 1'000, price(250'000'000)},
    futures_product{"ZT", price(3'906'250), 2'000, price(125'000'000)},
};

constexpr std::string_view months = "FGHJKMNQUVXZ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

const futures_product* find_futures_product(std::string_view asset) {
  const auto at = std::lower_bound(products.begin(), products.end(), asset,
                                   [](const futures_product& p, std::string_view a) { return p.asset < a; });
  return at != products.end() && at->asset == asset ? &*at : nullptr;
}

std::optional<std::string_view> futures_product_of(std::string_view symbol) {
  if (find_futures_product(symbol)) return symbol;
  std::string_view rest = symbol;
  std::size_t digits = 0;
  while (digits < 2 && !rest.empty() && is_digit(rest.back())) {
    rest.remove_suffix(1);
    ++digits;
  }
  if (digits == 0 || rest.size() < 2 || months.find(rest.back()) == std::string_view::npos) return std::nullopt;
  rest.remove_suffix(1);
  return rest;
}

}  // namespace isobar::market
