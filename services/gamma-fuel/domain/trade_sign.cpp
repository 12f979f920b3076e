#include "gamma-fuel/domain/trade_sign.hpp"

namespace isobar::gamma_fuel {
namespace {

int word_of(market::book_side aggressor) {
  if (aggressor == market::book_side::bid) return 1;
  return aggressor == market::book_side::ask ? -1 : 0;
}

}  // namespace

int tick_memory::carried(price p) {
  if (last != market::no_price && p != last) direction = p > last ? 1 : -1;
  last = p;
  return direction;
}

int tick_memory::literal(price p) {
  direction = last == market::no_price || p == last ? 0 : p > last ? 1 : -1;
  last = p;
  return direction;
}

int sign_by_quote(price last, price bid, price ask) {
  const bool has_bid = bid != market::no_price, has_ask = ask != market::no_price;
  if (has_bid && has_ask && bid > ask) return 0;
  const bool bought = has_ask && last >= ask, sold = has_bid && last <= bid;
  return static_cast<int>(bought) - static_cast<int>(sold);
}

int customer_sign(const option_event& e, price bid, price ask, tick_memory& memory) {
  const bool priced = e.last != market::no_price;
  const int by_tick = priced ? memory.carried(e.last) : 0;
  if (const int said = word_of(e.aggressor); said != 0) return said;
  if (!priced) return 0;
  const bool own_quote = e.bid != market::no_price || e.ask != market::no_price;
  const int by_quote = own_quote ? sign_by_quote(e.last, e.bid, e.ask) : sign_by_quote(e.last, bid, ask);
  return by_quote != 0 ? by_quote : by_tick;
}

int literal_customer_sign(const option_event& e, tick_memory& memory) {
  const int by_tick = e.last != market::no_price ? memory.literal(e.last) : 0;
  const int said = word_of(e.aggressor);
  return said != 0 ? said : by_tick;
}

}  // namespace isobar::gamma_fuel
