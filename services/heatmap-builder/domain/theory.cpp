#include "heatmap-builder/domain/theory.hpp"

#include <cmath>

#include "market/black_scholes.hpp"
#include "market/root.hpp"
#include "market/skew.hpp"

namespace isobar::heatmap_builder {
namespace {

constexpr double volatility_min = 0.01, volatility_max = 5;

}  // namespace

std::optional<double> implied_volatility(market::right r, double spot, double strike, double years, double rate,
                                         double target) {
  const auto price_at = [&](double sigma) {
    return market::black_scholes_price(r, {spot, strike, years, rate, sigma});
  };
  double low = volatility_min, high = volatility_max;
  if (years <= 0 || target <= price_at(low) || target >= price_at(high)) return std::nullopt;
  while (high - low > 1e-9) {
    const double middle = (low + high) / 2;
    (price_at(middle) < target ? low : high) = middle;
  }
  return (low + high) / 2;
}

std::optional<theory_input> theory_of(const plane_board& layout, const quote_columns& quotes, price spot,
                                      timestamp as_of, const theory_options& options) {
  if (spot == market::no_price || spot.value <= 0) return std::nullopt;
  theory_input in{.spot = to_double(spot), .years = market::years_to(layout.settles_at, as_of), .rate = options.rate};
  double sum = 0;
  int n = 0;
  for (std::uint32_t row = 0; row < layout.rows(); ++row) {
    const double k = to_double(layout.strikes[row >> 1]);
    if (std::abs(k - in.spot) >= options.base_half_range) continue;
    if (quotes.status[row] & (mask_of(reason::missing_leg) | mask_of(reason::crossed_leg))) continue;
    const double mid = static_cast<double>(detail::mid(quotes, row)) / 1e9;
    const auto sigma = implied_volatility(static_cast<market::right>(row & 1), in.spot, k, in.years, in.rate, mid);
    if (!sigma) continue;
    sum += *sigma;
    ++n;
  }
  const double without_quotes = options.vix > 0 ? std::max(5.0, options.vix) / 100 : options.fallback_volatility;
  in.base = n > 0 ? sum / n : without_quotes;
  in.vix = options.vix > 0 ? options.vix : 100 * in.base;
  return in;
}

double theoretical_debit(const plane_board& layout, std::uint32_t tile, const theory_input& in) {
  const tile_legs legs = layout.legs_of(tile);
  double debit = 0;
  for (std::size_t i = 0; i < legs.count; ++i) {
    const tile_leg& leg = legs.leg[i];
    const double k = to_double(layout.strikes[leg.row >> 1]);
    const double sigma = market::skewed_volatility(in.base, k, in.spot, in.vix);
    debit += leg.ratio * market::black_scholes_price(static_cast<market::right>(leg.row & 1),
                                                     {in.spot, k, in.years, in.rate, sigma});
  }
  return debit;
}

}  // namespace isobar::heatmap_builder
