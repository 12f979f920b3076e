#pragma once
#include "gamma-fuel/domain/inputs.hpp"

namespace isobar::gamma_fuel {

/// What the tick rule remembers of one contract.
struct tick_memory {
  price last = market::no_price;  ///< of the newest trade
  int direction = 0;              ///< of the last change of price; 0: it has not changed yet
  /// Takes a trade's price: the sign of the newest change of price, carried over equal prices.
  int carried(price p);
  /// The earlier rule (futures-medium 11.1): equal to the trade before or first is 0, nothing is carried.
  int literal(price p);
  template <class A>
  void fields(A& a) {
    a(last, direction);
  }
};

/// By the quote that stood: 1 at or above the ask, -1 at or below the bid, 0 inside, without a side that says so, at
/// both sides of a locked quote, or when the quote is crossed (then it is none).
int sign_by_quote(price last, price bid, price ask);

/// Who was the aggressor: 1 the customer bought, -1 sold, 0 unknown. The venue's word, else the quote (the event's own,
/// else `bid`/`ask` of the board), else the tick rule. `memory` takes every trade, however it was signed.
int customer_sign(const option_event& e, price bid, price ask, tick_memory& memory);
/// The earlier systems': the venue's word, else the tick rule without carry.
int literal_customer_sign(const option_event& e, tick_memory& memory);

}  // namespace isobar::gamma_fuel
