#pragma once
#include "sim/futures_market.hpp"

namespace isobar::sim {

/// The contract that is nearest to expiry: third Friday of March, June, September or December, "ESH6".
market::instrument front_contract(const futures_market_config& c);

/// What is said at the start: definition, settlement and volume of the day before, open interest, and the statuses of
/// the session (pre-open and pre-cross when there is an auction, trading). `fair`: points.
std::vector<futures_fact> opening_facts(const futures_market_config& c, double fair);
/// The auction's price, said right after it.
market::statistic opening_price(timestamp t, price p);

}  // namespace isobar::sim
