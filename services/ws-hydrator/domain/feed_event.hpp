#pragma once
#include <cstdint>

#include "market/window.hpp"
#include "ws-hydrator/domain/contract_key.hpp"

namespace isobar::ws_hydrator {

/// What hydration takes, free of strings: a quote or trade of a contract, or a price of the underlying.
struct feed_event {
  enum class kind : std::uint8_t { quote, trade, spot };
  contract_key contract;  ///< {0, 0} for a spot
  timestamp ts_event;
  std::uint64_t sequence = 0;       ///< the feed's own, growing per contract; below 2^63
  price first = market::no_price;   ///< quote: bid; trade: price; spot: level of the underlying
  price second = market::no_price;  ///< quote: ask
  quantity first_size{0};           ///< quote: at the bid; trade: traded
  quantity second_size{0};          ///< quote: at the ask
  kind what = kind::quote;
  bool operator==(const feed_event&) const = default;
};

/// The same event of a contract already resolved on the board in force.
struct indexed_event {
  market::contract_index contract = 0;
  feed_event event;  ///< its `contract` is ignored
};

feed_event to_feed_event(const market::option_event& e);
feed_event spot_event(timestamp ts, price level);

/// Why an event was refused.
enum class refusal : std::uint8_t {
  none,
  negative_price,
  absurd_price,
  negative_size,
  absurd_size,
  bad_time,
  bad_sequence
};
inline constexpr std::size_t refusal_count = 7;
std::string_view to_string(refusal r);

/// Largest believable price (10 million units) and size (a billion contracts).
inline constexpr price price_max{10'000'000 * nanos_per_unit};
inline constexpr quantity size_max{1'000'000'000};

constexpr refusal check_price(price p) {
  if (p.value < 0) return refusal::negative_price;
  return p > price_max && p != market::no_price ? refusal::absurd_price : refusal::none;
}
constexpr refusal check_size(quantity q) {
  if (q.value < 0) return refusal::negative_size;
  return q > size_max ? refusal::absurd_size : refusal::none;
}

/// What is wrong with an event by itself; `none` for good ones. A crossed quote is good.
constexpr refusal check(const feed_event& e) {
  // One comparison each for the usual quote; the reasons are sorted out only for the rest.
  const auto good_price = [](price p) {
    return static_cast<std::uint64_t>(p.value) <= static_cast<std::uint64_t>(price_max.value) || p == market::no_price;
  };
  const auto good_size = [](quantity q) {
    return static_cast<std::uint64_t>(q.value) <= static_cast<std::uint64_t>(size_max.value);
  };
  const bool empty = e.what != feed_event::kind::quote && e.first == market::no_price;
  if (good_price(e.first) && good_price(e.second) && good_size(e.first_size) && good_size(e.second_size) &&
      e.ts_event.ns > 0 && e.ts_event != end_of_time && (e.sequence >> 63) == 0 && !empty) [[likely]]
    return refusal::none;
  if (empty) return refusal::absurd_price;
  if (const refusal r = check_price(e.first); r != refusal::none) return r;
  if (const refusal r = check_price(e.second); r != refusal::none) return r;
  if (const refusal r = check_size(e.first_size); r != refusal::none) return r;
  if (const refusal r = check_size(e.second_size); r != refusal::none) return r;
  return (e.sequence >> 63) != 0 ? refusal::bad_sequence : refusal::bad_time;
}

}  // namespace isobar::ws_hydrator
