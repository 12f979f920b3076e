#pragma once
#include "market/greeks.hpp"
#include "market/implied_volatility.hpp"

namespace isobar::market {

/// American options on futures (ES and most CME roots before 2022; where a root_spec says american). Method:
/// Barone-Adesi and Whaley 1987 quadratic approximation on the future (cost of carry 0). State its error beside it in
/// docs/numerics.md.
double american_76_price(right r, const pricing_input& in);
/// Volatility at which american_76_price gives `price`; bounds: immediate exercise value below, underlying or strike
/// above.
implied_volatility implied_american_76(right r, double price, const pricing_input& in);

}  // namespace isobar::market
