#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "market/root.hpp"
#include "sim/random.hpp"

namespace isobar::sim {

/// What the customers of an option market are after. Dealers take the other side of every trade.
enum class customer_flow : std::uint8_t {
  balanced,     ///< no view: either side alike, and dealers begin without a position
  classic,      ///< buy puts at and below the money, sell calls at and above it: dealers long calls, short puts
  inverse,      ///< buy calls at and above the money, sell puts at and below it: dealers short calls, long puts
  buy_zero_dte  ///< buy what expires today, calls and puts: dealers short both; without a view of other expiries
};
std::string_view to_string(customer_flow f);
std::optional<customer_flow> parse_customer_flow(std::string_view text);

struct customer_config {
  customer_flow flow = customer_flow::classic;
  double bias = 0.8;           ///< chance that a trade in what they have a view of is of that view; the rest is even
  double close_ratio = 0.2;    ///< chance that a trade closes a position of its contract; a close goes against the view
  double inside_ratio = 0.1;   ///< share of the trades between bid and ask; half of them at the mid
  double opening_share = 0.5;  ///< net position of dealers at the listing, relative to the open interest
};

/// Who holds a contract. Both sides of its open interest lie with customers or, as the difference, with dealers.
struct holdings {
  std::int64_t customers_long = 0, customers_short = 0;
  std::int64_t dealers() const { return customers_short - customers_long; }
};

/// What a customer's order needs to know of its contract.
struct customer_view {
  market::right right;
  double strike, spot;  ///< points
  bool expires_today;
};

/// One trade from the customer's side.
struct customer_order {
  bool buys = false, opens = true;
  bool inside = false, at_mid = false;  ///< wants a better price than the quote's; of these, the mid
};

/// 1: they buy it, -1: they sell it, 0: no view.
int view_of(customer_flow f, const customer_view& c);
/// Open interest at the listing: dealers hold opening_share of it against the customers' view, nothing without one.
holdings opening_holdings(const customer_config& c, const customer_view& v, std::int64_t open_interest);

/// The customers of one market, with random numbers of their own: quotes do not depend on them.
class customers {
 public:
  customers(std::uint64_t seed, const customer_config& c);
  /// The next order of `lots`; takes it into `held`. `only`: the side that can trade, 1 ask, -1 bid, 0 both.
  customer_order next(const customer_view& v, std::int64_t lots, int only, holdings& held);

 private:
  customer_config config_;
  random random_;
};

/// Where an order trades: a buyer at the ask, a seller at the bid; inside by one tick, or at the mid, rounded towards
/// the quote that it would have met, where the spread leaves room. Both sides must be there to trade inside.
price price_of(const customer_order& o, price bid, price ask, const market::root_spec& root);

}  // namespace isobar::sim
