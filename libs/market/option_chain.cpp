#include "market/option_chain.hpp"

namespace isobar::market {

price mid_of(const contract_state& s) {
  return s.two_sided() ? price(floor_div(s.bid.value + s.ask.value, 2)) : no_price;
}

std::size_t chain_snapshot::contract_count() const {
  std::size_t count = 0;
  for (const expiry_chain& expiry : expiries) count += expiry.contracts.size();
  return count;
}

}  // namespace isobar::market
