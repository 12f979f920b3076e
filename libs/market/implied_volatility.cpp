#include "market/implied_volatility.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

#include "market/implied_deviation.hpp"
#include "market/mills.hpp"

namespace isobar::market {

namespace {

/// A price taken apart. `why` other than none: the rest is not set.
struct taken_apart {
  no_volatility why = no_volatility::none;
  double log_moneyness = 0, discount = 0;
  normal::normalised_price price{};
};

taken_apart take_apart(right r, double price, const pricing_input& in) {
  // One sum finds a NaN or an infinity in any of them.
  if (!std::isfinite(price + in.underlying + in.strike + in.years + in.rate)) return {no_volatility::not_finite};
  if (in.years <= 0) return {no_volatility::expired};
  if (in.underlying <= 0 || in.strike <= 0) return {no_volatility::bad_input};
  taken_apart t;
  t.discount = std::exp(-in.rate * in.years);
  // One root where the product cannot leave the doubles.
  const double product = in.underlying * in.strike;
  const double root =
      product > 1e-280 && product < 1e280 ? std::sqrt(product) : std::sqrt(in.underlying) * std::sqrt(in.strike);
  const double unit = t.discount * root;
  if (!(unit > 1e-300) || !std::isfinite(unit)) return {no_volatility::bad_input};
  // Without branches, as the side cannot be foreseen along a chain.
  const int put = static_cast<int>(r == right::put);
  const double moneyness = (1 - 2 * put) * (in.underlying - in.strike);
  const double time_value = price - t.discount * std::max(0.0, moneyness);
  const double missing = t.discount * std::array{in.underlying, in.strike}[static_cast<std::size_t>(put)] - price;
  if (time_value <= 0) return {no_volatility::below_intrinsic};
  if (missing <= 0) return {no_volatility::above_maximum};
  t.log_moneyness = normal::log_ratio(in.underlying, in.strike);
  const double inverse = 1 / unit;
  constexpr double smallest = std::numeric_limits<double>::denorm_min();  // what is positive stays positive
  t.price = {std::abs(t.log_moneyness), std::max(smallest, time_value * inverse),
             std::max(smallest, missing * inverse)};
  return t;
}

implied_volatility in_years(const normal::deviation_found& found, double root_years) {
  const double sigma = found.deviation / root_years;
  if (!(sigma <= sigma_max)) return {0, no_volatility::out_of_range, found.iterations};
  return {sigma, no_volatility::none, found.iterations};
}

priced_exposures answer_of(const option_price& o, const taken_apart& t, const normal::deviation_found& found) {
  if (t.why != no_volatility::none) return {{0, t.why, 0}, {}};
  const implied_volatility volatility = in_years(found, std::sqrt(o.in.years));
  if (!volatility) return {volatility, {}};
  return {volatility, exposures_at(o.side, o.in, {t.log_moneyness, found.deviation, volatility.sigma, t.discount})};
}

}  // namespace

std::string_view name_of(no_volatility why) {
  static constexpr std::array<std::string_view, no_volatility_reasons> names{
      "none", "expired", "not_finite", "bad_input", "below_intrinsic", "above_maximum", "out_of_range"};
  return names[static_cast<std::size_t>(why)];
}

implied_volatility implied_black_76(right r, double price, const pricing_input& in) {
  const taken_apart t = take_apart(r, price, in);
  if (t.why != no_volatility::none) return {0, t.why, 0};
  return in_years(normal::implied_deviation(t.price), std::sqrt(in.years));
}

priced_exposures implied_exposures(right r, double price, const pricing_input& in) {
  const taken_apart t = take_apart(r, price, in);
  if (t.why != no_volatility::none) return {{0, t.why, 0}, {}};
  return answer_of({r, price, in}, t, normal::implied_deviation(t.price));
}

void implied_exposures(std::span<const option_price> options, std::span<priced_exposures> answers) {
  assert(options.size() == answers.size());
  // One step of all options of a block before the next: a single option is a chain of dependent operations, which
  // leaves most of a processor idle.
  constexpr std::size_t block = 16;
  std::array<taken_apart, block> parts;
  std::array<double, block> guesses;
  std::array<normal::deviation_found, block> found;
  for (; !options.empty();) {
    const std::size_t n = std::min(block, options.size());
    for (std::size_t i = 0; i < n; ++i) parts[i] = take_apart(options[i].side, options[i].price, options[i].in);
    for (std::size_t i = 0; i < n; ++i)
      if (parts[i].why == no_volatility::none) guesses[i] = normal::guess_of(parts[i].price);
    for (std::size_t i = 0; i < n; ++i)
      if (parts[i].why == no_volatility::none) found[i] = normal::deviation_from(parts[i].price, guesses[i]);
    for (std::size_t i = 0; i < n; ++i) answers[i] = answer_of(options[i], parts[i], found[i]);
    options = options.subspan(n);
    answers = answers.subspan(n);
  }
}

}  // namespace isobar::market
