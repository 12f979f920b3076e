#include "gamma-fuel/domain/quote_rules.hpp"

#include <algorithm>

#include "market/root.hpp"

namespace isobar::gamma_fuel {
namespace {

constexpr price tick_of_unknown_roots{50'000'000};

price tick_at(price p, std::string_view root) {
  const auto spec = market::find_root(root);
  if (!spec) return tick_of_unknown_roots;
  const auto rule =
      std::find_if(spec->ticks.begin(), spec->ticks.end() - 1, [p](const market::tick_rule& t) { return p < t.under; });
  return rule->tick;
}

}  // namespace

quoted_mid mid_of(price bid, price ask, std::string_view root, int zero_bid_ticks) {
  const bool has_bid = bid != market::no_price, has_ask = ask != market::no_price;
  if (!has_bid && !has_ask) return {standing::no_quote};
  if (!has_bid || !has_ask) return {standing::one_sided};
  if (bid > ask) return {standing::crossed};
  if (ask.value == 0) return {standing::no_quote};
  if (bid.value == 0 && ask > tick_at(ask, root) * zero_bid_ticks) return {standing::zero_bid_wide};
  return {standing::priced, static_cast<double>(bid.value + ask.value) / (2.0 * nanos_per_unit)};
}

}  // namespace isobar::gamma_fuel
