#pragma once
#include <span>
#include <string_view>

#include "market/greeks.hpp"
#include "market/option.hpp"

namespace isobar::market {

/// Why there is no implied volatility.
enum class no_volatility : std::uint8_t {
  none,             ///< there is one
  expired,          ///< years <= 0
  not_finite,       ///< NaN or infinity among the inputs
  bad_input,        ///< underlying or strike not positive
  below_intrinsic,  ///< price at or below the discounted intrinsic value (no-arbitrage)
  above_maximum,    ///< price at or above the discounted forward (call) or strike (put)
  out_of_range,     ///< inside the bounds, but the volatility is above sigma_max
};
inline constexpr std::size_t no_volatility_reasons = 7;
std::string_view name_of(no_volatility why);

/// Volatilities above are refused (out_of_range).
inline constexpr double sigma_max = 100;

struct implied_volatility {
  double sigma = 0;  ///< decimal; 0 unless why is none
  no_volatility why = no_volatility::none;
  int iterations = 0;
  explicit operator bool() const { return why == no_volatility::none; }
};

/// Volatility at which Black-76 gives `price` (points, discounted). Safeguarded: converges for every price strictly
/// inside the no-arbitrage bounds; works on the out-of-the-money side's time value, so that deep options keep their
/// digits. `in.sigma` is not used: no guess is needed. Exact to 1e-10, or to a few units in the last place of the price
/// over vega where the price does not say more (docs/numerics.md). Does not allocate.
implied_volatility implied_black_76(right r, double price, const pricing_input& in);

/// The volatility of a price and what exposures need at it, at less cost than one after the other. The greeks are 0
/// where there is no volatility.
struct priced_exposures {
  implied_volatility volatility;
  exposure_greeks greeks;
};
/// As implied_black_76 followed by black_76_exposures.
priced_exposures implied_exposures(right r, double price, const pricing_input& in);

struct option_price {
  right side = right::call;
  double price = 0;  ///< points, discounted
  pricing_input in;  ///< sigma is not used
};
/// implied_exposures of many options: the same bits in less time, because the options' steps overlap. Spans of equal
/// length. Does not allocate.
void implied_exposures(std::span<const option_price> options, std::span<priced_exposures> answers);

}  // namespace isobar::market
