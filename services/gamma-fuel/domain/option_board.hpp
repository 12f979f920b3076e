#pragma once
#include <optional>
#include <vector>

#include "gamma-fuel/domain/outputs.hpp"

namespace isobar::gamma_fuel {

/// What is known of one contract. Greeks are as of the board's last price(); 0 and `why` say when there are none.
struct board_row {
  option_contract contract;
  bool listed = true;
  price bid = market::no_price, ask = market::no_price;
  timestamp ts_quote = start_of_time;
  quantity open_interest = market::no_quantity;
  quantity volume{0};                ///< contracts traded since the exchange day began
  std::int64_t dealer_position = 0;  ///< inferred from trades; negative: dealers short
  double sigma = 0, delta = 0, gamma = 0, vanna = 0, charm = 0;
  market::no_volatility why = market::no_volatility::none;
};

/// Every option of one underlying: quotes, open interest, volume, volatilities, greeks. Integer keys; iteration in the
/// order (expiry, root, strike, right), whatever the order of listing. Not thread-safe: the worker owns it.
class option_board {
 public:
  static constexpr std::size_t contracts_max = 200'000;

  explicit option_board(const gamma_config& c);

  /// The contract's number; lists it when it is new and refreshes what is said of it when it is not. no_contract: full.
  contract_number list(const option_contract& c);
  /// Quote, open interest, delisting. Trades count as volume. Unknown numbers are refused and counted.
  void apply(const option_event& e);
  /// Customers bought (negative: sold) so many contracts: dealers took the other side. Bounded by open interest and
  /// what was opened since; with no open interest stated, by nothing but the trades themselves.
  void take_customer_trade(contract_number c, std::int64_t lots);

  /// Volatilities and greeks as of `t` with the options' underlying at `underlying` points: solves again only what was
  /// quoted, or whose forward moved, since the last call; greeks of all follow time and price.
  void price(timestamp t, double underlying);

  std::size_t size() const;  ///< numbers given
  const board_row& row(contract_number c) const;
  /// Listed contracts in (expiry, root, strike, right) order.
  std::span<const contract_number> in_order() const;
  std::optional<contract_number> find(const market::option_id& id) const;

  template <class A>
  void fields(A& a);
};

}  // namespace isobar::gamma_fuel
