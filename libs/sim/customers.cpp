#include "sim/customers.hpp"

#include <array>
#include <utility>

#include "market/option_chain.hpp"

namespace isobar::sim {

namespace {

constexpr std::uint64_t customer_stream = 5;
constexpr std::array<std::pair<customer_flow, std::string_view>, 4> names{
    {{customer_flow::balanced, "balanced"},
     {customer_flow::classic, "classic"},
     {customer_flow::inverse, "inverse"},
     {customer_flow::buy_zero_dte, "buy-zero-dte"}}};

}  // namespace

std::string_view to_string(customer_flow f) { return names[static_cast<std::size_t>(f)].second; }

std::optional<customer_flow> parse_customer_flow(std::string_view text) {
  for (const auto& [flow, name] : names)
    if (name == text) return flow;
  return std::nullopt;
}

int view_of(customer_flow f, const customer_view& c) {
  if (f == customer_flow::balanced) return 0;
  if (f == customer_flow::buy_zero_dte) return c.expires_today ? 1 : 0;
  const bool call = c.right == market::right::call;
  if (call ? c.strike < c.spot : c.strike > c.spot) return 0;
  return call == (f == customer_flow::inverse) ? 1 : -1;
}

holdings opening_holdings(const customer_config& c, const customer_view& v, std::int64_t open_interest) {
  const auto net = static_cast<std::int64_t>(c.opening_share * static_cast<double>(open_interest));
  const std::int64_t dealers = -view_of(c.flow, v) * net;
  // Both sides of the open interest: long + dealers' = short + the rest of the dealers'.
  const std::int64_t customers_long = dealers < 0 ? open_interest : open_interest - dealers;
  return {customers_long, customers_long + dealers};
}

customers::customers(std::uint64_t seed, const customer_config& c) : config_(c), random_(seed, customer_stream) {}

customer_order customers::next(const customer_view& v, std::int64_t lots, int only, holdings& held) {
  // The same draws for every order: what one customer wants does not move the next one's numbers.
  const double side = random_.uniform(), closing = random_.uniform(), better = random_.uniform();
  customer_order o;
  const int view = view_of(config_.flow, v);
  o.buys = side < 0.5 + 0.5 * config_.bias * view;
  o.opens = closing >= config_.close_ratio;
  if (!o.opens) o.buys = !o.buys;
  if (only != 0) o.buys = only > 0;
  if (!o.opens && (o.buys ? held.customers_short : held.customers_long) < lots) o.opens = true;
  o.inside = only == 0 && better < config_.inside_ratio;
  o.at_mid = o.inside && better < 0.5 * config_.inside_ratio;
  if (o.buys)
    (o.opens ? held.customers_long : held.customers_short) += o.opens ? lots : -lots;
  else
    (o.opens ? held.customers_short : held.customers_long) += o.opens ? lots : -lots;
  return o;
}

price price_of(const customer_order& o, price bid, price ask, const market::root_spec& root) {
  const price touch = o.buys ? ask : bid;
  if (!o.inside || bid == market::no_price || ask == market::no_price) return touch;
  const price mid{(bid.value + ask.value) / 2};
  const price wanted = o.at_mid ? mid : price(o.buys ? ask.value - 1 : bid.value + 1);
  // One tick inside: the next tick from just within the quote.
  const market::rounding towards = o.at_mid == o.buys ? market::rounding::up : market::rounding::down;
  const price rounded = market::round_to_tick(wanted, root, towards);
  const bool beyond = o.at_mid ? false : (o.buys ? rounded < mid : rounded > mid);
  return rounded > bid && rounded < ask && !beyond ? rounded : touch;
}

}  // namespace isobar::sim
